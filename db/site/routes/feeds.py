"""Feeds of any list and of the runs' changes, and what machines look for: robots, sitemap, OpenSearch."""

import json
from urllib.parse import quote
from xml.sax.saxutils import escape

from datasette.utils.asgi import Response

from db.evidence.articles import ListedArticle, listed_articles
from db.evidence.runs import CHANGES, read_changes
from db.notices import says_mark
from db.select.words import describe
from db.site.answers import file_answer, read_filter
from db.site.atom import Entry, atom
from db.site.formatting import short_authors, statement_text
from db.site.page import PageContext, page
from db.site.routes.articles import LIST_PARAMETERS
from db.site.routes.concepts import KIND_PATHS
from db.terms import STUDY_DESIGNS

_ENTRIES = 50
_CHANGE_ENTRIES = 200
_ATOM = "application/atom+xml; charset=utf-8"
_XML = "application/xml; charset=utf-8"
#: Pages of one kind that every site has.
_PAGES = ("", "articles", "overview", "matrix", "plots", "plots/time", "plots/risk/all", "new", "methods", *KIND_PATHS)
_NOT_FOR_ROBOTS = ("export/", "articles/values/", "pool", "-/")
_URLS_A_MAP = 20_000


@page
def feed(context: PageContext) -> Response:
    """The newest articles of a filter as an Atom feed."""
    chosen, names = read_filter(context, LIST_PARAMETERS)
    pmids = context.index.page(context.conn, chosen, "newest", _ENTRIES, 0)
    entered = dict(
        context.conn.execute(
            "SELECT pmid, coalesce(entrez_date, publication_date) FROM articles "
            "WHERE pmid IN (SELECT value FROM json_each(?))",
            [json.dumps(pmids)],
        )
    )
    rows = listed_articles(context.conn, pmids, chosen)
    entries = [_article(context, listed, entered[listed.row["pmid"]]) for listed in rows]
    query = chosen.query_string()
    updated = max((entry.updated for entry in entries if entry.updated), default=_checked(context))
    title = f"HO tracker: {describe(chosen, names)}"
    return file_answer(
        atom(context.absolute("feed.atom", query), context.absolute("articles", query), title, updated, entries), _ATOM
    )


@page
def changes(context: PageContext) -> Response:
    """What the last runs changed, as an Atom feed; retagging is left out."""
    entries = [
        Entry(
            context.absolute(f"articles/{change.pmid}", f"run={change.run_id}&change={change.change}"),
            f"{CHANGES[change.change].capitalize()}: {change.title}",
            context.absolute(f"articles/{change.pmid}"),
            change.at,
            " · ".join(filter(None, (short_authors(change.authors), str(change.year or ""), change.study_design))),
            categories=(change.change, *(("retracted",) if change.retracted and change.change != "retracted" else ())),
        )
        for change in read_changes(context.conn, _CHANGE_ENTRIES)
    ]
    updated = max((entry.updated for entry in entries), default=_checked(context))
    title = "HO tracker: what the runs changed"
    return file_answer(atom(context.absolute("changes.atom"), context.absolute("new"), title, updated, entries), _ATOM)


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
        "SELECT pmid, revised_date FROM articles WHERE vanished = 0 AND topic IS NOT 'not_ho' ORDER BY pmid "
        "LIMIT ? OFFSET ?",
        [_URLS_A_MAP, (number - 1) * _URLS_A_MAP],
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
        "<ShortName>HO tracker</ShortName>"
        "<Description>Articles on heterotopic ossification, with the sentence behind every tag</Description>"
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
