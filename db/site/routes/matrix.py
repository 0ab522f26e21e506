"""The matrix: interventions by outcomes, or risk factors by aetiologies; a cell opens the list behind it."""

import csv
import io
from dataclasses import replace
from typing import Any, cast

from datasette.utils.asgi import Response

from db.citations.table import safe_cell
from db.evidence.balance import DIRECTION_GROUPS
from db.evidence.matrix import (
    COLUMNS_A_PAGE,
    ROWS_A_PAGE,
    VIEWS,
    Matrix,
    MatrixError,
    View,
    cell_filter,
    read_matrix,
    together_filter,
)
from db.select.facets import FACET_OF_KIND
from db.select.filter import ArticleFilter
from db.select.words import describe, filter_parts
from db.site.answers import file_answer, full_list_url, json_answer, json_page, list_url, read_filter
from db.site.page import Visit, page

#: Parameters of the matrix that are no filters.
PARAMETERS = ("view", "rows", "columns", "row_page", "column_page")
_LAST_PAGE = 1000


@page
def matrix(visit: Visit) -> Response:
    """One page of the matrix."""
    found, asked, names = _read(visit)
    return visit.render(
        "matrix.html",
        matrix=found,
        asked=asked,
        names=names,
        kinds=VIEWS[found.view],
        facets=FACET_OF_KIND,
        cells=[
            [_cell(visit, found, row, column) for column in range(len(found.columns))] for row in range(len(found.rows))
        ],
        parts=[(part, _url(visit, part.rest)) for part in filter_parts(asked, names)],
        described=describe(asked, names),
        views=[(name, _url(visit, asked, view=name, rows=None, columns=None)) for name in VIEWS],
        heads=_heads(visit, found, asked),
        pages=_pages(visit, found, asked),
        switch=_switch(visit, asked),
        up={axis: _url(visit, asked, **{axis: None}) for axis in ("rows", "columns") if visit.parameter(axis)},
        articles_url=list_url(visit, asked),
        files={form: visit.url(f"matrix.{form}", visit.request.query_string) for form in ("csv", "json")},
    )


@json_page
def matrix_json(visit: Visit) -> Response:
    """The same page of the matrix as JSON."""
    found, _, names = _read(visit)
    return json_answer(
        {
            "view": found.view,
            "filter": describe(found.chosen, names),
            "rows": [{"id": heading.id, "name": heading.name} for heading in found.rows],
            "columns": [{"id": heading.id, "name": heading.name} for heading in found.columns],
            "row_count": found.row_count,
            "column_count": found.column_count,
            "cells": [_cell_json(visit, found, place) for place in sorted(found.cells)],
        }
    )


@page
def matrix_csv(visit: Visit) -> Response:
    """The same page of the matrix as CSV, one line a cell."""
    found, _, _ = _read(visit)
    written = io.StringIO()
    writer = csv.writer(written)
    groups = [group.words for group in DIRECTION_GROUPS]
    writer.writerow([*VIEWS[found.view], "articles with a finding", *groups, "designs", "articles naming both"])
    for row, row_heading in enumerate(found.rows):
        for column, column_heading in enumerate(found.columns):
            cell = found.cells.get((row, column))
            numbers = [cell.total, *cell.directions] if cell else [0] * (1 + len(groups))
            designs = "; ".join(f"{number} {design}" for design, number in cell.designs) if cell else ""
            both = cell.together if cell else 0
            writer.writerow([safe_cell(row_heading.name), safe_cell(column_heading.name), *numbers, designs, both])
    return file_answer(written.getvalue(), "text/csv; charset=utf-8", f"ho-matrix-{found.view}.csv")


def _read(visit: Visit) -> tuple[Matrix, ArticleFilter, dict[str, str]]:
    asked, names = read_filter(visit, PARAMETERS)
    asked = asked.without_finding()
    view = cast(View, visit.parameter("view") or "effects")
    if view not in VIEWS:
        raise MatrixError(f"there is no such matrix; view is one of {', '.join(VIEWS)}")
    pages = visit.number("row_page", 1, _LAST_PAGE), visit.number("column_page", 1, _LAST_PAGE)
    rows, columns = visit.parameter("rows"), visit.parameter("columns")
    found = read_matrix(visit.conn, visit.census, asked, view, rows, columns, pages)
    return found, asked, names


def _cell(visit: Visit, found: Matrix, row: int, column: int) -> dict[str, Any] | None:
    cell = found.cells.get((row, column))
    if cell is None:
        return None
    names = found.rows[row].id, found.columns[column].id
    chosen = cell_filter(found, *names) if cell.total else together_filter(found, *names)
    return {"cell": cell, "href": list_url(visit, chosen)}


def _cell_json(visit: Visit, found: Matrix, place: tuple[int, int]) -> dict[str, Any]:
    cell = found.cells[place]
    row, column = found.rows[place[0]].id, found.columns[place[1]].id
    return {
        "row": row,
        "column": column,
        "articles": cell.total,
        "directions": {group.words: number for group, number in zip(DIRECTION_GROUPS, cell.directions, strict=True)},
        "designs": dict(cell.designs),
        "naming_both": cell.together,
        "list": full_list_url(visit, cell_filter(found, row, column)),
    }


def _url(visit: Visit, asked: ArticleFilter, **changed: str | int | None) -> str:
    """Returns this matrix with some of its own parameters changed (None takes one away) and the first page."""
    own = {name: visit.parameter(name) for name in ("view", "rows", "columns")}
    own.update({name: None if value is None else str(value) for name, value in changed.items()})
    return visit.url("matrix", asked.query_string(*((name, value) for name, value in own.items() if value)))


def _heads(visit: Visit, found: Matrix, asked: ArticleFilter) -> dict[str, str]:
    """Returns where each heading that has narrower concepts opens them, by id."""
    heads = {}
    for axis, headings in (("rows", found.rows), ("columns", found.columns)):
        for heading in headings:
            if heading.has_children and heading.id != visit.parameter(axis):
                heads[heading.id] = _url(visit, asked, **{axis: heading.id})
    return heads


def _pages(visit: Visit, found: Matrix, asked: ArticleFilter) -> list[dict[str, Any]]:
    """Returns the pagers of rows and columns, where there is more than one page."""
    told = []
    axes = (("row_page", found.row_count, ROWS_A_PAGE, 0), ("column_page", found.column_count, COLUMNS_A_PAGE, 1))
    numbers = {name: visit.number(name, 1, _LAST_PAGE) for name, _, _, _ in axes}
    for name, count, size, axis in axes:
        last = -(-count // size)
        if last > 1:
            kept = {other: number for other, number in numbers.items() if number > 1}
            links = {
                way: _url(visit, asked, **{**kept, name: number}) if 1 <= number <= last else None
                for way, number in (("back", numbers[name] - 1), ("on", numbers[name] + 1))
            }
            first = (numbers[name] - 1) * size + 1
            plural = FACET_OF_KIND[VIEWS[found.view][axis]].plural
            told.append({"what": plural, "first": first, "last": min(count, first + size - 1), "count": count, **links})
    return told


def _switch(visit: Visit, asked: ArticleFilter) -> tuple[str, str] | None:
    """Returns the switch for retracted articles as words and address; None where a filter decides it."""
    if asked.retracted is not None:
        return None
    words = "Leave retracted articles out" if asked.with_retracted else "Count retracted articles too"
    return words, _url(visit, replace(asked, with_retracted=not asked.with_retracted))


ROUTES = [(r"^/matrix/?$", matrix), (r"^/matrix\.json$", matrix_json), (r"^/matrix\.csv$", matrix_csv)]
