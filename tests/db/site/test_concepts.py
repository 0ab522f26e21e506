"""Concept pages and trees: every number equals a brute-force count and the list behind its link."""

import json
import re
import sqlite3
from pathlib import Path
from typing import Any
from urllib.parse import quote

import pytest

from db.evidence.concepts import read_page
from db.evidence.index.article_index import ArticleIndex
from tests.support.evidence_oracle import EFFECTS, EvidenceOracle
from tests.support.oracle import Question
from tests.support.sites import asking

KINDS = "interventions risk-factors outcomes sites aetiologies diagnostic-tests mechanisms".split()
CONCEPTS = [
    "intervention:nsaids",
    "intervention:indomethacin",
    "risk factor:male-sex".replace(" ", "-"),
    "outcome:ho-occurrence",
    "aetiology:fracture/trauma",
    "site:hip",
    "mechanism:mtor",
]


@pytest.mark.parametrize("concept", CONCEPTS)
def test_numbers_equal_a_brute_force_count(ask: Any, oracle: EvidenceOracle, concept: str) -> None:
    told = ask(f"/concepts/{quote(concept, safe='')}.json").json()
    facet = oracle.kinds[concept].replace(" ", "_")
    pmids = oracle.matching(Question(any_of={facet: {concept}}))
    assert told["concept"]["articles"] == len(pmids)
    assert {design: entry["articles"] for design, entry in told["designs"].items()} == oracle.designs(pmids)
    years = [oracle.rows[pmid]["year"] for pmid in pmids]
    assert told["years"] == {str(year): years.count(year) for year in sorted(set(years))}
    for child in told["concept"]["children"]:
        assert child["articles"] == len(oracle.matching(Question(any_of={facet: {child["id"]}})))
    entries = told["findings_by_outcome"] + told["findings_by_subject"]
    assert bool(entries) == (facet in ("intervention", "risk_factor", "outcome"))
    for entry in entries:
        subject, outcome = entry.get("subject", concept), entry.get("outcome", concept)
        inside = oracle.matching(Question(retracted=False))
        behind = [
            finding
            for finding in oracle.found
            if finding.pmid in inside
            and subject in finding.subjects
            and (outcome is None or outcome in finding.outcomes)
        ]
        assert entry["articles"] == len({finding.pmid for finding in behind})
        wanted = oracle.balance(behind)
        assert {of["comparator_class"] for of in entry["by_comparator"]} == set(wanted)
        for of in entry["by_comparator"]:
            for part, name in (("primary_studies", "primary"), ("reviews", "reviews")):
                numbers = {effect: of[part][effect.replace(" ", "_")] for effect in EFFECTS}
                assert numbers == {effect: wanted[of["comparator_class"]][name][effect] for effect in EFFECTS}
                assert of[part]["patients"] == wanted[of["comparator_class"]][name]["patients"]


@pytest.mark.parametrize("designs", [("cohort",), ("cohort", "case series")])
def test_designs_and_company_count_what_the_filter_leaves(
    ask: Any, oracle: EvidenceOracle, designs: tuple[str, ...]
) -> None:
    told = ask("/concepts/outcome%3Aho-occurrence.json", params={"study_design": list(designs)}).json()
    chosen = {"study_design": set(designs), "outcome": {"outcome:ho-occurrence"}}
    inside = oracle.matching(Question(any_of=chosen))
    assert told["concept"]["articles"] == len(inside) > 0
    assert {design: entry["articles"] for design, entry in told["designs"].items()} == oracle.designs(inside)
    for design, entry in told["designs"].items():
        listed = ask("/articles.json?" + entry["list"].partition("?")[2]).json()
        assert listed["filtered_table_rows_count"] == entry["articles"]
        assert {row["study_design"] for row in listed["rows"]} == {design}


@pytest.mark.parametrize("concept", CONCEPTS)
def test_every_link_to_a_list_has_its_number(ask: Any, concept: str) -> None:
    text = ask(f"/concepts/{quote(concept, safe='')}").text
    links = re.findall(r'<a class="count" href="(/articles\?[^"]+)"[^>]*>([\d\u202f]+)<', text)
    links += re.findall(r'<a class="e-[a-z-]+" href="(/articles\?[^"]+)"[^>]*>[a-zHO ]*([\d\u202f]+)[a-zHO ]*<', text)
    links += re.findall(r'<td class="num"><a href="(/articles\?[^"]+)"[^>]*>([\d\u202f]+)<', text)
    assert links
    for address, number in links[::3]:
        listed = ask(address.replace("&amp;", "&").replace("/articles?", "/articles.json?")).json()
        assert listed["filtered_table_rows_count"] == int(re.sub(r"\D", "", number)), address


def test_sentences_stand_where_their_links_lead(ask: Any) -> None:
    text = ask("/concepts/intervention%3Ansaids").text
    found = re.findall(r'class="quote" href="(/articles/\d+)#([ta])-(\d+)"', text)
    assert found
    for address, field, start in found[:6]:
        assert f'id="{field}-{start}"' in ask(address).text


def test_retracted_articles_are_left_out_of_balances(ask: Any, oracle: EvidenceOracle) -> None:
    told = ask("/concepts/intervention%3Ansaids.json").json()
    for entry in told["findings_by_outcome"]:
        assert "retracted=no" in entry["list"]
        both = f"{entry['list']}".replace("retracted=no", "")
        more = ask(both.split("localhost")[1].replace("/articles?", "/articles.json?")).json()
        assert more["filtered_table_rows_count"] >= entry["articles"]


