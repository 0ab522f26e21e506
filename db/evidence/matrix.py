"""The evidence matrix: which articles have a finding of what on what, by direction and design, at any level.

One build of the file is read once into flat arrays of (article, subject, outcome, direction); a frame (the rows and
columns of one view) keeps the pairs of cell and article that it needs, so that any filter is counted in milliseconds.
"""

import sqlite3
import threading
from array import array
from collections import Counter, OrderedDict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import compress
from operator import itemgetter
from typing import Final, Literal

from db.errors import TrackerError
from db.evidence.balance import DIRECTION_GROUPS, GROUP_OF
from db.evidence.counts import CENSUS, Census
from db.per_build import PerBuild
from db.select.facets import FACET_OF_KIND
from db.select.filter import ArticleFilter
from db.select.suggest import nearest, shown
from db.terms import STUDY_DESIGNS, Kind

View = Literal["effects", "risks"]
#: What stands in the rows and columns of each view.
VIEWS: Final[Mapping[View, tuple[Kind, Kind]]] = {
    "effects": ("intervention", "outcome"),
    "risks": ("risk factor", "aetiology"),
}
#: Rows and columns of one page.
ROWS_A_PAGE: Final = 25
COLUMNS_A_PAGE: Final = 12
_KEPT_FRAMES = 24
_GROUPS = len(DIRECTION_GROUPS)
_DESIGN_NAMES = (*STUDY_DESIGNS, "not stated")
_DESIGNS = len(_DESIGN_NAMES)
_ZERO_ONE = bytes.maketrans(b"01", b"\0\1")


class MatrixError(TrackerError):
    """A matrix that cannot be shown: an unknown view, or a concept that has no place in it."""


@dataclass(frozen=True, slots=True)
class Heading:
    """A row or column: a concept, whether it has narrower ones, and how many articles with findings it has in all."""

    id: str
    name: str
    has_children: bool
    findings: int


@dataclass(frozen=True, slots=True)
class Cell:
    """One crossing: articles with a finding, by direction (in order of DIRECTION_GROUPS) and by design.

    `together` counts the articles that name both, with or without a finding between them.
    """

    total: int
    directions: tuple[int, ...]
    designs: tuple[tuple[str, int], ...]
    together: int


@dataclass(frozen=True, slots=True)
class Matrix:
    """The rows and columns of one page of a view, and its cells that are not empty by place of row and column.

    `row_count` and `column_count` are those of the whole view.
    """

    view: View
    chosen: ArticleFilter
    rows: tuple[Heading, ...]
    columns: tuple[Heading, ...]
    cells: dict[tuple[int, int], Cell]
    row_count: int
    column_count: int


class _Findings:
    """Every finding of one build as parallel arrays, and the tree of concepts."""

    def __init__(self, conn: sqlite3.Connection, census: Census) -> None:
        self.parents: dict[str, str | None] = {}
        self.kinds: dict[str, str] = {}
        self.names: dict[str, str] = {}
        self.below: dict[tuple[str, str | None], list[str]] = {}
        for concept, kind, name, parent in conn.execute(
            "SELECT id, kind, name, parent_id FROM concepts ORDER BY position"
        ):
            self.parents[concept], self.kinds[concept], self.names[concept] = parent, kind, name
            self.below.setdefault((kind, parent), []).append(concept)
        rows = conn.execute(
            "SELECT pmid, subject_id, outcome_id, direction FROM findings WHERE subject_id IS NOT NULL"
        ).fetchall()
        self.places = array("l", (census.places[row[0]] for row in rows))
        self.subjects: list[str] = [row[1] for row in rows]
        self.outcomes: list[str | None] = [row[2] for row in rows]
        self.groups = bytes(GROUP_OF[row[3]] for row in rows)
        self.frames: OrderedDict[tuple[View, str | None, str | None], _Frame] = OrderedDict()
        design = {name: number for number, name in enumerate(STUDY_DESIGNS)}
        codes = dict(conn.execute("SELECT pmid, study_design FROM articles"))
        self.designs = bytes(design.get(codes[pmid], _DESIGNS - 1) for pmid in census.pmids)
        self.lock = threading.Lock()

    def line(self, concept: str | None) -> Iterator[str]:
        """Yields a concept and what it belongs to, upwards."""
        seen = set()
        while concept and concept not in seen:
            seen.add(concept)
            yield concept
            concept = self.parents.get(concept)


