"""The orders that a list can be put in: by date, level, size, citations, arrival, and by relevance to a search."""

import sqlite3
import threading
from collections import OrderedDict
from collections.abc import Mapping
from itertools import chain
from typing import Final

import numpy as np
from numpy.typing import NDArray

from db.evidence.index.bits import Places, flag_array
from db.select.search.index import RELEVANCE, SEARCH_TABLE
from db.select.search.search import Search
from db.select.search.sql import ranking
from db.sql import literals

#: How a list can be put in order; relevance needs a search.
SORTS: Final = ("relevance", "newest", "arrived", "oldest", "level", "size", "citations")
#: The order of the places themselves.
NEWEST: Final = "publication_date DESC, pmid DESC"
_SORTED_BY: Final = {
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
#: Beyond so many found, words no longer tell which article is meant: what nearly all say weighs nothing in BM25 either,
#: and scoring each takes a second for half a million.
_MOST_SCORED: Final = 100_000
#: The score of what comes last, whatever it says.
_LAST: Final = 1e9
#: Records that only tell about another one.
_ONLY_NOTICES: Final = ("RetractionOf", "PartialRetractionOf", "ErratumFor", "ExpressionOfConcernFor")


class Orders:
    """The orders of one build: places of articles, the first of a list first; kept where they were asked for."""

    def __init__(self, conn: sqlite3.Connection, places: Places) -> None:
        self._places = places
        self._sorted: dict[str, NDArray[np.intp]] = {}
        self._rankings: OrderedDict[Search, NDArray[np.intp]] = OrderedDict()
        self._weights = self._read_weights(conn)
        self._lock = threading.Lock()

    def sorted(self, conn: sqlite3.Connection, sort: str) -> NDArray[np.intp] | None:
        """Returns the places of all articles in order; None for the order that the places have themselves."""
        if sort not in _SORTED_BY:
            return None
        if sort not in self._sorted:
            rows = conn.execute(f"SELECT pmid FROM articles ORDER BY {_SORTED_BY[sort]}")
            self._sorted[sort] = self._places.of(np.fromiter((row[0] for row in rows), np.int64))
        return self._sorted[sort]

    def ranking(self, conn: sqlite3.Connection, search: Search, found: int) -> NDArray[np.intp]:
        """Returns the places of all articles that a search finds (the set `found`), the best first.

        How well the words fit counts with the study's design; what is retracted, and records that only tell so of
        another, come last; what has the concept but none of the words stands behind what has them. Of more than
        `_MOST_SCORED` found, the design alone counts, the newest first within it.
        """
        with self._lock:
            if search in self._rankings:
                self._rankings.move_to_end(search)
                return self._rankings[search]
        flags = flag_array(found, len(self._places.pmids))
        order = np.flatnonzero(flags)
        scores = self._by_design() if len(order) > _MOST_SCORED else self._by_words(conn, search)
        order = order[np.argsort(scores[order], kind="stable")]
        with self._lock:
            self._rankings[search] = order
            if len(self._rankings) > _KEPT_RANKINGS:
                self._rankings.popitem(last=False)
        return order

    def _by_design(self) -> NDArray[np.float64]:
        return np.where(self._weights > 0, -self._weights, _LAST)

    def _by_words(self, conn: sqlite3.Connection, search: Search) -> NDArray[np.float64]:
        scores = np.where(self._weights > 0, 0.0, _LAST)
        asked = ranking(search)
        if asked is not None:
            match, params = asked
            cursor = conn.cursor()
            cursor.row_factory = None
            sql = f"SELECT rowid, {RELEVANCE} FROM {SEARCH_TABLE} WHERE {SEARCH_TABLE} MATCH ({match})"
            rows = np.fromiter(chain.from_iterable(cursor.execute(sql, params)), np.float64).reshape(-1, 2)
            at = self._places.of(rows[:, 0].astype(np.int64))
            weights = self._weights[at]
            scores[at] = np.where(weights > 0, rows[:, 1] * weights, _LAST + rows[:, 1])
        return scores

    def _read_weights(self, conn: sqlite3.Connection) -> NDArray[np.float64]:
        """Returns what each article's relevance is multiplied by; 0 for what comes last whatever it says."""
        kinds = literals(_ONLY_NOTICES)
        weights = np.ones(len(self._places.pmids))
        rows = conn.execute(
            "SELECT pmid, study_design, retracted OR EXISTS (SELECT 1 FROM notices WHERE notices.pmid = articles.pmid "
            f"AND kind IN ({kinds})) FROM articles"
        ).fetchall()
        at = self._places.of(np.asarray([row[0] for row in rows], np.int64))
        weights[at] = [0.0 if last else _DESIGN_WEIGHTS.get(design, 1.0) for _, design, last in rows]
        return weights
