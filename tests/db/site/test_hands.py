"""What programs take from the pages: citation tags, whole feeds, one address, fair exports, small answers."""

import gzip
import json
import re
import shutil
import sqlite3
from html import unescape
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, parse_qsl, urlsplit
from xml.etree import ElementTree

import pytest

from db.site.page import public_address, report_address
from db.site.routes.lists import export
from db.site.server import build_datasette
from db.site.serving.compress import compressing
from db.site.show.citation_tags import citation_tags
from tests.support.generate_articles import FIRST_PMID
from tests.support.sites import asking

ATOM = "{http://www.w3.org/2005/Atom}"


def read_tags(text: str) -> dict[str, list[str]]:
    """The citation tags of a page, as a reference manager collects them."""
    found: dict[str, list[str]] = {}
    for name, content in re.findall(r'<meta name="(citation_[a-z_]+)" content="([^"]*)">', text):
        found.setdefault(name, []).append(unescape(content))
    return found


def test_a_reference_manager_finds_the_article(ask: Any, evidence: Path) -> None:
    text = ask(f"/articles/{FIRST_PMID}").text
    tags = read_tags(text)
    with sqlite3.connect(evidence) as conn:
        conn.row_factory = sqlite3.Row
        row = conn.execute("SELECT * FROM articles WHERE pmid = ?", [FIRST_PMID]).fetchone()
    assert tags["citation_title"] == [row["title"]]
    assert [author.replace(",", "") for author in tags["citation_author"]] == row["authors"].split(", ")
    assert tags["citation_publication_date"] == [row["publication_date"].replace("-", "/")]
    assert (tags["citation_doi"], tags["citation_pmid"]) == ([row["doi"]], [str(FIRST_PMID)])
    assert (tags["citation_firstpage"], tags["citation_lastpage"]) == tuple([page] for page in row["pages"].split("-"))
    linked = json.loads(re.search(r'<script type="application/ld\+json">(.*?)</script>', text)[1])  # type: ignore[index]
    assert (linked["@type"], linked["headline"]) == ("ScholarlyArticle", row["title"])
    ris = re.search(r'type="application/x-research-info-systems"[^>]*href="([^"]+)"', text)
    assert ris is not None
    assert f"AN  - {FIRST_PMID}" in ask(unescape(ris[1])).text


def test_a_list_offers_its_rows_as_a_folder(ask: Any) -> None:
    rows = [parse_qs(unescape(title)) for title in re.findall(r'class="Z3988" title="([^"]+)"', ask("/articles").text)]
    listed = ask("/articles.json?_size=25").json()["rows"]
    assert [row["rft.atitle"][0] for row in rows] == [row["title"] for row in listed]
    assert [row["rft_id"][0] for row in rows] == [f"info:pmid/{row['pmid']}" for row in listed]


@pytest.mark.parametrize(("pages", "last"), [("487-93", "493"), ("1-12", "12"), ("e12", None), ("S12-S19", "S19")])
def test_a_last_page_is_whole_and_the_retracted_say_so(pages: str, last: str | None) -> None:
    columns = "publication_date journal book_title iso_abbreviation issn volume issue doi language year".split()
    article = {**dict.fromkeys(columns), "pmid": 1, "title": "A trial", "retracted": 1, "pages": pages}
    tags = dict(citation_tags(article, []))
    assert tags.get("citation_lastpage") == last
    assert tags["citation_title"] == "RETRACTED: A trial"


def test_a_feed_pages_through_every_article_by_arrival(tmp_path: Path, evidence: Path) -> None:
    path = tmp_path / "evidence.db"
    shutil.copy(evidence, path)
    with sqlite3.connect(path) as conn:
        # old work that arrived last: by date of publication it would stand nowhere near the top
        late = [row[0] for row in conn.execute("SELECT pmid FROM changes WHERE run_id = 2")]
        conn.execute("UPDATE articles SET publication_date = '1950-01-01', year = 1950, topic = 'ho', vanished = 0 "
                     "WHERE pmid IN (SELECT pmid FROM changes WHERE run_id = 2)")  # fmt: skip
    conn.close()
    for ask in asking(path):
        address, found = "/feed.atom", []
        while address:
            feed = ElementTree.fromstring(ask(address).content)  # noqa: S314 - our own answer
            entries = feed.findall(f"{ATOM}entry")
            assert entries, "a page with nothing on it"
            found += [(e.findtext(f"{ATOM}id") or "").rsplit("/", 1)[1] for e in entries]
            links = {link.get("rel"): link.get("href") for link in feed.findall(f"{ATOM}link")}
            address = (links.get("next") or "").split("localhost")[-1]
        total = ask("/articles.json").json()["filtered_table_rows_count"]
        assert len(found) == len(set(found)) == total > 100
        assert {int(pmid) for pmid in found[: len(late)]} == set(late)


