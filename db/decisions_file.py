"""Writes decisions as CSV that `decisions import` reads back."""

import csv
import io
import os
from collections.abc import Iterator
from pathlib import Path
from typing import BinaryIO

from db.citations.output import ExportError
from db.citations.table import safe_cell
from db.decisions import decisions
from db.store import Store

_COLUMNS = "pmid concept_id kind verdict who when reason source text_hash title".split()


def write_decisions(store: Store, path: Path | None, standard_output: BinaryIO) -> None:
    """Writes every decision to the file, whole or not at all, or to standard output; raises ExportError."""
    data = "".join(_lines(store)).encode()
    if path is None:
        standard_output.write(data)
        return
    building = path.with_name(f".{path.name}.part")
    try:
        with building.open("wb") as file:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
        os.replace(building, path)
    except OSError as error:
        building.unlink(missing_ok=True)
        raise ExportError(f"{path}: cannot be written ({error.strerror}); nothing half-written was kept") from error


def _lines(store: Store) -> Iterator[str]:
    titles = dict(
        store.db.execute("SELECT pmid, title FROM articles WHERE pmid IN (SELECT pmid FROM decisions)").fetchall()
    )
    buffer = io.StringIO()
    writer = csv.writer(buffer, lineterminator="\r\n")
    writer.writerow(_COLUMNS)
    for decision in decisions(store):
        cells = [getattr(decision, column) for column in _COLUMNS[:-1]] + [titles.get(decision.pmid)]
        writer.writerow(["" if cell is None else safe_cell(str(cell)) for cell in cells])
    yield buffer.getvalue()
