"""The list of articles with its facets, and the page of all values of one facet."""

from dataclasses import dataclass, replace

from datasette.utils.asgi import NotFound, Response

from db.evidence.articles import listed_articles
from db.evidence.index.orders import SORTS
from db.select.addresses.list_address import LIST_PARAMETERS, address_to_save, saved_lines, suggested_name
from db.select.addresses.resolve import resolve_filter
from db.select.facets import FACETS, FilterError
from db.select.filter import ArticleFilter
from db.select.questions.lexicon import LEXICON, Named
from db.select.questions.understand import is_question
from db.select.search.parser import parse_search
from db.select.search.search import terms
from db.select.words import describe, filter_parts
from db.site.answers import year_curve
from db.site.facet_view import facet_view, facet_views, switch_views
from db.site.page import PageContext, page
from db.site.show.formatting import FORMAT_LABELS
from db.site.tabs import tabs

PAGE_SIZE = 25
_MAX_PAGE = 1_000_000
_SORT_NAMES = {
    "relevance": "relevance",
    "newest": "newest first",
    "arrived": "last found here",
    "oldest": "oldest first",
    "level": "evidence level",
    "size": "sample size",
    "citations": "most cited",
}
_MAX_VALUES = 2_000


@dataclass(frozen=True, slots=True)
class Listing:
    """What a list's address asks for: the filter with names resolved, the names, and the order."""

    chosen: ArticleFilter
    names: dict[str, str]
    sort: str


def read_listing(context: PageContext, also: tuple[str, ...] = ()) -> Listing:
    """Returns what an address asks for; `also` names further parameters of the page. Raises FilterError."""
    asked = ArticleFilter.from_query(context.pairs, also=(*LIST_PARAMETERS, *also))
    chosen, names = resolve_filter(context.conn, asked)
    sort = context.parameter("sort") or ("relevance" if chosen.search.finds else "newest")
    if sort not in SORTS:
        raise FilterError(f"a list cannot be sorted by that; sort is one of {', '.join(SORTS)}")
    return Listing(chosen, names, sort)


@page
def articles(context: PageContext) -> Response:
    """One page of the list, its facets, and the filters in force."""
    listing = read_listing(context)
    chosen = listing.chosen
    number = context.number("page", 1, _MAX_PAGE)
    pmids = context.index.page(context.conn, chosen, listing.sort, PAGE_SIZE, (number - 1) * PAGE_SIZE)
    total = context.index.count(context.conn, chosen)
    pages = max(1, -(-total // PAGE_SIZE))
    default_sort = "relevance" if chosen.search.finds else "newest"
    kept: list[tuple[str, str | int]] = [] if listing.sort == default_sort else [("sort", listing.sort)]

    def address(page_number: int) -> str:
        more: list[tuple[str, str | int]] = [*kept, *([("page", page_number)] if page_number > 1 else [])]
        return context.url("articles", chosen.query_string(*more))

    return context.render(
        "articles.html",
        status=404 if number > pages else 200,
        tabs=tabs(context, chosen, "articles"),
        held=context.standing.held,
        everything=context.url("articles", ArticleFilter(topic="all").query_string()),
        chosen=chosen,
        parts=[
            (part, context.url("articles", part.rest.query_string(*kept)))
            for part in filter_parts(chosen, listing.names)
        ],
        described=describe(chosen, listing.names),
        understood=_understood(chosen),
        asks=bool(chosen.search) and is_question(chosen.search),
        recognised=_recognised(context, chosen),
        hits=_hits(chosen),
        total=total,
        formats=FORMAT_LABELS.items(),
        rows=listed_articles(context.conn, pmids, chosen),
        facets=facet_views(context, chosen),
        switches=switch_views(context, chosen),
        curve=year_curve(context, chosen),
        sort=listing.sort,
        sorts=[(name, _SORT_NAMES[name], _sort_href(context, chosen, name, default_sort)) for name in _sorts(chosen)],
        number=number,
        pages=pages,
        first=(number - 1) * PAGE_SIZE + 1,
        previous=address(number - 1) if 1 < number <= pages else None,
        following=address(number + 1) if number < pages else None,
        last_page=address(pages),
        query=chosen.query_string(),
        to_save=_to_save(chosen, listing.names),
    )


@page
def values(context: PageContext) -> Response:
    """All values of one facet under the filters in force, with a box to look for one."""
    facet = FACETS.get(context.variables["facet"])
    if facet is None:
        raise NotFound(f"There is no facet {context.variables['facet'][:60]}.")
    listing = read_listing(context)
    find = (context.parameter("find") or "")[:200]
    counts = context.index.facet_counts(context.conn, listing.chosen)[facet.name]
    if find:
        wanted = find.casefold()
        named = LEXICON.of(context.conn).named_like(wanted)
        names = {line.id: line.name for line in context.index.concepts}
        counts = {
            value: n for value, n in counts.items() if value in named or wanted in names.get(value, value).casefold()
        }
    view = facet_view(context, listing.chosen, facet, counts, _MAX_VALUES)
    return context.render(
        "values.html",
        facet=facet,
        view=view,
        find=find,
        chosen=listing.chosen,
        described=describe(listing.chosen, listing.names),
        back=context.url("articles", listing.chosen.query_string()),
        hidden=listing.chosen.to_query(),
        cut=max(0, len(counts) - _MAX_VALUES),
    )


def _to_save(chosen: ArticleFilter, names: dict[str, str]) -> str:
    """Returns the lines that save a list as a search, to be pasted into the file of searches."""
    asked = replace(chosen, run=None, as_of=None)
    name = suggested_name(describe(asked, names))
    return saved_lines({"name": name, "address": address_to_save(chosen), "who": ["you@example.org"]})


def _sorts(chosen: ArticleFilter) -> tuple[str, ...]:
    return SORTS if chosen.search.finds else SORTS[1:]


def _sort_href(context: PageContext, chosen: ArticleFilter, sort: str, default: str) -> str:
    return context.url("articles", chosen.query_string(*([] if sort == default else [("sort", sort)])))


def _understood(chosen: ArticleFilter) -> str | None:
    """Returns how a search was read where that is not plain from its text."""
    if not chosen.search:
        return None
    understood = chosen.search.understood
    if not understood:
        return "nothing: the text holds no word to look for"
    plain = " ".join(chosen.search.text.split())
    return understood if understood.replace(" AND ", " ") != plain else None


def _recognised(context: PageContext, chosen: ArticleFilter) -> list[tuple[str, Named, str]]:
    """Returns the words that were read as a concept, the concept, and the address that searches the words alone."""
    concepts = LEXICON.of(context.conn).concepts if chosen.search else {}
    plain, found = chosen.search.plain, []
    for node in (*chosen.search.required, *chosen.search.excluded):
        for term in terms(node):
            for concept in term.concepts:
                typed = plain[term.start : term.end]
                alone = f'{plain[: term.start]}"{typed}"{plain[term.end :]}'
                address = replace(chosen, search=parse_search(alone)).query_string()
                found.append((typed, concepts[concept], context.url("articles", address)))
    return found


def _hits(chosen: ArticleFilter) -> list[str]:
    """Returns the words to light in titles and sentences, the longest first."""
    found = {word for node in chosen.search.required for term in terms(node) for word in term.words if len(word) > 1}
    return sorted(found, key=len, reverse=True)


ROUTES = [(r"^/articles/?$", articles), (r"^/articles/values/(?P<facet>[a-z_]{1,40})$", values)]
