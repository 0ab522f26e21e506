"""Writes decisions as CSV that `decisions import` reads back."""

import csv
import io
from collections.abc import Iterable, Iterator

from db.citations.formats.table import safe_cell
from db.store.people.decisions import decisions
from db.store.store import Store

_COLUMNS = "pmid concept_id kind verdict who when reason source text_hash target value was title".split()


def decision_lines(store: Store) -> Iterator[str]:
    """Yields a header line and one CSV line a decision, in the order in which they were made."""
    titles = dict(
        store.db.execute("SELECT pmid, title FROM articles WHERE pmid IN (SELECT pmid FROM decisions)").fetchall()
    )
    yield _line(_COLUMNS)
    for decision in decisions(store):
        cells = [getattr(decision, column) for column in _COLUMNS[:-1]] + [titles.get(decision.pmid)]
        yield _line("" if cell is None else safe_cell(str(cell)) for cell in cells)


def _line(cells: Iterable[str]) -> str:
    buffer = io.StringIO()
    csv.writer(buffer, lineterminator="\r\n").writerow(cells)
    return buffer.getvalue()
