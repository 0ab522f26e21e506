"""Says a filter in words: its removable pieces, and the whole as one sentence."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from db.select.address import show_years
from db.select.facets import FACETS, LAST_RUN, NOT_STATED, Facet
from db.select.search import parse_search
from db.select.suggest import listed
from db.terms import Kind

if TYPE_CHECKING:
    from db.select.filter import ArticleFilter

_SWITCHES = {
    ("retracted", True): "retracted articles only",
    ("retracted", False): "without retracted articles",
    ("has_estimate", True): "with an effect estimate",
    ("has_estimate", False): "without an effect estimate",
    ("has_notice", True): "corrected, questioned or retracted",
    ("has_notice", False): "without a correction or retraction",
}


@dataclass(frozen=True, slots=True)
class Part:
    """One removable piece of a filter as a reader sees it, and the filter that is left without it."""

    label: str
    text: str
    rest: "ArticleFilter"
    kind: Kind | None = None


def filter_parts(chosen: "ArticleFilter", names: Mapping[str, str]) -> list[Part]:
    """Returns the removable pieces of a filter; `names` maps concept ids to names (ids stand in where it lacks one)."""
    parts = []
    if chosen.search.strip():
        parts.append(Part("search", chosen.search.strip(), replace(chosen, search="")))
    parts += _choices(chosen, names)
    if chosen.year_from is not None or chosen.year_to is not None:
        rest = replace(chosen, year_from=None, year_to=None)
        parts.append(Part("year", _years(chosen.year_from, chosen.year_to), rest))
    if chosen.finding_of or chosen.finding_on or chosen.directions:
        rest = replace(chosen, finding_of=None, finding_on=None, directions=())
        parts.append(Part("finding", _finding(chosen, names), rest))
    for (name, value), text in _SWITCHES.items():
        if getattr(chosen, name) is value:
            without: dict[str, Any] = {name: None}
            parts.append(Part("show", text, replace(chosen, **without)))
    if chosen.run is not None:
        text = "in the last run" if chosen.run == LAST_RUN else f"in run {chosen.run}"
        parts.append(Part("new", text, replace(chosen, run=None)))
    if chosen.topic != "ho":
        text = "also articles not about HO" if chosen.topic == "all" else "only articles not about HO"
        parts.append(Part("show", text, replace(chosen, topic="ho")))
    if chosen.vanished:
        parts.append(Part("show", "also records that left PubMed's results", replace(chosen, vanished=False)))
    if chosen.pmids is not None:
        parts.append(Part("list", f"{len(chosen.pmids):,} PMIDs", replace(chosen, pmids=None)))
    return parts


def describe(chosen: "ArticleFilter", names: Mapping[str, str]) -> str:
    """Returns a filter as one sentence without a full stop; "all articles" for the default."""
    said = []
    if chosen.search.strip():
        said.append(f"search: {parse_search(chosen.search).understood or chosen.search.strip()}")
    for facet in FACETS.values():
        for mode, values in (
            ("any", chosen.chosen(facet.name)),
            ("all", chosen.chosen(facet.name, "all")),
            ("not", chosen.chosen(facet.name, "not")),
        ):
            if values:
                shown = sorted(_name(facet, value, names) for value in values)
                said.append(f"{facet.label}: {'not ' if mode == 'not' else ''}{listed(shown, _JOINT[mode])}")
    for part in filter_parts(chosen, names):
        if part.label in ("year", "finding", "new", "list"):
            said.append(f"{part.label}: {part.text}")
        elif part.label == "show":
            said.append(part.text)
    return "; ".join(said) or "all articles"


_JOINT = {"any": "or", "all": "and", "not": "nor"}


def _choices(chosen: "ArticleFilter", names: Mapping[str, str]) -> Iterator[Part]:
    for facet in FACETS.values():
        for value in chosen.chosen(facet.name):
            rest = chosen.without_choice(facet.name, value)
            yield Part(facet.label, _name(facet, value, names), rest, facet.kind)
        for value in chosen.chosen(facet.name, "all"):
            rest = chosen.without_choice(facet.name, value, "all")
            yield Part(f"{facet.label}, required", _name(facet, value, names), rest, facet.kind)
        for value in chosen.chosen(facet.name, "not"):
            rest = chosen.without_choice(facet.name, value, "not")
            yield Part(f"{facet.label}, excluded", _name(facet, value, names), rest, facet.kind)


def _name(facet: Facet, value: str, names: Mapping[str, str]) -> str:
    if facet.kind:
        return names.get(value, value)
    return f"{facet.label} {NOT_STATED}" if value == NOT_STATED else value


def _finding(chosen: "ArticleFilter", names: Mapping[str, str]) -> str:
    subject = names.get(chosen.finding_of, chosen.finding_of) if chosen.finding_of else "anything"
    outcome = names.get(chosen.finding_on, chosen.finding_on) if chosen.finding_on else "any outcome"
    return f"{subject} {listed(list(chosen.directions)) if chosen.directions else 'and'} {outcome}"


def _years(first: int | None, last: int | None) -> str:
    if first is not None and last is not None:
        return show_years(first, last).replace("-", "–")
    return f"since {first}" if first is not None else f"up to {last}"
