"""Whole lists over HTTP: as many as the page counts, streamed, named after topic, filter and date."""

import re
import sqlite3
from typing import Any

import pytest

from db.citations import FORMATS
from db.select.facets import FACETS
from tests.support.generate_articles import FIRST_PMID
from tests.support.roundtrip import READERS
from tests.support.sites import random_filters


def test_as_many_are_exported_as_any_filter_shows(ask: Any, evidence: Any) -> None:
    conn = sqlite3.connect(evidence)
    names = list(READERS)
    for number, params in enumerate(random_filters(conn, 21)):
        name = names[number % len(names)]
        response = ask(f"/export/{name}", params=params)
        assert response.status_code == 200
        count = len(list(READERS[name][0](response.content.decode("utf-8"))))
        assert count == int(response.headers["x-article-count"]), params
        listed = ask("/articles", params=params)
        assert listed.status_code == 200
        words = " ".join(re.sub("<[^>]+>", "", listed.text).split())
        assert re.search(rf"(?<![\d,]){count:,} articles?\b", words) or not count, params
    conn.close()


@pytest.mark.parametrize("name", FORMATS)
def test_every_format_is_a_named_download(name: str, ask: Any) -> None:
    response = ask(f"/export/{name}", params={"year": "2015"})
    assert response.status_code == 200
    wanted = f'filename="heterotopic-ossification_year-2015_2026-01-02.{FORMATS[name].extension}"'
    assert wanted in response.headers["content-disposition"]
    assert "charset=utf-8" in response.headers["content-type"]
    assert response.headers["x-content-type-options"] == "nosniff"


def test_tags_can_be_left_out(ask: Any) -> None:
    assert "ho-tracker:" in ask("/export/ris").text
    assert "ho-tracker:" not in ask("/export/ris", params={"tags": "no"}).text


def test_the_order_is_that_of_the_page(ask: Any) -> None:
    newest = re.findall("AN  - (.*)\r", ask("/export/ris").text)
    oldest = re.findall("AN  - (.*)\r", ask("/export/ris", params={"sort": "oldest"}).text)
    years = re.findall("PY  - (.*)\r", ask("/export/ris").text)
    assert sorted(newest) == sorted(oldest)
    assert newest != oldest
    assert years == sorted(years, reverse=True)


@pytest.mark.parametrize(
    ("address", "status", "said"),
    [
        ("/export/endnot", 404, "endnote"),
        ("/export/ris?nix=1", 400, "nix"),
        ("/export/ris?intervention=nothing-like-it", 400, "nothing-like-it"),
        ("/export/apa?markup=pdf", 400, "pdf"),
        ("/export/ris?tags=perhaps", 400, "perhaps"),
        ("/export/ris?sort=colour", 400, "colour"),
        ("/export/ris?year=20x", 400, "20x"),
    ],
)
def test_a_wrong_address_is_a_clear_page(address: str, status: int, said: str, ask: Any) -> None:
    response = ask(address)
    assert response.status_code == status
    assert said in response.text
    assert "Traceback" not in response.text


def test_a_list_of_nothing_is_valid(ask: Any) -> None:
    for name, readers in READERS.items():
        response = ask(f"/export/{name}", params={"year": "1801"})
        assert (response.status_code, response.headers["x-article-count"]) == (200, "0")
        assert list(readers[0](response.text)) == []


def test_the_links_of_the_pages_lead_to_lists(ask: Any) -> None:
    page = ask("/articles", params={"year": "2010-2012", next(iter(FACETS)): ""})
    links = re.findall(r'href="(/export/[^"]+)"', page.text)
    assert links
    for link in links:
        assert ask(link.replace("&amp;", "&")).status_code == 200


@pytest.mark.parametrize("order", [(2, 0, 1), (0, 1, 2), (2, 0, 1, 2, 0)])
def test_a_list_keeps_the_order_in_which_its_records_are_named(ask: Any, order: tuple[int, ...]) -> None:
    named = [str(FIRST_PMID + place) for place in order]
    text = ask(f"/export/ris?sort=named&topic=all&vanished=yes&pmids={','.join(named)}").text
    assert re.findall(r"^AN  - (\d+)", text, re.MULTILINE) == list(dict.fromkeys(named))
