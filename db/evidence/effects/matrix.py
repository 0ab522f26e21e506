"""The evidence matrix: which articles have a finding of what on what, as balances, at any level of the vocabulary."""

import sqlite3
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final, Literal

from db.errors import TrackerError
from db.evidence.asked import read_asked
from db.evidence.effects.balance import Balance, read_balances
from db.evidence.effects.findings_table import FINDINGS, FindingsTable
from db.evidence.index.article_index import ArticleIndex
from db.select.facets import FACET_OF_KIND
from db.select.filter import ArticleFilter
from db.select.suggest import nearest, shown
from db.terms import Kind

View = Literal["effects", "risks"]
#: What stands in the rows and columns of each view.
VIEWS: Final[dict[View, tuple[Kind, Kind]]] = {
    "effects": ("intervention", "outcome"),
    "risks": ("risk factor", "aetiology"),
}
#: Which list of `asked.toml` leads the rows and columns of each view.
_FIRST: Final[dict[View, tuple[str, str]]] = {
    "effects": ("intervention", "outcome"),
    "risks": ("risk_factor", "setting"),
}
#: Rows and columns of one page.
ROWS_A_PAGE: Final = 25
COLUMNS_A_PAGE: Final = 12


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
    """One crossing: the balance of its findings (None: no finding was read), and the articles that name both."""

    balance: Balance | None
    together: int

    @property
    def total(self) -> int:
        """The number of articles with a finding."""
        return self.balance.total.number if self.balance else 0


@dataclass(frozen=True, slots=True)
class MatrixPage:
    """Which matrix is asked for: the view, concepts opened in rows and columns, and the pages of both from 1 on."""

    view: View = "effects"
    rows: str | None = None
    columns: str | None = None
    row_page: int = 1
    column_page: int = 1


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


def read_matrix(
    conn: sqlite3.Connection, index: ArticleIndex, chosen: ArticleFilter, asked: MatrixPage | None = None
) -> Matrix:
    """Returns one page of the matrix of a filter.

    Opened concepts are shown with their narrower ones; otherwise what readers ask about comes first, then the groups
    with most findings. A filter on findings is dropped (the cells are one), and retracted articles are left out unless
    the filter asks for them; the returned filter says so. Raises MatrixError for a view, row, column or page that is
    not there.
    """
    asked = asked or MatrixPage()
    if asked.view not in VIEWS:
        raise MatrixError(f"there is no matrix {shown(asked.view)}; it is one of {', '.join(VIEWS)}")
    chosen = chosen.without_finding().for_evidence()
    table = FINDINGS.of(conn)
    row_kind, column_kind = VIEWS[asked.view]
    first = _FIRST[asked.view]
    row_ids = _expanded(table, row_kind, asked.rows, first[0])
    column_ids = _expanded(table, column_kind, asked.columns, first[1])
    frame = table.frame(index, row_ids, column_ids)
    row_counts = dict(zip(row_ids, frame.in_row.tolist(), strict=True))
    column_counts = dict(zip(column_ids, frame.in_column.tolist(), strict=True))
    rows = _page(_headings(table, row_ids, row_counts, first[0]), asked.row_page, ROWS_A_PAGE)
    columns = _page(_headings(table, column_ids, column_counts, first[1]), asked.column_page, COLUMNS_A_PAGE)
    balances = read_balances(conn, index, chosen, [row.id for row in rows], [column.id for column in columns])
    base = index.matching(conn, chosen)
    cells = {}
    for row_place, row in enumerate(rows):
        row_bits = index.tags.get(row.id, 0) & base
        for column_place, column in enumerate(columns):
            together = (row_bits & index.tags.get(column.id, 0)).bit_count()
            cell = Cell(balances.get((row.id, column.id)), together)
            if cell.balance or together:
                cells[row_place, column_place] = cell
    return Matrix(asked.view, chosen, rows, columns, cells, len(row_ids), len(column_ids))


def together_filter(matrix: Matrix, row: str, column: str) -> ArticleFilter:
    """Returns the filter of the articles that name both concepts of a cell."""
    row_kind, column_kind = VIEWS[matrix.view]
    return matrix.chosen.also_tagged(FACET_OF_KIND[row_kind].name, row).also_tagged(
        FACET_OF_KIND[column_kind].name, column
    )


def _page(headings: Sequence[Heading], page: int, size: int) -> tuple[Heading, ...]:
    found = tuple(headings[(page - 1) * size : page * size])
    if page < 1 or (not found and page > 1):
        raise MatrixError(f"the matrix has no page {page}; it has {max(1, -(-len(headings) // size))}")
    return found


def _headings(table: FindingsTable, concepts: Sequence[str], counts: dict[str, int], which: str) -> list[Heading]:
    """Returns headings: the concept that all others belong to, then what readers ask about, then most findings."""
    leads = {table.parents[concept] for concept in concepts}
    asked = {concept: place for place, concept in enumerate(read_asked()[which])}
    whole = next((concept for concept in concepts if concept in leads and table.parents[concept] not in leads), None)
    opened = whole is not None and all(table.parents[c] == whole for c in concepts if c != whole)

    def weight(concept: str) -> tuple[bool, int, int]:
        first = asked.get(concept, len(asked)) if not opened else 0
        return not (opened and concept == whole), first, -counts[concept]

    return [
        Heading(
            concept,
            table.names[concept],
            (table.kinds[concept], concept) in table.below,
            counts[concept],
        )
        for concept in sorted(concepts, key=weight)
    ]


def _expanded(table: FindingsTable, kind: Kind, concept: str | None, which: str) -> list[str]:
    """Returns a concept with its narrower ones; without one what readers ask about and the other top groups."""
    if concept is None:
        tops = table.below.get((kind, None), [])
        asked = [concept for concept in read_asked()[which] if table.kinds.get(concept) == kind]
        return [*asked, *(top for top in tops if top not in asked)]
    if table.kinds.get(concept) != kind:
        of_kind = [name for name, own in table.kinds.items() if own == kind]
        raise MatrixError(f"there is no {kind} {shown(concept)}; {nearest(concept[:100], of_kind)}")
    return [concept, *table.below.get((kind, concept), ())]
