"""The pages answer, say what they should, and hide nothing."""

import asyncio
import json
import re
import sqlite3
from contextlib import closing
from html import unescape
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl

import pytest

from db.select.filter import ArticleFilter
from db.site.show import formatting
from tests.support.generate_articles import make_evidence
from tests.support.sites import asking

NSAIDS = "intervention:nsaids"


@pytest.mark.parametrize(
    "address",
    ["/", "/articles", "/articles/70000005", "/articles/values/journal", "/evidence", "/evidence/articles",
     "/evidence/articles/70000001"],
)  # fmt: skip
def test_every_page_says_that_the_sample_is_made_up(ask: Any, address: str) -> None:
    answer = ask(address)
    assert answer.status_code == 200
    assert answer.text.count("These are made-up sample records") == 1


def test_the_same_count_on_every_page_and_in_the_facet(ask: Any) -> None:
    counts = set()
    for page in (1, 2, 4):
        text = ask("/articles", params={"intervention": NSAIDS, "page": page}).text
        counts.add(re.search(r'list-title">([\d\u202f]+) articles', text)[1])  # type: ignore[index]
        facet = re.search(r'NSAIDs</span> <span class="count">([\d\u202f]+)<', text)
        assert facet is not None
        counts.add(facet[1])
    assert len(counts) == 1


@pytest.mark.parametrize(
    ("address", "status", "said"),
    [
        ("/articles?intervention=nsaidz", 400, "did you mean NSAIDs?"),
        ("/articles?year=20x5", 400, "write 2015"),
        ("/articles?interventoin=x", 400, "intervention"),
        ("/articles?page=0", 400, "whole number"),
        ("/articles?sort=title", 400, "newest"),
        ("/articles/1", 404, "PMID 1 is not held here"),
        ("/articles/values/nothing", 404, "no facet"),
        ("/nothing", 404, "no such page"),
        ("/articles?q=" + "x" * 1001, 400, "search for fewer words"),
        ("/articles?q=" + "x" * 9000, 400, "8,000"),
        ("/articles?q=" + "x" * 17000, 414, "16,000"),
        ("/articles?journal=%00", 400, "control character"),
    ],
)
def test_what_is_wrong_gets_a_clear_answer(ask: Any, address: str, status: int, said: str) -> None:
    answer = ask(address)
    assert answer.status_code == status
    assert said in answer.text


def test_a_page_past_the_end_says_so(ask: Any) -> None:
    answer = ask("/articles?page=99999")
    assert answer.status_code == 404
    assert "This list has only" in answer.text


@pytest.mark.parametrize("address", ["/", "/articles", "/nothing", "/evidence/articles", "/-/tracker/tracker.css"])
def test_every_answer_carries_the_security_headers(ask: Any, address: str) -> None:
    headers = ask(address).headers
    assert headers["x-frame-options"] == "DENY"
    assert headers["x-content-type-options"] == "nosniff"
    assert "frame-ancestors 'none'" in headers["content-security-policy"]
    assert ("unsafe-inline" in headers["content-security-policy"]) == address.startswith(("/evidence", "/-/"))


@pytest.mark.parametrize(
    "address", ["/evidence?sql=select+1", "/evidence/articles?_where=1", "/evidence.json?sql=select+1"]
)
def test_visitors_run_no_sql(ask: Any, address: str) -> None:
    assert ask(address).status_code == 403


@pytest.mark.parametrize("form", ["", ".json", ".csv"])
@pytest.mark.parametrize(
    "query",
    ["_sort=nothing", "_sort=%27%20OR%201%3D1--", "_through=%22", "_through=%5B%5D", "_through=%7B%7D",
     "_facet=%00", "_facet_array=%00abc", "_facet_array=%7B%7D", "_next=%ff%fe", "_size=%C2%B2", "_nocol=x"],
)  # fmt: skip
def test_a_wrong_value_on_a_page_of_datasettes_is_no_server_error(ask: Any, form: str, query: str) -> None:
    answer = ask(f"/evidence/articles{form}?{query}")
    assert answer.status_code in (200, 400)
    assert "Traceback" not in answer.text


