"""The matrix: interventions by outcomes, or risk factors by aetiologies; a cell opens the list behind it."""

import csv
import io
from dataclasses import replace
from typing import Any, cast

from datasette.utils.asgi import Response

from db.citations.formats.table import safe_cell
from db.evidence.effects.matrix import (
    COLUMNS_A_PAGE,
    ROWS_A_PAGE,
    VIEWS,
    Matrix,
    MatrixPage,
    View,
    read_matrix,
    together_filter,
)
from db.select.facets import FACET_OF_KIND
from db.select.filter import ArticleFilter
from db.select.sought import SOUGHT_EFFECTS
from db.select.words import describe, filter_parts
from db.site.answers import (
    class_json,
    file_answer,
    full_list_url,
    json_answer,
    json_page,
    list_url,
    read_filter,
    reliability_json,
)
from db.site.page import PageContext, page
from db.site.tabs import tabs
from db.topics import current

#: Parameters of the matrix that are no filters.
PARAMETERS = ("view", "rows", "columns", "row_page", "column_page")
_LAST_PAGE = 1000


@page
def matrix(context: PageContext) -> Response:
    """One page of the matrix."""
    found, asked, names = _read(context)
    return context.render(
        "matrix.html",
        tabs=tabs(context, asked, "matrix"),
        matrix=found,
        asked=asked,
        names=names,
        kinds=VIEWS[found.view],
        facets=FACET_OF_KIND,
        cells=[
            [_cell(context, found, row, column) for column in range(len(found.columns))]
            for row in range(len(found.rows))
        ],
        parts=[(part, _url(context, part.rest)) for part in filter_parts(asked, names)],
        described=describe(asked, names),
        views=[(name, _url(context, asked, view=name, rows=None, columns=None)) for name in VIEWS],
        heads=_heads(context, found, asked),
        pages=_pages(context, found, asked),
        switch=_switch(context, asked),
        up={axis: _url(context, asked, **{axis: None}) for axis in ("rows", "columns") if context.parameter(axis)},
        articles_url=list_url(context, asked),
        files={form: context.url(f"matrix.{form}", context.request.query_string) for form in ("csv", "json")},
    )


@json_page
def matrix_json(context: PageContext) -> Response:
    """The same page of the matrix as JSON."""
    found, _, names = _read(context)
    return json_answer(
        {
            "view": found.view,
            "filter": describe(found.chosen, names),
            "rows": [{"id": heading.id, "name": heading.name} for heading in found.rows],
            "columns": [{"id": heading.id, "name": heading.name} for heading in found.columns],
            "row_count": found.row_count,
            "column_count": found.column_count,
            "reliability": reliability_json(context),
            "cells": [_cell_json(context, found, place) for place in sorted(found.cells)],
        }
    )


@page
def matrix_csv(context: PageContext) -> Response:
    """The same page of the matrix as CSV, one line a cell."""
    found, _, _ = _read(context)
    written = io.StringIO()
    writer = csv.writer(written)
    counted = ["primary studies", "patients", "reviews", "articles with a finding", "designs", "articles naming both"]
    writer.writerow([*VIEWS[found.view], "comparator", "articles", *SOUGHT_EFFECTS, *counted])
    for row, row_heading in enumerate(found.rows):
        for column, column_heading in enumerate(found.columns):
            cell = found.cells.get((row, column))
            names = [safe_cell(row_heading.name), safe_cell(column_heading.name)]
            balance = cell.balance if cell else None
            designs = "; ".join(f"{number} {design}" for design, number in balance.designs) if balance else ""
            ends = [cell.total if cell else 0, designs, cell.together if cell else 0]
            for entry in balance.classes if balance else ():
                numbers = [entry.articles, *(entry.number(effect) for effect in SOUGHT_EFFECTS)]
                more = [entry.primary.articles, entry.primary.patients, entry.reviews.articles]
                writer.writerow([*names, entry.comparator_class or "", *numbers, *more, *ends])
            if not balance:
                writer.writerow([*names, "", *[0] * (4 + len(SOUGHT_EFFECTS)), *ends])
    return file_answer(written.getvalue(), "text/csv; charset=utf-8", f"{current().id}-matrix-{found.view}.csv")


