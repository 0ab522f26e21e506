"""Pictures: forest plots of reported estimates and evidence over time, each with a table twin and downloads."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any
from urllib.parse import quote, unquote

from datasette.utils.asgi import NotFound, Response
from markupsafe import Markup

from db.evidence.concepts import NoConceptError, read_concept
from db.evidence.effects.estimates import (
    Ranked,
    count_by_subject,
    count_pairs,
    list_filter,
    rank_estimates,
    read_estimates,
)
from db.select.facets import FACET_OF_KIND, FilterError
from db.select.filter import ArticleFilter
from db.select.words import filter_parts
from db.site.answers import file_answer, list_url, next_page, read_filter
from db.site.evidence_time import PERIOD_YEARS, evidence_over_time
from db.site.page import PageContext, page
from db.site.plot_files import estimates_csv, estimates_json
from db.site.plots.bars import evidence_map
from db.site.plots.forest import AS_REPORTED, forest, plotted
from db.site.tabs import tabs
from db.topics import current

#: Estimates drawn on one page; the files hold all.
ESTIMATES_A_PAGE = 60
ALL = "all"
_DOORS = 24
#: Parameters of a plot that are no filters.
PARAMETERS = ("page",)
#: What names the pair that a plot is of, and so is no filter here.
_PAIR = ("intervention", "outcome")
_TIME_KINDS = ("intervention", "risk factor", "outcome", "aetiology")
_JSON_SIZE, _JSON_LARGEST, _LAST = 100, 1000, 10_000_000
_SVG = "image/svg+xml; charset=utf-8"


@dataclass(frozen=True, slots=True)
class Asked:
    """What a forest plot is of: its address, name, the kind that colours it, its estimates and their list."""

    path: str
    own: list[tuple[str, str]]
    name: str
    kind: str
    chosen: ArticleFilter
    names: dict[str, str]
    ranked: list[Ranked]
    behind: ArticleFilter | None
    number: int

    @property
    def page(self) -> Sequence[Ranked]:
        """The estimates of this page."""
        return self.ranked[(self.number - 1) * ESTIMATES_A_PAGE : self.number * ESTIMATES_A_PAGE]

    @property
    def pages(self) -> int:
        """How many pages there are."""
        return max(1, -(-len(self.ranked) // ESTIMATES_A_PAGE))


@page
def plots(context: PageContext) -> Response:
    """The door to all pictures: risk factors and pairs with most estimates."""
    return context.render(
        "plots.html",
        factors=count_by_subject(context.conn, "risk factor", _DOORS),
        pairs=count_pairs(context.conn, _DOORS),
        kinds=[(kind, FACET_OF_KIND[kind]) for kind in _TIME_KINDS],
    )


@page
def risk(context: PageContext) -> Response:
    """A forest plot of one risk factor, or of all."""
    return _page(context, _risk(context))


@page
def effect(context: PageContext) -> Response:
    """A forest plot of an intervention, an outcome, or a pair of them."""
    return _page(context, _effect(context))


@page
def risk_file(context: PageContext) -> Response:
    """A risk factor's plot or numbers as a file."""
    return _file(context, _risk(context), context.variables["form"])


@page
def effect_file(context: PageContext) -> Response:
    """A pair's plot or numbers as a file."""
    return _file(context, _effect(context), context.variables["form"])


@page
def time(context: PageContext) -> Response:
    """The evidence map over time of one kind."""
    chosen, names = read_filter(context, ("kind",))
    kind, rows, periods = _time(context, chosen)
    name = f"{FACET_OF_KIND[kind].plural} over time"
    own = [("kind", kind)]
    return context.render(
        "plot_time.html",
        tabs=tabs(context, chosen, "time"),
        kind=kind,
        facet=FACET_OF_KIND[kind],
        name=name,
        asked=chosen,
        parts=[(part, context.url("plots/time", part.rest.query_string(*own))) for part in filter_parts(chosen, names)],
        articles_url=list_url(context, chosen),
        rows=rows,
        periods=periods,
        step=PERIOD_YEARS,
        picture=Markup(evidence_map(rows, periods, name, kind)),  # noqa: S704 - escaped where it is built
        kinds=[(other, context.url("plots/time", chosen.query_string(("kind", other)))) for other in _TIME_KINDS],
        svg_url=context.url("plots/time.svg", context.request.query_string),
    )


