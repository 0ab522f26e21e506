"""Whether a served file has the tables and columns that this version of the pages reads."""

import sqlite3
from functools import cache

from sqlite_utils import Database

from db.errors import TrackerError
from db.evidence.summaries import build_summaries
from db.per_build import PerBuild
from db.select.search.index import SEARCH_TABLE, build_search
from db.sql import literals
from db.store.schema import PUBLIC_TABLES, migrate

#: What a published file has beside the store's tables.
_ADDED = ("verdicts", "similar", "vectors", "vector_terms", SEARCH_TABLE)


class OlderFileError(TrackerError):
    """A file that an older version published: pages of this one cannot be made from it."""


def check_layout(conn: sqlite3.Connection) -> None:
    """Raises OlderFileError where a file lacks what this version reads; looked at once a build.

    The connection is inside a transaction that sees one build. What a file has beside that is left alone.
    """
    if lacking := _LACKING.of(conn):
        raise OlderFileError(
            f"This site was published by an older version of ho-tracker: its file has no {lacking[0]}"
            f"{f' and lacks {len(lacking) - 1} more' if len(lacking) > 1 else ''}. Whoever runs it should run: "
            "ho-tracker publish"
        )


def _lacking(conn: sqlite3.Connection) -> tuple[str, ...]:
    """Returns the tables, else the columns as `table.column`, that a file lacks, in order."""
    held, expected = _columns(conn), _expected()
    tables = {table for table, _ in held}
    return tuple(sorted({table if table not in tables else f"{table}.{column}" for table, column in expected - held}))


_LACKING = PerBuild(_lacking)


@cache
def _expected() -> frozenset[tuple[str, str]]:
    """Returns the tables and columns of a file without articles, as this version publishes it."""
    db = Database(memory=True)
    migrate(db, ":memory:")
    build_search(db.conn)
    build_summaries(db)
    found = _columns(db.conn)
    db.close()
    return found


def _columns(conn: sqlite3.Connection) -> frozenset[tuple[str, str]]:
    sql = (
        "SELECT tables.name, columns.name FROM sqlite_schema AS tables JOIN pragma_table_info(tables.name) AS columns "
        f"WHERE tables.type = 'table' AND tables.name IN ({literals((*PUBLIC_TABLES, *_ADDED))})"
    )
    return frozenset((table, column) for table, column in conn.execute(sql))
