"""Pooling pages: plainly named, linked from nowhere, refusals in one line; and what programs look for."""

import re
import sqlite3
from collections.abc import Iterator
from html import unescape
from pathlib import Path

import pytest
from sqlite_utils import Database

from db.evidence.effects.pool_choice import pool_findings
from db.evidence.summaries import build_summaries
from db.select.search.index import build_search
from db.store.schema import migrate
from tests.support.made_up import add_article, add_concepts, add_finding
from tests.support.sites import Ask, asking

TEXT = "OR 0.5 (95% CI 0.25 to 1.0) <b>."


@pytest.fixture(scope="module")
def pooled_site(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Four trials of indomethacin, the last one with another measure."""
    path = tmp_path_factory.mktemp("pool") / "evidence.db"
    database = Database(path)
    migrate(database, str(path))
    conn = database.conn
    add_concepts(conn)
    values = ((2001, 0.5, 0.25, 1.0), (2005, 0.4, 0.2, 0.8), (2010, 0.8, 0.5, 1.28), (2012, 0.5, 0.25, 1.0))
    for number, (year, value, low, high) in enumerate(values, 1):
        about = {"study_design": "randomized controlled trial", "first_author": f"Doe{number} J", "abstract": TEXT}
        add_article(conn, 100 + number, ["indomethacin"], year=year, **about)
        numbers = {"measure": "RR" if number == 4 else "OR", "value": value, "ci_low": low, "ci_high": high}
        more = {"adjusted": 0, "comparator_class": "none or placebo", "sentence_end": len(TEXT)}
        add_finding(
            conn, 100 + number, id=number, subject_id="indomethacin", outcome_id="ho-incidence", **numbers, **more
        )
    build_search(conn)
    build_summaries(database)
    conn.commit()
    database.close()
    return path


@pytest.fixture(scope="module")
def ask(pooled_site: Path) -> Iterator[Ask]:
    """Asks the site over them."""
    yield from asking(pooled_site)


def test_chosen_estimates_are_pooled_and_plainly_named(ask: Ask, pooled_site: Path) -> None:
    with sqlite3.connect(pooled_site) as conn:
        found = pool_findings(conn, [1, 2, 3])
    conn.close()
    page = ask("/pool?finding=1&finding=2&finding=3")
    assert page.status_code == 200
    assert "Made from abstracts on request" in page.text
    assert f"OR {found.shown(found.pooled.mean):.2f} ({found.shown(found.pooled.low):.2f}" in page.text
    assert "<b>" not in page.text
    told = ask("/pool.json?finding=1&finding=2&finding=3").json()
    assert told["pooled"]["value"] == pytest.approx(found.shown(found.pooled.mean))
    assert told["label"].startswith("Made from abstracts")
    assert [entry["pmid"] for entry in told["estimates"]] == [101, 102, 103]
    assert len(told["by_year"]) == 2
    table = page.text.partition('<table class="estimates">')[2].partition("</table>")[0]
    rows = re.findall(r"<tr>(.*?)</tr>", table, re.DOTALL)[1:]
    for row, entry in zip(rows, told["estimates"], strict=True):
        cells = [" ".join(unescape(re.sub("<[^>]*>", " ", cell)).split()) for cell in re.split("</t[hd]>", row)]
        low, high = entry["interval"]
        assert cells[:4] == [
            entry["study"], "indomethacin on HO incidence", "randomized controlled trial",
            f"OR {entry['value']:.2f} ({low:.2f}–{high:.2f}), unadjusted",
        ]  # fmt: skip
        without = entry["without_it"]
        assert cells[4] == f"{without['value']:.2f} ({without['low']:.2f}–{without['high']:.2f})"
        assert cells[5] == entry["sentence"]


@pytest.mark.parametrize(
    ("query", "words"),
    [
        ("finding=1&finding=4", "different measures are never pooled"),
        ("finding=1", "choose 2 to 60"),
        ("finding=x&finding=2", "is none"),
        ("finding=1&finding=99", "no estimate that is held"),
        ("finding=1&finding=2&mix=all", "nothing to mix"),
        ("", "name what to pool"),
        ("subject=moonlight&outcome=ho-incidence", "there is no concept"),
    ],
)
def test_a_refusal_is_one_clear_line(ask: Ask, query: str, words: str) -> None:
    page = ask(f"/pool?{query}")
    assert page.status_code == 400
    assert words in page.text.casefold()


def test_estimates_are_offered_unchosen(ask: Ask) -> None:
    page = ask("/pool?subject=indomethacin&outcome=HO+incidence")
    assert page.status_code == 200
    assert page.text.count('name="finding"') == 4
    assert " checked>" not in page.text


def test_nothing_leads_to_pooling_unasked(ask: Ask) -> None:
    for address in ("/", "/overview", "/articles", "/articles/101", "/concepts/indomethacin", "/plots", "/sitemap.xml"):
        assert 'href="/pool' not in ask(address).text, address
    assert "Disallow: /pool" in ask("/robots.txt").text


def test_programs_find_llms_txt_and_similar_articles(ask: Ask) -> None:
    text = ask("/llms.txt")
    assert text.headers["content-type"].startswith("text/markdown")
    assert text.text.startswith("# HO tracker\n\n> ")
    assert "cite the PMID" in text.text
    told = ask("/articles/101/similar.json").json()
    assert {near["pmid"] for near in told["similar"]} == {102, 103, 104}
    assert told["similar"][0]["shared"] == ["indomethacin"]
    missing = ask("/articles/12/similar.json")
    assert (missing.status_code, missing.json()["ok"]) == (404, False)