@page
def time_file(context: PageContext) -> Response:
    """The evidence map over time as an SVG file."""
    chosen, _ = read_filter(context, ("kind",))
    kind, rows, periods = _time(context, chosen)
    unlinked = [(label, link, [replace(bubble, link="") for bubble in bubbles]) for label, link, bubbles in rows]
    picture = evidence_map(unlinked, periods, f"{FACET_OF_KIND[kind].plural} over time", kind)
    return file_answer(picture, _SVG, f"{current().id}-{kind.replace(' ', '-')}-over-time.svg")


def _time(context: PageContext, chosen: ArticleFilter) -> tuple[str, list[tuple[str, str, Any]], list[str]]:
    kind = context.parameter("kind") or "intervention"
    if kind not in FACET_OF_KIND:
        raise FilterError(f"there is no such kind; it is one of {', '.join(FACET_OF_KIND)}")
    rows, periods = evidence_over_time(context, chosen, kind)
    return kind, rows, periods


def _risk(context: PageContext) -> Asked:
    chosen, names = read_filter(context, PARAMETERS)
    identifier = unquote(context.variables["id"])
    if identifier == ALL:
        ranked = _ranked(context, chosen, kind="risk factor")
        return _asked(context, f"plots/risk/{ALL}", "all risk factors", "risk factor", chosen, names, ranked)
    try:
        concept = read_concept(context.conn, context.index, identifier)
    except NoConceptError as error:
        raise NotFound(f"{str(error)[0].upper()}{str(error)[1:]}") from error
    ranked = _ranked(context, chosen, concept.id)
    path = f"plots/risk/{quote(concept.id, safe='')}"
    return _asked(context, path, concept.name, concept.kind, chosen, names, ranked)


def _effect(context: PageContext) -> Asked:
    """Reads `intervention` and `outcome`, which on this page name the pair and filter by it."""
    chosen, names = read_filter(context, (*PARAMETERS, *_PAIR))
    concepts = {}
    for kind in _PAIR:
        identifier = context.parameter(kind)
        if identifier is not None:
            concept = read_concept(context.conn, context.index, identifier)
            if concept.kind != kind:
                raise FilterError(f"{identifier[:60]} is no {kind} but a {concept.kind}")
            concepts[kind] = concept
    subject, outcome = concepts.get("intervention"), concepts.get("outcome")
    kind_of_all = None if subject or outcome else "intervention"
    ids = subject.id if subject else None, outcome.id if outcome else None
    ranked = _ranked(context, chosen, *ids, kind=kind_of_all)
    on = outcome.name if outcome else "any outcome"
    name = f"{subject.name if subject else 'anything'} on {on}"
    own = [(kind, concept.id) for kind, concept in concepts.items()]
    return _asked(context, "plots/effect", name, "intervention", chosen, names, ranked, own)


def _ranked(
    context: PageContext,
    chosen: ArticleFilter,
    subject: str | None = None,
    outcome: str | None = None,
    kind: str | None = None,
) -> list[Ranked]:
    return rank_estimates(context.conn, chosen, subject, outcome, kind)


def _asked(
    context: PageContext,
    path: str,
    name: str,
    kind: str,
    chosen: ArticleFilter,
    names: dict[str, str],
    ranked: list[Ranked],
    own: Sequence[tuple[str, str]] = (),
) -> Asked:
    number = context.number("page", 1, 1000)
    behind = list_filter(chosen, ranked)
    return Asked(path, list(own), name, kind, chosen, names, ranked, behind, number)


