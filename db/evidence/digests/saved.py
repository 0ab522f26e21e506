"""Saved searches of articles against the store: where each begins, what comes to it, and what it has to tell.

What arrives is found by comparing the articles that match now with those that the search has told, never by dates: so
nothing falls between two digests, whatever runs, clocks or edits did meanwhile, and nothing is told twice. Retractions
are told of every article that the search ever told, also of one that has left it since.
"""

import sqlite3
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date

from db.evidence.digests.ledger import Span, changed_lines
from db.evidence.digests.model import ARRIVALS, Selection
from db.evidence.digests.saved_trials import hold_trials
from db.evidence.services.trial_list import describe_trials, matching_trials, resolve_trials
from db.select.addresses.list_address import address_to_save, filter_of_address
from db.select.addresses.resolve import resolve_filter
from db.select.facets import FilterError
from db.select.filter import ArticleFilter
from db.select.trial_filter import TrialFilter
from db.select.words import describe
from db.store.ledger.digests import ToldLine, last_finished, told_until
from db.store.ledger.search_trials import ToldTrial
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
    """What a search has to tell of articles: their lines, and which articles match.

    What is to be written as told with it: articles (PMID: retracted), and how far of each trial.
    """

    lines: tuple[ToldLine, ...] = ()
    told: Mapping[int, bool] = field(default_factory=dict)
    matching: frozenset[int] = frozenset()
    told_trials: Mapping[str, ToldTrial] = field(default_factory=dict)


def read_selection(conn: sqlite3.Connection, name: str, address: str, today: date) -> Selection:
    """Returns what a search is of as a filter; raises FilterError for an address that cannot be read."""
    asked = filter_of_address(address)
    if isinstance(asked, TrialFilter):
        trials = resolve_trials(conn, asked)
        return Selection(name, trials, describe_trials(conn, trials), today)
    chosen, names = resolve_filter(conn, asked)
    return Selection(name, chosen, describe(chosen, names), today)


def begin_search(conn: sqlite3.Connection, selection: Selection, at: str) -> SearchState:
    """Lets a search begin where it is new or was edited; returns where it stands. The caller's transaction.

    A new search begins where the last digest of all ended, an edited one where its own last digest did: what it holds
    and what came before is not told. What waited to be told before an edit still waits.
    """
    address = address_to_save(selection.chosen)
    state = search_state(conn, selection.name)
    if state is not None and state.address == address:
        return state
    if state is None:
        begins, before = told_until(conn), None
        state = SearchState(selection.name, address, begins, at)
    else:
        begins, before = _begins(conn, state), _of_before(conn, state, selection)
        state = SearchState(selection.name, address, state.after_run, state.began_at)
    if selection.trials is not None:
        hold_trials(conn, selection, selection.trials, begins, before)
    elif selection.articles is not None:
        _hold_articles(conn, selection.name, selection.articles, begins, before)
    put_state(conn, state)
    return state


def _hold_articles(
    conn: sqlite3.Connection, name: str, chosen: ArticleFilter, begins: int, before: Selection | None
) -> None:
    """Lets what a search holds from before its beginning count as told; what waited under `before` still waits."""
    told = told_articles(conn, name)
    waits = matching(conn, before.articles) - told.keys() if before and before.articles is not None else set()
    known = matching(conn, chosen) - told.keys() - arrived_after(conn, begins) - waits
    retracted = retracted_of(conn, known) - retracted_after(conn, begins)
    put_told(conn, name, {pmid: pmid in retracted for pmid in known})


def search_span(conn: sqlite3.Connection, state: SearchState) -> Span:
    """Returns the runs that a search's next digest tells of."""
    begins = _begins(conn, state)
    return Span("the last digest" if begins else "the beginning", begins, max(begins, last_finished(conn)))


def search_news(conn: sqlite3.Connection, name: str, chosen: ArticleFilter, span: Span) -> SearchNews:
    """Returns what a search has to tell of articles."""
    told = told_articles(conn, name)
    matched = matching(conn, chosen)
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


def held_count(conn: sqlite3.Connection, selection: Selection) -> int:
    """Returns how many articles or trials a search has now."""
    if selection.trials is not None:
        return len(matching_trials(conn, selection.trials, selection.today))
    return len(matching(conn, selection.articles or ArticleFilter()))


def _begins(conn: sqlite3.Connection, state: SearchState) -> int:
    return max(state.after_run, told_until(conn, state.search))


def _of_before(conn: sqlite3.Connection, state: SearchState, selection: Selection) -> Selection | None:
    """Returns what a search was of before it was edited; None where a concept of it is gone from the vocabulary."""
    try:
        return read_selection(conn, state.search, state.address, selection.today)
    except FilterError:
        return None
