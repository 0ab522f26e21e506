"""The world of a random history: a corpus that changes, files, people who decide, and what may happen in a night."""

import random
from dataclasses import dataclass, field, replace
from datetime import timedelta
from pathlib import Path
from typing import Any

from db.screening.decide import import_decisions
from db.screening.read import read_screening_file
from db.store.people.decisions import record_decisions
from db.store.people.verdicts import Decision, Verdict
from db.store.store import open_store
from harvest.sync.bulk import EVERYTHING, import_files
from tests.support.eutils_server import FAULTS, Corpus, Record
from tests.support.eutils_server.corpus import as_set

#: So small that most of the records lie beyond it.
REACH = 12
MOST = 45
CONCEPT = "celecoxib"
EVENTS = (
    *("add", "revise", "retract", "delete", "restore", "back-date", "leave topic", "come back", "late revision"),
    *("lower version", "change without a date", "ghost", "write file", "import file", "decide", "import decisions"),
    "digest",
)


@dataclass(frozen=True, slots=True)
class Night:
    """What happens before a night, how long after the last it is, and what goes wrong in it.

    `clock` are the days by which both clocks are ahead or behind, `decides` the decisions that people make while the
    harvest is at work. The tagger fails after so many articles; the night may end, killed, before one of its steps.
    """

    events: tuple[tuple[str, int], ...] = ()
    days: int = 1
    faults: tuple[tuple[str, str, int, int], ...] = ()
    killed_after: int | None = None
    full: bool = False
    clock: int = 0
    decides: int = 0
    tagger_fails_after: int | None = None
    ends_before: str | None = None


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
        killed_after=chance.choice([None, None, int(10 ** chance.uniform(0, 3.6))]),
        full=chance.random() < 0.2,
        clock=chance.choice([0] * 8 + [400, 400, 9, -20]),
        decides=chance.choice([0, 0, 1, 3]),
        tagger_fails_after=chance.choice([None, None, None, chance.randint(0, MOST)]),
        ends_before=chance.choice([None] * 6 + ["tag", "digest"]),
    )


class GhostlyCorpus(Corpus):
    """A corpus whose search names records that are not given."""

    ghosts: frozenset[int] = frozenset()

    def search(self, *words: Any, **limits: Any) -> list[int]:
        """The hits, with the ghosts where no limit is asked for."""
        hits = super().search(*words, **limits)
        unlimited = len(words) < 2 or words[1] is None
        return [*hits, *(self.ghosts if unlimited and "[uid]" not in words[0] else ())]


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
    rejected: set[int] = field(default_factory=set)

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
            self.decide(seed, path)
        elif event == "import decisions":
            self.import_decisions(chosen, path)

    def decide(self, seed: int, path: Path) -> None:
        """Lets a person decide on an article or on its tag, through a connection of its own."""
        with open_store(path) as store, store.atomic():
            pmids = [pmid for (pmid,) in store.db.execute("SELECT pmid FROM articles ORDER BY pmid")]
            if not pmids:
                return
            pmid, number = random.Random(seed).choice(pmids), len(self.decided)
            concept = CONCEPT if number % 2 else None
            verdict: Verdict = "reject" if concept else "include"
            made = Decision(pmid, verdict, f"ada {number}", f"2026-01-01T00:00:{number % 60:02}Z", concept)
            record_decisions(store, [made])
            self.decided.append((pmid, made.when))
            if concept:
                self.rejected.add(pmid)

    def import_decisions(self, chosen: random.Random, path: Path) -> None:
        """Lets a file of decisions come, twice: the second time adds nothing."""
        when = f"2026-01-02T00:00:{len(self.decided) % 60:02}Z"
        with open_store(path) as store:
            pmids = [pmid for (pmid,) in store.db.execute("SELECT pmid FROM articles ORDER BY pmid")]
            named = chosen.sample(pmids, min(len(pmids), 3))
            file = path.with_name("decisions.csv")
            rows = [f"{pmid},include,grace {len(self.decided)}" for pmid in named]
            file.write_text("\n".join(["pmid,verdict,who", *rows]), encoding="utf-8")
            for added in (len(named), 0):
                with store.atomic():
                    assert import_decisions(store, read_screening_file(file), file.name, when).added == added
        self.decided.extend((pmid, when) for pmid in named)
