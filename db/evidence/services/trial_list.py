"""The list of trials under filters, with the facets that articles have: OR inside a facet, AND across facets.

There are some hundreds of trials, so the list is filtered and counted from plain rows.
"""

import sqlite3
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from urllib.parse import urlencode

from db.evidence.services.trials import TrialRow, all_trials, phase_words, status_words, unpublished_trials
from db.select.facets import FACET_OF_KIND, NOT_STATED, FilterError
from db.select.suggest import nearest
from db.terms import Kind

#: Facets over concepts, by their parameter; the kinds that a trial's entry speaks of.
_CONCEPT_FACETS: Mapping[str, Kind] = {
    FACET_OF_KIND[kind].name: kind for kind in ("intervention", "outcome", "site", "aetiology")
}
#: All facets by their parameter, with the words that a reader sees, in the order of the page.
TRIAL_FACETS: Mapping[str, str] = {
    "status": "status",
    "kind": "kind",
    "phase": "phase",
    **{name: FACET_OF_KIND[kind].label for name, kind in _CONCEPT_FACETS.items()},
    "country": "country",
    "started": "year of start",
}
#: The parameter that keeps the trials which were completed long ago and have published nothing.
UNPUBLISHED = "unpublished"


@dataclass(frozen=True, slots=True)
class TrialFilter:
    """What is chosen: values by facet, and whether only trials without a publication are wanted."""

    chosen: tuple[tuple[str, str], ...] = ()
    unpublished: bool = False

    @classmethod
    def from_query(cls, pairs: Iterable[tuple[str, str]]) -> "TrialFilter":
        """Returns the filter of an address; raises FilterError for a parameter that there is not."""
        chosen: list[tuple[str, str]] = []
        unpublished = False
        for name, value in pairs:
            if name == UNPUBLISHED:
                unpublished = value == "yes"
            elif name not in TRIAL_FACETS:
                known = [*TRIAL_FACETS, UNPUBLISHED]
                raise FilterError(f"there is no filter of trials by that name; {nearest(name[:100], known)}")
            elif value.strip():
                chosen.append((name, value.strip()[:300]))
        return cls(tuple(sorted(set(chosen))), unpublished)

    def values(self, facet: str) -> frozenset[str]:
        """Returns what is chosen of a facet."""
        return frozenset(value for name, value in self.chosen if name == facet)

    def toggled(self, facet: str, value: str) -> "TrialFilter":
        """Returns this filter with a value more, or less where it was chosen."""
        pair = (facet, value)
        rest = tuple(sorted(set(self.chosen) ^ {pair}))
        return TrialFilter(rest, self.unpublished)

    def query_string(self) -> str:
        """Returns the address's query."""
        return urlencode([*self.chosen, *([(UNPUBLISHED, "yes")] if self.unpublished else [])])


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


def value_name(facet: str, value: str, names: Mapping[str, str]) -> str:
    """Returns a value of a facet in words."""
    if value == NOT_STATED:
        return value
    if facet == "status":
        return status_words(value)
    if facet == "phase":
        return phase_words(value)
    return names.get(value, value) if facet in _CONCEPT_FACETS else value


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
            **dict.fromkeys(_CONCEPT_FACETS, frozenset()),
        }
    facet_of = {kind: name for name, kind in _CONCEPT_FACETS.items()}
    for nct_id, concept, kind in conn.execute("SELECT nct_id, concept_id, kind FROM trial_tags"):
        if nct_id in found and kind in facet_of:
            found[nct_id][facet_of[kind]] |= {concept}
    return found


def _one(value: str | None) -> frozenset[str]:
    return frozenset({value or NOT_STATED})