def test_what_is_new_agrees_and_is_about_ho(ask: Any) -> None:
    home = re.search(r"New in the last run</dt><dd><a [^>]*>(\d+)", ask("/").text)
    listed = ask("/articles.json?run=last").json()["filtered_table_rows_count"]
    changed = [row["pmid"] for row in ask("/changes.json?run=2&change=new&_size=1000").json()["rows"]]
    assert home is not None
    assert int(home[1]) == listed == len(changed)
    new = re.search(r"(\d+) new</a>", ask("/new").text)
    assert new is not None
    assert int(new[1]) == listed
    every = ask("/changes.json?run=2&change=new&_size=1000&topic=all").json()["rows"]
    assert len(every) == 12
    some = ask("/changes.json?study_design=cohort&_size=1000").json()["rows"]
    assert some
    assert {row["study_design"] for row in some} == {"cohort"}


def test_one_public_address_whatever_name_was_asked(ask: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    for address in ("/feed.atom?q=address", "/articles?q=address", "/sitemap.xml?part=1"):
        assert "evil.example" in ask(address, headers={"host": "evil.example"}).text
    monkeypatch.setenv("HO_TRACKER_SITE_URL", "https://ho.example/evidence/")
    for address in (
        "/feed.atom?q=address2",
        "/articles?q=address2",
        "/sitemap.xml?part=1&x_",
        "/articles.json?q=address2",
    ):
        text = ask(address.replace("&x_", ""), headers={"host": "evil.example", "if-none-match": "x"}).text
        assert "https://ho.example/evidence/" in text
        assert "evil.example" not in text


def test_a_filter_stays_from_view_to_view(ask: Any) -> None:
    chosen = [("intervention", "intervention:nsaids"), ("aetiology", "aetiology:arthroplasty"), ("year", "2000-")]
    text = ask("/articles", params=chosen).text
    tabs = re.search(r'<nav class="tabs".*?</nav>', text, re.DOTALL)
    assert tabs is not None
    addresses = [unescape(href) for href in re.findall(r'href="([^"]+)"', tabs[0])]
    assert len(addresses) == 5
    for address in addresses:
        pairs = parse_qsl(urlsplit(address).query)
        assert set(chosen[1:]) <= set(pairs)
        assert chosen[0] in pairs or "intervention%3Ansaids" in address
        answer = ask(address)
        assert answer.status_code == 200
        assert 'class="tabs"' in answer.text


def test_long_lists_leave_room_for_short_ones(ask: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(export._running, "large", export._MOST_LARGE)
    refused = ask("/export/ris")
    assert refused.status_code == 503
    assert int(refused.headers["retry-after"]) > 0
    assert ask(f"/export/ris?pmids={FIRST_PMID}").status_code == 200
    monkeypatch.setitem(export._running, "large", 0)
    assert ask("/export/ris").status_code == 200
    assert export._running["large"] == 0


def test_one_reader_never_has_all_places_of_long_lists(ask: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    for reader in ("reader 127.0.0.1", "reader "):
        monkeypatch.setitem(export._running, reader, export._MOST_OF_A_READER)
    assert ask("/export/ris").status_code == 503
    assert ask(f"/export/ris?pmids={FIRST_PMID}").status_code == 200
    for reader in ("reader 127.0.0.1", "reader "):
        monkeypatch.setitem(export._running, reader, export._MOST_OF_A_READER - 1)
    assert ask("/export/ris").status_code == 200


async def test_answers_are_compressed_where_asked_and_streams_are_not() -> None:
    async def answer(*messages: dict[str, Any], accept: bytes = b"gzip, br") -> list[dict[str, Any]]:
        sent: list[dict[str, Any]] = []

        async def send(message: Any) -> None:
            sent.append(message)

        sending = compressing({"headers": [(b"accept-encoding", accept)]}, send)
        for message in messages:
            await sending(message)
        return sent

    typed = (b"Content-Type", b"text/html; charset=utf-8")
    start: dict[str, Any] = {"type": "http.response.start", "status": 200, "headers": [typed]}
    body = {"type": "http.response.body", "body": b"word " * 1000}
    sent = await answer(start, body)
    assert (b"content-encoding", b"gzip") in sent[0]["headers"]
    assert (b"vary", b"Accept-Encoding") in sent[0]["headers"]
    assert gzip.decompress(sent[1]["body"]) == body["body"]
    assert len(sent[1]["body"]) < 200
    assert await answer(start, body, accept=b"br") == [start, body]
    assert (await answer(start, {**body, "more_body": True}))[1]["body"] == body["body"]
    assert (await answer(start, {**body, "body": b"short"}))[1]["body"] == b"short"
    packed = {**start, "headers": [*start["headers"], (b"content-encoding", b"gzip")]}
    assert await answer(packed, body) == [packed, body]


def test_a_page_of_ours_is_small_on_the_wire(ask: Any) -> None:
    answer = ask("/articles", headers={"accept-encoding": "gzip"})
    assert answer.headers["content-encoding"] == "gzip"
    assert "<html" in answer.text


def test_options_says_what_is_allowed_without_a_page(ask: Any) -> None:
    answer = ask.request("OPTIONS", "/articles")
    assert (answer.status_code, answer.text) == (204, "")
    assert answer.headers["allow"] == "GET, HEAD, OPTIONS"


def test_help_names_every_field(ask: Any) -> None:
    text = ask("/help").text
    for words in ("title:", "journal:", "aspirin[ti]", "Evidence level", "Conflicting", "None found"):
        assert words in text


def test_a_list_of_nothing_says_what_is_held(tmp_path: Path, evidence: Path) -> None:
    path = tmp_path / "evidence.db"
    shutil.copy(evidence, path)
    with sqlite3.connect(path) as conn:
        conn.execute("UPDATE articles SET topic = 'not_ho'")
    conn.close()
    for ask in asking(path):
        text = ask("/articles").text
        assert "400 records held, none judged to be about heterotopic ossification" in text
        assert "No article matches" not in text


def test_numbers_never_break(ask: Any) -> None:
    assert "\u2009" not in ask("/articles").text


def test_chosen_rows_are_exported_and_none_chosen_is_none(ask: Any) -> None:
    text = ask("/articles").text
    form = re.search(r'<form class="picked".*?</form>', text, re.DOTALL)
    assert form is not None
    hidden = re.findall(r'type="hidden" name="([a-z]+)" value="([^"]*)"', form[0])
    rows = re.findall(r'type="checkbox" name="pmids" value="(\d+)"', form[0])
    assert len(rows) == 25
    for chosen in ([], rows[3:6]):
        pairs = [*hidden, *(("pmids", pmid) for pmid in chosen)]
        assert ask("/export/ris", params=pairs).headers["x-article-count"] == str(len(chosen))
        listed = ask("/articles.json", params=pairs).json()
        assert {str(row["pmid"]) for row in listed["rows"]} == set(chosen)


def test_a_row_can_be_cited_alone(ask: Any) -> None:
    cite = re.search(r'<a class="cite"[^>]*href="([^"]+)"', ask("/articles").text)
    assert cite is not None
    answer = ask(unescape(cite[1]))
    assert answer.headers["x-article-count"] == "1"


def test_suggestions_know_synonyms_and_only_what_is_held(ask: Any) -> None:
    rows = ask("/suggest.json?q=nsai").json()["rows"]
    assert rows[0]["id"] == "intervention:nsaids"
    assert all(row["articles"] > 0 for row in rows)
    assert ask("/suggest.json?q=CELECOX").json()["rows"][0]["name"] == "celecoxib"
    assert ask("/suggest.json?q=").json()["rows"] == ask("/suggest.json?q=zzzz").json()["rows"] == []


def test_a_reading_can_be_reported_where_somebody_reads_reports(ask: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    pmid = ask("/articles.json?effect=better").json()["rows"][0]["pmid"]
    assert "report this reading" not in ask(f"/articles/{pmid}").text
    monkeypatch.setenv("HO_TRACKER_REPORT_URL", "mailto:readings@ho.example")
    found = re.search(r'class="report" href="([^"]+)"', ask(f"/articles/{pmid}", headers={"host": "b"}).text)
    assert found is not None
    asked = parse_qs(urlsplit(unescape(found[1])).query)
    assert asked["subject"] == [f"Reading of PMID {pmid}"]
    assert "It should be:" in asked["body"][0]
    monkeypatch.setenv("HO_TRACKER_REPORT_URL", "javascript:alert(1)")
    assert 'class="report"' not in ask(f"/articles/{pmid}", headers={"host": "c"}).text


def test_the_addresses_of_the_settings_come_before_those_of_the_metadata(tmp_path: Path) -> None:
    said = {"site_url": "https://ho.example/evidence/", "report_url": None}
    datasette = build_datasette(tmp_path / "evidence.db", "/", said)
    assert public_address(datasette) == "https://ho.example/evidence"
    assert report_address(datasette) is None


def test_reports_are_words_in_their_place(ask: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HO_TRACKER_REPORT_URL", "https://tracker.example/issues/new?labels=reading")
    pmid = ask("/articles.json?effect=worse").json()["rows"][0]["pmid"]
    found = re.search(r'class="report" href="([^"]+)"', ask(f"/articles/{pmid}", headers={"host": "d"}).text)
    assert found is not None
    asked = parse_qs(urlsplit(unescape(found[1])).query)
    assert (asked["labels"], asked["title"]) == (["reading"], [f"Reading of PMID {pmid}"])


def test_a_whole_raw_table_is_not_one_answer(ask: Any) -> None:
    assert ask("/evidence/articles.csv?_size=20").text.count("\r\n") >= 21
    answer = ask("/evidence/articles.csv?_stream=1")
    assert answer.status_code == 400
    assert "stream" not in ask("/evidence/articles?_size=5").text
