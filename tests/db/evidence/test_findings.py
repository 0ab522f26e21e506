"""Findings as sentences: each once a concept, and in a list the one that the filter asks for."""

import json
import sqlite3
from collections.abc import Iterator
from pathlib import Path

import pytest

from db.evidence.articles import listed_articles
from db.evidence.balance import DIRECTION_GROUPS
from db.evidence.findings import stated_findings
from db.select.filter import ArticleFilter
from tests.support.generate_articles import make_evidence


@pytest.fixture
def conn(tmp_path: Path) -> Iterator[sqlite3.Connection]:
    make_evidence(tmp_path / "evidence.db", 60)
    connection = sqlite3.connect(tmp_path / "evidence.db")
    yield connection
    connection.close()


def test_two_names_of_one_outcome_in_a_sentence_are_stated_once(conn: sqlite3.Connection) -> None:
    columns = [row[1] for row in conn.execute("PRAGMA table_info(findings)") if row[1] != "id"]
    pmid, subject, direction = conn.execute(
        "SELECT pmid, subject_id, direction FROM findings JOIN articles USING (pmid) "
        "WHERE findings.kind = 'effect' AND subject_id IS NOT NULL AND NOT retracted AND topic = 'ho' LIMIT 1"
    ).fetchone()
    group = next(group for group in DIRECTION_GROUPS if direction in group.stored)
    before = stated_findings(conn, "finding_of", subject, group, 500)
    names = ", ".join(columns)
    conn.execute(f"INSERT INTO findings ({names}) SELECT {names} FROM findings WHERE pmid = ?", [pmid])
    conn.execute("UPDATE findings SET outcome_text = 'bone' WHERE id = (SELECT max(id) FROM findings)")
    after = stated_findings(conn, "finding_of", subject, group, 500)
    assert [row["id"] for row in after] == [row["id"] for row in before]
    assert before


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
