"""The overview of the disease: lines of a data file, each with the articles, designs and findings behind it."""

import sqlite3
import tomllib
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Any

from db.evidence.balance import Balance, Count, balance, best_designs
from db.evidence.concepts import concept_filter
from db.evidence.counts import Census
from db.select.filter import ArticleFilter


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


@cache
def read_sections() -> tuple[Section, ...]:
    """Returns the chapters of the overview from its data file."""
    data = tomllib.loads(files("db.evidence").joinpath("overview.toml").read_text(encoding="utf-8"))
    return tuple(
        Section(entry["id"], entry["title"], entry["text"], tuple(_line(line) for line in entry["line"]))
        for entry in data["section"]
    )


def read_overview(conn: sqlite3.Connection, census: Census) -> list[tuple[Section, list[LineEvidence]]]:
    """Returns every chapter with the evidence behind its lines."""
    known = {row[0]: (row[1], row[2]) for row in conn.execute("SELECT id, kind, name FROM concepts")}
    return [(section, [_evidence(conn, census, line, known) for line in section.lines]) for section in read_sections()]


def _line(entry: dict[str, Any]) -> Line:
    return Line(
        entry["text"],
        tuple(entry["concepts"]),
        tuple(entry.get("with", ())),
        entry.get("finding_of"),
        entry.get("finding_on"),
    )


def _evidence(conn: sqlite3.Connection, census: Census, line: Line, known: dict[str, tuple[str, str]]) -> LineEvidence:
    concepts = tuple((concept, *known[concept]) for concept in (*line.concepts, *line.also) if concept in known)
    chosen = _chosen(concepts)
    if chosen is None or any(concept not in known for concept in line.also):
        return LineEvidence(line.text, concepts, None)
    weighed = _weighed(line, concepts, known)
    newest = None
    for pmid in census.page(conn, chosen, "newest", 1, 0):
        newest = Newest(*conn.execute("SELECT pmid, title, year FROM articles WHERE pmid = ?", [pmid]).fetchone())
    return LineEvidence(
        line.text,
        concepts,
        Count(census.count(conn, chosen), chosen),
        tuple(best_designs(conn, census, chosen)),
        newest,
        balance(conn, census, weighed) if weighed else None,
        known[weighed.finding.on][1] if weighed and weighed.finding.on else None,
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


def _weighed(
    line: Line, concepts: Sequence[tuple[str, str, str]], known: dict[str, tuple[str, str]]
) -> ArticleFilter | None:
    """Returns whose findings a line weighs: what the file says, else its single concept; None for other kinds."""
    subject, outcome = line.finding_of, line.finding_on
    if subject is None and len(concepts) == 1:
        concept, kind, _ = concepts[0]
        subject = concept if kind in ("intervention", "risk factor") else None
        outcome = outcome or (concept if kind == "outcome" else None)
    subject = subject if subject in known else None
    outcome = outcome if outcome in known else None
    if subject is None and (outcome is None or len(concepts) != 1 or concepts[0][1] != "outcome"):
        return None
    return ArticleFilter().with_finding(of=subject, on=outcome)
