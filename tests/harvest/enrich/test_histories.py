"""Random histories: a world that changes every night, faults, kills, other batches; in the end the tables equal it.

`HISTORIES=100 pytest tests/harvest/enrich/test_histories.py` looks much longer.
"""

import itertools
import json
import os
import random
import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from db.changes import CHANGES
from db.errors import TrackerError
from db.model import Article, Notice
from db.preprints import FIRST
from db.store.store import Store, open_store
from harvest.enrich import citations, full_text
from harvest.enrich.run import Sources, enrich
from harvest.enrich.step import EnrichReport
from harvest.enrich.wire import crossref, europe_pmc
from harvest.eutils.client import Identity
from tests.harvest.enrich.conftest import EMAIL, LIMITS
from tests.support.eutils_server.faults import Fault
from tests.support.services_world import ServicesServer, World
from tests.support.services_world.faults import FAULTS, OWN_FAULTS
from tests.support.services_world.server import PATHS
from tests.support.services_world.world import EVENTS
from tests.support.stores import article, save

HISTORIES = int(os.environ.get("HISTORIES", "12"))
#: With the default number of histories 216 nights.
NIGHTS = 18
_SAID = {
    "retraction": "RetractionIn",
    "correction": "ErratumIn",
    "expression of concern": "ExpressionOfConcernIn",
    "reinstatement": "Reinstatement",
}


@dataclass
class History:
    """A world, the papers that PubMed gave us so far, and those of them that PubMed itself calls retracted."""

    seed: int
    world: World = field(default_factory=World)
    held: dict[int, Article] = field(default_factory=dict)
    by_pubmed: set[int] = field(default_factory=set)
    clock: Iterator[int] = field(default_factory=itertools.count)

    def __post_init__(self) -> None:
        self.chance = random.Random(self.seed)
        for _ in range(self.chance.randrange(1, 6)):
            self.world.happen("paper", self.chance.randrange(10**6))

    def day(self, store: Store) -> None:
        """Lets a day go by: things happen in the world, and PubMed gives or revises some papers."""
        self.world.pass_days(self.chance.choice([1, 1, 1, 2, 9, 40]))
        for _ in range(self.chance.randrange(6)):
            self.world.happen(self.chance.choice(EVENTS), self.chance.randrange(10**6))
        for paper in self.world.papers.values():
            if paper.pmid not in self.held and self.chance.random() < 0.4:
                made = article(paper.pmid, title=paper.title, doi=paper.doi, entrez_date=str(self.world.today))
                self.held[paper.pmid] = made
                save(store, made)
        if self.held and self.chance.random() < 0.3:
            self._revise(store, self.chance.choice(sorted(self.held)))

    def _revise(self, store: Store, pmid: int) -> None:
        before = self.held[pmid]
        notices = before.notices
        if self.chance.random() < 0.4:
            notices = (Notice("RetractionIn", 1, None, None),)
            self.by_pubmed.add(pmid)
        xml = f"<PubmedArticle>{before.version + 1}</PubmedArticle>".encode()
        self.held[pmid] = replace(before, version=before.version + 1, notices=notices, xml=xml)
        save(store, self.held[pmid])

    def now(self) -> datetime:
        """A moment of the world's day, later than every one before."""
        today = self.world.today
        return datetime(today.year, today.month, today.day, tzinfo=UTC) + timedelta(seconds=next(self.clock))


class Killed(BaseException):
    """The end of the process."""


