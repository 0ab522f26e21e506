"""Random histories: a corpus that changes every night, files that come late, people who decide, faults and kills.

`run_history` plays one and checks after every night that says done, and after a last clean one, that the store is what
PubMed has, that no decision is lost, and that the digests together told every arrival and retraction.
"""

import random
import sqlite3
import tempfile
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field, replace
from datetime import date, timedelta
from pathlib import Path
from typing import Any

from db.evidence.digest import make_digest
from db.store.check import check_store
from db.store.decisions import Decision, decisions, record_decisions
from db.store.digests import record_digest
from db.store.ledger import Ledger, Query
from db.store.store import Store, StoreError, open_store
from harvest.eutils.client import Client
from harvest.eutils.transport import Limits
from harvest.sync.bulk import EVERYTHING, import_files
from harvest.sync.harvest import harvest
from harvest.sync.plan import Options
from harvest.sync.report import RunReport
from tests.support.eutils_server import FAULTS, Corpus, EutilsServer, Fault, Record
from tests.support.eutils_server.corpus import as_set

QUERY = Query("heterotopic ossification", "test", "1", "hash-1")
LIMITS = Limits(connect=2, read=2, request=3, call=6, outage=6, backoff=0.0003, reply_bytes=1 << 21)
#: So small that most of the records lie beyond it.
REACH = 12
MOST = 45
EVENTS = (
    *("add", "revise", "retract", "delete", "restore", "back-date", "leave topic", "come back", "late revision"),
    *("lower version", "change without a date", "ghost", "write file", "import file", "decide", "digest"),
)


@dataclass(frozen=True, slots=True)
class Night:
    """What happens before a night, how long after the last it is, and what goes wrong in it.

    `clock` are the days by which both clocks are ahead or behind.
    """

    events: tuple[tuple[str, int], ...] = ()
    days: int = 1
    faults: tuple[tuple[str, str, int, int], ...] = ()
    killed_after: int | None = None
    full: bool = False
    clock: int = 0


def random_night(chance: random.Random) -> Night:
    """A night as the strategies of the tests draw it."""
    faults = [
        (
            chance.choice(sorted(FAULTS)),
            chance.choice(["esearch", "efetch"]),
            chance.randint(1, 12),
            chance.randint(0, 6),
        )
        for _ in range(chance.choice([0, 0, 0, 1, 2]))
    ]
    return Night(
        events=tuple((chance.choice(EVENTS), chance.randrange(10**6)) for _ in range(chance.randint(0, 8))),
        days=chance.choice([0, 1, 1, 1, 3, 9, 35]),
        faults=tuple(faults),
        killed_after=chance.choice([None, None, chance.randint(0, 4000)]),
        full=chance.random() < 0.2,
        clock=chance.choice([0] * 8 + [400, -20]),
    )


class GhostlyCorpus(Corpus):
    """A corpus whose search names records that are not given."""

    ghosts: frozenset[int] = frozenset()

    def search(self, *words: Any, **limits: Any) -> list[int]:
        """The hits, with the ghosts where no limit is asked for."""
        hits = super().search(*words, **limits)
        unlimited = len(words) < 2 or words[1] is None
        return [*hits, *(self.ghosts if unlimited and "[uid]" not in words[0] else ())]


class _ClockClient(Client):
    ahead = timedelta(0)

    @property
    def today(self) -> date:
        return super().today + self.ahead


