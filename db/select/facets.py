"""What articles can be filtered by: the facets, their URL names, and where their values stand."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from operator import attrgetter
from typing import Literal

from db.errors import TrackerError
from db.terms import Kind
from db.topics import current

#: How a value is chosen: one of several (OR), required (AND), or excluded.
Mode = Literal["any", "all", "not"]
#: Which articles by what they are about: on the topic, only looking like it, or both.
Topic = Literal["about", "beside", "all"]


def topic_words() -> dict[Topic, str]:
    """Returns how an address says which articles are meant: by the topic's id (the second as "not_ID"), or all."""
    return {"about": current().id, "beside": current().beside, "all": "all"}


#: The value that stands for "the record does not say".
NOT_STATED = "not stated"
#: The run that stands for the newest one.
LAST_RUN = "last"


class FilterError(TrackerError):
    """A filter that cannot be read or that names something unknown."""


@dataclass(frozen=True, slots=True)
class Facet:
    """One thing to filter by: its URL parameter, how a reader calls it, and where its values stand.

    A facet has either a concept `kind` (values are concept ids) or a column of `articles`; where a column may hold
    several values they are joined by `separator`.
    """

    name: str
    label: str
    plural: str
    kind: Kind | None = None
    column: str | None = None
    separator: str | None = None


def _concepts(kind: Kind, plural: str, label: str | None = None) -> Facet:
    return Facet(kind.replace(" ", "_"), label or kind, plural, kind=kind)


FACETS: Mapping[str, Facet] = {
    facet.name: facet
    for facet in (
        _concepts("intervention", "interventions"),
        _concepts("risk factor", "risk factors"),
        _concepts("outcome", "outcomes"),
        _concepts("site", "sites"),
        _concepts("aetiology", "settings", "setting"),
        _concepts("diagnostic test", "diagnostic tests"),
        _concepts("mechanism", "mechanisms"),
        Facet("study_design", "study design", "study designs", column="study_design"),
        Facet("level", "evidence level", "evidence levels", column="evidence_level"),
        Facet("species", "species", "species", column="species", separator="+"),
        Facet("journal", "journal", "journals", column="journal"),
        Facet("language", "language", "languages", column="language", separator=";"),
    )
}
#: The address of the page that shows all concepts of a kind.
KIND_PATHS: Mapping[str, Kind] = {
    "interventions": "intervention",
    "risk-factors": "risk factor",
    "outcomes": "outcome",
    "sites": "site",
    "aetiologies": "aetiology",
    "diagnostic-tests": "diagnostic test",
    "mechanisms": "mechanism",
}
#: Facets over concepts, by kind.
FACET_OF_KIND: Mapping[str, Facet] = {facet.kind: facet for facet in FACETS.values() if facet.kind}


@dataclass(frozen=True, slots=True, order=True)
class Choice:
    """One chosen value of a facet; `facet` is its name, `value` a concept id or the text in the column."""

    facet: str
    value: str


_IN_ORDER = attrgetter("facet", "value")


def ordered(choices: Iterable[Choice]) -> tuple[Choice, ...]:
    """Returns choices each once, in the order that makes equal filters equal."""
    return tuple(sorted(set(choices), key=_IN_ORDER))
