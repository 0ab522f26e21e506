"""Finds the articles that the rows of a screening tool's file are about, and what was decided of each."""

import re
import sqlite3
import unicodedata
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field

from db.citations.formats.common import one_line
from db.notices import without_mark
from db.screening.read import ScreenedRow

_OUR_KEY = re.compile(r"[A-Za-z]+\d{4}-(\d{1,9})")


@dataclass(slots=True)
class Matched:
    """A review's list as the store knows it: PMIDs by decision, each once, in the order of the list.

    `conflict` are those that some include and some exclude; `unmatched` names the records that are not held.
    """

    rows: int = 0
    included: list[int] = field(default_factory=list)
    excluded: list[int] = field(default_factory=list)
    maybe: list[int] = field(default_factory=list)
    undecided: list[int] = field(default_factory=list)
    conflict: list[int] = field(default_factory=list)
    duplicates: int = 0
    matched_by: Counter[str] = field(default_factory=Counter)
    unmatched: list[str] = field(default_factory=list)

    @property
    def pmids(self) -> list[int]:
        """All that the list names and the store holds."""
        return [*self.included, *self.excluded, *self.maybe, *self.undecided, *self.conflict]


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


def match_rows(conn: sqlite3.Connection, rows: Iterable[ScreenedRow]) -> Matched:
    """Finds each record by PMID, else DOI, else our key, else title; people who disagree make a conflict."""
    found = Matched()
    matcher = Matcher(conn)
    verdicts: dict[int, set[str]] = {}
    for row in rows:
        found.rows += 1
        match = matcher.find(row)
        if match is None:
            ids = (f"PMID {row.pmid}" if row.pmid else "", f"DOI {row.doi}" if row.doi else "", row.title or "")
            named = one_line("; ".join(filter(None, ids)))[:160] or "no PMID, DOI or title"
            found.unmatched.append(f"record {row.number}: {named}")
            continue
        pmid, how = match
        found.duplicates += pmid in verdicts
        found.matched_by[how] += pmid not in verdicts
        verdicts.setdefault(pmid, set()).update(one.verdict for one in row.verdicts if one.concept_id is None)
    groups = {"include": found.included, "exclude": found.excluded, "maybe": found.maybe}
    for pmid, said in verdicts.items():
        if {"include", "exclude"} <= said:
            found.conflict.append(pmid)
        else:
            group = next((groups[verdict] for verdict in groups if verdict in said), found.undecided)
            group.append(pmid)
    return found


def folded_title(title: str) -> str:
    """Returns the letters and digits of a title in lower case, without the mark of a retraction before it."""
    plain = unicodedata.normalize("NFKD", without_mark(title.strip()))
    return "".join(char for char in plain.casefold() if char.isalnum())
