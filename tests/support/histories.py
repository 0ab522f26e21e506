"""Random histories: a corpus that changes every night, files that come late, people who decide, faults and kills.

`run_history` plays one and checks after every night that says done, and after a last clean one, that the store is what
PubMed has, that no decision is lost, and that the digests together told every arrival and retraction.
"""

import sqlite3
import tempfile
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path
from typing import Any
from unittest.mock import patch

from db.evidence.digests.build import make_digest
from db.evidence.digests.model import ARRIVALS, Entry
from db.store.check import check_store
from db.store.ledger.digests import record_digest
from db.store.ledger.ledger import Ledger, Query
from db.store.people.decisions import decisions
from db.store.store import Store, StoreError, open_store
from db.store.tags import save_concepts
from db.tagged import Mention, TaggedArticle, TagInput
from harvest.app.settings import Settings
from harvest.app.steps.tag import concepts_of, tag_step
from harvest.eutils.client import Client
from harvest.eutils.transport import Limits
from harvest.sync.harvest import harvest
from harvest.sync.plan import Options
from harvest.sync.report import RunReport
from nlp.vocabulary.loader import load_vocabulary
from tests.support.eutils_server import FAULTS, Corpus, EutilsServer, Fault
from tests.support.history_world import CONCEPT, REACH, GhostlyCorpus, Night, World
from tests.support.stores import FACTS

QUERY = Query("heterotopic ossification", "test", "1", "hash-1")
LIMITS = Limits(connect=2, read=2, request=3, call=6, outage=6, backoff=0.0003, reply_bytes=1 << 21)


class _ClockClient(Client):
    ahead = timedelta(0)

    @property
    def today(self) -> date:
        return super().today + self.ahead


@contextmanager
def killed(store: Store, after: int | None) -> Iterator[None]:
    """Lets SQLite do so many steps and none after that, as if the process, the disk or the power were gone."""
    left = after if after is not None else 1 << 60

    def count() -> int:
        nonlocal left
        left -= 1
        return int(left < 0)

    store.db.conn.set_progress_handler(count, 20)
    try:
        yield
    finally:
        store.db.conn.set_progress_handler(None, 0)
        store.db.conn.rollback()


class _TaggerError(Exception):
    pass


def tag_night(path: Path, fails_after: int | None) -> None:
    """Runs the step `tag` with a quick tagger that finds one concept, in a title, and may fail on the way."""

    def tag(inputs: Iterable[TagInput], _processes: int) -> Iterator[TaggedArticle]:
        for number, given in enumerate(inputs):
            if number == fails_after:
                raise _TaggerError
            end = len(given.title)
            found = Mention("title", 0, end, given.title, "intervention", CONCEPT, 0, end, None, "affirmed", None, "t")
            facts = replace(FACTS, sample_size_text=given.title)
            yield TaggedArticle(given.pmid, given.text_hash, "quick", facts, (found,), ())

    step = patch.multiple("harvest.app.steps.tag", tag=tag, tagger_version=lambda: "quick", _ARTICLES_A_COMMIT=5)
    with step, suppress(_TaggerError):
        tag_step(Settings(db=path))


def check_tags(store: Store) -> None:
    """Nothing that a tagger said of an earlier text stands under a later one."""
    sql = (
        "SELECT pmid FROM articles LEFT JOIN mentions USING (pmid) "
        "WHERE coalesce(mentions.text, title) <> title OR coalesce(sample_size_text, title) <> title"
    )
    assert store.db.execute(sql).fetchall() == []


def check_all_tagged(store: Store, rejected: set[int]) -> None:
    """Every article has the tag, but for those where a person rejected it."""
    tagged = {pmid for (pmid,) in store.db.execute("SELECT pmid FROM article_tags WHERE concept_id = ?", [CONCEPT])}
    every = {pmid for (pmid,) in store.db.execute("SELECT pmid FROM articles")}
    assert tagged == every - rejected


