"""Feeds of any list and of the runs' changes, and what machines look for: robots, sitemap, OpenSearch."""

from urllib.parse import quote
from xml.sax.saxutils import escape

from datasette.utils.asgi import Response

from db.atom import Entry, atom
from db.changes import CHANGES
from db.evidence.articles import ListedArticle, listed_articles
from db.evidence.runs import arrivals, read_changes
from db.notices import says_mark
from db.select.addresses.list_address import LIST_PARAMETERS
from db.select.facets import KIND_PATHS
from db.select.words import describe
from db.site.answers import file_answer, read_filter
from db.site.page import PageContext, page
from db.site.show.formatting import short_authors, statement_text
from db.terms import STUDY_DESIGNS
from db.topics import current

_ENTRIES = 100
_CHANGE_ENTRIES = 200
_MOST_PAGES = 100_000
_ATOM = "application/atom+xml; charset=utf-8"
_XML = "application/xml; charset=utf-8"
#: Pages of one kind that every site has.
_PAGES = (
    "",
    "articles",
    "overview",
    "matrix",
    "plots",
    "plots/time",
    "plots/risk/all",
    "new",
    "searches",
    "methods",
    *KIND_PATHS,
)
_NOT_FOR_ROBOTS = ("export/", "articles/values/", "pool", "-/")
_URLS_A_MAP = 20_000


