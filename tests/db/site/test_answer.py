"""A question's answer: cards that equal a brute-force count, what was not understood said, the page beside the JSON."""

import re
import sqlite3
from html import unescape
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest

from tests.support.evidence_oracle import EFFECTS, EvidenceOracle
from tests.support.oracle import Question

QUESTIONS = [
    "Does indomethacin reduce HO occurrence after arthroplasty?",
    "NSAIDs versus placebo",
    "Is obesity a risk factor for HO?",
    "NSAIDs",
    "celecoxib versus naproxen range of motion",
    "What prevents severe HO?",
    "cohort studies of NSAIDs versus placebo",
]


@pytest.mark.parametrize("question", QUESTIONS)
def test_cards_equal_a_brute_force_count(ask: Any, oracle: EvidenceOracle, question: str) -> None:
    told = ask("/answer.json", params={"q": question}).json()
    understood = told["understood"]
    chosen = {"aetiology": set(understood["settings"]), "study_design": set(understood["designs"])}
    asked = Question(retracted=False, any_of={name: values for name, values in chosen.items() if values})
    inside = oracle.matching(asked)
    assert told["cards"]
    subjects = {*understood["interventions"], *understood["risk_factors"]}
    for card in told["cards"]:
        if subjects:
            assert {card["subject"], card["instead_of"]} & subjects
        if understood["outcomes"] and not understood["risk_factors"]:
            assert card["outcome"] in understood["outcomes"]
        if understood["comparator"]:
            untreated = understood["comparator"] == ["intervention:placebo"]
            assert card["comparator_class"] == ("none or placebo" if untreated else "active")
        behind = [
            finding
            for finding in oracle.found
            if finding.pmid in inside
            and card["subject"] in finding.subjects
            and (card["outcome"] is None or card["outcome"] in finding.outcomes)
            and finding.against == card["comparator_class"]
        ]
        for effect in EFFECTS:
            wanted = {finding.pmid for finding in behind if finding.means == effect}
            assert card[effect.replace(" ", "_")] == len(wanted), (card["subject"], card["outcome"], effect)
        assert card["articles"] == len({finding.pmid for finding in behind})
        listed = ask(f"/articles.json?{urlsplit(card['list']).query}&_size=200").json()
        assert listed["filtered_table_rows_count"] == card["articles"]
        if "strongest" in card:
            what_a_card_shows_is_of_its_list(card, {row["pmid"]: row for row in listed["rows"]})


def what_a_card_shows_is_of_its_list(card: dict[str, Any], rows: dict[int, dict[str, Any]]) -> None:
    assert card["newest"] == max(
        ({"year": row["year"], "pmid": pmid} for pmid, row in rows.items()), key=lambda one: (one["year"], one["pmid"])
    )
    assert card["on_animals_or_cells"] == sum("human" not in (row["species"] or "human") for row in rows.values())
    strongest = card["strongest"]
    if strongest:
        assert set(strongest) == {"pmid", "sentence", "study_design"}
        assert strongest["study_design"] == rows[strongest["pmid"]]["study_design"]
    for estimate in card["estimates"]:
        assert estimate["study_design"] == rows[estimate["pmid"]]["study_design"]
        assert estimate["value"] is not None


def test_a_question_leads_to_the_articles_that_name_all_of_it(ask: Any, oracle: EvidenceOracle) -> None:
    text = ask("/answer", params={"q": "Does indomethacin reduce HO occurrence and pain after arthroplasty?"}).text
    link = re.search(r'<a href="(/articles\?[^"]+)">(\d+) articles? that names? all of this</a>', text)
    assert link is not None
    outcomes = ("outcome:ho-occurrence", "outcome:pain")
    wanted = set.intersection(
        oracle.matching(
            Question(any_of={"aetiology": {"aetiology:arthroplasty"}, "intervention": {"intervention:indomethacin"}})
        ),
        *(oracle.matching(Question(any_of={"outcome": {outcome}})) for outcome in outcomes),
    )
    rows = ask(unescape(link[1]).replace("/articles?", "/articles.json?") + "&_size=200").json()["rows"]
    assert {row["pmid"] for row in rows} == wanted
    assert int(link[2]) == len(wanted)
    words = re.search(r'<a href="(/articles\?[^"]+)">The same words as a search of articles</a>', text)
    assert words is not None
    assert parse_qs(urlsplit(unescape(words[1])).query)["q"] == [
        "Does indomethacin reduce HO occurrence and pain after arthroplasty?"
    ]


