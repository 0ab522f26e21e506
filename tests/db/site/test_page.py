"""What all pages share: an unchanged one is not sent again, numbers of an address are bounded, files are kept."""

import shutil
import sqlite3
from pathlib import Path
from typing import Any

import pytest

from tests.support.generate_articles import FIRST_PMID
from tests.support.sites import asking


@pytest.mark.parametrize("address", ["/articles?q=hip", "/articles.json?q=hip", "/feed.atom?q=hip", "/"])
def test_an_unchanged_page_is_not_sent_again(ask: Any, address: str) -> None:
    first = ask(address)
    tag = first.headers["etag"]
    assert first.headers["cache-control"] == "max-age=60"
    again = ask(address, headers={"if-none-match": tag})
    assert (again.status_code, again.text, again.headers["etag"]) == (304, "", tag)
    assert again.headers["cache-control"] == "max-age=60"
    other = f"{address}{'&' if '?' in address else '?'}utm_x=1"
    for more, headers in ((other, {}), (address, {"host": "elsewhere.example"}), (address, {"if-none-match": "x"})):
        answer = ask(more, headers={"if-none-match": tag, **headers})
        assert answer.status_code == 200
        assert (answer.headers["etag"] == tag) == ("if-none-match" in headers)


def test_a_page_that_takes_too_long_is_given_up(ask: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    with monkeypatch.context() as patched:
        patched.setattr("db.site.page._PAGE_SECONDS", 0.0001)
        answer = ask("/articles?q=bone*&sort=citations")
        assert answer.status_code == 503
        assert "That took too long" in answer.text
        assert "etag" not in answer.headers
    assert ask("/articles?q=bone*&sort=citations").status_code == 200


@pytest.mark.parametrize("address", ["/articles?year=x", "/articles/1", "/articles?page=9999", "/articles.json?year=x"])
def test_what_went_wrong_is_asked_again(ask: Any, address: str) -> None:
    answer = ask(address)
    assert answer.status_code in (400, 404)
    assert "etag" not in answer.headers


def test_a_new_build_is_a_new_page_and_a_file_without_a_stamp_has_no_tag(tmp_path: Path, evidence: Path) -> None:
    path = tmp_path / "evidence.db"
    shutil.copy(evidence, path)
    for ask in asking(path):
        tag = ask("/help").headers["etag"]
        with sqlite3.connect(path) as conn:
            conn.execute("UPDATE properties SET value = 'another' WHERE name = 'build'")
        conn.close()
        answer = ask("/help", headers={"if-none-match": tag})
        assert answer.status_code == 200
        assert answer.headers["etag"] != tag
        with sqlite3.connect(path) as conn:
            conn.execute("DELETE FROM properties WHERE name = 'build'")
        conn.close()
        assert "etag" not in ask("/help").headers


@pytest.mark.parametrize(
    ("address", "most"),
    [
        ("/articles?page={}", 1_000_000), ("/articles.json?_size={}", 200), ("/articles.json?_next={}", 10_000_000),
        ("/feed.atom?page={}", 100_000), ("/changes.atom?page={}", 100_000), ("/changes.json?_size={}", 1000),
        ("/new?before={}", 2**31), ("/runs/2?page={}", 100_000), ("/plots/risk/all?page={}", 1000),
        ("/plots/risk/all.json?_size={}", 1000), ("/matrix?column_page={}", 1000),
    ],
)  # fmt: skip
def test_a_number_of_an_address_is_whole_and_bounded(ask: Any, address: str, most: int) -> None:
    said = f"must be a whole number from 1 to {most:,}"
    assert said not in ask(address.format(most)).text
    for wrong in (most + 1, 0, -1, "%2B1", "1.0", "٣", "x", "9" * 5000):
        answer = ask(address.format(wrong))
        assert answer.status_code == 400
        assert said in answer.text


def test_of_a_parameter_given_twice_the_last_counts(ask: Any) -> None:
    assert ask("/articles.json?_size=5&_size=7").json()["rows"][6:]
    assert len(ask("/articles.json?_size=7&_size=5").json()["rows"]) == 5
    assert ask("/articles.json?_size=5&_size=+").json()["next"] == "50"


def test_a_static_file_is_kept_for_good_under_its_stamp_alone(ask: Any) -> None:
    for name, kind in (("tracker.css", "text/css"), ("kept.js", "text/javascript"), ("icon.svg", "image/svg+xml")):
        stamped, plain = ask(f"/-/tracker/{name}?abc"), ask(f"/-/tracker/{name}")
        assert stamped.headers["content-type"].startswith(kind)
        assert stamped.headers["cache-control"] == "public, max-age=31536000, immutable"
        assert plain.headers["cache-control"] == "max-age=60"
        assert plain.text == stamped.text
    assert ask("/-/tracker/plugin.css").status_code == 404
    page = ask("/").text
    assert page.count("/-/tracker/tracker.css?") == 1


def test_a_site_below_a_path_links_below_it(evidence: Path) -> None:
    for ask in asking(evidence, "/base/"):
        for address in (
            "/",
            "/articles?q=hip",
            f"/articles/{FIRST_PMID}",
            "/matrix",
        ):  # the client puts the base before
            answer = ask(address)
            assert answer.status_code == 200, address
            own = answer.text.replace('href="/base/', "").replace('src="/base/', "").replace('action="/base/', "")
            assert 'href="/' not in own
            assert 'src="/' not in own
            assert 'action="/' not in own
            assert f'<link rel="canonical" href="http://localhost/base{address}">' in answer.text
        assert "http://localhost/base/articles/" in ask("/feed.atom").text
        assert ask("/-/threads").status_code == 404
        assert ask.request("POST", "/articles").status_code == 405  # type: ignore[attr-defined]
        assert "'unsafe-inline'" not in ask("/articles").headers["content-security-policy"]
        assert "'unsafe-inline'" in ask("/evidence").headers["content-security-policy"]


@pytest.mark.parametrize(
    "address", ["/", "/articles", f"/articles/{FIRST_PMID}", "/matrix", "/plots/risk/all", "/answer?q=NSAIDs", "/new"]
)
def test_every_page_says_who_read_and_that_it_is_no_advice(ask: Any, address: str) -> None:
    foot = ask(address).text.partition('<footer class="foot">')[2]
    assert "Tagged by machine, checked by people where marked. No medical advice." in foot
    assert "PubMed checked 2 January 2026" in foot
    assert "state of 2 January 2026, http://localhost/" in foot
