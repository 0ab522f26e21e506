"""Findings as sentences: one an article, conflicts last, and in a list the one that the filter asks for."""

import json
import sqlite3
from collections.abc import Iterator
from pathlib import Path

import pytest

from db.evidence.articles import listed_articles
from db.evidence.effects.findings import one_an_article, rank_findings, read_findings
from db.evidence.index.article_index import ArticleIndex
from db.select.filter import ArticleFilter
from tests.support.generate_articles import make_evidence


@pytest.fixture
def conn(tmp_path: Path) -> Iterator[sqlite3.Connection]:
    make_evidence(tmp_path / "evidence.db", 60)
    connection = sqlite3.connect(tmp_path / "evidence.db")
    yield connection
    connection.close()


def test_an_article_is_quoted_once_and_a_conflict_never_leads(conn: sqlite3.Connection) -> None:
    ranked = rank_findings(conn, ArticleIndex(conn), ArticleFilter(), "of", "intervention:nsaids")
    effects = [key.effect for key in ranked]
    assert "conflict" not in effects[: len(effects) - effects.count("conflict")]
    kept = one_an_article(ranked, 500)
    assert [key.pmid for key in kept] == list(dict.fromkeys(key.pmid for key in ranked))
    rows = read_findings(conn, [key.id for key in kept])
    assert [row["id"] for row in rows] == [key.id for key in kept]
    for row in rows:
        text = conn.execute("SELECT abstract FROM articles WHERE pmid = ?", [row["pmid"]]).fetchone()[0]
        assert row["sentence"] == text[row["sentence_start"] : row["sentence_end"]]


def test_a_list_shows_the_finding_that_its_filter_asks_for(conn: sqlite3.Connection) -> None:
    concept, children = conn.execute(
        "SELECT parent_id, json_group_array(DISTINCT subject_id) "
        "FROM findings JOIN concepts ON concepts.id = subject_id "
        "WHERE parent_id IS NOT NULL AND findings.kind = 'effect' GROUP BY 1 ORDER BY count(*) DESC LIMIT 1"
    ).fetchone()
    narrower = {concept, *json.loads(children)}
    by_pmid: dict[int, set[str]] = {}
    for pmid, subject in conn.execute("SELECT pmid, subject_id FROM findings"):
        by_pmid.setdefault(pmid, set()).add(subject)
    chosen = ArticleFilter.from_query([("intervention", concept)])
    rows = listed_articles(conn, sorted(by_pmid), chosen)
    with_it = [row for row in rows if narrower & by_pmid[row.row["pmid"]]]
    assert with_it
    assert all(row.finding is not None and row.finding["subject_id"] in narrower for row in with_it)
    assert [row.finding for row in listed_articles(conn, sorted(by_pmid))] != [row.finding for row in rows]
