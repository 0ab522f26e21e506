"""Plots of reported estimates: a brute-force count, every estimate on one page, and the same as files."""

import csv
import io
import re
import sqlite3
from html import unescape
from typing import Any
from urllib.parse import quote

import pytest

from db.site.plots.bars import Bubble, evidence_map
from db.site.routes.evidence import plots
from tests.support.evidence_oracle import EvidenceOracle
from tests.support.oracle import Question

FACTOR = "risk-factor:male-sex"


@pytest.fixture(scope="module")
def stated(conn: sqlite3.Connection) -> list[tuple[int, int, str, str | None, str]]:
    """Findings with a number whose sentence agrees with itself: id, PMID, subject, outcome, kind of the subject."""
    return conn.execute(
        "SELECT findings.id, pmid, subject_id, outcome_id, concepts.kind FROM findings JOIN concepts ON concepts.id = "
        "subject_id WHERE value IS NOT NULL AND conflict IS NULL"
    ).fetchall()


def every_row(ask: Any, address: str) -> tuple[dict[str, Any], list[int]]:
    """The first answer of a plot as JSON, and the findings of all its pages."""
    joint = "&" if "?" in address else "?"
    first = told = ask(f"{address}{joint}_size=40").json()
    found = [row["finding_id"] for row in told["rows"]]
    while told["next_url"]:
        told = ask(told["next_url"].split("localhost", 1)[1]).json()
        found += [row["finding_id"] for row in told["rows"]]
    return first, found


@pytest.mark.parametrize(
    ("address", "subject", "outcome", "kind"),
    [
        (f"/plots/risk/{FACTOR}.json", FACTOR, None, None),
        ("/plots/risk/all.json", None, None, "risk factor"),
        ("/plots/effect.json", None, None, "intervention"),
        ("/plots/effect.json?intervention=intervention:nsaids", "intervention:nsaids", None, None),
        ("/plots/effect.json?outcome=outcome:ho-occurrence", None, "outcome:ho-occurrence", None),
        (
            "/plots/effect.json?intervention=intervention:nsaids&outcome=outcome:ho-occurrence",
            "intervention:nsaids", "outcome:ho-occurrence", None,
        ),
    ],
)  # fmt: skip
@pytest.mark.parametrize("year", [None, (1990, 2010)])
def test_a_plot_has_every_estimate_of_what_it_is_of_and_no_other(
    ask: Any, oracle: EvidenceOracle, stated: Any, address: str, subject: Any, outcome: Any, kind: Any, year: Any
) -> None:
    inside = oracle.matching(Question(retracted=False, years=year))
    expected = {
        number
        for number, pmid, of, on, its_kind in stated
        if pmid in inside
        and (subject is None or subject in oracle.line(of))
        and (outcome is None or outcome in oracle.line(on))
        and (kind is None or its_kind == kind)
    }
    asked = address + (f"{'&' if '?' in address else '?'}year={year[0]}-{year[1]}" if year else "")
    first, found = every_row(ask, asked)
    assert expected
    assert len(found) == len(set(found)) == first["count"]
    assert set(found) == expected
    listed = ask("/articles.json?" + first["list"].partition("?")[2]).json()["filtered_table_rows_count"]
    assert listed == len({pmid for number, pmid, *_ in stated if number in expected})


def walked(ask: Any, address: str, way: str) -> list[tuple[str, list[str]]]:
    """Each page of a plot from an address on: its own words of its place, and the articles of its table."""
    found = []
    at: str | None = address
    while at:
        text = ask(at).text
        place = re.search(r"Page \d+ of \d+", text)
        assert place is not None
        found.append((place[0], re.findall(r'<tr><th scope="row"><a href="/articles/(\d+)">', text)))
        on = re.search(rf'<a href="([^"]+)" rel="{way}">', text)
        at = unescape(on[1]) if on else None
    return found


