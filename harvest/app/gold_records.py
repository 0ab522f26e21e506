"""Files of records in the form of the gold: JSON lines, one record each, as `predict` and `evaluate` take them."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any, TextIO

from db.errors import TrackerError


class RecordsError(TrackerError):
    """A file of records that cannot be read as gold-form JSON lines."""


def read_records(path: Path) -> Iterator[dict[str, Any]]:
    """Yields the records of a JSON-lines file; raises RecordsError with the line that is wrong."""
    try:
        with path.open(encoding="utf-8") as file:
            yield from _records(file, path)
    except UnicodeDecodeError as error:
        raise RecordsError(f"{path}: not UTF-8 text (byte {error.start}); give a JSON-lines file of records") from error


def _records(file: TextIO, path: Path) -> Iterator[dict[str, Any]]:
    for number, line in enumerate(file, 1):
        if not line.strip():
            continue
        try:
            record = json.loads(line)
        except json.JSONDecodeError as error:
            raise RecordsError(
                f"{path}, line {number}: not JSON ({error.msg}); one record a line is expected"
            ) from error
        if not isinstance(record, dict) or not str(record.get("pmid", "")).isdigit():
            raise RecordsError(f"{path}, line {number}: no record with a PMID; see nlp/training/gold for the form")
        yield record
