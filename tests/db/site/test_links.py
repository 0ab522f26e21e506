"""Every number that is a link is the number of what it leads to, and every link leads somewhere: on every page."""

import re
import sqlite3
from collections.abc import Iterator
from html import unescape
from typing import Any
from urllib.parse import parse_qsl, unquote, urlsplit

import pytest

from db.evidence.index.article_index import ArticleIndex
from db.select.addresses.resolve import resolve_filter
from db.select.filter import ArticleFilter
from db.site.routes import ROUTES
from tests.support.generate_articles import FIRST_PMID

FILTERED = "year=1990-2015&aetiology=aetiology:arthroplasty"
#: Two values of a facet, of which an article needs one.
TWO = "study_design=cohort&study_design=case+series&aetiology=aetiology:arthroplasty&aetiology=aetiology:burn"
PAGES = [
    "/", "/articles", "/articles?year=1990-2015", "/articles?retracted=yes", "/articles?q=celecoxib",
    f"/articles/{FIRST_PMID}", "/articles/values/journal", f"/articles/values/outcome?{FILTERED}", "/overview",
    f"/matrix?{FILTERED}", "/matrix?view=risks", "/matrix?rows=intervention:nsaids", "/risk-factors",
    "/concepts/outcome%3Aho-occurrence", "/concepts/site%3Ahip", "/concepts/aetiology%3Aarthroplasty",
    f"/concepts/intervention%3Ansaids?{FILTERED}", f"/concepts/outcome%3Apain?{TWO}",
    f"/matrix?{TWO}", "/plots", "/plots/risk/all", "/plots/time",
    f"/plots/time?kind=outcome&{FILTERED}", "/methods", "/new", "/runs/2", "/answer?q=NSAIDs+versus+placebo",
    "/answer?q=What+prevents+severe+HO", "/overlap", "/trials", "/searches", "/help",
]  # fmt: skip
#: A link of what is chosen already takes it away.
_LINK = re.compile(r'<a\b(?![^>]*aria-current)[^>]*href="([^"]+)"[^>]*>(.*?)</a>', re.DOTALL)
#: "12", "12 articles", "better 12", or the count of a facet's value.
_COUNT = re.compile(
    r'<span class="count">([\d\u202f]+)</span>|^(?:<b>|<strong>)?([\d\u202f]+)(?![\d.%])|^[A-Za-z ]+ ([\d\u202f]+)$'
)


def links(text: str) -> Iterator[tuple[str, str]]:
    """The addresses on this site that a page links to, with what stands in the links."""
    for href, inside in _LINK.findall(text):
        if href.startswith("/"):
            yield unescape(href).partition("#")[0], inside.strip()


@pytest.mark.parametrize("page", PAGES)
def test_a_number_that_opens_a_list_is_its_length(
    ask: Any, conn: sqlite3.Connection, index: ArticleIndex, page: str
) -> None:
    answer = ask(page)
    assert answer.status_code == 200
    for href, inside in links(answer.text):
        told = _COUNT.search(inside)
        if not href.startswith("/articles?") or told is None:
            continue
        pairs = [pair for pair in parse_qsl(urlsplit(href).query) if pair[0] != "sort"]
        chosen, _ = resolve_filter(conn, ArticleFilter.from_query(pairs))
        number = int((told[1] or told[2] or told[3]).replace("\u202f", ""))
        assert index.count(conn, chosen) == number, (href, inside)


@pytest.mark.parametrize(
    "page",
    [
        "/interventions.json", "/concepts/intervention%3Ansaids.json",
        f"/concepts/intervention%3Ansaids.json?{TWO}", f"/concepts/outcome%3Aho-occurrence.json?{FILTERED}",
        f"/matrix.json?{TWO}", "/matrix.json?view=risks&with_retracted=yes", "/answer.json?q=NSAIDs+after+arthroplasty",
        "/answer.json?q=What+prevents+severe+HO",
    ],
)  # fmt: skip
def test_a_number_beside_the_address_of_a_list_is_its_length(
    ask: Any, conn: sqlite3.Connection, index: ArticleIndex, page: str
) -> None:
    found = list(counted(ask(page).json()))
    assert found
    for address, number in found:
        chosen = ArticleFilter.from_query(parse_qsl(urlsplit(address).query))
        assert index.count(conn, chosen) == number, address


def counted(told: Any) -> Iterator[tuple[str, int]]:
    """The addresses of lists in an answer, each with the number of articles beside it."""
    if isinstance(told, dict):
        if isinstance(told.get("list"), str) and isinstance(told.get("articles"), int):
            yield told["list"], told["articles"] or told.get("naming_both", 0)  # a cell without a finding
        told = list(told.values())
    if isinstance(told, list):
        for part in told:
            yield from counted(part)


def test_the_addresses_that_pages_link_to_are_there(ask: Any) -> None:
    asked: dict[str, str] = {}
    for page in PAGES[::3]:
        for href, _ in links(ask(page).text):
            path = unquote(urlsplit(href).path)
            pattern = next((pattern for pattern, _ in ROUTES if re.match(pattern, path)), path)
            asked.setdefault(pattern, href)
    assert len(asked) > 25
    assert {href: status for href in asked.values() if (status := ask(href).status_code) != 200} == {}
