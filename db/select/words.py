"""Says a filter in words: its removable pieces, and the whole as one sentence."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace

from db.select.address import show_years
from db.select.facets import FACETS, LAST_RUN, NOT_STATED, Facet, Mode
from db.select.filter import ArticleFilter
from db.select.search.search import Search
from db.select.sought import CONFLICT, SoughtFinding
from db.select.suggest import listed
from db.select.switches import SWITCHES
from db.terms import Kind
from db.topics import current

#: How the values of a facet are joined, and what a removable piece of each mode adds to the facet's name.
_JOINTS: Mapping[Mode, tuple[str, str]] = {
    "any": ("or", ""),
    "all": ("and", ", required"),
    "not": ("nor", ", excluded"),
}
#: How a class of comparators is said after what was compared.
_AGAINST = {
    "none or placebo": "against nothing or placebo",
    "active": "against another treatment",
    "dose or timing": "in another dose or at another time",
    "before": "against before",
    "not read": "against what was not read",
}


@dataclass(frozen=True, slots=True)
class Part:
    """One removable piece of a filter as a reader sees it, and the filter that is left without it."""

    label: str
    text: str
    rest: ArticleFilter
    kind: Kind | None = None


def filter_parts(chosen: ArticleFilter, names: Mapping[str, str] | None = None) -> list[Part]:
    """Returns the removable pieces of a filter; `names` maps concept ids to names (ids stand in where it lacks one)."""
    names = names or {}
    parts = [Part("search", chosen.search.text, replace(chosen, search=Search()))] if chosen.search else []
    parts += _choices(chosen, names)
    if chosen.year_from is not None or chosen.year_to is not None:
        parts.append(Part("year", _years(chosen.year_from, chosen.year_to), chosen.without_years()))
    if chosen.finding:
        parts.append(Part("finding", finding_words(chosen.finding, names), chosen.without_finding()))
    parts += [Part("show", SWITCHES[name].words(value), chosen.switched(name, None)) for name, value in chosen.switches]
    if chosen.run is not None:
        text = "in the last run" if chosen.run == LAST_RUN else f"in run {chosen.run}"
        parts.append(Part("new", text, replace(chosen, run=None)))
    if chosen.topic != "about":
        text = f"{'also' if chosen.topic == 'all' else 'only'} articles not about {current().short_name}"
        parts.append(Part("show", text, replace(chosen, topic="about")))
    if chosen.vanished:
        parts.append(Part("show", "also records that left PubMed's results", replace(chosen, vanished=False)))
    if chosen.with_retracted:
        text = "retracted articles counted as evidence"
        parts.append(Part("show", text, replace(chosen, with_retracted=False)))
    if chosen.as_of is not None:
        parts.append(Part("show", f"as held at the end of {chosen.as_of}", replace(chosen, as_of=None)))
    if chosen.pmids is not None:
        parts.append(Part("list", f"{len(chosen.pmids):,} PMIDs", replace(chosen, pmids=None)))
    return parts


def describe(chosen: ArticleFilter, names: Mapping[str, str] | None = None) -> str:
    """Returns a filter as one sentence without a full stop; "all articles" for the default."""
    names = names or {}
    said = [f"search: {chosen.search.understood or chosen.search.text}"] if chosen.search else []
    for facet in FACETS.values():
        for mode, (joint, _) in _JOINTS.items():
            values = chosen.chosen(facet.name, mode)
            if values:
                shown = sorted(_name(facet, value, names) for value in values)
                said.append(f"{facet.label}: {'not ' if mode == 'not' else ''}{listed(shown, joint)}")
    for part in filter_parts(chosen, names):
        if part.label in ("year", "finding", "new", "list"):
            said.append(f"{part.label}: {part.text}")
        elif part.label == "show":
            said.append(part.text)
    return "; ".join(said) or "all articles"


def finding_words(finding: SoughtFinding, names: Mapping[str, str]) -> str:
    """Returns what is sought of a finding: "aspirin decreases pain, better, against nothing or placebo"."""
    subject = names.get(finding.of, finding.of) if finding.of else "anything"
    outcome = names.get(finding.on, finding.on) if finding.on else "any outcome"
    words = [f"{subject} {listed(list(finding.directions)) if finding.directions else 'and'} {outcome}"]
    effects = ["words and figures disagree" if effect == CONFLICT else effect for effect in finding.effects]
    words += [listed(effects)] if effects else []
    words += [listed([_AGAINST[name] for name in finding.comparators])] if finding.comparators else []
    return ", ".join(words)


def _choices(chosen: ArticleFilter, names: Mapping[str, str]) -> Iterator[Part]:
    for facet in FACETS.values():
        for mode, (_, more) in _JOINTS.items():
            for value in chosen.chosen(facet.name, mode):
                rest = chosen.without_choice(facet.name, value, mode)
                yield Part(f"{facet.label}{more}", _name(facet, value, names), rest, facet.kind)


def _name(facet: Facet, value: str, names: Mapping[str, str]) -> str:
    if facet.kind:
        return names.get(value, value)
    return f"{facet.label} {NOT_STATED}" if value == NOT_STATED else value


def _years(first: int | None, last: int | None) -> str:
    if first is not None and last is not None:
        return show_years(first, last).replace("-", "–")
    return f"since {first}" if first is not None else f"up to {last}"
