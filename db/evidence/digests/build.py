"""Makes digests: of the whole store, of a saved search, and anew of one that was written; writes down what was told."""

import json
import sqlite3
from collections.abc import Collection, Sequence
from dataclasses import replace

from db.evidence.digests.ledger import Span, changed_lines, span_since
from db.evidence.digests.model import ARRIVALS, Digest, Selection, packed_trial
from db.evidence.digests.saved import SearchNews, matching, search_news, search_span
from db.evidence.digests.saved_trials import changes_among, trial_news
from db.evidence.digests.shown import shown_entries, shown_trials
from db.evidence.services.trial_changes import TrialChange, trial_changes
from db.evidence.services.trial_list import matching_trials
from db.select.facets import FACETS
from db.select.filter import ArticleFilter
from db.select.search.search import terms
from db.store.ledger.digests import ToldLine, WrittenDigest, record_digest, written_lines
from db.store.ledger.search_trials import put_told_trials
from db.store.ledger.searches import SearchState, put_told
from db.store.people.verdicts import Standing, to_review
from db.store.store import Store

_OF_TRIAL = "nct_id IN (SELECT nct_id FROM trial_articles WHERE pmid IN (SELECT value FROM json_each(?)))"


def make_digest(store: Store, since: str | None, selection: Selection | None = None) -> Digest:
    """Compares the store now with what it was.

    `since` is a run's number (its own changes are not counted), or a day (YYYY-MM-DD, UTC, counted); None means the
    last digest that was written, whatever ran since: nothing falls between two digests. `selection` keeps what is
    of a search alone (for what a search has not told yet see `search_digest`). Raises DigestError.
    """
    conn = store.db.conn
    span = span_since(conn, since)
    lines = list(changed_lines(conn, span).values())
    reviews = tuple(to_review(store))
    if selection is not None:
        lines, reviews, trials = _within(conn, selection, span, lines, reviews)
    else:
        trials = tuple(trial_changes(conn, *span.where))
    return replace(_digest(conn, span, lines, trials, selection), reviews=reviews)


def search_digest(conn: sqlite3.Connection, selection: Selection, state: SearchState) -> tuple[Digest, SearchNews]:
    """Returns what a search has not told yet, and what is to be written with it (see `write_search_digest`)."""
    span = search_span(conn, state)
    if selection.trials is not None:
        trial = trial_news(conn, selection, selection.trials, span, _ended(conn, span))
        return _digest(conn, span, (), trial.changes, selection), SearchNews(told_trials=trial.told)
    chosen = selection.articles or ArticleFilter()
    news = search_news(conn, selection.name, chosen, span)
    trials = _trials(conn, span, chosen, news.matching)
    return _digest(conn, span, news.lines, trials, selection), news


def written_digest(conn: sqlite3.Connection, written: WrittenDigest, selection: Selection | None) -> Digest:
    """Returns a digest that was written, its articles as they stand now."""
    lines = written_lines(conn, written.id)
    entries = shown_entries(conn, lines, selection.articles if selection else None, ordered=True)
    words = f"run {written.after_run}" if written.after_run else "the beginning"
    trials = shown_trials(conn, lines)
    return Digest(words, written.last_run, entries, (), trials, written.after_run, selection, (), written.written_at)


def write_digest(conn: sqlite3.Connection, digest: Digest, at: str | None = None) -> int:
    """Writes down that a digest was told, so that the next one begins where it ends; returns its number.

    The caller's transaction. With a search's digest `write_search_digest` is meant.
    """
    name = digest.search.name if digest.search else None
    return record_digest(conn, digest.after_run, digest.last_run, len(digest.entries), name, digest.lines, at)


def write_search_digest(conn: sqlite3.Connection, digest: Digest, news: SearchNews, at: str | None = None) -> int:
    """Writes down that a search's digest was told, with what counts as told; returns its number.

    The caller's transaction, the one in which the digest was made.
    """
    if digest.search is not None:
        put_told(conn, digest.search.name, news.told)
        put_told_trials(conn, digest.search.name, news.told_trials)
    return write_digest(conn, digest, at)


