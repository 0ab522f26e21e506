"""Which trials: the filter of a list of trials as a value, and its address."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from urllib.parse import urlencode

from db.select.address import read_values, yes_or_no
from db.select.facets import FACET_OF_KIND
from db.terms import Kind

#: Facets over concepts, by their parameter; the kinds that a trial's entry speaks of.
CONCEPT_FACETS: Mapping[str, Kind] = {
    FACET_OF_KIND[kind].name: kind for kind in ("intervention", "outcome", "site", "aetiology")
}
#: All facets by their parameter, with the words that a reader sees, in the order of the page.
TRIAL_FACETS: Mapping[str, str] = {
    "status": "status",
    "kind": "kind",
    "phase": "phase",
    **{name: FACET_OF_KIND[kind].label for name, kind in CONCEPT_FACETS.items()},
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
        """Returns the filter of an address; raises FilterError for a parameter or value that there cannot be."""
        values = read_values(pairs, [*TRIAL_FACETS, UNPUBLISHED], what="filter of trials")
        unpublished = bool(yes_or_no(values, UNPUBLISHED))
        chosen = {(name, value) for name in TRIAL_FACETS for value in values.get(name, ())}
        return cls(tuple(sorted(chosen)), unpublished)

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