@dataclass(slots=True)
class World:
    """The corpus with what is needed to change it, and the store, at random."""

    corpus: Corpus
    removed: list[Record] = field(default_factory=list)
    next_pmid: int = 5000
    texts: int = 0
    #: Records that changed without any date, until a full run reads them.
    silent: set[int] = field(default_factory=set)
    files: list[tuple[str, bytes]] = field(default_factory=list)
    imported: int = 0
    decided: list[tuple[int, str]] = field(default_factory=list)

    def happen(self, event: str, seed: int) -> None:
        """Lets one event happen to a record that the seed chooses."""
        chosen = random.Random(seed)
        records = list(self.corpus.records.values())
        pmid = chosen.choice(records).pmid if records else None
        self.texts += 1
        text = f"Text {self.texts} with < & >"
        today = self.corpus.today
        if event == "ghost" and isinstance(self.corpus, GhostlyCorpus):
            self.corpus.ghosts = frozenset() if self.corpus.ghosts else frozenset({77})
        elif event == "write file" and records:
            written = chosen.sample(records, min(len(records), 5))
            body = as_set(record.as_xml() for record in written)
            gone = "".join(f'<PMID Version="1">{record.pmid}</PMID>' for record in self.removed[:3])
            deletions = f"<DeleteCitation>{gone}</DeleteCitation></PubmedArticleSet>".encode() if gone else b""
            body = body.replace(b"</PubmedArticleSet>", deletions) if gone else body
            self.files.append((f"pubmed26n{len(self.files) + 1:04}.xml", body))
        elif event in ("add", "back-date") and len(records) < MOST:
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
        elif event == "lower version":
            version, revised = record.version % 2 + 1, today - timedelta(days=400 * (record.version % 2 + 1))
            self.corpus.revise(pmid, title=text, version=version, revised=revised)
        elif event == "change without a date":
            self.corpus.records[pmid] = replace(record, title=text)
            self.silent.add(pmid)
        elif event == "late revision" and record.modified < today - timedelta(days=30):
            # PubMed's index shows the change only days after its date.
            late = today - timedelta(days=3)
            self.corpus.revise(pmid, title=text, modified=late, revised=late)

    def happen_to_store(self, event: str, seed: int, path: Path) -> None:
        """Lets one event happen that goes into the store itself."""
        chosen = random.Random(seed)
        if event == "import file" and self.files:
            name, body = chosen.choice(self.files)
            file = path.with_name(name)
            file.write_bytes(body)
            with open_store(path) as store:
                import_files(store, [file], EVERYTHING)
            self.imported += 1
        elif event == "decide":
            with open_store(path) as store, store.atomic():
                pmids = [pmid for (pmid,) in store.db.execute("SELECT pmid FROM articles ORDER BY pmid")]
                if not pmids:
                    return
                decision = (chosen.choice(pmids), f"2026-01-01T00:00:{len(self.decided) % 60:02}Z")
                record_decisions(store, [Decision(decision[0], "include", f"ada {len(self.decided)}", decision[1])])
                self.decided.append(decision)


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
    client = _ClockClient(server.url, None, LIMITS, limiter=None)
    client.ahead = timedelta(days=night.clock)
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
        if was and not vanished and retracted and not was[1]:
            changes.add(("retracted", pmid))
        elif not vanished and not there:
            changes.add(("returned" if was else "new", pmid))
        elif vanished and there:
            changes.add(("vanished", pmid))
        elif there and was is not None and was[3] != xml:
            changes.add(("revised", pmid))
    return changes


class Told:
    """What the digests told so far: how often each article under each heading, and which were said to be retracted."""

    def __init__(self) -> None:
        self.headings: Counter[tuple[str, int]] = Counter()
        self.retracted: set[int] = set()

    def tell(self, store: Store) -> None:
        """Makes the next digest and writes it down, as a night does."""
        digest = make_digest(store, None)
        with store.atomic():
            record_digest(store.db.conn, digest.after_run, digest.last_run, len(digest.entries), None)
        for entry in digest.entries:
            self.headings[entry.change, entry.pmid] += 1
            if entry.retracted:
                self.retracted.add(entry.pmid)

    def check(self, store: Store) -> None:
        """Every arrival that is there was told once, every retraction at least once."""
        present = {pmid for (pmid,) in store.db.execute("SELECT pmid FROM articles WHERE vanished = 0")}
        arrivals = ("new", "returned", "retracted")
        assert not [pmid for pmid in present if not any(self.headings[name, pmid] for name in arrivals)]
        assert not [key for key, count in self.headings.items() if key[0] == "new" and count > 1]
        retracted = {pmid for (pmid,) in store.db.execute("SELECT pmid FROM articles WHERE retracted AND NOT vanished")}
        assert retracted <= self.retracted


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
        clock = 0
        for night in [*history, Night(clock=0), Night(full=True)]:
            last = night == Night(full=True)
            clock = 0 if clock else night.clock  # two nights in a row whose clocks agree on a day to come are believed
            corpus.today += timedelta(days=night.days)
            server.forget()
            if last:
                corpus.ghosts = frozenset()
            for event, seed in night.events:
                if event == "digest":
                    with open_store(path) as store:
                        told.tell(store)
                elif event in ("import file", "decide"):
                    world.happen_to_store(event, seed, path)
                else:
                    world.happen(event, seed)
            for name, endpoint, times, skip in night.faults:
                server.fail(Fault(FAULTS[name], endpoint, times, skip=skip))
            report = run_night(path, server, replace(night, clock=clock))
            ended[report.status if report else "killed"] += 1
            with open_store(path) as store:
                assert check_store(store) == []
                if report is None or report.status != "done":
                    assert report is None or report.message
                    continue
                world.silent -= set(corpus.records) if night.full else set()
                loud = held(store).keys() - world.silent
                assert held(store).keys() == wanted(corpus).keys()
                assert all(held(store)[pmid] == wanted(corpus)[pmid] for pmid in loud)
                assert report.held_count == report.pubmed_count == len(wanted(corpus))
                assert Ledger(store).backlog() == set()
                after = state(store)
                if clean_run and world.imported == imported:
                    digest = make_digest(store, str(clean_run))
                    assert {(entry.change, entry.pmid) for entry in digest.entries} == difference(before, after)
                clean_run, before, imported = report.run_id or 0, after, world.imported
        assert report is not None
        assert report.status == "done"
        with open_store(path) as store:
            told.tell(store)
            told.check(store)
            kept = Counter((decision.pmid, decision.when) for decision in decisions(store))
            assert kept == Counter(world.decided)
    return ended