def _read(context: PageContext) -> tuple[Matrix, ArticleFilter, dict[str, str]]:
    asked, names = read_filter(context, PARAMETERS)
    asked = asked.without_finding()
    view = cast(View, context.parameter("view") or "effects")
    pages = context.number("row_page", 1, _LAST_PAGE), context.number("column_page", 1, _LAST_PAGE)
    wanted = MatrixPage(view, context.parameter("rows"), context.parameter("columns"), *pages)
    found = read_matrix(context.conn, context.index, asked, wanted)
    return found, asked, names


def _cell(context: PageContext, found: Matrix, row: int, column: int) -> dict[str, Any] | None:
    cell = found.cells.get((row, column))
    if cell is None:
        return None
    names = found.rows[row].id, found.columns[column].id
    chosen = cell.balance.total.chosen if cell.balance else together_filter(found, *names)
    return {"cell": cell, "href": list_url(context, chosen)}


def _cell_json(context: PageContext, found: Matrix, place: tuple[int, int]) -> dict[str, Any]:
    cell = found.cells[place]
    row, column = found.rows[place[0]].id, found.columns[place[1]].id
    listed = cell.balance.total.chosen if cell.balance else together_filter(found, row, column)
    return {
        "row": row,
        "column": column,
        "articles": cell.total,
        "by_comparator": [class_json(context, entry) for entry in cell.balance.classes] if cell.balance else [],
        "designs": dict(cell.balance.designs) if cell.balance else {},
        "naming_both": cell.together,
        "list": full_list_url(context, listed),
    }


def _url(context: PageContext, asked: ArticleFilter, **changed: str | int | None) -> str:
    """Returns this matrix with some of its own parameters changed (None takes one away) and the first page."""
    own = {name: context.parameter(name) for name in ("view", "rows", "columns")}
    own.update({name: None if value is None else str(value) for name, value in changed.items()})
    return context.url("matrix", asked.query_string(*((name, value) for name, value in own.items() if value)))


def _heads(context: PageContext, found: Matrix, asked: ArticleFilter) -> dict[str, str]:
    """Returns where each heading that has narrower concepts opens them, by id."""
    heads = {}
    for axis, headings in (("rows", found.rows), ("columns", found.columns)):
        for heading in headings:
            if heading.has_children and heading.id != context.parameter(axis):
                heads[heading.id] = _url(context, asked, **{axis: heading.id})
    return heads


def _pages(context: PageContext, found: Matrix, asked: ArticleFilter) -> list[dict[str, Any]]:
    """Returns the pagers of rows and columns, where there is more than one page."""
    told = []
    axes = (("row_page", found.row_count, ROWS_A_PAGE, 0), ("column_page", found.column_count, COLUMNS_A_PAGE, 1))
    numbers = {name: context.number(name, 1, _LAST_PAGE) for name, _, _, _ in axes}
    for name, count, size, axis in axes:
        last = -(-count // size)
        if last > 1:
            kept = {other: number for other, number in numbers.items() if number > 1}
            links = {
                way: _url(context, asked, **{**kept, name: number}) if 1 <= number <= last else None
                for way, number in (("back", numbers[name] - 1), ("on", numbers[name] + 1))
            }
            first = (numbers[name] - 1) * size + 1
            plural = FACET_OF_KIND[VIEWS[found.view][axis]].plural
            told.append({"what": plural, "first": first, "last": min(count, first + size - 1), "count": count, **links})
    return told


def _switch(context: PageContext, asked: ArticleFilter) -> tuple[str, str] | None:
    """Returns the switch for retracted articles as words and address; None where a filter decides it."""
    if asked.retracted is not None:
        return None
    words = "Leave retracted articles out" if asked.with_retracted else "Count retracted articles too"
    return words, _url(context, replace(asked, with_retracted=not asked.with_retracted))


ROUTES = [(r"^/matrix/?$", matrix), (r"^/matrix\.json$", matrix_json), (r"^/matrix\.csv$", matrix_csv)]
