"""Feeds and the files that machines look for: well-formed whatever titles hold, and as long as their lists."""

import re
import shutil
import sqlite3
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import pytest

from tests.support.sites import asking

ATOM = "{http://www.w3.org/2005/Atom}"
HOSTILE = "<script>alert(1)</script> ]]> & \" ' \x0b\x00\u202e \ufffe =1+1"
PAGES = [
    "/matrix",
    "/plots",
    "/plots/risk/all",
    "/plots/effect?intervention=intervention:nsaids",
    "/plots/time",
    "/new",
    "/runs/2",
    "/methods",
    "/concepts/intervention%3Ansaids",
]


@pytest.mark.parametrize("address", ["/feed.atom", "/feed.atom?intervention=intervention:nsaids", "/changes.atom"])
def test_feeds_have_what_atom_requires(ask: Any, address: str) -> None:
    answer = ask(address)
    assert answer.headers["content-type"].startswith("application/atom+xml")
    feed = ElementTree.fromstring(answer.content)  # noqa: S314 - our own answer
    entries = feed.findall(f"{ATOM}entry")
    assert entries
    for element in (feed, *entries):
        for name in ("id", "title", "updated"):
            assert element.findtext(f"{ATOM}{name}")
    ids = [entry.findtext(f"{ATOM}id") for entry in entries]
    assert len(set(ids)) == len(ids)


def test_a_feed_lists_what_arrived_of_its_filter(ask: Any) -> None:
    feed = ElementTree.fromstring(ask("/feed.atom?study_design=meta-analysis").content)  # noqa: S314
    listed = ask("/articles.json?study_design=meta-analysis&_size=100&sort=arrived").json()
    found = [(entry.findtext(f"{ATOM}id") or "").rsplit("/", 1)[1] for entry in feed.findall(f"{ATOM}entry")]
    assert found == [str(row["pmid"]) for row in listed["rows"]]


def test_the_map_holds_the_articles_on_the_topic_that_are_still_there(tmp_path: Path, evidence: Path) -> None:
    path = tmp_path / "evidence.db"
    shutil.copy(evidence, path)
    with sqlite3.connect(path) as conn:
        gone = conn.execute("SELECT min(pmid) FROM articles WHERE topic = 'ho'").fetchone()[0]
        conn.execute("UPDATE articles SET vanished = 1 WHERE pmid = ?", [gone])
        conn.execute("UPDATE articles SET revised_date = '2022-02-03' WHERE pmid = ?", [gone + 7])
        sql = "SELECT pmid FROM articles WHERE vanished = 0 AND topic IS NOT 'not_ho'"
        held = {pmid for (pmid,) in conn.execute(sql)}
    for ask in asking(path):
        mapped = re.findall(r"<loc>[^<]*/articles/(\d+)</loc>", ask("/sitemap.xml").text)
        assert {int(pmid) for pmid in mapped} == held
        dated = re.findall(r"/articles/(\d+)</loc><lastmod>([^<]+)<", ask("/sitemap.xml").text)
        assert dated == [(str(gone + 7), "2022-02-03")]
        assert len(mapped) == len(held)


@pytest.mark.parametrize("address", ["/sitemap.xml", "/opensearch.xml", "/plots/risk/all.svg", "/plots/time.svg"])
def test_other_xml_is_well_formed(ask: Any, address: str) -> None:
    ElementTree.fromstring(ask(address).content)  # noqa: S314


def test_robots_find_the_map(ask: Any) -> None:
    assert "sitemap.xml" in ask("/robots.txt").text