@page
def feed(context: PageContext) -> Response:
    """The articles of a filter as an Atom feed, in the order in which they came here; further pages hold the older."""
    chosen, names = read_filter(context, LIST_PARAMETERS)
    number = context.number("page", 1, _MOST_PAGES)
    total = context.index.count(context.conn, chosen)
    pmids = context.index.page(context.conn, chosen, "arrived", _ENTRIES, (number - 1) * _ENTRIES)
    came = arrivals(context.conn, pmids)
    rows = listed_articles(context.conn, pmids, chosen)
    entries = [_article(context, listed, came.get(listed.row["pmid"])) for listed in rows]
    updated = max((entry.updated for entry in entries if entry.updated), default=_checked(context))
    links = _page_links(context, "feed.atom", chosen.query_string(), number, -(-total // _ENTRIES))
    title = f"{current().title}: {describe(chosen, names)}"
    return _feed(context, ("feed.atom", "articles"), chosen.query_string(), title, updated, entries, links)


@page
def changes(context: PageContext) -> Response:
    """What the runs changed of a filter's articles, as an Atom feed; retagging is left out."""
    chosen, names = read_filter(context, LIST_PARAMETERS)
    number = context.number("page", 1, _MOST_PAGES)
    offset = (number - 1) * _CHANGE_ENTRIES
    found = read_changes(context.conn, _CHANGE_ENTRIES + 1, offset=offset, chosen=chosen)
    entries = [
        Entry(
            context.absolute(f"articles/{change.pmid}", f"run={change.run_id}&change={change.change}"),
            f"{CHANGES[change.change].words.capitalize()}: {change.title}",
            context.absolute(f"articles/{change.pmid}"),
            change.at,
            " · ".join(filter(None, (short_authors(change.authors), str(change.year or ""), change.study_design))),
            categories=(change.change, *(("retracted",) if change.retracted and change.change != "retracted" else ())),
        )
        for change in found[:_CHANGE_ENTRIES]
    ]
    updated = max((entry.updated for entry in entries), default=_checked(context))
    query = chosen.query_string()
    links = _page_links(context, "changes.atom", query, number, number + (len(found) > _CHANGE_ENTRIES))
    title = f"{current().title}: what the runs changed{f', {describe(chosen, names)}' if chosen else ''}"
    return _feed(context, ("changes.atom", "new"), query, title, updated, entries, links)


def _feed(
    context: PageContext,
    paths: tuple[str, str],
    query: str,
    title: str,
    updated: str,
    entries: list[Entry],
    links: dict[str, str],
) -> Response:
    """Returns a feed; `paths` are its own and that of the page that shows the same to people."""
    own, shown = context.absolute(paths[0], query), context.absolute(paths[1], query)
    return file_answer(atom(own, shown, title, updated, entries, links), _ATOM)


def _page_links(context: PageContext, path: str, query: str, number: int, pages: int) -> dict[str, str]:
    """Returns the links of a paged feed (RFC 5005) by relation."""

    def address(page_number: int) -> str:
        more = f"page={page_number}" if page_number > 1 else ""
        return context.absolute(path, "&".join(filter(None, (query, more))))

    links = {"first": address(1)}
    if number > 1:
        links["previous"] = address(number - 1)
    if number < pages:
        links["next"] = address(number + 1)
    return links


@page
def robots(context: PageContext) -> Response:
    """What robots may read: pages of articles and concepts, not every combination of filters."""
    lines = [
        "User-agent: *",
        *(f"Disallow: {context.url(path)}" for path in (*_NOT_FOR_ROBOTS, f"{context.database}/")),
        f"Disallow: {context.url('articles')}?",
        f"Disallow: {context.url('matrix')}?",
        f"Sitemap: {context.absolute('sitemap.xml')}",
    ]
    return file_answer("\n".join(lines) + "\n", "text/plain; charset=utf-8")


@page
def sitemap(context: PageContext) -> Response:
    """The pages for search engines: one map, or an index of maps where one would be too long."""
    part = context.parameter("part")
    count = len(context.index.pmids)
    if part is None and count > _URLS_A_MAP:
        parts = range(1, -(-count // _URLS_A_MAP) + 1)
        maps = "".join(
            f"<sitemap><loc>{escape(context.absolute('sitemap.xml', f'part={n}'))}</loc></sitemap>" for n in parts
        )
        return file_answer(f'{_XML_HEAD}<sitemapindex xmlns="{_SITEMAPS}">{maps}</sitemapindex>\n', _XML)
    number = context.number("part", 1, max(1, -(-count // _URLS_A_MAP)))
    paths = [(path, None) for path in _PAGES] if number == 1 else []
    if number == 1:
        concepts = context.conn.execute(
            "SELECT id FROM concepts WHERE id IN (SELECT concept_id FROM article_tags) ORDER BY kind, position"
        )
        paths += [(f"concepts/{quote(row[0], safe='')}", None) for row in concepts]
    rows = context.conn.execute(
        "SELECT pmid, revised_date FROM articles WHERE vanished = 0 AND topic IS NOT ? ORDER BY pmid LIMIT ? OFFSET ?",
        [current().beside, _URLS_A_MAP, (number - 1) * _URLS_A_MAP],
    )
    paths += [(f"articles/{pmid}", revised) for pmid, revised in rows]
    site = context.absolute("")
    urls = "".join(_url(site + path, revised) for path, revised in paths)
    return file_answer(f'{_XML_HEAD}<urlset xmlns="{_SITEMAPS}">{urls}</urlset>\n', _XML)


@page
def opensearch(context: PageContext) -> Response:
    """The description that lets a browser search here from its address bar."""
    template = context.absolute("articles", "q={searchTerms}")
    atom_template = context.absolute("feed.atom", "q={searchTerms}")
    body = (
        f'{_XML_HEAD}<OpenSearchDescription xmlns="http://a9.com/-/spec/opensearch/1.1/">'
        f"<ShortName>{escape(current().title[:16])}</ShortName>"
        f"<Description>Articles on {escape(current().name)}, with the sentence behind every tag</Description>"
        "<InputEncoding>UTF-8</InputEncoding><OutputEncoding>UTF-8</OutputEncoding>"
        f'<Url type="text/html" template="{escape(template)}"/>'
        f'<Url type="application/atom+xml" template="{escape(atom_template)}"/>'
        "</OpenSearchDescription>\n"
    )
    return file_answer(body, "application/opensearchdescription+xml; charset=utf-8")


def _article(context: PageContext, listed: ListedArticle, entered: str | None) -> Entry:
    row = listed.row
    facts = [row["iso_abbreviation"] or row["journal"], str(row["year"] or ""), row["study_design"]]
    facts.append(f"n {row['sample_size']}" if row["sample_size"] is not None else "")
    text = " · ".join(filter(None, facts))
    if listed.finding is not None and listed.sentence:
        text += f"\n{statement_text(listed.finding)}: {listed.sentence}"
    design = (row["study_design"],) if row["study_design"] in STUDY_DESIGNS else ()
    address = context.absolute(f"articles/{row['pmid']}")
    said = not row["retracted"] or says_mark(row["title"], "RETRACTED")
    title = row["title"] if said else f"RETRACTED: {row['title']}"
    categories = (*design, *(tag.name for tag in listed.tags))
    return Entry(address, title or "[no title]", address, entered or "", text, row["authors"], categories)


def _checked(context: PageContext) -> str:
    return context.standing.checked_at or context.standing.published_at or "1970-01-01"


def _url(address: str, revised: str | None) -> str:
    changed = f"<lastmod>{escape(revised[:10])}</lastmod>" if revised and len(revised) >= 10 else ""
    return f"<url><loc>{escape(address)}</loc>{changed}</url>"


_XML_HEAD = '<?xml version="1.0" encoding="utf-8"?>\n'
_SITEMAPS = "http://www.sitemaps.org/schemas/sitemap/0.9"
ROUTES = [
    (r"^/feed\.atom$", feed),
    (r"^/changes\.atom$", changes),
    (r"^/robots\.txt$", robots),
    (r"^/sitemap\.xml$", sitemap),
    (r"^/opensearch\.xml$", opensearch),
]
