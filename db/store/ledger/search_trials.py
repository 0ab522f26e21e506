"""What the store keeps of saved searches of trials: up to which run each search has told of each trial."""

import sqlite3
from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class ToldTrial:
    """How far a search has told of a trial: its changes up to a run; `inside` says whether it is in the search."""

    run_id: int
    inside: bool


def told_trials(conn: sqlite3.Connection, search: str) -> dict[str, ToldTrial]:
    """Returns the trials that a search has told or held before it began, by number; none in a file of before."""
    if not conn.execute("SELECT 1 FROM sqlite_master WHERE type = 'table' AND name = 'search_trials'").fetchone():
        return {}
    rows = conn.execute("SELECT nct_id, run_id, inside FROM search_trials WHERE search = ?", [search])
    return {nct_id: ToldTrial(run_id, bool(inside)) for nct_id, run_id, inside in rows}


def put_told_trials(conn: sqlite3.Connection, search: str, told: Mapping[str, ToldTrial]) -> None:
    """Writes how far a search has told of trials. The caller's transaction."""
    conn.executemany(
        "INSERT INTO search_trials (search, nct_id, run_id, inside) VALUES (?, ?, ?, ?) "
        "ON CONFLICT (search, nct_id) DO UPDATE SET run_id = excluded.run_id, inside = excluded.inside",
        [(search, nct_id, one.run_id, int(one.inside)) for nct_id, one in sorted(told.items())],
    )


def trials_new_after(conn: sqlite3.Connection, run: int) -> set[str]:
    """Returns the trials that came, or came back, in a later run."""
    sql = "SELECT DISTINCT nct_id FROM trial_changes WHERE run_id > ? AND change IN ('new', 'returned')"
    return {nct_id for (nct_id,) in conn.execute(sql, [run])}


def trials_changed_after(conn: sqlite3.Connection, run: int) -> set[str]:
    """Returns the trials of which a later run changed anything."""
    return {nct_id for (nct_id,) in conn.execute("SELECT DISTINCT nct_id FROM trial_changes WHERE run_id > ?", [run])}