def test_hostile_text_stays_text_everywhere(tmp_path: Path, evidence: Path) -> None:
    path = tmp_path / "evidence.db"
    shutil.copy(evidence, path)
    with sqlite3.connect(path) as conn:
        conn.execute("UPDATE articles SET title = ?, first_author = ?, authors = ?", [HOSTILE] * 3)
        conn.execute("UPDATE concepts SET name = name || ?", [HOSTILE])
        conn.execute("UPDATE findings SET comparator_text = ?", [HOSTILE])
        conn.execute("UPDATE runs SET query = ?, message = ?", [HOSTILE] * 2)
        conn.execute("INSERT OR REPLACE INTO properties VALUES ('tagger_quality', ?)", ['{"kinds": {"<script>": 3}}'])
    for ask in asking(path):
        for address in [*PAGES, "/feed.atom", "/changes.atom", "/plots/risk/all.svg"]:
            answer = ask(address)
            assert answer.status_code == 200, address
            assert "<script>" not in answer.text, address
            if "atom" in address or "svg" in address:
                ElementTree.fromstring(answer.content)  # noqa: S314
        lines = ask("/plots/risk/all.csv").text.splitlines()
        assert not any(line.split(",")[1].startswith("=") for line in lines)


@pytest.mark.parametrize(
    "address",
    [
        "/matrix?rows=%3Cscript%3E",
        "/matrix?view='",
        "/matrix?row_page=0",
        "/plots/effect?intervention=nothing",
        "/plots/effect?intervention=outcome:ho-occurrence",
        "/plots/time?kind=x",
        "/plots/risk/all?page=-1",
        "/plots/risk/all?year=x",
        "/methods?from=yesterday",
        "/methods?from=2026-02-01&to=2026-01-01",
        "/runs/1?change=x",
        "/feed.atom?nonsense=1",
        "/new?before=x",
        "/changes.json?_size=0",
        "/articles.json?_next=x",
        "/plots/risk/nothing",
        "/runs/999",
    ],
)
def test_what_is_wrong_gets_a_clear_answer(ask: Any, address: str) -> None:
    answer = ask(address)
    assert answer.status_code in (400, 404)
    assert "<script>" not in answer.text
    assert "Something went wrong" not in answer.text


def test_json_pages_walk_the_whole_list(ask: Any) -> None:
    address, seen = "/articles.json?_size=90&topic=all", []
    while address:
        told = ask(address).json()
        seen += [row["pmid"] for row in told["rows"]]
        address = told["next_url"] and told["next_url"].split("localhost", 1)[1]
    assert len(seen) == len(set(seen)) == told["filtered_table_rows_count"]


@pytest.mark.parametrize(("left", "goes_on"), [(1, True), (0, False)])
def test_a_json_page_goes_on_while_one_article_is_left(ask: Any, left: int, goes_on: bool) -> None:
    total = ask("/articles.json?_size=1&topic=all").json()["filtered_table_rows_count"]
    told = ask(f"/articles.json?_size=1&_next={total - 1 - left}&topic=all").json()
    assert len(told["rows"]) == 1
    assert bool(told["next_url"]) == goes_on


def test_an_article_that_is_not_held_is_missing_in_json_too(ask: Any) -> None:
    answer = ask("/articles/1.json")
    assert answer.status_code == 404
    told = answer.json()
    assert (told["ok"], told["status"]) == (False, 404)
    assert "PMID 1 is not held here" in told["error"]


@pytest.mark.parametrize("address", ["/concepts/nothing.json", "/plots/risk/nothing.json", "/runs/999.json"])
def test_what_is_missing_as_a_page_is_missing_in_json(ask: Any, address: str) -> None:
    assert ask(address).status_code == 404
    assert ask(address).json()["ok"] is False


def test_the_article_of_a_list_has_the_same_facts_alone(ask: Any) -> None:
    row = ask("/articles.json?_size=1").json()["rows"][0]
    assert ask(f"/articles/{row['pmid']}.json").json()["article"] == row


def test_estimates_are_paged_in_json_and_whole_in_csv(ask: Any) -> None:
    told = ask("/plots/risk/all.json?_size=5").json()
    assert len(told["rows"]) == 5
    assert ask("/plots/risk/all.csv").text.count("\r\n") == told["count"] + 1
