"""Counts every facet of any filter at once: which articles have which value, as one bit set a value.

SQL alone needs half a second to count three kinds of tags over a search that matches nearly everything; with bit sets
it is a few milliseconds. The bits come from the very conditions that `db.select.filter` gives to everybody else, so
that list, facets and exports cannot disagree. A index belongs to one build of the file (`db.per_build`).
"""

import sqlite3
import threading
from collections import OrderedDict
from collections.abc import Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from db.evidence.articles import concept_lines
from db.evidence.index.bits import Coded, Places, counted, flag_array
from db.evidence.index.orders import NEWEST, Orders
from db.per_build import PerBuild
from db.select.clause import Clause
from db.select.facets import FACET_OF_KIND, FACETS, NOT_STATED, Facet
from db.select.filter import ArticleFilter
from db.select.search.sql import search_clauses

_KEPT_CLAUSES = 400
#: Above this many values a facet is counted from the values, not from bit sets.
_MANY_VALUES = 200


class ArticleIndex:
    """The values of all articles of one build; bit 0 is the newest article."""

    def __init__(self, conn: sqlite3.Connection) -> None:
        rows = conn.execute(f"SELECT pmid, year FROM articles ORDER BY {NEWEST}").fetchall()
        self.pmids: list[int] = [row[0] for row in rows]
        self.places = {pmid: place for place, pmid in enumerate(self.pmids)}
        self._years_by_place: list[int | None] = [row[1] for row in rows]
        self._sets = Places(self.pmids)
        #: All concepts in the order of the vocabulary.
        self.concepts = concept_lines(conn)
        #: The same by kind and id.
        self.lines = {kind: {line.id: line for line in self.concepts if line.kind == kind} for kind in FACET_OF_KIND}
        #: The articles of each concept, narrower concepts included.
        self.tags: dict[str, int] = self._sets.grouped(conn, "concept_id", "article_tags")
        self._tags_of_kind = {
            kind: {line.id: self.tags[line.id] for line in self.concepts if line.kind == kind and line.id in self.tags}
            for kind in FACET_OF_KIND
        }
        self.years: dict[int, int] = self._sets.grouped(conn, "year", "articles WHERE year IS NOT NULL")
        self.columns = {facet.name: self._column(conn, facet) for facet in FACETS.values() if facet.column}
        self._orders = Orders(conn, self._sets)
        self._clauses: OrderedDict[tuple[object, ...], int] = OrderedDict()
        self._lock = threading.Lock()

    def count(self, conn: sqlite3.Connection, chosen: ArticleFilter) -> int:
        """Returns how many articles a filter means."""
        return self.matching(conn, chosen).bit_count()

    def matching(self, conn: sqlite3.Connection, chosen: ArticleFilter) -> int:
        """Returns the articles that a filter means, as a bit set."""
        found = self._sets.everything
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
                found[facet.name] = counted(self._tags_of_kind[facet.kind], base)
            else:
                values = self.columns[facet.name]
                found[facet.name] = values.counted(base) if isinstance(values, Coded) else counted(values, base)
        return found

    def selected(self, conn: sqlite3.Connection, sql: str, params: Mapping[str, Any]) -> int:
        """Returns the articles whose PMIDs a SELECT finds, as a bit set."""
        return self._sets.selected(conn, sql, params)

    def tag_counts(self, articles: int) -> dict[str, dict[str, int]]:
        """Returns for each kind how many articles of a bit set have each of its concepts, those without left out."""
        return {kind: counted(tags, articles) for kind, tags in self._tags_of_kind.items()}

    def year_counts(self, conn: sqlite3.Connection, chosen: ArticleFilter) -> dict[int, int]:
        """Returns the number of articles a year under all filters but the years themselves."""
        base = self.matching(conn, chosen.without_years())
        return counted(self.years, base)

    def page(self, conn: sqlite3.Connection, chosen: ArticleFilter, sort: str, limit: int, offset: int) -> list[int]:
        """Returns the PMIDs of one page of a list, in order of `sort` (one of SORTS)."""
        found = self.matching(conn, chosen)
        order: NDArray[np.intp] | None
        if sort == "relevance" and chosen.search.finds:
            order = self._orders.ranking(conn, chosen.search, self._found(conn, chosen))
        else:
            order = self._orders.sorted(conn, sort)
        flags = flag_array(found, len(self.pmids))
        places = np.flatnonzero(flags) if order is None else order[flags[order]]
        return [self.pmids[place] for place in places[offset : offset + limit].tolist()]

    def year_of(self, pmid: int) -> int | None:
        """Returns the year of an article; None where it has none."""
        return self._years_by_place[self.places[pmid]]

    def _found(self, conn: sqlite3.Connection, chosen: ArticleFilter) -> int:
        """Returns what the search of a filter finds, whatever else is chosen, as a bit set."""
        found = self._sets.everything
        for clause in search_clauses(chosen.search, "f_search").values():
            found &= self._of_clause(conn, clause)
        return found

    def _of_clause(self, conn: sqlite3.Connection, clause: Clause) -> int:
        key = (clause.sql, *clause.params.items())
        with self._lock:
            if key in self._clauses:
                self._clauses.move_to_end(key)
                return self._clauses[key]
        sql = clause.members or f"SELECT pmid FROM articles WHERE {clause.sql}"
        found = self._sets.selected(conn, sql, clause.params)
        if clause.members and not clause.inside:
            found ^= self._sets.everything
        with self._lock:
            self._clauses[key] = found
            if len(self._clauses) > _KEPT_CLAUSES:
                self._clauses.popitem(last=False)
        return found

    def _column(self, conn: sqlite3.Connection, facet: Facet) -> Mapping[str, int] | Coded:
        """Returns a bit set for each value; where there are many values, the value of each article instead."""
        by_value: dict[str, int] = {}
        for value, articles in self._sets.grouped(conn, facet.column or "", "articles").items():
            for part in value.split(facet.separator) if value and facet.separator else (value or NOT_STATED,):
                by_value[part] = by_value.get(part, 0) | articles
        if len(by_value) <= _MANY_VALUES or facet.separator:
            return by_value
        flags = ((value, flag_array(articles, len(self.pmids))) for value, articles in by_value.items())
        return Coded(len(self.pmids), flags)


#: The index of each build; made once a build, shared by threads.
ARTICLE_INDEX = PerBuild(ArticleIndex)
