"""Small pieces of SQL that every room needs: literals, placeholders, rows as dictionaries, long lists in parts."""

import sqlite3
from collections.abc import Iterable, Iterator, Sequence
from typing import Any, TypeVar

Value = TypeVar("Value")

#: SQLite takes at least 999 values a statement; half of it leaves room for others.
VALUES_A_STATEMENT = 500


def literals(values: Iterable[str]) -> str:
    """Returns words as SQL literals in a list ("'a', 'b'"); for words of our own closed lists only."""
    return ", ".join("'" + value.replace("'", "''") + "'" for value in values)


def placeholders(values: Sequence[Any]) -> str:
    """Returns as many question marks as there are values ("?,?,?")."""
    return ",".join("?" * len(values))


def dict_rows(cursor: sqlite3.Cursor) -> Iterator[dict[str, Any]]:
    """Yields a cursor's rows as dictionaries by column name."""
    names = [column[0] for column in cursor.description]
    for row in cursor:
        yield dict(zip(names, row, strict=True))


def chunks(values: Sequence[Value], size: int = VALUES_A_STATEMENT) -> Iterator[Sequence[Value]]:
    """Yields a sequence in parts that a statement can take."""
    for start in range(0, len(values), size):
        yield values[start : start + size]
