"""Fills a database with made-up articles of realistic size and tag density; the same numbers give the same rows.

    python -m tests.support.generate_articles evidence.db --count 12000

The texts say nothing true: they only have the length, the words and the density of tags of this literature.
"""

import argparse
import json
import random
import sqlite3
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

from sqlite_utils import Database

from db.evidence.summaries import build_summaries
from db.select.search.index import build_search
from db.store.schema import migrate
from tests.support.made_up_text import AUTHORS, CONCEPT_TREE, DESIGNS, FILLER, JOURNALS, SENTENCES

FIRST_PMID = 70_000_001
_SECTIONS = ("BACKGROUND", "METHODS", "RESULTS", "CONCLUSIONS")
_TAGGER = "made-up 1"
#: How many direct concepts of each kind an article has, at the most.
_DENSITY = {
    "intervention": 4,
    "risk factor": 4,
    "outcome": 4,
    "site": 2,
    "aetiology": 2,
    "diagnostic test": 2,
    "mechanism": 2,
}
_EFFECTS = ("decreases", "decreases", "decreases", "no difference", "increases", "unclear")
_RISKS = ("increases", "increases", "no association", "decreases", "unclear")

#: Words of the comparator, and its class; None: as tags of an older tagger have it.
_AGAINST = (
    ("placebo", "none or placebo"),
    ("no prophylaxis", "none or placebo"),
    ("naproxen", "active"),
    ("a lower dose", "dose or timing"),
    ("baseline", "before"),
    (None, "not read"),
    (None, None),
)
_MORE_IS_BETTER = ("range-of-motion", "hip-flexion", "elbow-flexion", "function-score", "harris", "meps")

Row = tuple[Any, ...]


def generate(conn: sqlite3.Connection, count: int, seed: int = 1) -> None:
    """Writes `count` made-up articles into an empty migrated database."""
    concepts = list(_concepts())
    conn.executemany(
        "INSERT INTO concepts (id, kind, name, parent_id, mesh_ui, synonyms, depth, position, polarity) "
        "VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)",
        [(*concept, _polarity(concept[0]) if concept[1] == "outcome" else None) for concept in concepts],
    )
    conn.execute("INSERT OR REPLACE INTO properties (name, value) VALUES ('sample', '1')")
    for run, day in ((1, "2026-01-01"), (2, "2026-01-02")):
        conn.execute(
            "INSERT INTO runs (id, kind, status, started_at, finished_at, query, query_version, pubmed_count, "
            "held_count) VALUES (?, 'harvest', 'done', ?, ?, 'made up', '1', ?, ?)",
            [run, f"{day}T02:00:00Z", f"{day}T02:09:00Z", count, count],
        )
    by_kind: dict[str, list[Row]] = {}
    for concept in concepts:
        by_kind.setdefault(concept[1], []).append(concept)
    parents = {concept[0]: concept[3] for concept in concepts}
    for number in range(count):
        _write(conn, _Article(FIRST_PMID + number, random.Random(f"{seed}/{number}"), by_kind, parents))
        run = 2 if number >= count - 12 else 1
        conn.execute(
            "INSERT INTO changes (run_id, pmid, change, at) VALUES (?, ?, 'new', '')", [run, FIRST_PMID + number]
        )


def make_evidence(path: Path, count: int, seed: int = 1) -> None:
    """Makes a served file: the public tables, search and summaries, in WAL mode; replaces what is at `path`."""
    path.unlink(missing_ok=True)
    database = Database(path)
    with database.conn as conn:
        migrate(database, str(path))
        for table in ("records", "batches", "decisions"):
            conn.execute(f"DROP TABLE {table}")
        generate(conn, count, seed)
        build_search(conn)
        build_summaries(database)
    database.conn.execute("ANALYZE")
    database.conn.commit()
    database.conn.execute("PRAGMA journal_mode=WAL")
    database.close()


def _polarity(outcome: str) -> str:
    more = outcome.removeprefix("outcome:").startswith(_MORE_IS_BETTER)
    return "more is better" if more else "less is better"


def _effect(direction: str, outcome: str) -> str:
    if direction not in ("increases", "decreases"):
        return "no difference" if direction == "no difference" else "unclear"
    return "better" if (direction == "increases") == (_polarity(outcome) == "more is better") else "worse"


def _concepts() -> Iterator[Row]:
    position = 0
    line_above: dict[int, str] = {}
    for kind, lines in CONCEPT_TREE.items():
        for line in lines.strip().splitlines():
            depth = (len(line) - len(line.lstrip())) // 2
            name = line.strip()
            identifier = f"{kind.replace(' ', '-')}:{name.lower().replace(' ', '-')}"
            parent = line_above.get(depth - 1)
            line_above[depth] = identifier
            yield identifier, kind, name, parent, None, json.dumps([name.upper()]), depth, position
            position += 1
        for number in range(1, FILLER[kind] + 1):
            name = f"{kind} {number}"
            yield f"{kind.replace(' ', '-')}:{number}", kind, name, None, None, "[]", 0, position
            position += 1


