"""Reported estimates as files: every number with its study, its words and its place."""

import csv
import io
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from typing import Any

from datasette.utils.asgi import Response

from db.citations.formats.table import safe_cell
from db.evidence.effects.estimates import ReportedEstimate
from db.select.filter import ArticleFilter
from db.site.answers import full_list_url, json_answer
from db.site.page import PageContext
from db.site.plots.forest import AS_REPORTED

_COLUMNS = (
    "pmid", "study", "year", "retracted", "study_design", "evidence_level", "sample_size", "subject", "comparator",
    "comparator_class",
    "outcome", "direction", "measure", "value", "ci_low", "ci_high", "p_value", "adjusted", "sentence",
)  # fmt: skip


def estimates_csv(estimates: Sequence[ReportedEstimate]) -> str:
    """Returns estimates as CSV; text that a spreadsheet would take for a formula gets an apostrophe before it."""
    written = io.StringIO()
    writer = csv.writer(written)
    writer.writerow(_COLUMNS)
    for estimate in estimates:
        writer.writerow([csv_value(getattr(estimate, column)) for column in _COLUMNS])
    return written.getvalue()


def csv_value(value: object) -> object:
    """Returns a value for CSV: booleans as yes and no, nothing for None, text as no spreadsheet takes for a formula."""
    if value is None or isinstance(value, bool):
        return {None: "", True: "yes", False: "no"}[value]
    return safe_cell(value) if isinstance(value, str) else value


def estimates_json(
    context: PageContext,
    name: str,
    estimates: Sequence[ReportedEstimate],
    behind: ArticleFilter | None,
    paging: Mapping[str, Any],
) -> Response:
    """Returns one page of estimates as JSON with the address of all their articles' list."""
    site = context.absolute("")
    rows: list[dict[str, Any]] = [
        {**asdict(estimate), "study": estimate.study, "article": f"{site}articles/{estimate.pmid}"}
        for estimate in estimates
    ]
    listed = full_list_url(context, behind) if behind else None
    return json_answer({"title": f"{name}, {AS_REPORTED}", "list": listed, "rows": rows, **paging})
