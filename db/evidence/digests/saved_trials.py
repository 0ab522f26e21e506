"""Saved searches of trials against the store: which trials come to one, and what has changed in those that it told.

Beside each trial stands the run up to which the search has told of it. What arrives is a trial that matches and has
never been told; what has changed is what later runs say, from the first state to the last. A change that takes a trial
out of the search is told with it; of a trial that has left, nothing more is told until it is back.
"""

import json
import sqlite3
from collections.abc import Collection, Mapping
from dataclasses import dataclass, replace

from db.evidence.digests.ledger import Span
from db.evidence.digests.model import Selection
from db.evidence.services.trial_changes import TrialChange, trial_changes, trials_now
from db.evidence.services.trial_list import matching_trials
from db.select.trial_filter import TrialFilter
from db.store.ledger.search_trials import (
    ToldTrial,
    put_told_trials,
    told_trials,
    trials_changed_after,
    trials_new_after,
)

_AMONG = "nct_id IN (SELECT value FROM json_each(?))"
_SINCE_TOLD = "run_id > json_extract(?, '$.' || nct_id) AND run_id <= ?"


@dataclass(frozen=True, slots=True)
class TrialNews:
    """What a search has to tell of trials, and how far it has told of each then."""

    changes: tuple[TrialChange, ...]
    told: Mapping[str, ToldTrial]


def hold_trials(
    conn: sqlite3.Connection, selection: Selection, chosen: TrialFilter, begins: int, before: Selection | None
) -> None:
    """Lets what a search holds from before its beginning count as told; what waited under `before` still waits.

    The caller's transaction.
    """
    told = told_trials(conn, selection.name)
    matched = matching_trials(conn, chosen, selection.today)
    earlier = before.trials if before else None
    waits = matching_trials(conn, earlier, selection.today) - told.keys() if earlier is not None else frozenset()
    known = matched - told.keys() - trials_new_after(conn, begins) - waits
    held = {nct_id: ToldTrial(begins, True) for nct_id in known}
    for nct_id, one in told.items():
        if nct_id in matched and not (one.inside and earlier is not None):
            held[nct_id] = ToldTrial(max(one.run_id, begins), True)
        elif nct_id not in matched:
            held[nct_id] = replace(one, inside=False)
    put_told_trials(conn, selection.name, held)


def trial_news(conn: sqlite3.Connection, selection: Selection, chosen: TrialFilter, span: Span, at: str) -> TrialNews:
    """Returns what a search has to tell of trials; `at` is the moment (UTC) of what has no moment of its own.

    What a run that is still at work has changed waits until it has ended.
    """
    told = told_trials(conn, selection.name)
    matched = matching_trials(conn, chosen, selection.today)
    at_work = trials_changed_after(conn, span.last)
    arrived = matched - told.keys() - at_work
    followed = {nct_id: one for nct_id, one in told.items() if one.inside or nct_id in matched}
    since = json.dumps({nct_id: one.run_id for nct_id, one in followed.items()})
    changes = [
        *_arrivals(conn, arrived, span, at),
        *trial_changes(conn, _SINCE_TOLD, [since, span.last]),
    ]
    now = {nct_id: ToldTrial(span.last, True) for nct_id in arrived}
    for nct_id, one in followed.items():
        now[nct_id] = ToldTrial(max(one.run_id, span.last), nct_id in matched or nct_id in at_work)
    return TrialNews(tuple(changes), now)


def changes_among(conn: sqlite3.Connection, numbers: Collection[str], span: Span) -> tuple[TrialChange, ...]:
    """Returns what changed in some trials."""
    where, values = span.where
    return tuple(trial_changes(conn, f"{where} AND {_AMONG}", [*values, json.dumps(sorted(numbers))]))


def _arrivals(conn: sqlite3.Connection, arrived: Collection[str], span: Span, at: str) -> list[TrialChange]:
    """Returns what is told of trials that are told for the first time: that they are new, or came into the search."""
    changes = list(changes_among(conn, arrived, span))
    new = {change.nct_id for change in changes if change.change == "new"}
    return [*trials_now(conn, set(arrived) - new, "matches", at), *changes]
