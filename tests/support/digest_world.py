"""Random nights of saved searches: what each search's digests must say, kept beside the store by plain sets.

A world has articles that come, go, change, are tagged anew, retracted and reinstated; trials (see
`tests.support.digest_trials`); runs that were killed; a file of searches that people edit and break; clocks that are
wrong; mail servers that fail; nights that are killed anywhere. `DigestWorld.night` plays one and compares every digest
that was written with what the sets say; `settle` ends all faults and compares what every recipient got.
"""

import email
import random
import re
import sqlite3
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from email.policy import default
from pathlib import Path
from typing import Any
from unittest.mock import patch

from db.errors import TrackerError
from db.evidence.digests.model import DIGEST_HEADINGS
from db.model import Notice
from db.select.addresses.list_address import address_to_save, filter_of_address
from db.store.ledger.digests import told_until, written_digests, written_lines
from db.store.ledger.ledger import Ledger
from db.store.ledger.letters import waiting
from db.store.records.revisions import LIVE
from db.store.records.save import save_articles
from db.store.store import Store, open_store
from db.store.tags import save_concepts, save_tags, untagged
from db.tagged import Concept, Mention, TaggedArticle
from harvest.app.settings import Settings
from harvest.app.steps.digest import digest_step, searches_step
from tests.support.digest_trials import EVENTS as TRIAL_EVENTS
from tests.support.digest_trials import TRIAL_ADDRESSES, Followed, TrialsOfWorld, trial_key, trials_in
from tests.support.mail_server import FAULTS, MailWorld
from tests.support.stores import FACTS, article

CONCEPTS = ("celecoxib", "naproxen", "radiotherapy")
DESIGNS = ("cohort", "randomized controlled trial", "case report")
PEOPLE = ("ada@example.org", "grace@example.org", "mary@example.org")
#: Addresses of searches, each with what it means by the sets of this world.
ADDRESSES: dict[str, Callable[["Known"], bool]] = {
    "/articles?intervention=celecoxib": lambda a: a.is_ho and "celecoxib" in a.tags,
    "/articles?intervention=celecoxib&intervention=naproxen": lambda a: a.is_ho and bool(a.tags & set(CONCEPTS[:2])),
    "/articles?study_design=cohort": lambda a: a.is_ho and a.design == "cohort",
    "/articles?intervention=radiotherapy&retracted=no": lambda a: (
        a.is_ho and "radiotherapy" in a.tags and not a.retracted
    ),
    "/articles?topic=all": lambda a: True,
    "/articles?retracted=yes&topic=all": lambda a: a.retracted,
    "/articles?not_intervention=naproxen&year=2015-": lambda a: a.is_ho and "naproxen" not in a.tags and a.year >= 2015,
    "/articles?q=title%3Ahip": lambda a: a.is_ho and "hip" in a.title,
}
#: Every address that a search may have, those of trials among them.
_ALL = (*ADDRESSES, *TRIAL_ADDRESSES)
_MOST = 40
_EVENTS = (
    *("add", "add", "add", "revise", "retag", "retag", "retract", "reinstate", "vanish", "return", "killed import"),
    *("edit address", "add search", "remove search", "break entry", "mend entry", "edit people"),
)
_LINE = re.compile(r"^  (\d+)  ")
_HEADINGS = {heading: change for change, heading in DIGEST_HEADINGS.items()}


@dataclass
class Known:
    """An article as this world knows it."""

    pmid: int
    title: str
    year: int
    tags: frozenset[str] = frozenset()
    design: str = ""
    is_ho: bool = True
    retracted: bool = False
    vanished: bool = False
    tagged: bool = False
    arrived: int = 0
    version: int = 1


@dataclass
class Told:
    """A search as this world knows it: its address, who is told, and what it has told or held before."""

    address: str
    who: tuple[str, ...]
    broken: bool = False
    begun: str | None = None
    after: int = 0
    until: int = 0
    known: dict[int, bool] = field(default_factory=dict)
    trials: dict[str, Followed] = field(default_factory=dict)
    digests: int = 0
    expected: dict[str, Counter[tuple[Any, ...]]] = field(default_factory=dict)