class _Frame:
    """The pairs (cell, article) of one choice of rows and columns, each once, with and without the direction."""

    def __init__(self, known: _Findings, census: Census, view: View, rows: Sequence[str], columns: Sequence[str]):
        row_of = {concept: place for place, concept in enumerate(rows)}
        column_of = {concept: place for place, concept in enumerate(columns)}
        width = len(columns)
        count = len(census.pmids)
        tagged = [_flags(census.tags.get(concept, 0), count) for concept in columns] if view == "risks" else []
        pairs: set[tuple[int, int, int]] = set()
        in_row: set[tuple[int, int]] = set()
        in_column: set[tuple[int, int]] = set()
        hits = _Places(known, row_of)
        column_hits = _Places(known, column_of)
        for place, subject, outcome, group in zip(
            known.places, known.subjects, known.outcomes, known.groups, strict=True
        ):
            below = hits.of(subject)
            if not below:
                continue
            across: Iterable[int] = (
                column_hits.of(outcome) if view == "effects" else [c for c in range(width) if tagged[c][place]]
            )
            for row in below:
                for column in across:
                    pairs.add((row * width + column, place, group))
                    in_row.add((row, place))
                    in_column.add((column, place))
        ordered = sorted(pairs)
        self.cells = array("l", (cell * _GROUPS + group for cell, _, group in ordered))
        self.places = array("l", (place for _, place, _ in ordered))
        once = sorted({(cell, place) for cell, place, _ in ordered})
        self.single_places = array("l", (place for _, place in once))
        self.single_cells = array("l", (cell * _DESIGNS + known.designs[place] for cell, place in once))
        self.row_of, self.column_of = row_of, column_of
        self.rows = _headings(known, rows, Counter(row for row, _ in in_row))
        self.columns = _headings(known, columns, Counter(column for column, _ in in_column))


def read_matrix(
    conn: sqlite3.Connection,
    census: Census,
    chosen: ArticleFilter,
    view: View = "effects",
    rows: str | None = None,
    columns: str | None = None,
    page: tuple[int, int] = (1, 1),
) -> Matrix:
    """Returns one page of the matrix of a filter.

    `rows` and `columns` name a concept that is shown with its narrower ones; None shows the top groups. Those with
    the most findings come first. `page` counts pages of rows and of columns from 1. A filter on findings is dropped
    (the cells are one), and retracted articles are left out unless the filter asks for them; the returned filter says
    so. Raises MatrixError for a view, row, column or page that is not there.
    """
    if view not in VIEWS:
        raise MatrixError(f"there is no matrix {shown(view)}; it is one of {', '.join(VIEWS)}")
    chosen = chosen.without_finding().for_evidence()
    known = _FINDINGS.of(conn)
    frame = _frame_of(known, census, view, rows, columns)
    shown_rows = _page(frame.rows, page[0], ROWS_A_PAGE)
    shown_columns = _page(frame.columns, page[1], COLUMNS_A_PAGE)
    base = census.matching(conn, chosen)
    flags = _flags(base, len(census.pmids))
    by_direction = Counter(compress(frame.cells, _picked(frame.places, flags)))
    by_design = Counter(compress(frame.single_cells, _picked(frame.single_places, flags)))
    cells = {}
    for row, row_heading in enumerate(shown_rows):
        row_bits = census.tags.get(row_heading.id, 0) & base
        for column, column_heading in enumerate(shown_columns):
            together = (row_bits & census.tags.get(column_heading.id, 0)).bit_count()
            place = frame.row_of[row_heading.id] * len(frame.columns) + frame.column_of[column_heading.id]
            cell = _cell(place, by_direction, by_design, together)
            if cell.total or cell.together:
                cells[row, column] = cell
    return Matrix(view, chosen, shown_rows, shown_columns, cells, len(frame.rows), len(frame.columns))


