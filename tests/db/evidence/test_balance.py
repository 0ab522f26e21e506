"""Balances: reviews stand apart from the studies that they sum up, whatever their design is called."""

import sqlite3
from pathlib import Path

from db.evidence.effects.balance import only_reviews, without_reviews
from db.evidence.effects.cards import read_cards
from db.evidence.index.article_index import ArticleIndex
from db.select.filter import ArticleFilter
from db.terms import REVIEW_DESIGNS, STUDY_DESIGNS
from tests.support.generate_articles import make_evidence
from tests.support.made_up import add_article, add_concepts, add_finding
from tests.support.stores import memory_store


def test_primary_studies_and_reviews_part_the_articles_whatever_the_design(tmp_path: Path) -> None:
    designs = (*STUDY_DESIGNS, None)
    make_evidence(tmp_path / "evidence.db", len(designs))
    with sqlite3.connect(tmp_path / "evidence.db") as conn:
        pmids = [row[0] for row in conn.execute("SELECT pmid FROM articles ORDER BY pmid")]
        of = dict(zip(pmids, designs, strict=True))
        conn.executemany(
            "UPDATE articles SET study_design = ?, topic = 'ho', vanished = 0, retracted = 0 WHERE pmid = ?",
            [(design, pmid) for pmid, design in of.items()],
        )
        index = ArticleIndex(conn)
        primary, reviews = (
            set(index.page(conn, chosen, "newest", 100, 0))
            for chosen in (without_reviews(ArticleFilter()), only_reviews(ArticleFilter()))
        )
    assert reviews == {pmid for pmid, design in of.items() if design in REVIEW_DESIGNS}
    assert primary == set(pmids) - reviews


def test_reviews_among_chosen_designs_are_those_that_were_chosen(tmp_path: Path) -> None:
    make_evidence(tmp_path / "evidence.db", len(STUDY_DESIGNS))
    with sqlite3.connect(tmp_path / "evidence.db") as conn:
        pmids = [row[0] for row in conn.execute("SELECT pmid FROM articles ORDER BY pmid")]
        of = dict(zip(pmids, STUDY_DESIGNS, strict=True))
        conn.executemany(
            "UPDATE articles SET study_design = ?, topic = 'ho', vanished = 0 WHERE pmid = ?",
            [(design, pmid) for pmid, design in of.items()],
        )
        conn.execute("UPDATE articles SET study_design = NULL WHERE pmid = ?", [pmids[-1]])
        of[pmids[-1]] = "not stated"
        index = ArticleIndex(conn)
        for designs in (
            ["not stated"],
            ["meta-analysis", "not stated"],
            ["cohort"],
            ["cohort", "meta-analysis"],
            ["guideline"],
        ):
            chosen = only_reviews(ArticleFilter().with_choices("study_design", designs))
            found = {of[pmid] for pmid in index.page(conn, chosen, "newest", 100, 0)}
            assert found == set(designs) & REVIEW_DESIGNS


def test_animals_are_no_patients_and_the_card_says_how_many_articles_are_on_animals_or_cells() -> None:
    conn = memory_store().db.conn
    add_concepts(conn)
    told = {"subject_id": "celecoxib", "outcome_id": "ho-incidence", "comparator_class": "none or placebo"}
    for pmid, design, size in ((1, "animal study", 32), (2, "cohort", 50), (3, "in vitro study", 7), (4, None, 9)):
        add_article(conn, pmid, ["celecoxib"], study_design=design, sample_size=size)
        add_finding(conn, pmid, effect="better", **told)
    (outcome,) = read_cards(conn, ArticleIndex(conn), ArticleFilter(), "celecoxib", ["ho-incidence"])
    (card,) = outcome.cards
    primary = card.balance.primary
    assert (primary.articles, primary.patients, primary.sized) == (4, 59, 2)
    assert card.laboratory == 2


def test_a_card_shows_no_number_and_no_sentence_of_findings_that_contradict_themselves() -> None:
    conn = memory_store().db.conn
    add_concepts(conn)
    told = {
        "subject_id": "celecoxib", "outcome_id": "ho-incidence", "comparator_class": "active", "effect": "better",
        "measure": "OR", "value": 0.5, "ci_low": 0.3, "ci_high": 0.8,
    }  # fmt: skip
    for pmid, design, conflict in (
        (1, "randomized controlled trial", "words: increases; interval: decreases"),
        (2, "cohort", None),
    ):
        add_article(conn, pmid, ["celecoxib"], study_design=design)
        add_finding(conn, pmid, conflict=conflict, **told)
    for pmids, shown in (("1, 2", 2), ("1", None)):
        conn.execute(f"UPDATE articles SET vanished = pmid NOT IN ({pmids})")
        (outcome,) = read_cards(conn, ArticleIndex(conn), ArticleFilter(), "celecoxib", ["ho-incidence"])
        (card,) = outcome.cards
        assert card.balance.number("conflict") == 1
        assert [entry.pmid for entry in card.estimates] == ([shown] if shown else [])
        assert (card.strongest and card.strongest["pmid"]) == shown