def test_a_failure_of_our_own_stays_a_server_error(ask: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(*_: Any) -> None:
        raise ValueError("broken")

    monkeypatch.setattr("db.site.routes.lists.articles.facet_views", fail)
    assert ask("/articles?q=fresh+failure").status_code == 500


def test_a_row_says_where_the_study_looked(ask: Any) -> None:
    found = re.search(r'class="row-facts">(.*?)</p>', ask("/articles?site=site:hip").text, re.DOTALL)
    assert found is not None
    assert " · hip" in found[1]


@pytest.mark.parametrize(
    "address",
    ["/evidence/articles_fts_data", "/evidence/articles_fts_idx.json", "/evidence/articles_fts_docsize.csv",
     "/evidence/search_words", "/evidence/_sqlite_migrations.json", "/evidence.db", "/_internal", "/_internal.json"],
)  # fmt: skip
def test_inner_tables_and_the_file_itself_are_closed(ask: Any, address: str) -> None:
    assert ask(address).status_code == 403


@pytest.mark.parametrize(
    "address",
    ["/evidence/records", "/evidence/batches.json", "/evidence/decisions.csv", "/-/threads.json", "/-/patterns",
     "/-/databases", "/-/databases.json", "/-/messages", "/-/allow-debug", "/_memory"],
)  # fmt: skip
def test_what_is_not_public_is_not_there(ask: Any, address: str) -> None:
    assert ask(address).status_code == 404


@pytest.mark.parametrize("address", ["/", "/articles", "/evidence", "/evidence/articles", "/concepts/x"])
def test_nothing_is_written_from_outside(ask: Any, address: str) -> None:
    answer = ask.post(address, data={"a": "b"})
    assert answer.status_code == 405
    assert answer.headers["x-frame-options"] == "DENY"


def test_a_body_that_is_long_or_of_no_length_is_refused(ask: Any) -> None:
    assert ask.post("/evidence/articles", content=b"a" * 100_001).status_code == 413

    async def pieces() -> Any:
        yield b"a"

    assert ask.post("/evidence/articles", content=pieces()).status_code == 411


def test_a_file_of_somebody_else_with_articles_is_served_as_it_is(ask: Any, tmp_path: Path) -> None:
    with closing(sqlite3.connect(tmp_path / "other.db")) as conn:
        conn.execute("CREATE TABLE articles (id INTEGER PRIMARY KEY, title TEXT)")
    plain = type(ask.datasette)(files=[str(tmp_path / "other.db")])

    async def statuses() -> list[int]:
        await plain.invoke_startup()
        return [(await plain.client.get(address)).status_code for address in ("/other/articles.json", "/articles")]

    assert asyncio.run(statuses()) == [200, 404]


def test_the_methods_page_shows_the_quality_that_was_published(tmp_path: Path) -> None:
    path = tmp_path / "evidence.db"
    make_evidence(path, 20)
    quality = {"tagger": "another", "date": "2026-01-02", "gold": "7 records", "kinds": {"outcomes": {"F1": 0.8125}}}
    with closing(sqlite3.connect(path)) as conn, conn:
        conn.execute("INSERT OR REPLACE INTO properties VALUES ('tagger_quality', ?)", [json.dumps(quality)])
    for ask in asking(path):
        text = ask("/methods").text
        assert "7 records" in text
        assert "0.812" in text or "0.813" in text
        assert "their tags may be better or worse" in text
        assert ask("/methods.json").json()["tagger_quality"] == quality


def test_sql_opens_as_documented(ask: Any, evidence: Path) -> None:
    opened = type(ask.datasette)(
        files=[str(evidence)],
        metadata={"databases": {"evidence": {"allow_sql": True}}},
        settings={"default_allow_sql": False},
    )

    async def answer() -> Any:
        await opened.invoke_startup()
        return await opened.client.get("/evidence.json?sql=select+1+as+one&_shape=array")

    assert asyncio.run(answer()).json() == [{"one": 1}]


@pytest.mark.parametrize("title", ["RETRACTED: A trial", "Retracted: A trial", "[Retracted] : A trial", "A trial"])
def test_a_title_says_once_that_it_is_retracted(title: str) -> None:
    assert formatting.title(title, retracted=1) == "A trial"
    assert formatting.title(title) == title


def test_a_page_that_is_missing_has_the_foot_of_all_pages(ask: Any) -> None:
    ask("/articles")
    assert "articles, PubMed" in ask("/nothing").text


def test_a_question_in_the_search_box_is_led_to_its_answer(ask: Any) -> None:
    assert "See the answer" in ask("/articles?q=does+indomethacin+reduce+HO").text
    assert "See the answer" not in ask("/articles?q=indomethacin").text


@pytest.mark.parametrize("chosen", [{}, {"q": "hip", "year": "1990-2020"}, {"intervention": NSAIDS, "outcome": "pain"}])
def test_excluding_a_value_adds_to_what_is_in_force(ask: Any, chosen: dict[str, str]) -> None:
    text = ask("/articles", params=chosen).text
    for form in re.findall(r'<form action="(/articles#f-[a-z_]+)">(.*?)</form>', text, re.DOTALL):
        hidden = re.findall(r'<input type="hidden" name="([^"]+)" value="([^"]*)">', form[1])
        buttons = re.findall(r'<button class="exclude" name="([^"]+)" value="([^"]+)" aria-label="Exclude', form[1])
        assert buttons
        assert ArticleFilter.from_query(hidden) == read_address(ask, text)
        for name, value in buttons:
            sent = [(unescape(key), unescape(words)) for key, words in (*hidden, (name, value))]
            wanted = read_address(ask, text).with_choice(name.removeprefix("not_"), unescape(value), "not")
            assert ArticleFilter.from_query(sent) == wanted


def read_address(ask: Any, text: str) -> ArticleFilter:
    """The filter of a list's page, as the address that it is saved by has it."""
    address = re.search(r"address = &#34;/articles[?]?(.*?)&#34;", text)
    assert address is not None
    return ArticleFilter.from_query(parse_qsl(unescape(address[1])))


def test_a_list_with_many_filters_stays_light(ask: Any) -> None:
    chosen = {"intervention": NSAIDS, "not_outcome": "pain", "year": "1990-2025", "q": "patients OR bone"}
    page = ask("/articles", params=chosen)
    assert page.text.count('<li class="row') == 25
    assert len(page.content) < 127_000