@pytest.mark.parametrize("address", [f"/plots/risk/{FACTOR}?topic=all", "/plots/effect?outcome=outcome:severe-ho"])
def test_the_pages_of_a_plot_hold_each_estimate_once(ask: Any, monkeypatch: pytest.MonkeyPatch, address: str) -> None:
    path, _, query = address.partition("?")
    rows = [str(row["pmid"]) for row in ask(f"{path}.json?{query}&_size=1000").json()["rows"]]
    size = len(rows) // 3
    monkeypatch.setattr(plots, "ESTIMATES_A_PAGE", size)
    last = -(-len(rows) // size)
    assert last > 2
    pages = walked(ask, address, "next")
    assert [place for place, _ in pages] == [f"Page {number} of {last}" for number in range(1, last + 1)]
    assert [pmid for _, pmids in pages for pmid in pmids] == rows
    assert walked(ask, f"{address}&page={last}", "prev") == pages[::-1]


def test_a_plot_as_a_table_has_what_the_json_has(ask: Any) -> None:
    rows = list(csv.DictReader(io.StringIO(ask(f"/plots/risk/{FACTOR}.csv").text)))
    told = ask(f"/plots/risk/{FACTOR}.json?_size=1000").json()["rows"]
    assert len(rows) == len(told) > 3
    for row, wanted in zip(rows, told, strict=True):
        assert row["pmid"] == str(wanted["pmid"])
        assert float(row["value"]) == wanted["value"]
        assert row["adjusted"] == {None: "", True: "yes", False: "no"}[wanted["adjusted"]]
        assert row["retracted"] == {True: "yes", False: "no"}[wanted["retracted"]]
        assert row["ci_low"] == ("" if wanted["ci_low"] is None else str(wanted["ci_low"]))
        assert wanted["article"].endswith(f"/articles/{row['pmid']}")


def test_a_plot_as_a_page_has_what_the_json_has(ask: Any) -> None:
    told = ask("/plots/risk/all.json?_size=60").json()["rows"]
    rows = re.findall(r'<tr><th scope="row">(<a href="/articles/.*?)</tr>', ask("/plots/risk/all").text, re.DOTALL)
    assert len(rows) == len(told)
    for html, wanted in zip(rows, told, strict=True):
        cells = [" ".join(unescape(re.sub("<[^>]+>", "", cell)).split()) for cell in re.split("</t[hd]>", html)]
        size = "" if wanted["sample_size"] is None else f"{wanted['sample_size']:,}".replace(",", " ")
        assert cells[:6] == [
            ("Retracted " if wanted["retracted"] else "") + wanted["study"], wanted["subject"], "",
            wanted["outcome"] or "not stated", wanted["study_design"] or "not stated", size,
        ]  # fmt: skip
        assert cells[6].startswith(f"{wanted['measure']} {wanted['value']:.2f}")
        assert cells[7] == (wanted["p_value"] or "")
        assert cells[8] == {True: "adjusted", False: "unadjusted", None: "not stated"}[wanted["adjusted"]]
        assert wanted["direction"] in cells[9]
        assert wanted["sentence"][:80] in cells[9]


def test_the_articles_behind_a_plot_are_a_list_of_their_number(ask: Any) -> None:
    for address in (f"/plots/risk/{FACTOR}", "/plots/effect?intervention=intervention:nsaids"):
        path, _, query = address.partition("?")
        told = ask(f"{path}.json?_size=1000&{query}").json()
        number = len({row["pmid"] for row in told["rows"]})
        links = re.findall(r'estimates? from <a href="([^"]+)">([^<]+)</a>', ask(address).text)
        assert [(unescape(href), int(words.split()[0])) for href, words in links] == [
            (told["list"].removeprefix("http://localhost"), number)
        ]
        listed = ask(told["list"].replace("/articles?", "/articles.json?").removeprefix("http://localhost")).json()
        assert listed["filtered_table_rows_count"] == number


def test_a_plot_of_one_factor_stays_with_it_from_view_to_view(ask: Any) -> None:
    text = ask(f"/plots/risk/{FACTOR}?year=1990-2010").text
    tabs = re.search(r'<nav class="tabs".*?</nav>', text, re.DOTALL)
    assert tabs is not None
    kept = [unescape(href) for href in re.findall(r'href="([^"]+)"', tabs[0])]
    assert all(quote(FACTOR, safe="") in href for href in kept)
    assert all("year=1990-2010" in href for href in kept)
    everything = ask("/plots/risk/all").text
    assert "risk_factor=all" not in everything
    assert 'filename="ho-estimates-' in ask(f"/plots/risk/{FACTOR}.csv").headers["content-disposition"]


@pytest.mark.parametrize("page", ["/plots/risk/all", "/matrix"])
def test_retracted_articles_can_be_counted_unless_a_filter_decides_it(ask: Any, page: str) -> None:
    without = ask(page).text
    assert "Retracted articles are left out." in without
    switch = re.search(r'<a href="([^"]+)">(Show|Count) retracted articles too</a>', without)
    assert switch is not None
    assert unescape(switch[1]) == f"{page}?with_retracted=yes"
    counted = ask(unescape(switch[1])).text
    assert "Retracted articles are left out" not in counted
    back = re.search(r'<a href="([^"]+)">Leave retracted articles out</a>', counted)
    assert back is not None
    assert unescape(back[1]) == page
    for said in ("yes", "no"):
        assert "etracted articles too<" not in ask(f"{page}?retracted={said}").text


def test_evidence_over_time_counts_every_article_of_its_periods(ask: Any, oracle: EvidenceOracle) -> None:
    text = ask("/plots/time?kind=outcome").text
    periods = re.findall(r'<th scope="col" class="num">(\d{4})–(\d\d)</th>', text)
    assert [int(last) for _, last in periods] == [(int(first) + 4) % 100 for first, _ in periods]
    years = [row["year"] for row in oracle.rows.values() if row["year"]]
    assert int(periods[-1][0]) == max(years) // 5 * 5
    rows = re.findall(r'<tr><th scope="row"><a href="/concepts/([^"]+)">[^<]*</a></th>(.*?)</tr>', text)
    assert len(rows) > 3
    for concept, cells in rows:
        numbers = [int(n) for n in re.findall(r">(\d+)<", cells)]
        wanted = [
            len(
                oracle.matching(Question(any_of={"outcome": {concept.replace("%3A", ":")}}, years=(int(f), int(f) + 4)))
            )
            for f, _ in periods
        ]
        assert numbers == wanted
    totals = [sum(int(n) for n in re.findall(r">(\d+)<", cells)) for _, cells in rows]
    assert totals == sorted(totals, reverse=True)


def test_no_year_is_no_picture(ask: Any) -> None:
    assert "No article with a year under these filters" in ask("/plots/time?year=1801").text
    assert ask("/plots/time.svg?year=1801").status_code == 200


def test_the_area_of_a_bubble_is_its_number() -> None:
    rows = [("a", "", [Bubble(100, "/x"), Bubble(25, ""), Bubble(0, "/y"), Bubble(1, "/z")])]
    drawn = evidence_map(rows, ["1", "2", "3", "4"], "Name", "outcome")
    assert re.findall(r' r="([\d.]+)"', drawn) == ["15", "7.5", "2"]
    assert re.findall(r'href="([^"]+)"', drawn) == ["/x", "/z"]
    assert re.findall(r"<title>a, (.*?)</title>", drawn) == ["1: 100 articles", "2: 25 articles", "4: 1 article"]
    assert ">100</text>" in drawn
    assert ">25</text>" not in drawn


def test_the_doors_name_what_has_estimates(ask: Any) -> None:
    text = ask("/plots").text
    doors = re.findall(r'<a href="/(plots/[^"]+)">[^<]*</a> <span class="count">(\d+)</span>', text)
    assert len(doors) > 5
    for href, number in doors[::4]:
        path, _, query = unescape(href).partition("?")
        rows = ask(f"/{path}.json?{query}&_size=1000").json()["rows"]
        concepts = re.findall(r"[a-z-]+%3A[\w-]+", href)
        own = [
            row for row in rows if {row["subject_id"], row["outcome_id"]} >= {c.replace("%3A", ":") for c in concepts}
        ]
        assert len(own) == int(number)
