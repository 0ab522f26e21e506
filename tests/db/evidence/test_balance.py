"""Balances: reviews stand apart from the studies that they sum up, whatever their design is called."""

import sqlite3
from pathlib import Path

from db.evidence.article_index import ArticleIndex
from db.evidence.effects.balance import only_reviews, without_reviews
from db.select.filter import ArticleFilter
from db.terms import REVIEW_DESIGNS, STUDY_DESIGNS
from tests.support.generate_articles import make_evidence


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
