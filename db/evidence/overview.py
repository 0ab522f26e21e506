"""The overview of the disease: lines of a data file, each with the articles, designs and findings behind it."""

import sqlite3
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from db.evidence.asked import read_asked
from db.evidence.concepts import concept_filter
from db.evidence.effects.balance import Balance, Count, design_counts, read_balances
from db.evidence.index.article_index import ArticleIndex
from db.select.filter import ArticleFilter
from db.topics import current, per_topic

#: As many of the strongest designs stand beside a line.
_BEST = 2


@dataclass(frozen=True, slots=True)
class Line:
    """One sentence of the data file and the concepts that it stands on."""

    text: str
    concepts: tuple[str, ...]
    also: tuple[str, ...]
    finding_of: str | None
    finding_on: str | None


@dataclass(frozen=True, slots=True)
class Section:
    """One chapter: its anchor, title, introduction and lines."""

    id: str
    title: str
    text: str
    lines: tuple[Line, ...]


@dataclass(frozen=True, slots=True)
class Newest:
    """The newest article behind a line."""

    pmid: int
    title: str
    year: int | None


@dataclass(frozen=True, slots=True)
class LineEvidence:
    """A line with its evidence: concepts (id, kind, name), articles, best designs, newest article, balance.

    `count` is None where the vocabulary of the file has none of the line's concepts; `weighed` says on which outcome
    the balance is taken.
    """

    text: str
    concepts: tuple[tuple[str, str, str], ...]
    count: Count | None
    designs: tuple[tuple[str, Count], ...] = ()
    newest: Newest | None = None
    balance: Balance | None = None
    weighed: str | None = None


@per_topic
def read_sections() -> tuple[Section, ...]:
    """Returns the chapters of the overview from its data file."""
    data = current().data("overview.toml")
    return tuple(
        Section(entry["id"], entry["title"], entry["text"], tuple(_line(line) for line in entry["line"]))
        for entry in data.get("section", ())
    )


def read_overview(conn: sqlite3.Connection, index: ArticleIndex) -> list[tuple[Section, list[LineEvidence]]]:
    """Returns every chapter with the evidence behind its lines."""
    known = {row[0]: (row[1], row[2]) for row in conn.execute("SELECT id, kind, name FROM concepts")}
    return [(section, [_evidence(conn, index, line, known) for line in section.lines]) for section in read_sections()]


def _line(entry: dict[str, Any]) -> Line:
    return Line(
        entry["text"],
        tuple(entry["concepts"]),
        tuple(entry.get("with", ())),
        entry.get("finding_of"),
        entry.get("finding_on"),
    )


def _evidence(
    conn: sqlite3.Connection, index: ArticleIndex, line: Line, known: dict[str, tuple[str, str]]
) -> LineEvidence:
    concepts = tuple((concept, *known[concept]) for concept in (*line.concepts, *line.also) if concept in known)
    chosen = _chosen(concepts)
    if chosen is None or any(concept not in known for concept in line.also):
        return LineEvidence(line.text, concepts, None)
    weighed = _weighed(line, concepts, known)
    newest = None
    for pmid in index.page(conn, chosen, "newest", 1, 0):
        newest = Newest(*conn.execute("SELECT pmid, title, year FROM articles WHERE pmid = ?", [pmid]).fetchone())
    return LineEvidence(
        line.text,
        concepts,
        Count(index.count(conn, chosen), chosen),
        tuple(design_counts(conn, index, chosen)[:_BEST]),
        newest,
        _balance(conn, index, weighed),
        known[weighed[1]][1] if weighed and weighed[1] else None,
    )


def _chosen(concepts: Sequence[tuple[str, str, str]]) -> ArticleFilter | None:
    """Returns the filter of concepts: any of one kind, all kinds; None where there is no concept."""
    if not concepts:
        return None
    chosen = ArticleFilter()
    for concept, kind, _ in concepts:
        (choice,) = concept_filter(kind, concept).any_of
        chosen = chosen.with_choice(choice.facet, choice.value)
    return chosen


def _balance(conn: sqlite3.Connection, index: ArticleIndex, weighed: tuple[str, str | None] | None) -> Balance | None:
    if weighed is None:
        return None
    subject, outcome = weighed
    return read_balances(conn, index, ArticleFilter(), [subject], [outcome]).get((subject, outcome))


def _weighed(
    line: Line, concepts: Sequence[tuple[str, str, str]], known: dict[str, tuple[str, str]]
) -> tuple[str, str | None] | None:
    """Returns whose findings on which outcome a line weighs: what the file says, else its single concept.

    None where that is no intervention with one outcome, and no risk factor: nothing is summed over outcomes.
    """
    subject, outcome = line.finding_of, line.finding_on
    if subject is None and len(concepts) == 1 and concepts[0][1] in ("intervention", "risk factor"):
        subject = concepts[0][0]
    if subject not in known or (outcome is not None and outcome not in known):
        return None
    if known[subject][0] == "risk factor":
        return subject, None
    outcome = outcome or next((concept for concept in read_asked()["outcome"] if concept in known), None)
    return (subject, outcome) if outcome else None