class DigestWorld:
    """One world: the store in a folder, the sets beside it, the mail server."""

    def __init__(self, folder: Path, mails: MailWorld, seed: int) -> None:
        self.chance = random.Random(seed)
        self.path = folder / "ho.db"
        self.mails = mails
        self.articles: dict[int, Known] = {}
        self.trials = TrialsOfWorld(self.chance, self.path, self.articles)
        self.searches: dict[str, Told] = {}
        self.gone: dict[str, Told] = {}
        self.day = datetime(2026, 3, 2, 3, 0, tzinfo=UTC)
        self.next_pmid, self.texts, self.names = 1000, 0, 0
        self.ended: Counter[str] = Counter()
        self.settings = Settings(
            db=self.path,
            site=folder / "evidence.db",
            smtp_url=mails.url,
            mail_from="tracker@example.org",
        )
        with open_store(self.path) as store, store.atomic():
            save_concepts(store, [Concept(name, "intervention", name, None, None, ()) for name in CONCEPTS])
        for event in ["add"] * 6 + ["new trial"] * 4 + ["add search"] * 3:
            self._happen(event)

    # ---- what happens

    def night(self) -> None:
        """Plays one night: what people do by day, the step that begins searches, what PubMed brings, the digests."""
        self.day += timedelta(days=self.chance.choice([1, 1, 1, 1, 2, 9]))
        for _ in range(self.chance.randint(0, 4)):
            self._happen(self.chance.choice((*_EVENTS, *TRIAL_EVENTS)))
        if self.chance.random() < 0.4:
            self._happen(self.chance.choice(("edit address", "add search", "remove search")))
        now = self.day + timedelta(days=self.chance.choice([0] * 9 + [400, -30]))
        if self.chance.random() < 0.9:
            self._begin(now)
        for _ in range(self.chance.randint(0, 4)):
            self._happen(self.chance.choice((*_EVENTS[:11], *TRIAL_EVENTS)))
        for _ in range(self.chance.randint(0, 5)):
            self._happen(self.chance.choice(TRIAL_EVENTS))
        if self.chance.random() < 0.9:
            self._tag_all()
        self.mails.faults = [
            self.chance.choice([None, None, *FAULTS[:-1]]) for _ in range(self.chance.choice([0, 0, 3]))
        ]
        kill = self.chance.choice([None, None, self.chance.randint(0, self.chance.choice([50, 300, 1500, 6000]))])
        self._digest(now, kill, self.chance.random() < 0.05)

    def settle(self) -> None:
        """Lets two good nights pass, a month apart, and compares what every recipient got with what the sets say."""
        for search in self.searches.values():
            search.broken = False
        for _ in range(2):
            self.day += timedelta(days=35)
            self.mails.faults = []
            self._write_file()
            self._begin(self.day)
            self._tag_all()
            self._digest(self.day, None, False)
        with open_store(self.path) as store:
            assert waiting(store.db.conn) == []
        got: dict[tuple[str, str], dict[str, list[tuple[Any, ...]]]] = {}
        for taken in self.mails.taken:
            message = email.message_from_bytes(taken.content, policy=default)
            assert message["To"] == taken.recipient
            name = str(message["Subject"]).removeprefix("HO tracker, ").partition(":")[0]
            body = message.get_body(("plain",))
            assert body is not None
            text = body.get_content()
            lines: list[tuple[Any, ...]] = [*told_in(text), *trials_in(text)]
            mails = got.setdefault((name, taken.recipient), {})
            assert mails.setdefault(str(message["Message-ID"]), lines) == lines  # sent again as it was
        for name, search in {**self.gone, **self.searches}.items():
            for person, expected in search.expected.items():
                mine = got.pop((name, person), {})
                told = Counter(key for lines in mine.values() for key in lines if _is_exact(key))
                assert told == expected, (name, person, told - expected, expected - told)
        assert not any(lines for mails in got.values() for lines in mails.values())

    def _happen(self, event: str) -> None:
        if event in ("edit address", "add search", "remove search", "break entry", "mend entry", "edit people"):
            self._edit(event)
            return
        if event in TRIAL_EVENTS:
            self.trials.happen(event)
            return
        there = [known for known in self.articles.values() if not known.vanished]
        self.texts += 1
        title = f"{self.chance.choice(['hip', 'knee'])} text {self.texts}"
        if event == "add":
            if len(self.articles) < _MOST:
                self.next_pmid += 1
                known = Known(self.next_pmid, title, self.chance.choice([2010, 2016, 2020]))
                known.retracted = self.chance.random() < 0.1
                self.articles[known.pmid] = known
                self._save(known, event)
        elif event == "killed import":
            self._save(None, event)
        elif event == "return":
            if gone := [known for known in self.articles.values() if known.vanished]:
                known = self.chance.choice(gone)
                known.vanished = False
                self._save(known, event)
        elif there:
            known = self._one_of(there, event)
            if event == "retag":
                self._retag(known)
            elif event == "vanish":
                known.vanished = True
                with open_store(self.path) as store:
                    run = Ledger(store).begin("harvest", "test")
                    self.trials.settle()
                    Ledger(store).mark_vanished(run, [known.pmid], "test")
                    Ledger(store).finish(run, "done", None, 0, 0)
            else:
                known.retracted = {"retract": True, "reinstate": False}.get(event, known.retracted)
                if event == "revise":
                    known.title, known.tagged = title, False
                    known.tags, known.design, known.is_ho = frozenset(), "", True
                self._save(known, event)

    def _one_of(self, there: list[Known], event: str) -> Known:
        """Chooses the article that something happens to: what is retracted is often a paper of a trial."""
        papers = [known for known in there if self.trials.is_paper(known.pmid)]
        often = event in ("retract", "reinstate") and papers and self.chance.random() < 0.7
        return self.chance.choice(papers if often else there)

    def _save(self, known: Known | None, event: str) -> None:
        """Saves an article in a run of its own; that of a killed import stays open until the next one."""
        with open_store(self.path) as store:
            kind = self.chance.choice(["harvest", "import"])
            run = Ledger(store).begin("import" if event == "killed import" else kind, "test")  # type: ignore[arg-type]
            self.trials.settle()
            if known is not None:
                known.version += 1
                notices = (Notice("RetractionIn", None, "J. 2020"),) if known.retracted else ()
                xml = f"<PubmedArticle><PMID>{known.pmid}</PMID>{self.texts}</PubmedArticle>".encode()
                made = article(known.pmid, title=known.title, year=known.year, notices=notices, xml=xml)
                with store.atomic():
                    changes = save_articles(store, run, [made], "2026-01-01T00:00:00Z", LIVE)
                if any(change.change in ("new", "returned") for change in changes):
                    known.arrived = run
            if event != "killed import":
                Ledger(store).finish(run, "done", None, 0, 0)

    def _retag(self, known: Known) -> None:
        known.tags = frozenset(self.chance.sample(CONCEPTS, self.chance.randint(0, 2)))
        known.design, known.is_ho = self.chance.choice(DESIGNS), self.chance.random() < 0.9
        known.tagged = True
        self._write_tags([known])

    def _tag_all(self) -> None:
        for known in self.articles.values():
            if not known.tagged:
                self._retag(known)

    def _write_tags(self, wanted: list[Known]) -> None:
        with open_store(self.path) as store:
            run = Ledger(store).begin("tag", "test")
            by_pmid = {known.pmid: known for known in wanted}
            made = []
            for given in untagged(store, "none", everything=True):
                if known := by_pmid.get(given.pmid):
                    topic = "ho" if known.is_ho else "not_ho"
                    facts = replace(FACTS, topic=topic, study_design=known.design)
                    mentions = tuple(
                        Mention("title", 0, 3, given.title[:3], "intervention", tag, 0, 3, None, "affirmed", None, "t")
                        for tag in sorted(known.tags)
                    )
                    made.append(TaggedArticle(given.pmid, given.text_hash, "quick", facts, mentions, ()))
            with store.atomic():
                save_tags(store, run, made, "2026-01-01T00:00:00Z")
            Ledger(store).finish(run, "done", None, 0, 0)

    # ---- people and their file

    def _edit(self, event: str) -> None:
        names = list(self.searches)
        if event == "add search" and len(names) < 6:
            if self.gone and self.chance.random() < 0.3:
                name = self.chance.choice(list(self.gone))
                self.searches[name] = self.gone.pop(name)
                self.searches[name].address = self.chance.choice(_ALL)
            else:
                self.names += 1
                people = tuple(self.chance.sample(PEOPLE, self.chance.randint(1, 2)))
                self.searches[f"search {self.names}"] = Told(self.chance.choice(_ALL), people)
        elif names:
            name = self.chance.choice(names)
            search = self.searches[name]
            if event == "edit address":
                search.address = self.chance.choice(_ALL)
            elif event == "remove search" and not self._waits(name):
                self.gone[name] = self.searches.pop(name)
            elif event in ("break entry", "mend entry"):
                search.broken = event == "break entry"
            elif event == "edit people" and not self._waits(name):
                search.who = tuple(self.chance.sample(PEOPLE, self.chance.randint(1, 2)))
        self._write_file()

    def _waits(self, name: str) -> bool:
        """Who leaves while mails wait is not written to any more: then the sets could not say what arrives."""
        with open_store(self.path) as store:
            return any(delivery.search == name for delivery in waiting(store.db.conn))

    def _write_file(self) -> None:
        blocks = []
        for number, (name, search) in enumerate(self.searches.items()):
            when = ("daily", "weekly friday", "monthly 31")[number % 3]
            broken = self.chance.choice(["when = never", 'address = "/articles?foo=1"', "=="]) if search.broken else ""
            address = "" if broken.startswith("address") else f'address = "{search.address}"\n'
            people = ", ".join(f'"{person}"' for person in search.who)
            blocks.append(f'[[search]]\nname = "{name}"\n{address}who = [{people}]\nquiet = "once"\n')
            blocks.append(f"{broken}\n" if broken else f'when = "{when}"\n')
        self.settings.searches.write_text("".join(blocks), encoding="utf-8")

    # ---- searches and digests, against the sets

    def _begin(self, now: datetime) -> None:
        self.trials.today = now.date()
        with suppress(TrackerError):
            searches_step(self.settings, now)
        with open_store(self.path) as store:
            self._note_begun(store, told_until(store.db.conn))

    def _digest(self, now: datetime, kill: int | None, no_server: bool) -> None:
        """Runs the step and compares each digest that was written with the sets."""
        self.trials.today = now.date()
        with open_store(self.path) as store:
            whole = told_until(store.db.conn)
        settings = replace(self.settings, smtp_url="smtp://127.0.0.1:9") if no_server else self.settings
        killed = False
        try:
            with _killed_after(kill):
                digest_step(settings, now)
        except (TrackerError, sqlite3.Error):
            killed = True
        self.ended["killed" if killed else "done"] += 1
        with open_store(self.path) as store:
            self._note_begun(store, whole)
            for name, search in self.searches.items():
                self._compare(store, name, search)

    def _note_begun(self, store: Store, whole: int) -> None:
        """Follows what the store has taken up of the file: new searches begin, edited ones go on."""
        rows = dict(store.db.execute("SELECT search, address FROM search_states").fetchall())
        for name, search in self.searches.items():
            if name not in rows or search.begun == rows[name]:
                continue
            new = _address(rows[name])
            before = _address(search.begun) if search.begun is not None else None
            begins = max(search.until, search.after)
            if search.begun is None:
                begins = search.after = whole
            waits = {known.pmid for known in self._matching(before)} - search.known.keys() if before else set()
            if new in TRIAL_ADDRESSES:
                self.trials.note_begun(search.trials, new, before, begins)
            for known in self._matching(new):
                if known.pmid not in search.known and known.arrived <= begins and known.pmid not in waits:
                    search.known[known.pmid] = known.retracted and not self._retracted_after(store, known.pmid, begins)
            search.begun = rows[name]

    def _retracted_after(self, store: Store, pmid: int, run: int) -> bool:
        sql = "SELECT 1 FROM changes WHERE pmid = ? AND change = 'retracted' AND run_id > ?"
        return store.db.execute(sql, [pmid, run]).fetchone() is not None

    def _matching(self, address: str) -> list[Known]:
        fits = ADDRESSES.get(address, lambda _: False)
        return [known for known in self.articles.values() if not known.vanished and fits(known)]

    def _compare(self, store: Store, name: str, search: Told) -> None:
        written = written_digests(store.db.conn, name, 1000)
        assert len(written) - search.digests in (0, 1)
        if len(written) == search.digests:
            return
        begins = max(search.until, search.after)
        search.digests, search.until = len(written), written[0].last_run
        assert search.begun is not None
        address = _address(search.begun)
        if address in TRIAL_ADDRESSES:
            self._compare_trials(store, name, search, written[0].id, begins)
            return
        matching = {known.pmid for known in self._matching(address)}
        retracted = {known.pmid for known in self.articles.values() if known.retracted}
        tagged = {known.pmid for known in self.articles.values() if known.tagged}
        arrived = {pmid for pmid in matching - search.known.keys() if pmid in tagged | retracted}
        expected = {("arrived", pmid) for pmid in arrived}
        expected |= {("retracted", pmid) for pmid in arrived & retracted}
        expected |= {("retracted", pmid) for pmid, was in search.known.items() if pmid in retracted and not was}
        back = {pmid for pmid, was in search.known.items() if was and pmid not in retracted}
        lines = written_lines(store.db.conn, written[0].id)
        told = [
            key
            for line in lines
            if line.pmid is not None
            for key in _keys(line.change, line.pmid, bool(line.detail.get("arrived")))
        ]
        assert len(told) == len(set(told))
        assert {key for key in told if key[0] in ("arrived", "retracted")} == expected, (name, address, told, expected)
        assert {pmid for kind, pmid in told if kind == "reinstated"} == back
        assert {pmid for kind, pmid in told if kind == "further"} <= matching & search.known.keys()
        search.known.update({pmid: pmid in retracted for pmid in arrived})
        search.known.update({pmid: pmid in retracted for pmid in search.known})
        self._expect(store, search, written[0].id, expected)

    def _compare_trials(self, store: Store, name: str, search: Told, digest: int, begins: int) -> None:
        address = _address(search.begun or "")
        expected = self.trials.expected(search.trials, address, begins)
        lines = written_lines(store.db.conn, digest)
        told = [trial_key(line.nct_id or "", line.detail["words"]) for line in lines]
        assert len(told) == len(set(told))
        assert set(told) == expected, (name, address, set(told) - expected, expected - set(told))
        self._expect(store, search, digest, expected)

    def _expect(self, store: Store, search: Told, digest: int, expected: Iterable[tuple[Any, ...]]) -> None:
        """Notes what everybody must get of a digest, where a mail was made of it."""
        if store.db.execute("SELECT 1 FROM letters WHERE digest_id = ?", [digest]).fetchone():
            for person in search.who:
                search.expected.setdefault(person, Counter()).update(expected)


