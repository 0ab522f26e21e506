"""Which records a list holds, and in which order: the whole filter, never a page of it."""

import re
import sqlite3
import unicodedata
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from db.citations.formats.common import Format, Options, Order
from db.citations.records import CitationRecord, read_records
from db.notices import MARKED
from db.select.addresses.resolve import concept_names
from db.select.filter import ArticleFilter
from db.select.search.index import ensure_search
from db.select.words import describe
from db.sql import literals
from db.store.store import open_store

#: Sees the records of a list go by, for a progress bar.
Watch = Callable[[Iterable[CitationRecord]], Iterator[CitationRecord]]


@dataclass(frozen=True, slots=True)
class Selection:
    """The records of one list: their PMIDs in order, the filter in force and in words, and what it left out.

    `marked` counts the records that carry each kind of notice; `retracted_left_out` those that a filter without
    retracted articles has lost.
    """

    chosen: ArticleFilter
    words: str
    pmids: tuple[int, ...]
    retracted: int
    retracted_left_out: int
    marked: tuple[tuple[str, int], ...]
    missing: tuple[int, ...] = ()

    @property
    def keeps_retracted(self) -> bool:
        """Says whether retracted articles stay in the list."""
        return self.chosen.retracted is not False


def select(connection: sqlite3.Connection, chosen: ArticleFilter, order: Order = "newest") -> Selection:
    """Returns the records that a resolved filter means, newest first (then by falling PMID), or by first author."""
    if chosen.search:
        ensure_search(connection)
    condition, params = chosen.where()
    columns = "pmid, retracted" if order == "newest" else "pmid, retracted, authors, year, title"
    sql = f"SELECT {columns} FROM articles WHERE {condition} ORDER BY publication_date DESC, pmid DESC"
    rows = connection.execute(sql, params).fetchall()
    if order == "author":
        rows.sort(key=_by_author)
    return Selection(
        chosen,
        describe(chosen, concept_names(connection, chosen)),
        tuple(row[0] for row in rows),
        sum(row[1] for row in rows),
        _retracted_left_out(connection, chosen),
        tuple(_marked(connection, condition, params)),
        tuple(sorted(set(chosen.pmids or ()) - _held(connection, chosen.pmids or ()))),
    )


def write_list(
    connection: sqlite3.Connection, selection: Selection, wanted: Format, options: Options, watch: Watch = iter
) -> Iterator[str]:
    """Yields the text of the list; memory does not grow with its length; `watch` sees every record go by."""
    return wanted.write(watch(read_records(connection, selection.pmids, wanted.parts)), options)


@contextmanager
def open_for_reading(path: Path) -> Iterator[sqlite3.Connection]:
    """Opens the store so that all reads see one and the same moment of it, whoever writes meanwhile."""
    with open_store(path, create=False) as store:
        connection = store.db.conn
        connection.execute("BEGIN")
        try:
            yield connection
        finally:
            connection.rollback()


def _by_author(row: tuple[Any, ...]) -> tuple[Any, ...]:
    """Returns what an author-date bibliography sorts by: authors without accents, year, title, PMID.

    Where there are no authors the title stands in their place; its first letter counts, not "The" or a bracket.
    """
    pmid, _, authors, year, title = row
    plain_title = re.sub(r"^\W*(?:(?:an?|the)\s+)?\W*", "", _folded(title))
    return (not authors and not plain_title, _folded(authors or "") or plain_title, year or 9999, plain_title, pmid)


def _folded(text: str) -> str:
    plain = unicodedata.normalize("NFKD", text)
    return "".join(char for char in plain if not unicodedata.combining(char)).casefold()


def _retracted_left_out(connection: sqlite3.Connection, chosen: ArticleFilter) -> int:
    if chosen.retracted is not False:
        return 0
    condition, params = chosen.switched("retracted", True).where()
    found: int = connection.execute(f"SELECT count(*) FROM articles WHERE {condition}", params).fetchone()[0]
    return found


def _marked(connection: sqlite3.Connection, condition: str, params: dict[str, str | int]) -> Iterator[tuple[str, int]]:
    marks = literals(sorted(MARKED))
    sql = (
        f"SELECT kind, count(DISTINCT pmid) FROM notices WHERE kind IN ({marks}) "
        f"AND pmid IN (SELECT pmid FROM articles WHERE {condition}) GROUP BY kind ORDER BY kind"
    )
    yield from connection.execute(sql, params)


def _held(connection: sqlite3.Connection, pmids: tuple[int, ...]) -> set[int]:
    marks = ",".join(map(str, pmids))
    return {row[0] for row in connection.execute(f"SELECT pmid FROM articles WHERE pmid IN ({marks})")}
