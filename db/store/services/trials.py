"""Writes trials, their ties to articles and to concepts; an older entry never replaces a newer one."""

import json
from collections.abc import Callable, Iterable, Mapping
from typing import Any

from db.enriched import Trial
from db.store.store import Store

_COLUMNS = (
    "nct_id kind title official_title acronym status study_type phase enrollment enrollment_type sponsor summary "
    "start_date primary_completion_date completion_date first_posted results_posted last_update has_results "
    "why_stopped conditions keywords interventions primary_outcomes outcomes countries aliases other_ids data_date"
).split()
_LISTS = frozenset("conditions keywords interventions primary_outcomes outcomes countries aliases other_ids".split())
#: The ends of a trial whose moving is told.
END_DATES = ("completion_date", "primary_completion_date")
#: What a tagger reads of a trial, in the order in which it reads it.
READ_BY_TAGGER = ("title", "official_title", "conditions", "keywords", "interventions", "primary_outcomes", "outcomes")
_UPSERT = (
    f"INSERT INTO trials ({', '.join(_COLUMNS)}, fetched_at) VALUES ({', '.join('?' * (len(_COLUMNS) + 1))}) "
    "ON CONFLICT (nct_id) DO UPDATE SET "
    + ", ".join(f"{column} = excluded.{column}" for column in (*_COLUMNS[1:], "fetched_at"))
    + ", vanished = 0, tagger = NULL"
)


def save_trials(store: Store, run_id: int, trials: Iterable[Trial], at: str) -> dict[str, int]:
    """Writes trials with their references and what changed, told once; returns the number of each change.

    An entry with an earlier update, or the same update and earlier data, than the held one is left out. The caller's
    transaction.
    """
    counts: dict[str, int] = {}
    for trial in trials:
        held = _held(store, trial.nct_id)
        if held and _age(held["last_update"], held["data_date"]) > _age(trial.last_update, trial.data_date):
            continue
        row = _row(trial)
        if not (held and not held["vanished"] and all(held[column] == row[column] for column in _COLUMNS[:-1])):
            store.db.execute(_UPSERT, [*row.values(), at])
        _replace_references(store, trial)
        for change, detail in _changes(held, row):
            store.db.execute(
                "INSERT OR IGNORE INTO trial_changes (run_id, nct_id, change, at, detail) VALUES (?, ?, ?, ?, ?)",
                [run_id, trial.nct_id, change, at, json.dumps(detail, ensure_ascii=False) if detail else None],
            )
            counts[change] = counts.get(change, 0) + 1
    return counts


def mark_trials_vanished(store: Store, run_id: int, listed: Iterable[str], at: str) -> int:
    """Marks the trials that a whole listing no longer brings; returns how many. The caller's transaction."""
    kept = set(listed)
    gone = [row[0] for row in store.db.execute("SELECT nct_id FROM trials WHERE vanished = 0") if row[0] not in kept]
    for nct_id in gone:
        store.db.execute("UPDATE trials SET vanished = 1 WHERE nct_id = ?", [nct_id])
        store.db.execute(
            "INSERT OR IGNORE INTO trial_changes (run_id, nct_id, change, at) VALUES (?, ?, 'vanished', ?)",
            [run_id, nct_id, at],
        )
    return len(gone)


def tie_trials(store: Store) -> None:
    """Works out anew which articles and trials belong together; the caller's transaction.

    A record's databank list and the numbers in its text come from the articles, the rest from the trials' references.
    A number that is an alias leads to the trial that it stands for.
    """
    numbers: dict[str, str] = {}
    for nct_id, aliases in store.db.execute("SELECT nct_id, aliases FROM trials ORDER BY nct_id"):
        numbers.update(dict.fromkeys((aliases or "").split("; "), nct_id))
        numbers[nct_id] = nct_id
    numbers.pop("", None)
    ties: dict[tuple[str, int, str], str | None] = {}
    for pmid, number, found_in in store.db.execute(
        "SELECT pmid, number, found_in FROM registry_numbers ORDER BY pmid, position"
    ):
        nct_id = numbers.get(number.upper())
        if nct_id:
            ties[nct_id, pmid, "databank" if found_in == "databank" else "text"] = None
    sql = "SELECT nct_id, pmid, kind FROM trial_references ORDER BY kind = 'RESULT', kind = 'DERIVED'"
    for nct_id, pmid, kind in store.db.execute(sql):
        ties[nct_id, pmid, "registry"] = kind  # of several the one that says most
    rows = [(*tie, kind) for tie, kind in ties.items()]
    stored = set(store.db.execute("SELECT nct_id, pmid, source, kind FROM trial_articles"))
    if stored != set(rows):
        store.db.execute("DELETE FROM trial_articles")
        store.db.conn.executemany(
            "INSERT INTO trial_articles (nct_id, pmid, source, kind) VALUES (?, ?, ?, ?)", sorted(rows, key=repr)
        )


