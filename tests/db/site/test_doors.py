"""The first page, pages of concepts, desks and searches: what they lead to, and what they say of what is gone."""

import re
import shutil
import sqlite3
from html import unescape
from pathlib import Path
from typing import Any
from urllib.parse import quote

import pytest

from db.evidence.asked import read_asked
from db.site.routes.people import review
from tests.support.oracle import Oracle, Question
from tests.support.sites import asking

NSAIDS = "intervention:nsaids"


def test_the_first_page_counts_what_stands_behind_its_doors(ask: Any, evidence: Path) -> None:
    oracle = Oracle(evidence)
    text = ask("/").text
    facts = dict(re.findall(r"<dt>([^<]+)</dt><dd>(?:<a [^>]*>)?([^<]+)", text))
    everything, last = oracle.matching(Question()), oracle.matching(Question(last_run=True))
    assert facts["PubMed last asked"] == "2 January 2026"
    assert facts["PubMed’s count for the query"] == facts["Held here"] == "400"
    assert facts["About HO"] == str(len(everything))
    assert facts["New in the last run"] == str(len(last))
    designs = {"randomized controlled trial"}, {"meta-analysis", "systematic review"}
    words = "of these randomized trials", "of these meta-analyses and systematic reviews"
    for of, said in zip(designs, words, strict=True):
        assert facts[said] == str(len(oracle.matching(Question(last_run=True, any_of={"study_design": of}))))
    assert facts["retracted in all"] == str(len(oracle.matching(Question(retracted=True))))
    for facet, plural in (("intervention", "interventions"), ("risk_factor", "risk factors"), ("outcome", "outcomes")):
        counts = oracle.facet(Question(), facet)
        assert f'<a href="/articles/values/{facet}">All {len(counts)} {plural}</a>' in text
        door = text[text.index(f'<h2 class="k-{facet.replace("_", "-")}">') :].partition("</div>")[0]
        shown = re.findall(r'<a href="/concepts/([^"]+)">[^<]*</a> <a class="count" [^>]*>(\d+)<', door)
        assert 0 < len(shown) <= 8
        assert {int(count) == counts[concept.replace("%3A", ":")] for concept, count in shown} == {True}
        held = [one for one in read_asked()[facet] if one in counts]
        ranked = sorted(counts, key=lambda one: (-counts[one], oracle.names[one]))
        assert [one.replace("%3A", ":") for one, _ in shown] == (held or ranked)[:8]


def test_a_file_that_was_imported_or_never_filled_says_so(evidence: Path, tmp_path: Path) -> None:
    path = tmp_path / "evidence.db"
    shutil.copy(evidence, path)
    for change, home, foot in (
        ("UPDATE runs SET kind = 'import', pubmed_count = NULL", "Imported from files</dt><dd>2 January 2026",
         "imported from files 2 January 2026, PubMed not asked"),
        ("UPDATE runs SET status = 'failed'", "PubMed last asked</dt><dd>not yet", "PubMed not yet asked"),
    ):  # fmt: skip
        with sqlite3.connect(path) as conn:
            conn.execute(change)
            conn.execute("UPDATE properties SET value = value || 'x' WHERE name = 'build'")
        conn.close()
        for ask in asking(path):
            text = ask("/").text
            assert home in text
            assert foot in text
            assert "not asked</dd>" in text