class _Article:
    """One made-up article while it is put together: text first, tags at the places where they were put."""

    def __init__(
        self, pmid: int, chance: random.Random, by_kind: dict[str, list[Row]], parents: dict[str, str]
    ) -> None:
        self.pmid = pmid
        self.chance = chance
        self.parents = parents
        self.chosen = {kind: self._some(by_kind[kind], most) for kind, most in _DENSITY.items()}
        self.design = chance.choices([d[0] for d in DESIGNS], [d[1] for d in DESIGNS])[0]
        self.year = min(2026, 1962 + int(65 * chance.random() ** 0.4))
        self.mentions: list[Row] = []
        self.findings: list[Row] = []
        self.sections: list[Row] = []
        self.abstract = ""
        self._fill()

    def _some(self, concepts: Sequence[Row], most: int) -> list[Row]:
        """Returns a few concepts, the first of the list far oftener than the last."""
        places = {int(len(concepts) * self.chance.random() ** 2.5) for _ in range(self.chance.randint(0, most))}
        return [concepts[place] for place in sorted(places)]

    def _fill(self) -> None:
        if self.chance.random() < 0.07:
            return
        every = [concept for concepts in self.chosen.values() for concept in concepts]
        for position, label in enumerate(_SECTIONS):
            start = len(self.abstract) + (1 if self.abstract else 0)
            self.abstract += "\n" if self.abstract else ""
            for _ in range(self.chance.randint(2, 4)):
                self._sentence(label, every)
            self.sections.append((self.pmid, position, label, label, start, len(self.abstract)))
        self._findings()

    def _sentence(self, label: str, every: Sequence[Row]) -> None:
        if self.abstract and not self.abstract.endswith("\n"):
            self.abstract += " "
        start = len(self.abstract)
        here = []
        for piece in self.chance.choice(SENTENCES).split("_"):
            self.abstract += piece
            if every and not piece.endswith("."):
                concept = self.chance.choice(every)
                here.append((concept, len(self.abstract)))
                self.abstract += concept[2]
        for concept, place in here:
            assertion = self.chance.choices(["affirmed", "negated", "hedged"], [80, 12, 8])[0]
            cue = {"negated": "no", "hedged": "may"}.get(assertion)
            span = (place, place + len(concept[2]), concept[2], concept[1], concept[0], start, len(self.abstract))
            self.mentions.append((self.pmid, "abstract", *span, label, assertion, cue, "vocabulary", 1.0, _TAGGER))

    def _findings(self) -> None:
        sentences = sorted({(m[7], m[8]) for m in self.mentions if m[9] == "RESULTS"})
        outcomes = self.chosen["outcome"] or [None]  # type: ignore[list-item]
        pairs = [("effect", s) for s in self.chosen["intervention"]] + [("risk", s) for s in self.chosen["risk factor"]]
        for kind, subject in pairs:
            outcome = self.chance.choice(outcomes)
            if not sentences or outcome is None or self.chance.random() < 0.3:
                continue
            direction = self.chance.choice(_EFFECTS if kind == "effect" else _RISKS)
            start, end = self.chance.choice(sentences)
            estimate = self._estimate(direction) if self.chance.random() < 0.5 else (None,) * 6
            against = self.chance.choice(_AGAINST) if kind == "effect" else (None, None)
            who = (subject[0], subject[2], against[0], outcome[0], outcome[2])
            place = ("abstract", start, end, "RESULTS", "than", _TAGGER)
            conflict = "words and p" if self.chance.random() < 0.06 else None
            effect = _effect(direction, outcome[0]) if kind == "effect" else None
            self.findings.append((self.pmid, kind, *who, direction, *estimate, *place, against[1], effect, conflict))

    def _estimate(self, direction: str) -> Row:
        middle = {"decreases": 0.5, "increases": 2.1}.get(direction, 1.0) * self.chance.uniform(0.7, 1.4)
        width = self.chance.uniform(1.2, 2.2)
        p_value = self.chance.choice(["<0.001", "0.008", "0.04", "0.64"])
        adjusted = self.chance.choice([0, 1, None])
        return "OR", round(middle, 2), round(middle / width, 2), round(middle * width, 2), p_value, adjusted

    def title(self) -> str:
        """Returns a title with the first concepts in it."""
        names = [concept[2] for concepts in self.chosen.values() for concept in concepts[:1]][:3]
        return (
            f"{' and '.join(names).capitalize() or 'Notes'} in heterotopic ossification: report {self.pmid % 100000}."
        )


