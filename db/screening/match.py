"""Finds the article that a row of a screening tool's file is about."""

import re
import sqlite3
import unicodedata

from db.notices import without_mark
from db.screening.read import ScreenedRow

_OUR_KEY = re.compile(r"[A-Za-z]+\d{4}-(\d{1,9})")


class Matcher:
    """Matches by PMID, else DOI, else our citation key, else the title where it is the only one of its kind."""

    def __init__(self, connection: sqlite3.Connection) -> None:
        self._connection = connection
        self._titles: dict[str, int | None] | None = None

    def find(self, row: ScreenedRow) -> tuple[int, str] | None:
        """Returns the PMID and how it was found, None where the store has no such article."""
        if row.pmid and self._one("SELECT pmid FROM articles WHERE pmid = ?", row.pmid):
            return row.pmid, "PMID"
        if row.doi:
            found = self._one(
                "SELECT min(pmid) FROM articles WHERE doi = ? COLLATE NOCASE HAVING count(*) = 1", row.doi
            )
            if found:
                return found, "DOI"
        key = _OUR_KEY.fullmatch(row.key or "")
        if key and (found := self._one("SELECT pmid FROM articles WHERE pmid = ?", int(key[1]))):
            return found, "key"
        by_title = self._by_title().get(folded_title(row.title)) if row.title else None
        return (by_title, "title") if by_title else None

    def _one(self, sql: str, value: int | str) -> int | None:
        found = self._connection.execute(sql, [value]).fetchone()
        return found[0] if found else None

    def _by_title(self) -> dict[str, int | None]:
        """Returns PMIDs by folded title; None for a title that several articles have ("Editorial.")."""
        if self._titles is None:
            self._titles = {}
            for pmid, title in self._connection.execute("SELECT pmid, title FROM articles"):
                folded = folded_title(title)
                self._titles[folded] = None if folded in self._titles else pmid
            self._titles.pop("", None)
        return self._titles


def folded_title(title: str) -> str:
    """Returns the letters and digits of a title in lower case, without the mark of a retraction before it."""
    plain = unicodedata.normalize("NFKD", without_mark(title.strip()))
    return "".join(char for char in plain.casefold() if char.isalnum())
