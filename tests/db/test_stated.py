"""Findings as sentences: each sentence once a concept, the strongest designs first."""

import sqlite3
from collections.abc import Iterator
from pathlib import Path

import pytest

from benchmarks.generate_articles import make_evidence
from db.balance import DIRECTION_GROUPS
from db.stated import stated_findings


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