def cell_filter(matrix: Matrix, row: str, column: str, directions: tuple[str, ...] = ()) -> ArticleFilter:
    """Returns the filter whose articles a cell counts; `directions` narrows it to one direction of its bar."""
    if matrix.view == "effects":
        return matrix.chosen.with_finding(of=row, on=column, directions=directions)
    narrowed = matrix.chosen.also_tagged("aetiology", column)
    return narrowed.with_finding(of=row, directions=directions)


def together_filter(matrix: Matrix, row: str, column: str) -> ArticleFilter:
    """Returns the filter of the articles that name both concepts of a cell."""
    row_kind, column_kind = VIEWS[matrix.view]
    narrowed = matrix.chosen.also_tagged(FACET_OF_KIND[row_kind].name, row)
    return narrowed.also_tagged(FACET_OF_KIND[column_kind].name, column)


def _cell(place: int, by_direction: Mapping[int, int], by_design: Mapping[int, int], together: int) -> Cell:
    directions = tuple(by_direction.get(place * _GROUPS + group, 0) for group in range(_GROUPS))
    if not any(directions):
        return Cell(0, directions, (), together)
    numbers = [(name, by_design.get(place * _DESIGNS + code, 0)) for code, name in enumerate(_DESIGN_NAMES)]
    designs = tuple((name, number) for name, number in numbers if number)
    return Cell(sum(number for _, number in designs), directions, designs, together)


def _page(headings: Sequence[Heading], page: int, size: int) -> tuple[Heading, ...]:
    found = tuple(headings[(page - 1) * size : page * size])
    if page < 1 or (not found and page > 1):
        raise MatrixError(f"the matrix has no page {page}; it has {max(1, -(-len(headings) // size))}")
    return found


def _picked(places: Sequence[int], flags: bytes) -> Sequence[int]:
    if len(places) < 2:
        return [flags[place] for place in places]
    picked: Sequence[int] = itemgetter(*places)(flags)
    return picked


def _flags(bits: int, count: int) -> bytes:
    """Returns one byte an article, 1 where its bit is set."""
    return f"{bits:0{count}b}".encode()[::-1].translate(_ZERO_ONE)


def _headings(known: _Findings, concepts: Sequence[str], counted: Mapping[int, int]) -> tuple[Heading, ...]:
    """Returns the headings of a frame, most findings first; the concept that all others belong to leads them."""
    found = [
        Heading(concept, known.names[concept], (known.kinds[concept], concept) in known.below, counted.get(place, 0))
        for place, concept in enumerate(concepts)
    ]
    leads = {known.parents[concept] for concept in concepts}
    return tuple(sorted(found, key=lambda heading: (heading.id not in leads, -heading.findings)))


class _Places:
    """Maps a concept to the places of it and of what it belongs to."""

    def __init__(self, known: _Findings, places: Mapping[str, int]) -> None:
        self.known, self.places = known, places
        self.found: dict[str | None, tuple[int, ...]] = {}

    def of(self, concept: str | None) -> tuple[int, ...]:
        if concept not in self.found:
            line = self.known.line(concept)
            self.found[concept] = tuple(self.places[name] for name in line if name in self.places)
        return self.found[concept]


def _frame_of(known: _Findings, census: Census, view: View, rows: str | None, columns: str | None) -> _Frame:
    key = (view, rows, columns)
    with known.lock:
        if key not in known.frames:
            row_kind, column_kind = VIEWS[view]
            row_ids = _expanded(known, row_kind, rows)
            column_ids = _expanded(known, column_kind, columns)
            known.frames[key] = _Frame(known, census, view, row_ids, column_ids)
            while len(known.frames) > _KEPT_FRAMES:
                known.frames.popitem(last=False)
        known.frames.move_to_end(key)
        return known.frames[key]


def _expanded(known: _Findings, kind: Kind, concept: str | None) -> list[str]:
    if concept is None:
        return known.below.get((kind, None), [])
    if known.kinds.get(concept) != kind:
        of_kind = [name for name, own in known.kinds.items() if own == kind]
        raise MatrixError(f"there is no {kind} {shown(concept)}; {nearest(concept[:100], of_kind)}")
    return [concept, *known.below.get((kind, concept), ())]


_FINDINGS = PerBuild(lambda conn: _Findings(conn, CENSUS.of(conn)))