def test_what_has_no_finding_is_answered_by_its_broader_group_and_that_is_said(
    ask: Any, oracle: EvidenceOracle
) -> None:
    setting, silent = next(
        (setting, concept)
        for setting in oracle.roots("aetiology")
        for inside in [oracle.matching(Question(retracted=False, any_of={"aetiology": {setting}}))]
        for found in [{one for finding in oracle.found if finding.pmid in inside for one in finding.subjects}]
        for concept, parent in oracle.parents.items()
        if parent in found and concept not in found and oracle.kinds[concept] == "intervention"
    )
    asked = f"{oracle.names[silent]} after {oracle.names[setting]}"
    told = ask("/answer.json", params={"q": asked}).json()
    assert told["understood"]["settings"] == [setting]
    assert {(card["subject"], card["instead_of"]) for card in told["cards"]} == {(oracle.parents[silent], silent)}
    assert f"None found on {oracle.names[silent]} itself in this setting" in ask("/answer", params={"q": asked}).text
    assert {card["instead_of"] for card in ask("/answer.json?q=NSAIDs").json()["cards"]} == {None}


def test_where_nothing_was_found_it_is_said_that_there_may_be_a_study(ask: Any, oracle: EvidenceOracle) -> None:
    """Nothing found is no evidence of no effect: on the page of a concept, in an answer, and beside every balance."""
    found = {one for finding in oracle.found for one in (*finding.subjects, *finding.outcomes)}
    silent = next(
        one
        for one, kind in oracle.kinds.items()
        if kind == "intervention" and one not in found and oracle.parents[one] not in found
    )
    said = "That does not mean that there is no study."
    assert said in ask(f"/concepts/{silent}").text
    assert said in ask("/answer", params={"q": oracle.names[silent]}).text
    for address in ("/concepts/intervention:nsaids", "/answer?q=nsaids", "/matrix", "/overview"):
        assert "“None found” does not mean that there is no study." in ask(address).text, address


def test_of_many_subjects_the_first_four_are_answered(ask: Any) -> None:
    names = ["NSAIDs", "indomethacin", "celecoxib", "radiotherapy", "naproxen"]
    told = ask("/answer.json", params={"q": f"{', '.join(names)}"}).json()
    assert len(told["understood"]["interventions"]) == 5
    assert {card["instead_of"] or card["subject"] for card in told["cards"]} == {
        f"intervention:{name.lower()}" for name in names[:4]
    }


def test_how_a_question_was_read_is_told(ask: Any) -> None:
    told = ask("/answer.json", params={"q": "radiotherapy without NSAIDs after quuxing, versus placebo"}).json()
    assert told["understood"]["interventions"] == ["intervention:radiotherapy"]
    assert told["understood"]["comparator"] == ["intervention:placebo"]
    assert told["excluded"] == ["intervention:nsaids"]
    assert told["unknown"] == ["quuxing"]
    assert {card["comparator_class"] for card in told["cards"]} == {"none or placebo"}
    page = ask("/answer", params={"q": "radiotherapy without NSAIDs after quuxing, versus placebo"}).text
    assert "Not understood, and left out: <strong>quuxing</strong>" in page
    assert "is not taken into account, and is not taken for its opposite either" in page


def test_a_question_that_names_nothing_is_not_guessed_at(ask: Any) -> None:
    told = ask("/answer.json", params={"q": "how do I bake bread"}).json()
    assert told["cards"] == []
    assert not any(told["understood"].values())
    assert told["unknown"] == ["bake", "bread"]
    assert "No intervention, risk factor or outcome was recognised" in ask("/answer?q=how+do+I+bake+bread").text


@pytest.mark.parametrize(
    "text", ["", "?!", "<script>alert(1)</script>", "'; DROP TABLE articles --", "\u202e\u0000x", "x " * 60]
)
def test_no_text_breaks_the_page(ask: Any, text: str) -> None:
    for address in ("/answer", "/answer.json"):
        answer = ask(address, params={"q": text})
        assert answer.status_code == 200
        assert "<script>alert" not in answer.text or address.endswith("json")


@pytest.mark.parametrize("address", ["/answer", "/answer.json"])
def test_a_question_that_is_too_long_is_refused(ask: Any, address: str) -> None:
    assert ask(address, params={"q": "x" * 1001}).status_code == 400
    assert ask(address, params={"q": "a " * 61}).status_code == 400


def test_a_row_shows_the_finding_that_the_search_asks_for(ask: Any, evidence: Path) -> None:
    rows = ask("/articles.json", params={"q": "celecoxib", "_size": 100}).json()["rows"]
    with sqlite3.connect(evidence) as conn:
        own = {row[0] for row in conn.execute("SELECT pmid FROM findings WHERE subject_id = 'intervention:celecoxib'")}
    asked = [row for row in rows if row["pmid"] in own]
    assert asked
    assert all(row["strongest_finding"]["subject_id"] == "intervention:celecoxib" for row in asked)
    others = [row["strongest_finding"] for row in rows if row["pmid"] not in own and row["strongest_finding"]]
    assert not [finding for finding in others if finding["subject_id"] == "intervention:indomethacin"]
