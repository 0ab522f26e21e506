"""What is counted once a build may take longer than a page: the first page after a publish waits for it."""

import shutil
import sqlite3
from pathlib import Path
from typing import Any

import pytest

from db.evidence.effects.findings_table import FINDINGS
from db.site import page
from tests.support.sites import asking

_LONG = "WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 3000000) SELECT count(*) FROM n"


def test_the_counts_of_a_new_build_are_not_cut_short(
    tmp_path: Path, evidence: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path, made = tmp_path / "evidence.db", []
    shutil.copy(evidence, path)
    usual: Any = FINDINGS._make

    def slow(conn: sqlite3.Connection) -> Any:
        made.append(conn.execute(_LONG).fetchone()[0])
        return usual(conn)

    for ask in asking(path):
        assert ask("/articles").status_code == 200
        monkeypatch.setattr(FINDINGS, "_make", slow)
        monkeypatch.setattr(page, "_PAGE_SECONDS", 0.1)
        with sqlite3.connect(path) as conn:
            conn.execute("UPDATE properties SET value = 'another' WHERE name = 'build'")
        conn.close()
        assert ask("/robots.txt").status_code == 200
        assert made == [3_000_000]
