"""The list of trials under filters, with the facets that articles have: OR inside a facet, AND across facets.

There are some hundreds of trials, so the list is filtered and counted from plain rows.
"""

import sqlite3
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

from db.enriched import about_topic, measures_topic
from db.evidence.services.trials import (
    PHASES,
    STATUSES,
    TrialRow,
    all_trials,
    phase_words,
    status_words,
    unpublished_trials,
)
from db.select.addresses.resolve import resolve_concept
from db.select.facets import NOT_STATED, FilterError
from db.select.suggest import listed, nearest, shown
from db.select.trial_filter import CONCEPT_FACETS, TRIAL_FACETS, UNPUBLISHED, TrialFilter


@dataclass(frozen=True, slots=True)
class FacetValue:
    """One value of a facet: its name, how many trials have it under the other filters, whether it is chosen."""

    value: str
    name: str
    count: int
    chosen: bool


@dataclass(frozen=True, slots=True)
class TrialList:
    """The trials of a filter, and every facet with its values."""

    rows: tuple[TrialRow, ...]
    facets: Mapping[str, tuple[FacetValue, ...]]
    unpublished_count: int


def read_trial_list(conn: sqlite3.Connection, chosen: TrialFilter, today: date) -> TrialList:
    """Returns the list and the counts of a filter; the counts of a facet are taken over all filters but its own."""
    silent = {row.nct_id for row in unpublished_trials(conn, today)}
    held = _values(conn)
    everything = all_trials(conn)

    def fits(row: TrialRow, without: str | None = None) -> bool:
        mine = held[row.nct_id]
        asked = (name for name in TRIAL_FACETS if name != without and chosen.values(name))
        return all(chosen.values(name) & mine[name] for name in asked)

    base = [row for row in everything if not chosen.unpublished or row.nct_id in silent]
    names = dict(conn.execute("SELECT id, name FROM concepts").fetchall())
    facets = {}
    for facet in TRIAL_FACETS:
        counts = Counter(value for row in base if fits(row, facet) for value in held[row.nct_id][facet])
        facets[facet] = _facet_values(facet, counts, chosen.values(facet), names)
    rows = tuple(row for row in base if fits(row))
    return TrialList(rows, facets, sum(fits(row) for row in everything if row.nct_id in silent))


def matching_trials(conn: sqlite3.Connection, chosen: TrialFilter, today: date) -> frozenset[str]:
    """Returns the numbers of the trials of a filter; `today` says how long ago a completion is."""
    wanted = {name: chosen.values(name) for name in TRIAL_FACETS if chosen.values(name)}
    silent = {row.nct_id for row in unpublished_trials(conn, today)} if chosen.unpublished else None
    return frozenset(
        nct_id
        for nct_id, mine in _values(conn).items()
        if (silent is None or nct_id in silent) and all(values & mine[name] for name, values in wanted.items())
    )


def resolve_trials(conn: sqlite3.Connection, chosen: TrialFilter) -> TrialFilter:
    """Returns the filter with names turned into values; raises FilterError for a value that there cannot be."""
    return TrialFilter.from_query(
        [
            *((name, _value(conn, name, value)) for name, value in chosen.chosen),
            *([(UNPUBLISHED, "yes")] if chosen.unpublished else []),
        ]
    )


def describe_trials(conn: sqlite3.Connection, chosen: TrialFilter) -> str:
    """Returns a filter of trials as one sentence."""
    names = dict(conn.execute("SELECT id, name FROM concepts").fetchall())
    said = [
        f"{label}: {listed(sorted(value_name(name, value, names) for value in chosen.values(name)))}"
        for name, label in TRIAL_FACETS.items()
        if chosen.values(name)
    ]
    said += ["completed more than 24 months ago without results or a paper"] if chosen.unpublished else []
    return f"trials; {'; '.join(said)}" if said else "all trials"


def _value(conn: sqlite3.Connection, facet: str, value: str) -> str:
    """Returns a value of a facet as the store has it; a country that no trial has yet is taken as it is written."""
    if value == NOT_STATED:
        return value
    if facet in CONCEPT_FACETS:
        return resolve_concept(conn, CONCEPT_FACETS[facet], value)
    held = sorted({one for values in _values(conn).values() for one in values[facet]} - {NOT_STATED})
    closed = {"status": STATUSES, "kind": (about_topic(), measures_topic()), "phase": PHASES}.get(facet, ())
    known = list(dict.fromkeys([*closed, *held]))
    asked = value.casefold()
    for one in known:
        if asked in (one.casefold(), value_name(facet, one, {}).casefold()):
            return one
    if facet == "country" or (facet == "started" and value.isascii() and value.isdigit() and len(value) == 4):
        return value
    near = nearest(value, [*known, NOT_STATED])
    raise FilterError(f"there is no {TRIAL_FACETS[facet]} of trials {shown(value)}; {near}")


def value_name(facet: str, value: str, names: Mapping[str, str]) -> str:
    """Returns a value of a facet in words."""
    if value == NOT_STATED:
        return value
    if facet == "status":
        return status_words(value)
    if facet == "phase":
        return phase_words(value)
    return names.get(value, value) if facet in CONCEPT_FACETS else value


def _facet_values(
    facet: str, counts: Mapping[str, int], chosen: frozenset[str], names: Mapping[str, str]
) -> tuple[FacetValue, ...]:
    values = [
        FacetValue(value, value_name(facet, value, names), counts.get(value, 0), value in chosen)
        for value in counts.keys() | chosen
    ]
    if facet == "started":
        return tuple(sorted(values, key=lambda value: value.value, reverse=True))
    return tuple(sorted(values, key=lambda value: (-value.count, value.name)))


def _values(conn: sqlite3.Connection) -> dict[str, dict[str, frozenset[str]]]:
    """Returns the values of every facet of every trial."""
    found: dict[str, dict[str, frozenset[str]]] = {}
    sql = "SELECT nct_id, status, kind, phase, countries, start_date FROM trials WHERE vanished = 0"
    for nct_id, status, kind, phase, countries, start in conn.execute(sql):
        found[nct_id] = {
            "status": _one(status),
            "kind": _one(kind),
            "phase": _one(phase),
            "country": frozenset((countries or NOT_STATED).split("; ")),
            "started": _one(start[:4] if start else None),
            **dict.fromkeys(CONCEPT_FACETS, frozenset()),
        }
    facet_of = {kind: name for name, kind in CONCEPT_FACETS.items()}
    for nct_id, concept, kind in conn.execute("SELECT nct_id, concept_id, kind FROM trial_tags"):
        if nct_id in found and kind in facet_of:
            found[nct_id][facet_of[kind]] |= {concept}
    return found


def _one(value: str | None) -> frozenset[str]:
    return frozenset({value or NOT_STATED})