@contextmanager
def killed_after(asks: int | None, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Ends the process when so many answers have come."""
    from harvest.enrich.wire.client import ServiceClient

    with monkeypatch.context() as patch:
        left = itertools.count()
        ask = ServiceClient.ask

        def counted(self: Any, *words: Any, **options: Any) -> Any:
            answer = ask(self, *words, **options)
            if asks is not None and next(left) >= asks:
                raise Killed
            return answer

        patch.setattr(ServiceClient, "ask", counted)
        for module, name, choices in (
            (citations, "BATCH", (2, 3, 400)),
            (full_text, "_SEARCH_BATCH", (1, 3, 500)),
            (full_text, "_CONVERTER_BATCH", (2, 200)),
            (europe_pmc, "_PAGE", (2, 1000)),
            (crossref, "_ROWS", (2, 1000)),
        ):
            patch.setattr(module, name, random.Random(asks).choice(choices))
        yield


def run_night(
    path: Path, server: ServicesServer, history: History, monkeypatch: pytest.MonkeyPatch, clean: bool, full: bool
) -> EnrichReport | None:
    """Runs one night, with whatever goes wrong in it; None where the process ended."""
    chance = history.chance
    server.forget()
    server.old_icite = chance.random() < 0.3
    server.trial_page = chance.choice([None, 2])
    asks = None if clean or chance.random() < 0.7 else chance.randrange(12)
    if not clean:
        for _ in range(chance.choice([0, 0, 1, 2, 5])):
            service = chance.choice(sorted(PATHS))
            faults = FAULTS | OWN_FAULTS.get(service, {})
            times, skip = chance.choice([1, 2, 9]), chance.randrange(3)
            server.fail(Fault(faults[chance.choice(sorted(faults))], service, times, skip=skip))
    with killed_after(asks, monkeypatch), open_store(path) as store:
        if not clean and chance.random() < 0.2:
            steps = itertools.count()
            stop_at = chance.randrange(2, 200)
            store.db.conn.set_progress_handler(lambda: int(next(steps) == stop_at), 500)
        sources = Sources(server.addresses, Identity(EMAIL), LIMITS, limited=False)
        try:
            return enrich(store, sources, history.now(), full=full)
        except (Killed, sqlite3.OperationalError, TrackerError):
            with suppress(sqlite3.Error):
                store.db.conn.rollback()
            return None


def expected_notices(history: History) -> set[tuple[int, str, str]]:
    """Returns what holds of what Crossref and Retraction Watch said: article, speaker, kind."""
    found = set()
    for notice in history.world.notices:
        if notice.pmid not in history.held:
            continue
        undone = any(
            later.pmid == notice.pmid and later.nature == "reinstatement" and later.day >= notice.day
            for later in history.world.notices
        )
        if not (undone and notice.nature == "retraction"):
            found.add((notice.pmid, notice.speaker, _SAID[notice.nature]))
    return found


def expected(history: History) -> dict[str, Any]:
    """Returns the tables that the world means, worked out without any part of the program."""
    world, held = history.world, history.held
    notices = expected_notices(history)
    retracted = {pmid for pmid, _, kind in notices if kind == "RetractionIn"} | history.by_pubmed
    edges = {(p.pmid, cited) for p in world.papers.values() for cited in p.references if {p.pmid, cited} <= set(held)}
    links = {}
    for paper in (world.papers[pmid] for pmid in held):
        if paper.pmcid:
            links[paper.pmid] = (f"https://pmc.ncbi.nlm.nih.gov/articles/{paper.pmcid}/", paper.license, "pmc")
        elif paper.open_url:
            links[paper.pmid] = (paper.open_url, paper.license, "europe pmc")
    trials = {t.nct_id: (t.status, t.why_stopped, int(t.has_results), str(t.updated)) for t in world.trials.values()}
    return {
        "trials": trials,
        "trial articles": {(t.nct_id, pmid, k) for t in world.trials.values() for pmid, k in t.references},
        "citations": {p: len(world.cited_by(p)) + world.papers[p].outside_citations for p in held},
        "edges": edges,
        "links": links,
        "notices": notices,
        "retracted": retracted,
        "cites retracted": {citing for citing, cited in edges if cited in retracted},
        "preprints": {
            FIRST - 1 + p.number: (p.title, p.version) for p in world.preprints.values() if p.published_pmid not in held
        },
        "revisions": {pmid: made.version for pmid, made in held.items()},
    }


def stored(store: Store) -> dict[str, Any]:
    """Returns the same of the store."""

    def rows(sql: str) -> list[Any]:
        return store.db.execute(sql).fetchall()

    return {
        "trials": {n: tuple(row) for n, *row in rows("SELECT nct_id, status, why_stopped, has_results, last_update "
                                                     "FROM trials WHERE vanished = 0")},
        "trial articles": set(rows("SELECT nct_id, pmid, kind FROM trial_articles")),
        "citations": dict(rows("SELECT pmid, citation_count FROM citations")),
        "edges": set(rows("SELECT citing, cited FROM citation_edges")),
        "links": {pmid: tuple(row) for pmid, *row in rows("SELECT pmid, url, license, source FROM links")},
        "notices": set(rows("SELECT pmid, said_by, kind FROM notices WHERE said_by <> 'pubmed'")),
        "retracted": {pmid for (pmid,) in rows("SELECT pmid FROM articles WHERE retracted = 1")},
        "cites retracted": {pmid for (pmid,) in rows("SELECT pmid FROM articles WHERE cites_retracted = 1")},
        "preprints": {pmid: tuple(row) for pmid, *row in rows(
            "SELECT pmid, title, version FROM articles WHERE source <> 'pubmed' AND vanished = 0")},
        "revisions": dict(rows("SELECT pmid, version FROM articles WHERE source = 'pubmed'")),
    }  # fmt: skip


def check_told_once(store: Store) -> None:
    """Each change of a trial's status begins where the last one ended; marks come and go in turn."""
    status: dict[str, Any] = {}
    sql = "SELECT nct_id, change, detail FROM trial_changes WHERE change IN ('new', 'status') ORDER BY run_id"
    for nct_id, change, detail in store.db.execute(sql):
        told = json.loads(detail)
        if change == "new":
            assert nct_id not in status
            status[nct_id] = told["status"]
        else:
            assert told["from"] == status[nct_id] != told["to"]
            status[nct_id] = told["to"]
    assert status == dict(store.db.execute("SELECT nct_id, status FROM trials"))
    marks: dict[int, bool] = {}
    sql = "SELECT pmid, change FROM changes WHERE change IN ('retracted', 'reinstated') ORDER BY run_id"
    for pmid, change in store.db.execute(sql):
        assert marks.get(pmid, False) == (change == "reinstated")
        marks[pmid] = change == "retracted"
    sql = "SELECT pmid, count(*) FROM changes WHERE change = 'cites retracted' GROUP BY pmid HAVING count(*) > 1"
    assert store.db.execute(sql).fetchall() == []
    for change, key in (("notice", "notices"), ("cited", "by")):
        sql = (
            f"SELECT pmid, said.value FROM changes, json_each(changes.detail, '$.{key}') AS said WHERE change = ? "
            "GROUP BY pmid, said.value HAVING count(*) > 1"
        )
        assert store.db.execute(sql, [change]).fetchall() == []


@pytest.mark.parametrize("seed", range(HISTORIES))
def test_after_a_clean_night_the_tables_equal_the_world(
    seed: int, running: ServicesServer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    history = History(seed)
    running.world = history.world
    path = tmp_path / "ho.db"
    for number in range(NIGHTS):
        last = number == NIGHTS - 1
        with open_store(path) as store:
            history.day(store)
        full = not last and history.chance.random() < 0.1
        if last:
            history.world.pass_days(100)  # so that everything is due
        report = run_night(path, running, history, monkeypatch, clean=last, full=full)
    assert report is not None
    assert report.status == "done", report.message
    with open_store(path) as store:
        assert stored(store) == expected(history)
        check_told_once(store)
        changed = {name for (name,) in store.db.execute("SELECT DISTINCT change FROM changes")}
        assert changed <= set(CHANGES) - {"retagged", "reparsed"}
        assert not any(EMAIL in line for line in store.db.conn.iterdump())
