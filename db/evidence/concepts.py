"""The vocabulary as readers walk it: one concept with its place in the tree, and whole trees with counts."""

import json
import sqlite3
from collections.abc import Iterator
from dataclasses import dataclass, replace

from db.errors import TrackerError
from db.evidence.effects.balance import Count, design_counts
from db.evidence.index.article_index import ArticleIndex
from db.select.facets import FACET_OF_KIND
from db.select.filter import ArticleFilter
from db.select.suggest import nearest, shown
from db.terms import Kind

#: What a concept's findings are found by: the subject of a finding, or its outcome.
_ROLES = {"intervention": "of", "risk factor": "of", "outcome": "on"}
_TOGETHER = 8


class NoConceptError(TrackerError):
    """A concept id that the vocabulary does not have."""


@dataclass(frozen=True, slots=True)
class ConceptRow:
    """One concept as the vocabulary has it, with its number of articles (narrower concepts included)."""

    id: str
    kind: Kind
    name: str
    parent_id: str | None
    mesh_ui: str | None
    synonyms: tuple[str, ...]
    note: str | None
    depth: int
    count: Count

    @property
    def finding_role(self) -> str | None:
        """The side of a finding (`of`, `on`) that this concept stands on; None for kinds that findings do not name."""
        return _ROLES.get(self.kind)


@dataclass(frozen=True, slots=True)
class ConceptPage:
    """All that the page of one concept tells besides its findings' sentences."""

    concept: ConceptRow
    ancestors: tuple[ConceptRow, ...]
    children: tuple[ConceptRow, ...]
    years: dict[int, int]
    designs: tuple[tuple[str, Count], ...]
    together: dict[Kind, list[ConceptRow]]


def concept_filter(kind: str, concept_id: str) -> ArticleFilter:
    """Returns the filter of the articles that are tagged with a concept or a narrower one."""
    return ArticleFilter().with_choice(FACET_OF_KIND[kind].name, concept_id)


def read_concept(conn: sqlite3.Connection, index: ArticleIndex, concept_id: str) -> ConceptRow:
    """Returns one concept; raises NoConceptError, naming the nearest, where there is none."""
    row = conn.execute(f"SELECT {_COLUMNS} FROM concepts WHERE id = ?", [concept_id]).fetchone()
    if row is None:
        known = [name for (name,) in conn.execute("SELECT id FROM concepts ORDER BY position")]
        raise NoConceptError(f"there is no concept {shown(concept_id)}; {nearest(concept_id[:100], known)}")
    return _concept(conn, index, row)


def read_tree(conn: sqlite3.Connection, index: ArticleIndex, kind: Kind) -> list[ConceptRow]:
    """Returns all concepts of a kind, each followed by its narrower ones, in the vocabulary's order."""
    rows = conn.execute(f"SELECT {_COLUMNS} FROM concepts WHERE kind = ? ORDER BY position", [kind]).fetchall()
    below: dict[str | None, list[sqlite3.Row]] = {}
    for row in rows:
        below.setdefault(row[3], []).append(row)

    def walk(parent: str | None, depth: int) -> Iterator[ConceptRow]:
        for row in below.get(parent, ()):
            yield replace(_concept(conn, index, row), depth=depth)
            yield from walk(row[0], depth + 1)

    return list(walk(None, 0))


def read_page(
    conn: sqlite3.Connection, index: ArticleIndex, concept_id: str, selected: ArticleFilter | None = None
) -> ConceptPage:
    """Returns what the page of a concept shows, of the articles of a filter; raises NoConceptError."""
    concept = read_concept(conn, index, concept_id)
    selected = (selected or ArticleFilter()).without_finding()
    chosen = selected.also_tagged(FACET_OF_KIND[concept.kind].name, concept.id)
    concept = replace(concept, count=Count(index.count(conn, chosen), chosen))
    children = conn.execute(f"SELECT {_COLUMNS} FROM concepts WHERE parent_id = ? ORDER BY position", [concept_id])
    return ConceptPage(
        concept,
        tuple(reversed(list(_ancestors(conn, index, concept)))),
        tuple(_concept(conn, index, row) for row in children.fetchall()),
        index.year_counts(conn, chosen),
        tuple(design_counts(conn, index, chosen)),
        _together(conn, index, concept),
    )


_COLUMNS = "id, kind, name, parent_id, mesh_ui, synonyms, note, depth"


def _concept(conn: sqlite3.Connection, index: ArticleIndex, row: sqlite3.Row) -> ConceptRow:
    concept_id, kind, name, parent, mesh, synonyms, note, depth = row
    chosen = concept_filter(kind, concept_id)
    number = index.count(conn, chosen)
    return ConceptRow(
        concept_id, kind, name, parent, mesh, tuple(json.loads(synonyms)), note, depth, Count(number, chosen)
    )


def _ancestors(conn: sqlite3.Connection, index: ArticleIndex, concept: ConceptRow) -> Iterator[ConceptRow]:
    seen = {concept.id}
    while concept.parent_id and concept.parent_id not in seen:
        seen.add(concept.parent_id)
        concept = read_concept(conn, index, concept.parent_id)
        yield concept


def _together(conn: sqlite3.Connection, index: ArticleIndex, concept: ConceptRow) -> dict[Kind, list[ConceptRow]]:
    """Returns what stands oftenest in the same articles, by kind: top groups of the other kinds."""
    own = concept.count.chosen
    found: dict[Kind, list[ConceptRow]] = {}
    base = index.matching(conn, own)
    for kind, facet in FACET_OF_KIND.items():
        if kind == concept.kind:
            continue
        roots = conn.execute(
            f"SELECT {_COLUMNS} FROM concepts WHERE kind = ? AND parent_id IS NULL ORDER BY position", [kind]
        ).fetchall()
        counted = [((index.tags.get(row[0], 0) & base).bit_count(), row) for row in roots]
        best = sorted((entry for entry in counted if entry[0]), key=lambda entry: -entry[0])[:_TOGETHER]
        rows = []
        for number, row in best:
            both = Count(number, own.also_tagged(facet.name, row[0]))
            rows.append(replace(_concept(conn, index, row), count=both))
        if rows:
            found[row_kind(rows)] = rows
    return found


def row_kind(rows: list[ConceptRow]) -> Kind:
    """Returns the kind of rows that are all of one kind."""
    return rows[0].kind
