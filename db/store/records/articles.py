"""Reads articles back from a store or a published file: the same `Article` that the harvest wrote."""

import sqlite3
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from db.model import Article, Author
from db.sql import dict_rows, placeholders
from db.store.records.article_rows import PARTS, ROLES, article_of

_ARTICLES_A_READ = 200
#: Every part of an article.
ALL_PARTS: frozenset[str] = frozenset(PARTS)


def read_articles(
    conn: sqlite3.Connection, pmids: Sequence[int], parts: frozenset[str] = ALL_PARTS
) -> Iterator[Article]:
    """Yields the articles of these PMIDs in the given order, reading a few hundred at a time.

    `parts` names the tables that are read (of `article_rows.PARTS`); the fields of the others stay empty, and `xml`
    always does. A PMID that the file does not hold raises KeyError: read inside one transaction, so that nobody
    changes the articles meanwhile.
    """
    for start in range(0, len(pmids), _ARTICLES_A_READ):
        chunk = pmids[start : start + _ARTICLES_A_READ]
        sql = f"SELECT * FROM articles WHERE pmid IN ({placeholders(chunk)})"
        rows = {row["pmid"]: row for row in dict_rows(conn.execute(sql, list(chunk)))}
        values = {table: _values(conn, table, chunk) for table in PARTS if table in parts}
        for pmid in chunk:
            yield article_of(rows[pmid], _fields(values, pmid))


def _fields(values: Mapping[str, Mapping[int, list[Any]]], pmid: int) -> dict[str, Any]:
    """The fields of one article that its parts fill."""
    fields: dict[str, Any] = {}
    for table, by_pmid in values.items():
        held = by_pmid.get(pmid, ())
        if table == "contributors":
            for role, field in ROLES.items():
                fields[field] = tuple(Author(*names) for kind, *names in held if kind == role)
        elif held:
            fields[PARTS[table].field] = tuple(held)
    return fields


def _values(conn: sqlite3.Connection, table: str, pmids: Sequence[int]) -> dict[int, list[Any]]:
    part = PARTS[table]
    columns = ", ".join(part.columns.split())
    sql = f"SELECT pmid, {columns} FROM {table} WHERE pmid IN ({placeholders(pmids)}) ORDER BY pmid, position"
    found: dict[int, list[Any]] = {}
    for pmid, *row in conn.execute(sql, list(pmids)):
        found.setdefault(pmid, []).append(part.read(*row))
    return found
