"""Random histories: a corpus that changes every night, with faults and kills; in the end the store equals it."""

import os
import random
import sqlite3
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from datetime import date, timedelta
from pathlib import Path
from typing import Any

from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from db.evidence.digest import make_digest
from db.store.check import check_store
from db.store.ledger import Ledger, Query
from db.store.store import Store, StoreError, open_store
from harvest.eutils.client import Client
from harvest.eutils.transport import Limits
from harvest.sync.harvest import Options, harvest
from harvest.sync.report import RunReport
from tests.support.eutils_server import FAULTS, Corpus, EutilsServer, Fault, Record

QUERY = Query("heterotopic ossification", "test", "1", "hash-1")
LIMITS = Limits(connect=2, read=2, request=3, call=6, outage=6, backoff=0.0003, reply_bytes=1 << 21)
#: So small that most of the records lie beyond it, and so large that all of them can be listed every night.
REACH = 12
MOST = 45
EVENTS = ("add", "revise", "retract", "delete", "restore", "back-date", "leave topic", "come back", "late revision")
#: `HISTORIES=500 pytest tests/harvest/test_histories.py` looks much longer.
EXAMPLES = int(os.environ.get("HISTORIES", "25"))


@dataclass(frozen=True, slots=True)
class Night:
    """What happens before a night, how long after the last it is, and what goes wrong in it."""

    events: tuple[tuple[str, int], ...] = ()
    days: int = 1
    faults: tuple[tuple[str, str, int, int], ...] = ()
    killed_after: int | None = None
    full: bool = False


events = st.lists(st.tuples(st.sampled_from(EVENTS), st.integers(0, 10**6)), max_size=8).map(tuple)
faults = st.lists(
    st.tuples(
        st.sampled_from(sorted(FAULTS)), st.sampled_from(["esearch", "efetch"]), st.integers(1, 12), st.integers(0, 6)
    ),
    max_size=2,
).map(tuple)
nights = st.lists(
    st.builds(
        Night,
        events=events,
        days=st.sampled_from([0, 1, 1, 1, 3, 9, 35]),
        faults=faults,
        killed_after=st.none() | st.integers(0, 4000),
        full=st.booleans(),
    ),
    min_size=1,
    max_size=6,
)


@dataclass(slots=True)
class World:
    """The corpus with what is needed to change it at random."""

    corpus: Corpus
    removed: list[Record] = field(default_factory=list)
    next_pmid: int = 5000
    texts: int = 0

    def happen(self, event: str, seed: int) -> None:
        """Lets one event happen to a record that the seed chooses."""
        chosen = random.Random(seed)
        records = list(self.corpus.records.values())
        pmid = chosen.choice(records).pmid if records else None
        self.texts += 1
        text = f"Text {self.texts} with < & >"
        today = self.corpus.today
        if event in ("add", "back-date") and len(records) < MOST:
            old = today - timedelta(days=chosen.randrange(10, 4000)) if event == "back-date" else None
            self.next_pmid += 7
            self.corpus.add(self.next_pmid if event == "add" else 100_000 - self.next_pmid, created=old, title=text)
        elif event == "restore":
            if self.removed and len(records) < MOST:
                record = self.removed.pop(chosen.randrange(len(self.removed)))
                if record.pmid not in self.corpus.records:
                    self.corpus.restore(record)
        elif pmid is not None:
            self._change(event, pmid, text)

    def _change(self, event: str, pmid: int, text: str) -> None:
        record, today = self.corpus.records[pmid], self.corpus.today
        if event == "revise":
            self.corpus.revise(pmid, title=text, mesh=("Hip",))
        elif event == "retract" and not record.retracted_by:
            self.corpus.retract(pmid, by=1)
        elif event == "delete":
            self.removed.append(self.corpus.delete(pmid))
        elif event == "leave topic":
            self.corpus.revise(pmid, on_topic=False)
        elif event == "come back":
            self.corpus.revise(pmid, on_topic=True)
        elif event == "late revision" and record.modified < today - timedelta(days=30):
            # PubMed's index shows the change only days after its date.
            late = today - timedelta(days=3)
            self.corpus.revise(pmid, title=text, modified=late, revised=late)


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


def run_night(path: Path, server: EutilsServer, night: Night) -> RunReport | None:
    """Runs one harvest; None where it was killed."""
    client = Client(server.url, None, LIMITS, limiter=None)
    options = Options(yes=True, full=night.full, batch_size=3, workers=2, reach=REACH)
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
        if not vanished and not there:
            changes.add(("returned" if was else "new", pmid))
        elif vanished and there:
            changes.add(("vanished", pmid))
        elif there and was is not None and was[3] != xml:
            changes.add(("revised", pmid))
        if was and not vanished and retracted and not was[1]:
            changes.add(("retracted", pmid))
    return changes


@settings(
    max_examples=EXAMPLES,
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow],
    phases=[Phase.explicit, Phase.generate] + [Phase.shrink] * bool(os.environ.get("HISTORIES_SHRINK")),
)
@given(start=st.integers(0, 30), history=nights)
def test_after_the_last_clean_night_the_store_equals_the_corpus(start: int, history: list[Night]) -> None:
    corpus = Corpus(date(2026, 1, 5))
    world = World(corpus)
    for number in range(start):
        corpus.add(
            1000 + 3 * number, created=date(2020, 1, 1) + timedelta(days=number // 12 * 40), title=f"Title {number}"
        )
    with tempfile.TemporaryDirectory() as folder, EutilsServer(corpus, reach=REACH) as server:
        path = Path(folder) / "ho.db"
        with open_store(path) as store:
            clean_run, before = 0, state(store)
        for night in [*history, Night()]:
            corpus.today += timedelta(days=night.days)
            server.forget()
            for event, seed in night.events:
                world.happen(event, seed)
            for name, endpoint, times, skip in night.faults:
                server.fail(Fault(FAULTS[name], endpoint, times, skip=skip))
            report = run_night(path, server, night)
            with open_store(path) as store:
                assert check_store(store) == []
                if report is None or report.status != "done":
                    assert report is None or report.message
                    continue
                assert held(store) == wanted(corpus)
                assert report.held_count == report.pubmed_count == len(wanted(corpus))
                assert Ledger(store).backlog() == set()
                after = state(store)
                digest = make_digest(store, str(clean_run)) if clean_run else None
                if digest:
                    assert {(entry.change, entry.pmid) for entry in digest.entries} == difference(before, after)
                clean_run, before = report.run_id or 0, after
        assert report is not None
        assert report.status == "done"
