"""Saved searches against the store: where each begins, which articles come to it, and what it has to tell.

What arrives is found by comparing the articles that match now with those that the search has told, never by dates: so
nothing falls between two digests, whatever runs, clocks or edits did meanwhile, and nothing is told twice. Retractions
are told of every article that the search ever told, also of one that has left it since.
"""

import sqlite3
from dataclasses import dataclass

from db.evidence.digests.ledger import Span, changed_lines
from db.evidence.digests.model import ARRIVALS, Selection
from db.select.addresses.list_address import address_to_save, filter_of_address
from db.select.addresses.resolve import resolve_filter
from db.select.facets import FilterError
from db.select.filter import ArticleFilter
from db.select.words import describe
from db.store.ledger.digests import ToldLine, last_finished, told_until
from db.store.ledger.searches import (
    SearchState,
    arrived_after,
    put_state,
    put_told,
    retracted_after,
    retracted_of,
    search_state,
    tagged_of,
    told_articles,
)

#: Changes that are told of an article that the search has told before.
_FURTHER = ("notice", "cites retracted", "revised", "retagged", "cited")


@dataclass(frozen=True, slots=True)
class SearchNews:
    """What a search has to tell: lines of articles, and what is to be written as told with them (PMID: retracted)."""

    lines: tuple[ToldLine, ...]
    told: dict[int, bool]
    matching: frozenset[int]


def read_selection(conn: sqlite3.Connection, name: str, address: str) -> Selection:
    """Returns a search's articles as a filter; raises FilterError for an address that cannot be read."""
    chosen, names = resolve_filter(conn, filter_of_address(address))
    return Selection(name, chosen, describe(chosen, names))


def begin_search(conn: sqlite3.Connection, selection: Selection, at: str) -> SearchState:
    """Lets a search begin where it is new or was edited; returns where it stands. The caller's transaction.

    A new search begins where the last digest of all ended, an edited one where its own last digest did: articles that
    it holds and that came before are not told. What waited to be told before an edit still waits.
    """
    address = address_to_save(selection.chosen)
    state = search_state(conn, selection.name)
    if state is not None and state.address == address:
        return state
    told = told_articles(conn, selection.name)
    waits: set[int] = set()
    if state is None:
        begins = told_until(conn)
        state = SearchState(selection.name, address, begins, at)
    else:
        begins = _begins(conn, state)
        waits = _waiting(conn, state, set(told))
        state = SearchState(selection.name, address, state.after_run, state.began_at)
    known = matching(conn, selection.chosen) - told.keys() - arrived_after(conn, begins) - waits
    retracted = retracted_of(conn, known) - retracted_after(conn, begins)
    put_told(conn, selection.name, {pmid: pmid in retracted for pmid in known})
    put_state(conn, state)
    return state


def search_span(conn: sqlite3.Connection, state: SearchState) -> Span:
    """Returns the runs that a search's next digest tells of."""
    begins = _begins(conn, state)
    return Span("the last digest" if begins else "the beginning", begins, max(begins, last_finished(conn)))


def search_news(conn: sqlite3.Connection, selection: Selection, span: Span) -> SearchNews:
    """Returns what a search has to tell of articles."""
    told = told_articles(conn, selection.name)
    matched = matching(conn, selection.chosen)
    fresh = matched - told.keys()
    retracted = retracted_of(conn, fresh | told.keys())
    arrived = (fresh & retracted) | tagged_of(conn, fresh)
    changed = changed_lines(conn, span)
    recent = arrived_after(conn, span.after)
    lines: dict[int, ToldLine] = {}
    marks = {pmid: pmid in retracted for pmid in arrived}
    for pmid in arrived:
        line = changed.get(pmid)
        detail = dict(line.detail) if line else {}
        came = line.change if line and line.change in ARRIVALS else "new" if pmid in recent else "matches"
        lines[pmid] = ToldLine("retracted" if pmid in retracted else came, pmid, None, {**detail, "arrived": True})
    for pmid, was_retracted in told.items():
        if was_retracted != (pmid in retracted):
            detail = dict(changed[pmid].detail) if pmid in changed else {}
            detail.pop("arrived", None)  # it may have gone and come back; the search told it before
            lines[pmid] = ToldLine("reinstated" if was_retracted else "retracted", pmid, None, detail)
            marks[pmid] = not was_retracted
        elif pmid in matched and pmid in changed and changed[pmid].change in _FURTHER:
            lines[pmid] = changed[pmid]
    return SearchNews(tuple(lines.values()), marks, frozenset(matched))


def matching(conn: sqlite3.Connection, chosen: ArticleFilter) -> set[int]:
    """Returns the articles of a filter."""
    where, params = chosen.where()
    return {pmid for (pmid,) in conn.execute(f"SELECT pmid FROM articles WHERE {where}", params)}


def _begins(conn: sqlite3.Connection, state: SearchState) -> int:
    return max(state.after_run, told_until(conn, state.search))


def _waiting(conn: sqlite3.Connection, state: SearchState, told: set[int]) -> set[int]:
    """Returns the articles that waited to be told under the address of before."""
    try:
        before = read_selection(conn, state.search, state.address)
    except FilterError:  # a concept that the vocabulary has no longer
        return set()
    return matching(conn, before.chosen) - told
