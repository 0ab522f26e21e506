"""Counts every facet of any filter at once: which articles have which value, as one bit set a value.

SQL alone needs half a second to count three kinds of tags over a search that matches nearly everything; with bit sets
it is a few milliseconds. The bits come from the very conditions that `db.select.filter` gives to everybody else, so
that list, facets and exports cannot disagree. A index belongs to one build of the file (`db.per_build`).
"""

import json
import sqlite3
import threading
from collections import Counter, OrderedDict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import compress, groupby
from typing import Any, Final, TypeVar

from db.evidence.articles import concept_lines
from db.per_build import PerBuild
from db.select.clause import Clause
from db.select.facets import FACET_OF_KIND, FACETS, NOT_STATED, Facet
from db.select.filter import ArticleFilter
from db.select.search.index import RELEVANCE, SEARCH_TABLE
from db.select.search.search import Search
from db.select.search.sql import ranking, search_clauses
from db.sql import literals

#: How a list can be put in order; relevance needs a search.
SORTS: Final = ("relevance", "newest", "arrived", "oldest", "level", "size", "citations")
_ORDERS: Final = {
    "arrived": (
        "(SELECT max(run_id) FROM changes WHERE changes.pmid = articles.pmid AND change IN ('new', 'returned')) DESC, "
        "publication_date DESC, pmid DESC"
    ),
    "oldest": "publication_date IS NULL, publication_date, pmid",
    "level": "evidence_level IS NULL, evidence_level, publication_date DESC, pmid DESC",
    "size": "sample_size DESC, publication_date DESC, pmid DESC",
    "citations": "(SELECT citation_count FROM citations WHERE citations.pmid = articles.pmid) DESC, "
    "publication_date DESC, pmid DESC",
}
_NEWEST = "publication_date DESC, pmid DESC"
_KEPT_CLAUSES = 400
_KEPT_RANKINGS = 20
#: How much a study's design weighs in the order of relevance; other designs weigh 1.
_DESIGN_WEIGHTS: Final[Mapping[str, float]] = {
    "meta-analysis": 1.3,
    "systematic review": 1.25,
    "randomized controlled trial": 1.25,
    "guideline": 1.2,
    "non-randomized trial": 1.1,
    "case report": 0.85,
    "animal study": 0.85,
    "in vitro study": 0.85,
}
#: The score of what comes last, whatever it says.
_LAST: Final = 1e9
#: Records that only tell about another one.
_ONLY_NOTICES: Final = ("RetractionOf", "PartialRetractionOf", "ErratumFor", "ExpressionOfConcernFor")
#: Above this many values a facet is counted from the values, not from bit sets.
_MANY_VALUES = 200
_ZERO_ONE = bytes.maketrans(b"01", b"\0\1")
_TO_DIGITS = bytes.maketrans(b"\0\1", b"01")

Key = TypeVar("Key", int, str)