def tag_trials(store: Store, tagger: str, concepts_in: Callable[[str], Iterable[str]]) -> int:
    """Tags the trials that this tagger has not seen with the concepts of their entries; returns how many.

    `concepts_in` names the concepts of a text; their broader ones are added. Concepts that the store does not have are
    left out. The caller's transaction.
    """
    known = {
        row[0]: (row[1], row[2]) for row in store.db.execute("SELECT id, kind, parent_id FROM concepts ORDER BY id")
    }
    columns = ", ".join(READ_BY_TAGGER)
    stale = store.db.execute(
        f"SELECT nct_id, {columns} FROM trials WHERE tagger IS NOT ? ORDER BY nct_id", [tagger]
    ).fetchall()
    for nct_id, *texts in stale:
        direct = {concept for text in texts if text for concept in concepts_in(text) if concept in known}
        implied = {broader for concept in direct for broader in _broader(concept, known)} - direct
        store.db.execute("DELETE FROM trial_tags WHERE nct_id = ?", [nct_id])
        store.db.conn.executemany(
            "INSERT INTO trial_tags (nct_id, concept_id, kind, direct) VALUES (?, ?, ?, ?)",
            [(nct_id, concept, known[concept][0], int(concept in direct)) for concept in sorted(direct | implied)],
        )
        store.db.execute("UPDATE trials SET tagger = ? WHERE nct_id = ?", [tagger, nct_id])
    return len(stale)


def _broader(concept: str, known: Mapping[str, tuple[str, str | None]]) -> set[str]:
    found: set[str] = set()
    parent = known[concept][1]
    while parent is not None and parent in known and parent not in found:
        found.add(parent)
        parent = known[parent][1]
    return found


def _held(store: Store, nct_id: str) -> dict[str, Any] | None:
    for row in store.db.query("SELECT * FROM trials WHERE nct_id = ?", [nct_id]):
        return dict(row)
    return None


def _age(last_update: str | None, data_date: str | None) -> tuple[str, str]:
    return (last_update or "", data_date or "")


def _row(trial: Trial) -> dict[str, Any]:
    row: dict[str, Any] = {}
    for column in _COLUMNS:
        value = getattr(trial, column)
        row[column] = "; ".join(value) or None if column in _LISTS else value
    row["has_results"] = int(trial.has_results)
    return row


def _replace_references(store: Store, trial: Trial) -> None:
    store.db.execute("DELETE FROM trial_references WHERE nct_id = ?", [trial.nct_id])
    store.db.conn.executemany(
        "INSERT OR IGNORE INTO trial_references (nct_id, pmid, kind) VALUES (?, ?, ?)",
        [(trial.nct_id, reference.pmid, reference.kind) for reference in trial.references],
    )


def _changes(held: Mapping[str, Any] | None, row: Mapping[str, Any]) -> Iterable[tuple[str, dict[str, Any]]]:
    if held is None:
        yield "new", {"status": row["status"]}
        return
    if held["vanished"]:
        yield "returned", {}
    if held["status"] != row["status"]:
        why = {"why": row["why_stopped"]} if row["why_stopped"] else {}
        yield "status", {"from": held["status"], "to": row["status"], **why}
    if row["has_results"] and not held["has_results"]:
        yield "results posted", {}
    if moved := {name: [held[name], row[name]] for name in END_DATES if _moved(held[name], row[name])}:
        yield "dates", moved


def _moved(before: str | None, after: str | None) -> bool:
    """Says whether a date is another one: one that is known more exactly (2024-03, then 2024-03-15) is not."""
    before, after = before or "", after or ""
    if not before or not after:
        return before != after
    return not (after.startswith(before) or before.startswith(after))