def _write(conn: sqlite3.Connection, article: _Article) -> None:
    chance, pmid = article.chance, article.pmid
    authors = [chance.choice(AUTHORS) for _ in range(chance.randint(1, 9))]
    human = article.design not in ("animal study", "in vitro study")
    date = f"{article.year}-{chance.randint(1, 12):02d}-{chance.randint(1, 28):02d}"
    level = {design[0]: design[2] for design in DESIGNS}[article.design]
    values: dict[str, Any] = {
        "pmid": pmid,
        "version": 1,
        "kind": "article",
        "title": article.title(),
        "abstract": article.abstract or None,
        "authors": ", ".join(f"{last} {initials}" for last, initials in authors),
        "first_author": " ".join(authors[0]),
        "authors_complete": 1,
        "journal": (journal := JOURNALS[int(len(JOURNALS) * chance.random() ** 2)]),
        "iso_abbreviation": journal[:24],
        "year": article.year,
        "publication_date": date,
        "volume": str(chance.randint(1, 90)),
        "issue": str(chance.randint(1, 12)),
        "pages": f"{pmid % 900}-{pmid % 900 + 7}",
        "language": chance.choices(["eng", "ger", "fre", "chi", "eng;spa"], [88, 5, 3, 3, 1])[0],
        "doi": f"10.5555/made.{pmid}",
        "entrez_date": date,
        "text_hash": f"{pmid:016x}",
        "retracted": int(chance.random() < 0.004),
        "matched": 1,
        "topic": "not_ho" if chance.random() < 0.03 else "ho",
        "study_design": article.design,
        "sample_size": int(10 ** chance.uniform(0.5, 3.3)) if human and chance.random() < 0.8 else None,
        "species": "human" if human else ("animal" if article.design == "animal study" else "in vitro"),
        "evidence_level": level,
        "abstained": 0,
        "tagger": _TAGGER,
    }
    _insert(conn, "articles", ", ".join(values), [tuple(values.values())])
    _insert(conn, "sections", 'pmid, position, label, category, start, "end"', article.sections)
    _insert(
        conn,
        "authors",
        "pmid, position, last_name, initials",
        [(pmid, place, last, initials) for place, (last, initials) in enumerate(authors)],
    )
    mesh = [("D009999", "Ossification, Heterotopic"), ("D006801", "Humans")][: 2 if human else 1]
    rows = [(pmid, place, ui, term, int(place == 0), "[]") for place, (ui, term) in enumerate(mesh)]
    _insert(conn, "mesh_headings", "pmid, position, ui, term, major, qualifiers", rows)
    _insert(conn, "mentions", _MENTION_COLUMNS, ((pmid * 1000 + n, *m) for n, m in enumerate(article.mentions)))
    _insert(conn, "findings", _FINDING_COLUMNS, ((pmid * 1000 + n, *f) for n, f in enumerate(article.findings)))
    _insert(conn, "article_tags", "pmid, concept_id, kind, direct, mentions, assertion", _tags(article))


_MENTION_COLUMNS = (
    'id, pmid, field, start, "end", text, kind, concept_id, sentence_start, sentence_end, section, assertion, cue, '
    "source, confidence, tagger"
)
_FINDING_COLUMNS = (
    "id, pmid, kind, subject_id, subject_text, comparator_text, outcome_id, outcome_text, direction, measure, value, "
    "ci_low, ci_high, p_value, adjusted, field, sentence_start, sentence_end, section, cue, tagger, comparator_class, "
    "effect, conflict"
)


def _tags(article: _Article) -> Iterator[Row]:
    direct = {concept[0]: concept[1] for concepts in article.chosen.values() for concept in concepts}
    seen = set()
    for concept, kind in direct.items():
        following: str | None = concept
        while following and following not in seen:
            seen.add(following)
            yield article.pmid, following, kind, int(following in direct), 1, "affirmed"
            following = article.parents.get(following)


def _insert(conn: sqlite3.Connection, table: str, columns: str, rows: Any) -> None:
    marks = ", ".join("?" * len(columns.split(",")))
    conn.executemany(f"INSERT INTO {table} ({columns}) VALUES ({marks})", rows)


def main() -> None:
    """Reads the command line and makes the file."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("path", type=Path)
    parser.add_argument("--count", type=int, default=12_000)
    parser.add_argument("--seed", type=int, default=1)
    options = parser.parse_args()
    make_evidence(options.path, options.count, options.seed)
    print(f"{options.path}: {options.count:,} made-up articles, {options.path.stat().st_size / 1e6:.0f} MB")


if __name__ == "__main__":
    main()