def run_night(
    path: Path, server: EutilsServer, night: Night, meanwhile: Callable[[int, int], None] = lambda _done, _all: None
) -> RunReport | None:
    """Runs one harvest; None where it was killed. `meanwhile` is called after each batch."""
    client = _ClockClient(server.url, None, LIMITS, limiter=None)
    client.ahead = timedelta(days=night.clock)
    options = Options(yes=True, full=night.full, batch_size=3, workers=2, reach=REACH, progress=meanwhile)
    report = None
    try:
        with (
            suppress(StoreError, sqlite3.OperationalError),
            open_store(path) as store,
            killed(store, night.killed_after),
        ):
            report = harvest(store, client, QUERY, options)
    finally:
        client.close()
    return report


def held(store: Store) -> dict[int, tuple[Any, ...]]:
    """Returns what a reader sees of every held article."""
    sql = "SELECT pmid, title, abstract, retracted, revised_date FROM articles WHERE matched = 1 AND vanished = 0"
    return {pmid: tuple(row) for pmid, *row in store.db.execute(sql)}


def wanted(corpus: Corpus) -> dict[int, tuple[Any, ...]]:
    """Returns the same of what the service has."""
    return {
        pmid: (record.title, record.abstract, int(bool(record.retracted_by)), str(record.revised or record.modified))
        for pmid, record in corpus.matching().items()
    }


def state(store: Store) -> dict[int, tuple[str, int, int, bytes]]:
    """Returns title, retraction, presence and record of every article ever stored."""
    sql = "SELECT pmid, title, retracted, vanished, xml FROM articles JOIN records USING (pmid)"
    return {pmid: tuple(row) for pmid, *row in store.db.execute(sql)}


def difference(before: dict[int, Any], after: dict[int, Any]) -> set[tuple[str, int]]:
    """Returns what changed between two states, as the digest should have it."""
    changes: set[tuple[str, int]] = set()
    for pmid, (_, retracted, vanished, xml) in after.items():
        was = before.get(pmid)
        there = was is not None and not was[2]
        if was and not vanished and retracted and not was[1]:
            changes.add(("retracted", pmid))
        elif not vanished and not there:
            changes.add(("retracted" if retracted else "returned" if was else "new", pmid))
        elif vanished and there:
            changes.add(("vanished", pmid))
        elif there and was is not None and was[3] != xml:
            changes.add(("revised", pmid))
    return changes


class Told:
    """What the digests told so far: which articles their reader knows of, and which of them as retracted."""

    def __init__(self) -> None:
        self.known: dict[int, bool] = {}
        self.digests = 0

    def tell(self, store: Store) -> None:
        """Makes the next digest and writes it down, as a night does; nothing in it was told before."""
        digest = make_digest(store, None)
        with store.atomic():
            record_digest(store.db.conn, digest.after_run, digest.last_run, len(digest.entries), None)
        self.digests += 1
        for entry in digest.entries:
            self._read(entry)

    def _read(self, entry: Entry) -> None:
        known = self.known.get(entry.pmid)
        words = f"digest {self.digests}: {entry.pmid} {entry.change}"
        if entry.change == "vanished":
            assert known is not None, f"{words}, but nobody was told that it is there"
            del self.known[entry.pmid]
        elif entry.arrived or entry.change in ARRIVALS:
            assert known is None, f"{words}, but that was told before"
            self.known[entry.pmid] = entry.change == "retracted"
        elif entry.change in ("retracted", "reinstated"):
            assert known is (entry.change == "reinstated"), f"{words}, but that was told before or never came"
            self.known[entry.pmid] = entry.change == "retracted"

    def check(self, store: Store) -> None:
        """Every arrival that is there was told, and every retraction."""
        sql = "SELECT pmid, retracted FROM articles WHERE vanished = 0"
        assert self.known == {pmid: bool(retracted) for pmid, retracted in store.db.execute(sql)}