def arrivals(digest: Digest) -> int:
    """Returns how many articles a digest tells for the first time."""
    return sum(entry.arrived or entry.change in ARRIVALS for entry in digest.entries)


def _digest(
    conn: sqlite3.Connection,
    span: Span,
    lines: Sequence[ToldLine],
    trials: tuple[TrialChange, ...],
    selection: Selection | None,
) -> Digest:
    entries = shown_entries(conn, lines, selection.articles if selection else None)
    by_pmid = {line.pmid: line for line in lines}
    kept = (*(by_pmid[entry.pmid] for entry in entries), *map(packed_trial, trials))
    return Digest(span.words, span.last, entries, (), trials, span.after, selection, kept, _ended(conn, span))


def _ended(conn: sqlite3.Connection, span: Span) -> str:
    """Returns when the last run of a span ended (UTC); empty where there is none."""
    sql = "SELECT coalesce(finished_at, started_at) FROM runs WHERE id = ?"
    ended = conn.execute(sql, [span.last]).fetchone()
    return str(ended[0]) if ended else ""


def _within(
    conn: sqlite3.Connection,
    selection: Selection,
    span: Span,
    lines: Sequence[ToldLine],
    reviews: Sequence[Standing],
) -> tuple[list[ToldLine], tuple[Standing, ...], tuple[TrialChange, ...]]:
    """Returns what of a digest of all belongs to a search as it stands now: articles, decisions, changes of trials."""
    if selection.trials is not None:
        numbers = matching_trials(conn, selection.trials, selection.today)
        return [], (), changes_among(conn, numbers, span)
    chosen = selection.articles or ArticleFilter()
    matched = matching(conn, chosen)
    kept = tuple(standing for standing in reviews if standing.pmid in matched)
    return [line for line in lines if line.pmid in matched], kept, _trials(conn, span, chosen, matched)


def _trials(
    conn: sqlite3.Connection, span: Span, chosen: ArticleFilter, matched: Collection[int]
) -> tuple[TrialChange, ...]:
    """Returns the changes of the trials that concern a search: tied to one of its articles, or with its concepts.

    A trial has a search's concepts where it is tagged with one of each facet's that are chosen, with all that are
    required, and with none that is excluded; words of a search count where all are read as concepts. A search without
    any concept has only the trials of its articles.
    """
    where, values = span.where
    concerned = [_OF_TRIAL]
    params: list[str] = [json.dumps(sorted(matched))]
    tagged, concepts = _tagged(chosen)
    if tagged:
        concerned.append(tagged)
        params += concepts
    if not chosen:
        return tuple(trial_changes(conn, where, values))
    return tuple(trial_changes(conn, f"{where} AND ({' OR '.join(concerned)})", [*values, *params]))


def _tagged(chosen: ArticleFilter) -> tuple[str, list[str]]:
    """Returns the condition that a trial has the concepts of a filter, and its values; empty where it has none."""
    groups: list[Sequence[str]] = [chosen.chosen(facet.name) for facet in FACETS.values() if facet.kind]
    wanted = [group for group in groups if group] + [[choice.value] for choice in chosen.all_of]
    wanted += [[concept] for concept in (chosen.finding.of, chosen.finding.on) if concept]
    searched = [[c for term in terms(node) for c in term.concepts] for node in chosen.search.required]
    wanted += searched
    excluded = [choice.value for choice in chosen.none_of if FACETS[choice.facet].kind]
    if not wanted or not all(searched):
        return "", []
    has = "nct_id IN (SELECT nct_id FROM trial_tags WHERE concept_id IN (SELECT value FROM json_each(?)))"
    conditions = [has] * len(wanted) + [f"NOT {has}"] * bool(excluded)
    return f"({' AND '.join(conditions)})", [
        json.dumps(list(group)) for group in [*wanted, *([excluded] * bool(excluded))]
    ]