class ArticleIndex:
    """The values of all articles of one build; bit 0 is the newest article."""

    def __init__(self, conn: sqlite3.Connection) -> None:
        self.pmids: list[int] = [row[0] for row in _rows(conn, f"SELECT pmid FROM articles ORDER BY {_NEWEST}")]
        self.places = {pmid: place for place, pmid in enumerate(self.pmids)}
        #: All concepts in the order of the vocabulary.
        self.concepts = concept_lines(conn)
        #: The articles of each concept, narrower concepts included.
        self.tags: dict[str, int] = self._grouped(conn, "SELECT concept_id, pmid FROM article_tags ORDER BY concept_id")
        self._tags_of_kind = {
            kind: {line.id: self.tags[line.id] for line in self.concepts if line.kind == kind and line.id in self.tags}
            for kind in FACET_OF_KIND
        }
        self.years = self._grouped(conn, "SELECT year, pmid FROM articles WHERE year IS NOT NULL ORDER BY year")
        self._years_by_place: list[int | None] = [
            row[0] for row in _rows(conn, f"SELECT year FROM articles ORDER BY {_NEWEST}")
        ]
        self.columns = {facet.name: self._column(conn, facet) for facet in FACETS.values() if facet.column}
        self._orders: dict[str, list[int]] = {}
        self._clauses: OrderedDict[tuple[str, str], int] = OrderedDict()
        self._rankings: OrderedDict[Search, list[int]] = OrderedDict()
        self._weights = self._read_weights(conn)
        self._lock = threading.Lock()

    def count(self, conn: sqlite3.Connection, chosen: ArticleFilter) -> int:
        """Returns how many articles a filter means."""
        return self.matching(conn, chosen).bit_count()

    def matching(self, conn: sqlite3.Connection, chosen: ArticleFilter) -> int:
        """Returns the articles that a filter means, as a bit set."""
        found = (1 << len(self.pmids)) - 1
        for clause in chosen.clauses().values():
            found &= self._of_clause(conn, clause)
        return found

    def facet_counts(self, conn: sqlite3.Connection, chosen: ArticleFilter) -> dict[str, dict[str, int]]:
        """Returns for each facet how many articles each of its values has, values without an article left out.

        The counts of a facet are taken over all filters but that facet's own any-of list.
        """
        full = self.matching(conn, chosen)
        found: dict[str, dict[str, int]] = {}
        for facet in FACETS.values():
            narrowed = bool(chosen.chosen(facet.name))
            base = self.matching(conn, chosen.without_facet(facet.name)) if narrowed else full
            if facet.kind:
                found[facet.name] = _counted(self._tags_of_kind[facet.kind], base)
            else:
                found[facet.name] = self._column_counts(self.columns[facet.name], base)
        return found

    def year_counts(self, conn: sqlite3.Connection, chosen: ArticleFilter) -> dict[int, int]:
        """Returns the number of articles a year under all filters but the years themselves."""
        base = self.matching(conn, chosen.without_years())
        return _counted(self.years, base)

    def page(self, conn: sqlite3.Connection, chosen: ArticleFilter, sort: str, limit: int, offset: int) -> list[int]:
        """Returns the PMIDs of one page of a list, in order of `sort` (one of SORTS)."""
        ranked = sort == "relevance" and chosen.search.finds
        order = self._ranking(conn, chosen.search) if ranked else self._order(conn, sort)
        found = self.matching(conn, chosen)
        if order is None:
            return [self.pmids[place] for place in _places(found, limit, offset)]
        flags = self._flags(found)
        pages = (place for place in order if flags[place])
        return [
            self.pmids[place] for number, place in zip(range(offset + limit), pages, strict=False) if number >= offset
        ]

    def year_of(self, pmid: int) -> int | None:
        """Returns the year of an article; None where it has none."""
        return self._years_by_place[self.places[pmid]]

    def _of_clause(self, conn: sqlite3.Connection, clause: Clause) -> int:
        key = (clause.sql, json.dumps(clause.params, sort_keys=True))
        with self._lock:
            if key in self._clauses:
                self._clauses.move_to_end(key)
                return self._clauses[key]
        sql = clause.members or f"SELECT pmid FROM articles WHERE {clause.sql}"
        found = self._bits(row[0] for row in _rows(conn, sql, clause.params))
        if clause.members and not clause.inside:
            found ^= (1 << len(self.pmids)) - 1
        with self._lock:
            self._clauses[key] = found
            if len(self._clauses) > _KEPT_CLAUSES:
                self._clauses.popitem(last=False)
        return found

    def _ranking(self, conn: sqlite3.Connection, search: Search) -> list[int]:
        """Returns the places of all articles that a search finds, the best first.

        How well the words fit counts with the study's design; what is retracted, and records that only tell so of
        another, come last; what has the concept but none of the words stands behind what has them.
        """
        with self._lock:
            if search in self._rankings:
                self._rankings.move_to_end(search)
                return self._rankings[search]
        found = (1 << len(self.pmids)) - 1
        for clause in search_clauses(search, "f_search").values():
            found &= self._of_clause(conn, clause)
        flags = self._flags(found)
        scores = {place: 0.0 if self._weights[place] else _LAST for place in _places(found, len(self.pmids), 0)}
        asked = ranking(search)
        if asked is not None:
            match, params = asked
            rows = _rows(
                conn, f"SELECT rowid, {RELEVANCE} FROM {SEARCH_TABLE} WHERE {SEARCH_TABLE} MATCH ({match})", params
            )
            for pmid, score in rows:
                place = self.places[pmid]
                if flags[place]:
                    scores[place] = score * self._weights[place] if self._weights[place] else _LAST + score
        order = sorted(scores, key=scores.__getitem__)
        with self._lock:
            self._rankings[search] = order
            if len(self._rankings) > _KEPT_RANKINGS:
                self._rankings.popitem(last=False)
        return order

    def _read_weights(self, conn: sqlite3.Connection) -> list[float]:
        """Returns what each article's relevance is multiplied by; 0 for what comes last whatever it says."""
        kinds = literals(_ONLY_NOTICES)
        rows = _rows(
            conn,
            "SELECT pmid, study_design, retracted OR EXISTS (SELECT 1 FROM notices WHERE notices.pmid = articles.pmid "
            f"AND kind IN ({kinds})) FROM articles",
        )
        weights = [1.0] * len(self.pmids)
        for pmid, design, last in rows:
            weights[self.places[pmid]] = 0.0 if last else _DESIGN_WEIGHTS.get(design, 1.0)
        return weights

    def _order(self, conn: sqlite3.Connection, sort: str) -> list[int] | None:
        """Returns the places of all articles in order; None for the order that the places have themselves."""
        if sort not in _ORDERS:
            return None
        if sort not in self._orders:
            rows = _rows(conn, f"SELECT pmid FROM articles ORDER BY {_ORDERS[sort]}")
            self._orders[sort] = [self.places[row[0]] for row in rows]
        return self._orders[sort]

    def _bits(self, pmids: Iterable[int]) -> int:
        return self._bits_at(map(self.places.__getitem__, pmids))

    def _bits_at(self, places: Iterable[int]) -> int:
        flags = bytearray(len(self.pmids))
        for place in places:
            flags[place] = 1
        return int(flags.translate(_TO_DIGITS)[::-1], 2) if flags else 0

    def _flags(self, bits: int) -> bytes:
        return flags_of(bits, len(self.pmids))

    def _grouped(self, conn: sqlite3.Connection, sql: str) -> dict[Any, int]:
        """Returns a bit set for each value of a query's first column; its rows come value by value."""
        return {
            value: self._bits(row[1] for row in rows)
            for value, rows in groupby(_rows(conn, sql), key=lambda row: row[0])
        }

    def _column(self, conn: sqlite3.Connection, facet: Facet) -> Mapping[str, int] | Sequence[str]:
        """Returns a bit set for each value; where there are many values, the value of each article instead."""
        column = facet.column
        by_value: dict[str, list[int]] = {}
        for value, pmid in _rows(conn, f"SELECT {column}, pmid FROM articles ORDER BY {column}"):
            for part in value.split(facet.separator) if value and facet.separator else (value or NOT_STATED,):
                by_value.setdefault(part, []).append(pmid)
        if len(by_value) <= _MANY_VALUES or facet.separator:
            return {value: self._bits(pmids) for value, pmids in by_value.items()}
        values = [NOT_STATED] * len(self.pmids)
        for value, pmids in by_value.items():
            for pmid in pmids:
                values[self.places[pmid]] = value
        return values

    def _column_counts(self, values: Mapping[str, int] | Sequence[str], base: int) -> dict[str, int]:
        if isinstance(values, Mapping):
            return _counted(values, base)
        return dict(Counter(compress(values, self._flags(base))))


def flags_of(bits: int, count: int) -> bytes:
    """Returns one byte for each of `count` articles, 1 where its bit is set."""
    return f"{bits:0{count}b}".encode()[::-1].translate(_ZERO_ONE) if count else b""


def _rows(conn: sqlite3.Connection, sql: str, params: Mapping[str, Any] | None = None) -> Iterable[tuple[Any, ...]]:
    """Returns rows as plain tuples, whatever the connection makes of them for others."""
    cursor = conn.cursor()
    cursor.row_factory = None
    return cursor.execute(sql, params or {})


def _counted(bits: Mapping[Key, int], base: int) -> dict[Key, int]:
    counts = {value: (mask & base).bit_count() for value, mask in bits.items()}
    return {value: count for value, count in counts.items() if count}


def _places(bits: int, limit: int, offset: int) -> Iterator[int]:
    """Yields the places of some set bits, the lowest first."""
    text = f"{bits:b}"[::-1]
    place = -1
    for number in range(offset + limit):
        place = text.find("1", place + 1)
        if place < 0:
            return
        if number >= offset:
            yield place


#: The index of each build; made once a build, shared by threads.
ARTICLE_INDEX = PerBuild(ArticleIndex)
