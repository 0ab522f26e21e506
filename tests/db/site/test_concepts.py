"""Concept pages and trees: every number equals a brute-force count and the list behind its link."""

import re
from pathlib import Path
from typing import Any
from urllib.parse import quote

import pytest

from db.evidence.balance import DIRECTION_GROUPS
from tests.support.evidence_oracle import EvidenceOracle
from tests.support.oracle import Question

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


@pytest.fixture(scope="module")
def oracle(evidence: Path) -> EvidenceOracle:
    return EvidenceOracle(evidence)


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
    if facet in ("intervention", "risk_factor", "outcome"):
        side = "outcomes" if facet == "outcome" else "subjects"
        for group in DIRECTION_GROUPS:
            pmids = oracle.articles(
                Question(retracted=False),
                lambda finding, group=group: concept in getattr(finding, side) and finding.direction in group.stored,  # type: ignore[misc]
            )
            assert told["findings"][group.words]["articles"] == len(pmids)
    else:
        assert told["findings"] is None


@pytest.mark.parametrize("concept", CONCEPTS)
def test_every_link_to_a_list_has_its_number(ask: Any, concept: str) -> None:
    text = ask(f"/concepts/{quote(concept, safe='')}").text
    links = re.findall(r'<a class="count" href="(/articles\?[^"]+)"[^>]*>([\d\u2009]+)<', text)
    links += re.findall(r'<a class="g-[a-z]+" href="(/articles\?[^"]+)"[^>]*>.*?&nbsp;([\d\u2009]+)<', text)
    links += re.findall(r'<td class="num"><a href="(/articles\?[^"]+)"[^>]*>([\d\u2009]+)<', text)
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
    everything = oracle.articles(Question(), lambda finding: "intervention:nsaids" in finding.subjects)
    kept = {pmid for pmid in everything if not oracle.rows[pmid]["retracted"]}
    assert told["findings"]["articles"] == len(kept)
    assert "retracted=no" in told["findings"]["list"]


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
