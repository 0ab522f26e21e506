"""Saved searches: each its page, its feed and its digests. Who is told, and when, is not in the published file."""

from collections.abc import Callable
from dataclasses import replace
from urllib.parse import quote, unquote

from datasette.utils.asgi import NotFound, Response

from db.atom import atom
from db.errors import TrackerError
from db.evidence.articles import ListedArticle
from db.evidence.digests.data import feed_addresses
from db.evidence.digests.formats import FORMATS
from db.evidence.digests.lines import Links, remarks
from db.evidence.digests.model import Digest, Entry
from db.evidence.digests.published import (
    earlier_digest,
    earlier_digests,
    listed_search,
    search_feed,
    selection_of,
    waiting_digest,
)
from db.evidence.services.trial_list import matching_trials
from db.select.filter import ArticleFilter
from db.site.answers import file_answer, json_answer, json_page
from db.site.page import PageContext, page
from db.store.ledger.searches import ListedSearch, listed_searches
from db.topics import current

_DIGESTS_SHOWN = 30
_DIGESTS_IN_FEED = 10
_LARGEST_ID = 2**31


@page
def searches(context: PageContext) -> Response:
    """All saved searches."""
    rows = [(search, _count(context, search), _last(context, search)) for search in listed_searches(context.conn)]
    return context.render("searches.html", rows=rows)


@json_page
def searches_json(context: PageContext) -> Response:
    """All saved searches as JSON."""
    rows = [
        {
            "name": search.name,
            "words": search.words,
            **_counted(context, search),
            "list": context.absolute(search.address.lstrip("/")),
            "page": context.absolute(_path(search)),
            "feed": context.absolute(f"{_path(search)}/feed.atom"),
            "digest": context.absolute(f"{_path(search)}/digest.json"),
            "last_digest": _last(context, search),
        }
        for search in listed_searches(context.conn)
    ]
    return json_answer({"searches": rows})


@page
def search(context: PageContext) -> Response:
    """One saved search: what it has not told yet, and its digests."""
    found = _read(context)
    digest = waiting_digest(context.conn, found)
    return _digest_page(context, found, digest, None)


@page
def digest(context: PageContext) -> Response:
    """A digest that a search has told."""
    found = _read(context)
    number = int(context.variables["number"])
    told = earlier_digest(context.conn, found, min(number, _LARGEST_ID))
    if told is None:
        raise NotFound(f"There is no digest {number} of this search. Its page lists those that there are.")
    return _digest_page(context, found, told, number)


@page
def feed(context: PageContext) -> Response:
    """What a search tells as an Atom feed: what is new, then its last digests."""
    found = _read(context)
    links = _links(context)
    entries = search_feed(context.conn, found, links, _DIGESTS_IN_FEED)
    told = waiting_digest(context.conn, found)
    updated = max([told.at, *(entry.updated for entry in entries)])
    own, shown = feed_addresses(told, links)
    body = atom(own, shown, f"{current().title}: {found.name}", updated, entries)
    return file_answer(body, f"{FORMATS['atom'].media_type}; charset=utf-8")


def _written(name: str) -> Callable[[PageContext], Response]:
    form = FORMATS[name]

    def write(context: PageContext) -> Response:
        body = form(waiting_digest(context.conn, _read(context)), _links(context))
        kind = "text/plain" if name == "md" else form.media_type  # browsers show no Markdown
        return file_answer(body, f"{kind}; charset=utf-8")

    write.__doc__ = f"What a search has not told yet, as {name}."
    return write


def _digest_page(context: PageContext, found: ListedSearch, told: Digest, number: int | None) -> Response:
    before = context.number("before", _LARGEST_ID, _LARGEST_ID)
    earlier = earlier_digests(context.conn, found, _DIGESTS_SHOWN, before)
    path = _path(found)
    return context.render(
        "search.html",
        search=found,
        number=number,
        digest=told,
        sections=[
            (section, [(entry, _shown(entry), remarks(entry)) for entry in section.articles])
            for section in told.sections()
        ],
        count=_count(context, found),
        listed=context.url(found.address.lstrip("/").partition("?")[0], found.address.partition("?")[2]),
        path=context.url(path),
        formats=[(name, context.url(f"{path}/digest.{form.ending}")) for name, form in FORMATS.items()],
        earlier=earlier,
        older=context.url(path, f"before={earlier[-1].id}") if len(earlier) == _DIGESTS_SHOWN else None,
    )


def _shown(entry: Entry) -> ListedArticle | None:
    """Returns an article as a list shows it; of a retracted one no finding is shown as evidence."""
    if entry.listed is None or not entry.retracted:
        return entry.listed
    return replace(entry.listed, finding=None, sentence=None, snippet=None)


def _read(context: PageContext) -> ListedSearch:
    name = unquote(context.variables["name"])
    found = listed_search(context.conn, name)
    if found is None:
        raise NotFound(f"There is no saved search {name[:60]}. All of them stand on the page of saved searches.")
    return found


def _counted(context: PageContext, search: ListedSearch) -> dict[str, int | None]:
    """Returns how many articles a search has, or how many trials; None where it cannot be read any more."""
    try:
        selection = selection_of(context.conn, search)
    except TrackerError:
        return {"articles": None}
    if selection.trials is not None:
        return {"trials": len(matching_trials(context.conn, selection.trials, selection.today))}
    return {"articles": context.index.count(context.conn, selection.articles or ArticleFilter())}


def _count(context: PageContext, search: ListedSearch) -> tuple[int | None, str]:
    """Returns how many a search has, and the word for one of them: article or trial."""
    ((name, count),) = _counted(context, search).items()
    return count, name.removesuffix("s")


def _last(context: PageContext, search: ListedSearch) -> str | None:
    told = earlier_digests(context.conn, search, 1)
    return told[0].written_at if told else None


def _path(search: ListedSearch) -> str:
    return f"searches/{quote(search.name, safe='')}"


def _links(context: PageContext) -> Links:
    return Links(context.absolute(""))


_NAME = r"(?P<name>[^/]{1,300})"
ROUTES = [
    (r"^/searches/?$", searches),
    (r"^/searches\.json$", searches_json),
    (rf"^/searches/{_NAME}/feed\.atom$", feed),
    *((rf"^/searches/{_NAME}/digest\.{form.ending}$", page(_written(name))) for name, form in FORMATS.items()),
    (rf"^/searches/{_NAME}/digests/(?P<number>[0-9]{{1,9}})$", digest),
    (rf"^/searches/{_NAME}$", search),
]