def test_a_concept_can_be_narrowed_to_the_settings_that_readers_ask_for(
    evidence: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked = {**read_asked(), "setting": ("aetiology:arthroplasty", "gone", "aetiology:burn")}
    monkeypatch.setattr("db.site.routes.evidence.concepts.read_asked", lambda: asked)
    path = tmp_path / "evidence.db"
    shutil.copy(evidence, path)
    concept = f"/concepts/{quote(NSAIDS, safe='')}"
    for ask in asking(path):
        with sqlite3.connect(path) as conn:
            names = dict(conn.execute("SELECT id, name FROM concepts"))
        conn.close()
        known = [one for one in asked["setting"] if one in names]
        for query, here in (("year=1990-", "all settings"), ("aetiology=aetiology%3Aarthroplasty&year=1990-",
                                                              "arthroplasty")):  # fmt: skip
            text = ask(f"{concept}?{query}").text
            nav = re.search(r'aria-label="Setting">(.*?)</nav>', text, re.DOTALL)
            assert nav is not None
            links = re.findall(r'<a href="([^"]+)"([^>]*)>([^<]+)</a>', nav[1])
            assert [(unescape(href), words) for href, _, words in links] == [
                (f"{concept}?year=1990-", "all settings"),
                *((f"{concept}?aetiology={quote(one, safe='')}&year=1990-", names[one]) for one in known),
            ]
            assert [words for _, now, words in links if "aria-current" in now] == [here]
        assert 'aria-label="Setting"' not in ask("/concepts/aetiology%3Aarthroplasty").text


def test_a_concept_leads_to_the_estimates_of_its_kind(ask: Any) -> None:
    for concept, address in (
        (NSAIDS, f"/plots/effect?intervention={quote(NSAIDS, safe='')}"),
        ("outcome:pain", "/plots/effect?outcome=outcome%3Apain"),
        ("risk-factor:male-sex", "/plots/risk/risk-factor%3Amale-sex"), ("site:hip", None),
    ):  # fmt: skip
        text = ask(f"/concepts/{quote(concept, safe='')}").text
        found = re.search(r'<a href="([^"]+)">estimates as reported</a>', text)
        assert (found and unescape(found[1])) == address
    text = ask("/concepts/intervention%3Anonselective-nsaids").text
    crumbs = re.search(r'<nav class="crumbs".*?</nav>', text, re.DOTALL)
    assert crumbs is not None
    assert re.findall(r'href="([^"]+)"', crumbs[0]) == ["/interventions", f"/concepts/{quote(NSAIDS, safe='')}"]


def test_two_lists_are_looked_over_at_once_and_the_next_waits(ask: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    files = {"since": (None, "all"), "pmids": (None, "70000001")}
    monkeypatch.setattr(review, "_running", 2)
    busy = ask.post("/review", files=files)
    assert (busy.status_code, busy.text) == (503, "Two lists are being looked over. Try again in a moment.\n")
    assert ask("/review").status_code == 200
    monkeypatch.setattr(review, "_running", 1)
    assert ask.post("/review", files=files).status_code == 200
    assert review._running == 1
    assert ask.post("/review", files={"list": ("x", b"\xff\xfe not a list")}).status_code == 400
    assert review._running == 1


def test_a_saved_search_that_cannot_be_read_any_more_says_so(evidence: Path, tmp_path: Path) -> None:
    path = tmp_path / "evidence.db"
    shutil.copy(evidence, path)
    with sqlite3.connect(path) as conn:
        conn.executemany(
            "INSERT INTO searches (name, address, words, after_run) VALUES (?, ?, 'w', 0)",
            [("gone", "/articles?intervention=no-such-drug"), ("good", f"/articles?intervention={NSAIDS}")],
        )
    conn.close()
    for ask in asking(path):
        told = {one["name"]: one for one in ask("/searches.json").json()["searches"]}
        listed = ask(f"/articles.json?intervention={NSAIDS}").json()["filtered_table_rows_count"]
        assert (told["gone"]["articles"], told["good"]["articles"]) == (None, listed)
        text = ask("/searches").text
        assert text.count("cannot be read any more: a concept of it is gone") == 1
        assert f"{listed} articles" in text
        assert told["good"]["list"] == f"http://localhost/articles?intervention={NSAIDS}"
        assert told["good"]["last_digest"] is None


def test_reviews_of_a_filter_and_what_the_query_may_miss(evidence: Path, tmp_path: Path) -> None:
    path = tmp_path / "evidence.db"
    shutil.copy(evidence, path)
    with sqlite3.connect(path) as conn:
        one_design = "SELECT pmid FROM articles WHERE study_design = ? AND topic = 'ho' AND retracted = 0 LIMIT 3"
        reviews = [row[0] for row in conn.execute(one_design, ["meta-analysis"])][:2]
        studies = [row[0] for row in conn.execute(one_design, ["cohort"])]
        edges = [(reviews[0], studies[0]), *((reviews[1], study) for study in studies)]
        conn.executemany("INSERT INTO citation_edges (citing, cited) VALUES (?, ?)", edges)
        conn.executemany(
            "INSERT INTO recall_candidates (pmid, cited_by, title, words, fetched_at) VALUES (?, ?, ?, ?, '')",
            [(1, 3, "Three", "bone"), (2, 2, "Two", "bone"), (3, 9, "Nine", "bone"), (4, 9, "No words", None)],
        )
    conn.close()
    for ask in asking(path):
        text = ask("/overlap").text
        found = re.findall(r'<tr><th scope="row"><a href="[^"]*/(\d+)/?">[^<]*</a></th><td class="num">\d*</td>'
                           r'<td class="num">(\d+)</td>', text)  # fmt: skip
        assert found == [(str(reviews[1]), "3"), (str(reviews[0]), "1"), ("3", "9"), ("1", "3")]
        assert "2 systematic reviews and meta-analyses</" not in text
        assert "2 systematic reviews and meta-analyses cite 3 primary studies" in text
        assert "corrected covered area 33.3 %" in text
        told = ask("/overlap.json").json()
        assert told["reviews"] == {str(reviews[0]): [studies[0]], str(reviews[1]): sorted(studies)}
        assert told["pairs"] == [
            {"reviews": sorted(reviews), "shared": 1, "corrected_covered_area": pytest.approx(1 / 3)}
        ]  # fmt: skip