def _page(context: PageContext, asked: Asked) -> Response:
    def address(chosen: ArticleFilter, *more: tuple[str, str | int]) -> str:
        return context.url(asked.path, chosen.query_string(*asked.own, *more))

    query = context.request.query_string
    shown = read_estimates(context.conn, asked.page)
    return context.render(
        "plot_forest.html",
        tabs=tabs(context, _selection(asked), "plot"),
        shown=shown,
        asked=asked,
        articles=len({entry.pmid for entry in asked.ranked}),
        picture=Markup(forest(shown, asked.name, asked.kind)),  # noqa: S704 - escaped where it is built
        narrow=Markup(forest(shown, asked.name, asked.kind, narrow=True)),  # noqa: S704 - escaped where it is built
        drawn=len(plotted(shown)),
        as_reported=AS_REPORTED,
        parts=[(part, address(part.rest)) for part in filter_parts(asked.chosen, asked.names)],
        articles_url=list_url(context, asked.chosen),
        behind_url=list_url(context, asked.behind) if asked.behind else None,
        previous=address(asked.chosen, ("page", asked.number - 1)) if asked.number > 1 else None,
        following=address(asked.chosen, ("page", asked.number + 1)) if asked.number < asked.pages else None,
        switch=None if asked.chosen.retracted is not None else _switch(address, asked.chosen),
        files={form: context.url(f"{asked.path}.{form}", query) for form in ("svg", "csv", "json")},
        file_name=_file_name(asked),
    )


def _selection(asked: Asked) -> ArticleFilter:
    """Returns what a plot is of as a filter, so that the other views show the same."""
    chosen = asked.chosen
    for name, value in asked.own:
        chosen = chosen.with_choice(name, value)
    factor = unquote(asked.path.removeprefix("plots/risk/"))
    if asked.path.startswith("plots/risk/") and factor != ALL:
        chosen = chosen.with_choice("risk_factor", factor)
    return chosen


def _switch(address: Any, chosen: ArticleFilter) -> tuple[str, str]:
    words = "Leave retracted articles out" if chosen.with_retracted else "Show retracted articles too"
    return words, address(replace(chosen, with_retracted=not chosen.with_retracted))


def _file(context: PageContext, asked: Asked, form: str) -> Response:
    name = f"{_file_name(asked)}.{form}"
    if form == "svg":
        return file_answer(forest(read_estimates(context.conn, asked.page), asked.name, asked.kind), _SVG, name)
    if form == "csv":
        body = estimates_csv(read_estimates(context.conn, asked.ranked))
        return file_answer(body, "text/csv; charset=utf-8", name)
    size, offset = context.number("_size", _JSON_SIZE, _JSON_LARGEST), context.number("_next", 0, _LAST)
    estimates = read_estimates(context.conn, asked.ranked[offset : offset + size])
    following = offset + size if offset + size < len(asked.ranked) else None
    paging = {"count": len(asked.ranked), **next_page(context, f"{asked.path}.json", following)}
    return estimates_json(context, asked.name, estimates, asked.behind, paging)


def _file_name(asked: Asked) -> str:
    plain = "".join(char if char.isascii() and char.isalnum() else "-" for char in asked.name.lower())
    return f"{current().id}-estimates-{'-'.join(filter(None, plain.split('-')))[:80]}"


_FORMS = r"\.(?P<form>svg|csv|json)"
_NAME = r"(?P<id>[^/.]{1,300})"
ROUTES = [
    (r"^/plots/?$", plots),
    (rf"^/plots/risk/{_NAME}$", risk),
    (rf"^/plots/risk/{_NAME}{_FORMS}$", risk_file),
    (r"^/plots/effect$", effect),
    (rf"^/plots/effect{_FORMS}$", effect_file),
    (r"^/plots/time$", time),
    (r"^/plots/time\.svg$", time_file),
]
