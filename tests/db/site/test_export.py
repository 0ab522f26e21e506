"""Whole lists over HTTP: as many as the page counts, streamed, named after topic, filter and date."""

import json
import re
import shutil
import sqlite3
from pathlib import Path
from typing import Any

import pytest

from db.citations import FORMATS
from db.select.facets import FACETS
from db.site.routes.lists import export
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


@pytest.mark.parametrize("name", FORMATS)
def test_the_head_of_a_list_is_its_answer_without_the_list(ask: Any, name: str) -> None:
    whole = ask(f"/export/{name}?year=2015")
    head = ask.request("HEAD", f"/export/{name}?year=2015")
    assert head.status_code == 200
    assert head.text == ""
    for header in ("content-disposition", "x-article-count", "content-type", "cache-control"):
        assert head.headers[header] == whole.headers[header]
    assert whole.headers["cache-control"] == "no-store"


@pytest.mark.parametrize(
    ("markup", "kind", "ending"), [("html", "text/html", "html"), ("markdown", "text/markdown", "md"),
                                   ("text", "text/plain", "txt"), ("", "text/plain", "txt")],
)  # fmt: skip
def test_a_formatted_list_comes_in_the_markup_that_is_asked_for(ask: Any, markup: str, kind: str, ending: str) -> None:
    answer = ask(f"/export/ama?pmids={FIRST_PMID}&topic=all&markup={markup}")
    assert answer.headers["content-type"] == f"{kind}; charset=utf-8"
    name = re.search(r'filename="([^"]+)"', answer.headers["content-disposition"])
    assert name is not None
    assert re.fullmatch(rf"heterotopic-ossification_[A-Za-z]+\d{{4}}-{FIRST_PMID}_2026-01-02\.{ending}", name[1])


def test_a_list_is_in_the_order_of_its_page(ask: Any) -> None:
    for sort in ("newest", "oldest", "level", "size", "citations", "arrived"):
        listed = ask(f"/articles.json?sort={sort}&species=animal&_size=200").json()["rows"]
        lines = ask(f"/export/jsonl?sort={sort}&species=animal&page=2&find=x").text.splitlines()
        assert [json.loads(line)["pmid"] for line in lines] == [row["pmid"] for row in listed]


@pytest.mark.parametrize(
    ("running", "count", "place"),
    [
        ({}, 200, ("small",)), ({}, 201, ("large", "reader 192.0.2.1")),
        ({"small": 15}, 1, ("small",)), ({"small": 16}, 1, None), ({"small": 16}, 201, ("large", "reader 192.0.2.1")),
        ({"large": 7}, 300, ("large", "reader 192.0.2.1")), ({"large": 8}, 300, None), ({"large": 8}, 200, ("small",)),
        ({"reader 192.0.2.1": 2}, 300, ("large", "reader 192.0.2.1")), ({"reader 192.0.2.1": 3}, 300, None),
        ({"reader 192.0.2.2": 3}, 300, ("large", "reader 192.0.2.1")),
    ],
)  # fmt: skip
def test_small_lists_and_other_readers_always_have_a_place(
    monkeypatch: pytest.MonkeyPatch, running: dict[str, int], count: int, place: Any
) -> None:
    for name, number in running.items():
        monkeypatch.setitem(export._running, name, number)
    request: Any = type("Asked", (), {"scope": {"client": ("192.0.2.1", 5)}})
    assert export._place(request, count) == place


def test_a_list_is_of_one_build_though_another_comes_while_it_is_read(tmp_path: Path, evidence: Path) -> None:
    path = tmp_path / "evidence.db"
    shutil.copy(evidence, path)
    with sqlite3.connect(path) as conn:
        conn.execute("PRAGMA journal_mode = WAL")
    wanted = FORMATS["jsonl"]
    prepared = export._prepare(path, True, [("year", "2000-2010")], wanted, export._options([]))
    with sqlite3.connect(path) as conn:
        conn.execute("UPDATE articles SET title = 'of another build'")
    conn.close()
    text = "".join(prepared.pieces)
    prepared.connection.close()
    assert len(text.splitlines()) == len(prepared.selection.pmids) > 20
    assert "of another build" not in text


def test_whatever_becomes_of_a_list_its_connection_is_closed_and_its_place_free(
    ask: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    opened: list[sqlite3.Connection] = []
    connect = sqlite3.connect

    def watched(*asked: Any, **how: Any) -> sqlite3.Connection:
        opened.append(connect(*asked, **how))
        return opened[-1]

    monkeypatch.setattr("db.site.routes.lists.export.sqlite3.connect", watched)
    assert ask("/export/ris?year=2015").status_code == 200
    assert ask.request("HEAD", "/export/ris?year=2015").status_code == 200
    assert ask("/export/ris?intervention=nothing").status_code == 400
    monkeypatch.setattr(export, "_MOST_SMALL", 0)
    busy = ask("/export/ris?year=2015")
    assert (busy.status_code, busy.headers["retry-after"]) == (503, "30")
    assert "Lists of up to 200 records are always free" in busy.text
    assert len(opened) == 4
    for connection in opened:
        with pytest.raises(sqlite3.ProgrammingError, match="closed"):
            connection.execute("SELECT 1")
    assert +export._running == {}