def let_happen(event: str, seed: int, world: World, told: Told, path: Path) -> None:
    """Lets one event happen, in PubMed, in the store or to the digest."""
    if event == "digest":
        with open_store(path) as store:
            told.tell(store)
    elif event in ("import file", "decide", "import decisions"):
        world.happen_to_store(event, seed, path)
    else:
        world.happen(event, seed)


def deciding(world: World, path: Path, count: int) -> Callable[[int, int], None]:
    """Returns what lets a person decide after each batch of a harvest, so many times."""
    waiting = list(range(count))

    def decide(_done: int, _all: int) -> None:
        if waiting:
            world.decide(waiting.pop(), path)

    return decide


def rest_of_night(path: Path, night: Night, told: Told) -> None:
    """Tags and writes the digest, as far as the night comes."""
    if night.ends_before == "tag":
        return
    tag_night(path, night.tagger_fails_after)
    if night.ends_before != "digest":
        with open_store(path) as store:
            told.tell(store)


def check_held(store: Store, corpus: Corpus, silent: set[int], report: RunReport) -> None:
    """After a harvest that says done the store is what PubMed has, but for what changed without any date."""
    there, asked = held(store), wanted(corpus)
    assert there.keys() == asked.keys()
    assert [pmid for pmid in there.keys() - silent if there[pmid] != asked[pmid]] == []
    assert report.held_count == report.pubmed_count == len(asked)
    assert Ledger(store).backlog() == set()


def run_history(start: int, history: Sequence[Night]) -> Counter[str]:
    """Plays one history in a world of so many records; returns how its nights ended. Raises AssertionError."""
    corpus = GhostlyCorpus(date(2026, 1, 5))
    world, told, ended = World(corpus), Told(), Counter[str]()
    for number in range(start):
        created = date(2020, 1, 1) + timedelta(days=number // 12 * 40)
        corpus.add(1000 + 3 * number, created=created, title=f"Title {number}")
    with tempfile.TemporaryDirectory() as folder, EutilsServer(corpus, reach=REACH) as server:
        path = Path(folder) / "ho.db"
        with open_store(path) as store:
            clean_run, before, imported = 0, state(store), 0
            with store.atomic():
                save_concepts(store, concepts_of(load_vocabulary()))
        for night in [*history, Night(clock=0), Night(full=True)]:
            last = night == Night(full=True)
            corpus.today += timedelta(days=night.days)
            server.forget()
            if last:
                corpus.ghosts = frozenset()
            for event, seed in night.events:
                let_happen(event, seed, world, told, path)
            for name, endpoint, times, skip in night.faults:
                server.fail(Fault(FAULTS[name], endpoint, times, skip=skip))
            clock = night.clock if clean_run else 0  # a first harvest has nothing to hold a clock against
            report = run_night(path, server, replace(night, clock=clock), deciding(world, path, night.decides))
            if report is not None:
                rest_of_night(path, night, told)
            ended[report.status if report else "killed"] += 1
            with open_store(path) as store:
                assert check_store(store) == []
                check_tags(store)
                if report is None or report.status != "done":
                    assert report is None or report.message
                    continue
                world.silent -= set(corpus.records) if night.full else set()
                check_held(store, corpus, world.silent, report)
                after = state(store)
                if clean_run and world.imported == imported:
                    digest = make_digest(store, str(clean_run))
                    said = {(entry.change, entry.pmid) for entry in digest.entries if entry.change != "retagged"}
                    assert said == difference(before, after)
                clean_run, before, imported = report.run_id or 0, after, world.imported
        assert report is not None
        assert report.status == "done"
        with open_store(path) as store:
            told.tell(store)
            told.check(store)
            check_all_tagged(store, world.rejected)
            kept = Counter((decision.pmid, decision.when) for decision in decisions(store))
            assert kept == Counter(world.decided)
    return ended