def told_in(text: str) -> Iterator[tuple[str, int]]:
    """Yields what the text of a mail tells of articles: (arrived, retracted, reinstated or further; PMID)."""
    change = None
    block = text.replace("\r\n", "\n").split("\n")
    for place, line in enumerate(block):
        heading = line.rpartition(" (")[0]
        if heading in _HEADINGS:
            change = _HEADINGS[heading]
        elif change and (match := _LINE.match(line)):
            first = "not told before" in "".join(block[place + 1 : place + 4]).partition("http")[0]
            yield from _keys(change, int(match[1]), first)


def _address(begun: str) -> str:
    """Returns the address of this world that the store keeps as another one."""
    return next(address for address in _ALL if canonical(address) == begun)


def _is_exact(key: tuple[Any, ...]) -> bool:
    """Says whether what a line tells is kept exactly by the sets."""
    return key[0] in ("arrived", "retracted") or str(key[0]).startswith("trial ")


def canonical(address: str) -> str:
    """Returns an address as the store keeps it."""
    return address_to_save(filter_of_address(address))


def _keys(change: str, pmid: int, first: bool) -> Iterator[tuple[str, int]]:
    if change in ("new", "returned", "matches") or (change == "retracted" and first):
        yield "arrived", pmid
    if change in ("retracted", "reinstated"):
        yield change, pmid
    elif change not in ("new", "returned", "matches"):
        yield "further", pmid


@contextmanager
def _killed_after(steps: int | None) -> Iterator[None]:
    """Lets SQLite do so many steps of the digest and none after that, as if the process were gone."""
    if steps is None:
        yield
        return
    left = steps

    @contextmanager
    def opened(path: Path, **options: bool) -> Iterator[Store]:
        def count() -> int:
            nonlocal left
            left -= 1
            return int(left < 0)

        with open_store(path, **options) as store:
            store.db.conn.set_progress_handler(count, 5)
            try:
                yield store
            finally:
                store.db.conn.set_progress_handler(None, 0)
                store.db.conn.rollback()

    with patch("harvest.app.steps.digest.open_store", opened):
        yield
