"""Seals: a hash over rows that nothing else can be checked against, written with them and compared by `check`.

An article's text and record check each other; what the tagger or a person said, and what a run counted, stand alone:
without a seal nobody could tell a flipped direction or a lost decision from a true one.
"""

import hashlib
import json
import sqlite3
from collections.abc import Callable, Iterator
from typing import Any

from db.sql import dict_rows
from db.store.schema import TAG_TABLES, TAGGER_COLUMNS

Rows = list[dict[str, Any]]
#: Which tagger it was is left out: an article that waits to be tagged anew keeps its tags.
_FACTS = tuple(column for column in TAGGER_COLUMNS if column != "tagger")


def seal(conn: sqlite3.Connection, kind: str, number: int) -> None:
    """Writes the seal of one thing as it stands now (`kind` of `KINDS`, by PMID or row id)."""
    conn.execute(
        "INSERT INTO seals (kind, number, hash) VALUES (?, ?, ?) "
        "ON CONFLICT (kind, number) DO UPDATE SET hash = excluded.hash",
        [kind, number, _hash(KINDS[kind](conn, number))],
    )


def unseal(conn: sqlite3.Connection, kind: str, number: int) -> None:
    """Takes a seal away, with what it was on."""
    conn.execute("DELETE FROM seals WHERE kind = ? AND number = ?", [kind, number])


def broken_seals(conn: sqlite3.Connection) -> Iterator[tuple[str, int]]:
    """Yields kind and number of everything that is not as it was sealed, or is gone."""
    for kind, number, sealed in conn.execute("SELECT kind, number, hash FROM seals ORDER BY kind, number").fetchall():
        if _hash(KINDS[kind](conn, number)) != sealed:
            yield kind, number


def unsealed(conn: sqlite3.Connection) -> Iterator[tuple[str, int]]:
    """Yields kind and number of what should have a seal and has none."""
    for kind, sql in _SHOULD_HAVE.items():
        for (number,) in conn.execute(f"{sql} EXCEPT SELECT number FROM seals WHERE kind = '{kind}'").fetchall():
            yield kind, number


def seal_everything(conn: sqlite3.Connection) -> None:
    """Seals all that is in a store of an older version, as it stands."""
    for kind, number in list(unsealed(conn)):
        seal(conn, kind, number)


def _tags(conn: sqlite3.Connection, pmid: int) -> Rows:
    rows = _rows(conn, f"SELECT {', '.join(_FACTS)} FROM articles WHERE pmid = ?", pmid)
    for table in TAG_TABLES:
        order = "concept_id" if table == "article_tags" else "id"
        rows += _rows(conn, f"SELECT * FROM {table} WHERE pmid = ? ORDER BY {order}", pmid)
    return rows


def _decision(conn: sqlite3.Connection, number: int) -> Rows:
    return _rows(conn, "SELECT * FROM decisions WHERE id = ?", number)


def _run(conn: sqlite3.Connection, number: int) -> Rows:
    changes = "SELECT pmid, change, at, detail FROM changes WHERE run_id = ? ORDER BY pmid, change"
    return _rows(conn, "SELECT * FROM runs WHERE id = ?", number) + _rows(conn, changes, number)


def _rows(conn: sqlite3.Connection, sql: str, number: int) -> Rows:
    """The rows by column without what is NULL: a column that a later version adds breaks no seal."""
    found = dict_rows(conn.execute(sql, [number]))
    return [{name: value for name, value in row.items() if value is not None} for row in found]


def _hash(rows: Rows) -> str:
    return hashlib.sha256(json.dumps(rows, sort_keys=True).encode()).hexdigest()[:16] if rows else ""


#: What is sealed: the tags of an article, a decision, a run that has ended.
KINDS: dict[str, Callable[[sqlite3.Connection, int], Rows]] = {"tags": _tags, "decision": _decision, "run": _run}
_SHOULD_HAVE = {
    "tags": "SELECT pmid FROM articles WHERE tagger IS NOT NULL",
    "decision": "SELECT id FROM decisions",
    "run": "SELECT id FROM runs WHERE status <> 'running'",
}