def test_a_setting_narrows_cards_and_sentences(ask: Any, oracle: EvidenceOracle) -> None:
    setting = "aetiology:arthroplasty"
    told = ask("/concepts/intervention%3Ansaids.json", params={"aetiology": setting}).json()
    inside = oracle.matching(Question(any_of={"aetiology": {setting}, "intervention": {"intervention:nsaids"}}))
    assert told["concept"]["articles"] == len(inside)
    page = ask("/concepts/intervention%3Ansaids", params={"aetiology": setting}).text
    quoted = {int(pmid) for pmid in re.findall(r'class="quote" href="/articles/(\d+)', page)}
    assert quoted
    assert all(setting in oracle.values[pmid]["aetiology"] for pmid in quoted)


@pytest.mark.parametrize("sought", ["effect=better", "comparator=active", "finding_on=outcome:pain"])
def test_what_is_sought_of_a_finding_narrows_no_card(ask: Any, sought: str) -> None:
    """A card that counted only the better ones would say that nothing else was found."""
    for address in ("/concepts/intervention%3Ansaids", "/concepts/outcome%3Aho-occurrence"):
        sections = [
            page.partition('aria-labelledby="findings"')[2].partition("</section>")[0]
            for page in (ask(address).text, ask(f"{address}?{sought}").text)
        ]
        assert sections[0] == sections[1] != ""
        told = [ask(one).json() for one in (f"{address}.json", f"{address}.json?{sought}")]
        for name in ("findings_by_outcome", "findings_by_subject"):
            assert told[0][name] == told[1][name]


def test_sentences_are_one_an_article(ask: Any) -> None:
    page = ask("/concepts/intervention%3Ansaids").text
    sentences = page[page.index('class="sentences"') :]
    quoted = re.findall(r'class="quote" href="/articles/(\d+)', sentences)
    assert len(quoted) == len(set(quoted)) > 3


def test_a_balance_is_never_summed_over_outcomes_or_comparators(ask: Any) -> None:
    text = ask("/concepts/intervention%3Ansaids").text
    assert "articles state a finding" not in text
    assert text.count('class="outcome-card"') > 3
    for words in ("Against nothing or placebo", "Against another treatment", "Comparator not read"):
        assert words in text


def test_how_reliable_it_is_stands_beside_what_was_found(evidence: Path, tmp_path: Path) -> None:
    path = tmp_path / "evidence.db"
    path.write_bytes(evidence.read_bytes())
    figures = {"development precision": 0.9, "development recall": 0.9, "held out precision": 0.74,
               "held out recall": 0.61}  # fmt: skip
    quality = {"tagger": "t", "gold": "7 records", "kinds": {"findings (who, outcome, direction)": figures}}
    with sqlite3.connect(path) as conn:
        conn.execute("INSERT OR REPLACE INTO properties VALUES ('tagger_quality', ?)", [json.dumps(quality)])
    conn.close()
    for ask in asking(path):
        with_findings = ask("/articles.json?effect=better&effect=worse").json()["rows"][0]["pmid"]
        for address in ("/concepts/intervention%3Ansaids", "/matrix", "/overview", f"/articles/{with_findings}"):
            text = ask(address).text
            assert "about 3 in 10 machine-read findings are wrong and about 4 in 10 are missed" in text, address
        told = ask("/concepts/intervention%3Ansaids.json").json()
        assert told["reliability"] == {"precision": 0.74, "recall": 0.61, "measured_on": "7 records"}


@pytest.mark.parametrize("kind", KINDS)
def test_trees_hold_every_concept_once_with_its_count(ask: Any, oracle: EvidenceOracle, kind: str) -> None:
    rows = ask(f"/{kind}.json").json()["rows"]
    own = {concept for concept, held in oracle.kinds.items() if held == rows[0]["kind"]}
    assert [row["id"] for row in rows if row["id"] in own] == [row["id"] for row in rows]
    assert {row["id"] for row in rows} == own
    facet = rows[0]["kind"].replace(" ", "_")
    counts = oracle.facet(Question(), facet)
    assert {row["id"]: row["articles"] for row in rows} == {concept: counts[concept] for concept in own}
    assert ask(f"/{kind}").text.count('class="name"') == len(own)


@pytest.mark.parametrize(
    ("address", "said"),
    [
        ("/concepts/nsaidz", "There is no concept “nsaidz”"),
        ("/concepts/%3Cscript%3E", "There is no concept"),
        ("/concepts/%00", ""),
    ],
)
def test_an_unknown_concept_is_said(ask: Any, address: str, said: str) -> None:
    answer = ask(address, follow_redirects=True)
    assert answer.status_code in (400, 404)
    assert said in answer.text
    assert "<script>" not in answer.text


def test_top_groups_stand_in_the_same_articles(conn: sqlite3.Connection, index: ArticleIndex) -> None:
    together = read_page(conn, index, "intervention:indomethacin").together
    assert together
    for rows in together.values():
        assert {row.parent_id for row in rows} == {None}
        numbers = [row.count.number for row in rows]
        assert numbers == sorted(numbers, reverse=True)
