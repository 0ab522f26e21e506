"""The overview names what the vocabulary has, and its numbers equal the lists behind them."""

import json
from collections.abc import Iterator
from typing import Any
from urllib.parse import urlsplit

import pytest
from sqlite_utils import Database

from db.evidence.overview import read_sections
from nlp.vocabulary.loader import load_vocabulary
from tests.support.generate_articles import make_evidence
from tests.support.made_up import add_article, add_finding
from tests.support.sites import asking

PMIDS = range(1, 60)


@pytest.fixture(scope="module")
def known() -> dict[str, tuple[str, str | None]]:
    return {concept.id: (concept.kind, concept.parent) for concept in load_vocabulary().concepts.values()}


@pytest.fixture(scope="module")
def ask_real(tmp_path_factory: pytest.TempPathFactory, known: Any) -> Iterator[Any]:
    """A file with the real vocabulary, each article tagged with a few concepts of the overview."""
    path = tmp_path_factory.mktemp("overview") / "evidence.db"
    make_evidence(path, 5)
    lines = [line for section in read_sections() for line in section.lines]
    db = Database(path)
    with db.conn as conn:
        for position, (concept, (kind, parent)) in enumerate(known.items()):
            row = [concept, kind, concept, parent, json.dumps([]), 0, position]
            conn.execute(
                "INSERT INTO concepts (id, kind, name, parent_id, synonyms, depth, position) VALUES (?,?,?,?,?,?,?)",
                row,
            )
        for pmid in PMIDS:
            tags = [concept for line in lines[pmid % 7 :: 7] for concept in line.concepts]
            columns = {"year": 1990 + pmid % 30, "study_design": "cohort" if pmid % 3 else "meta-analysis"}
            add_article(conn, pmid, tags, retracted=int(pmid % 10 == 0), **columns)
            subject = "nsaids" if pmid % 2 else "radiotherapy"
            direction, effect = ("decreases", "better") if pmid % 5 else ("increases", "worse")
            meant = {"comparator_class": "none or placebo", "effect": effect}
            add_finding(conn, pmid, subject_id=subject, outcome_id="ho-incidence", direction=direction, **meant)
    db.close()
    yield from asking(path)


def test_every_concept_of_the_overview_is_in_the_vocabulary(known: dict[str, Any]) -> None:
    for section in read_sections():
        for line in section.lines:
            named = (*line.concepts, *line.also, line.finding_of, line.finding_on)
            assert [concept for concept in named if concept and concept not in known] == [], line.text
            assert len({known[concept][0] for concept in line.concepts}) == 1, line.text


def test_every_number_is_the_count_of_its_list(ask_real: Any) -> None:
    told = ask_real("/overview.json").json()
    checked = 0
    for line in (line for section in told["sections"] for line in section["lines"]):
        counted = [line, *line["best_designs"].values()]
        if line["findings"]:
            counted += [line["findings"], *line["findings"]["by_comparator"]]
        for entry in counted:
            address = urlsplit(entry["list"])
            listed = ask_real(f"/articles.json?{address.query}").json()
            assert listed["filtered_table_rows_count"] == entry["articles"], (line["text"], entry)
            checked += entry["articles"] > 0
    assert checked > 100


def test_balances_leave_retracted_articles_out_and_roll_up(ask_real: Any) -> None:
    told = ask_real("/overview.json").json()
    lines = [line for section in told["sections"] for line in section["lines"]]
    (nsaids,) = (line for line in lines if line["concepts"] == ["nsaids"])
    kept = [pmid for pmid in PMIDS if pmid % 2 and pmid % 10]
    assert nsaids["findings_on"] == "ho-occurrence"
    assert nsaids["findings"]["articles"] == len(kept)
    (of_class,) = nsaids["findings"]["by_comparator"]
    assert of_class["comparator_class"] == "none or placebo"
    assert of_class["worse"] == len([pmid for pmid in kept if pmid % 5 == 0])
    assert of_class["better"] == len(kept) - of_class["worse"]
    reviews = [pmid for pmid in kept if pmid % 3 == 0]
    assert of_class["reviews"]["articles"] == len(reviews)
    assert of_class["primary_studies"]["articles"] == len(kept) - len(reviews)


def test_a_vocabulary_without_the_concepts_is_said(ask: Any) -> None:
    assert "not in the vocabulary of this data" in ask("/overview").text
