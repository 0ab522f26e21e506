"""CSV of the plots and the matrix: no cell is a formula, and every text comes back."""

import csv
import sqlite3
from collections.abc import Iterator
from typing import Any

import pytest

from db.citations.formats.table import safe_cell
from tests.support.generate_articles import make_evidence
from tests.support.sites import asking

STARTS = ["=1+1", "+1", "-1", "@SUM(A1)", "＝1", "＋1", "－1", "＠1", "'=1", "''@x", "'plain"]


def text_of(cell: str) -> str:
    """The text that a cell holds: one apostrophe before what would else be a formula is ours."""
    return cell[1:] if cell.startswith("'") and safe_cell(cell[1:]) == cell else cell


@pytest.fixture(scope="module")
def ask(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Any]:
    path = tmp_path_factory.mktemp("csv") / "evidence.db"
    make_evidence(path, 80)
    with sqlite3.connect(path) as conn:
        concepts = [row[0] for row in conn.execute("SELECT id FROM concepts WHERE parent_id IS NULL ORDER BY position")]
        for number, concept in enumerate(concepts):
            name = f"{STARTS[number % len(STARTS)]} {number}"
            conn.execute("UPDATE concepts SET name = ? WHERE id = ?", [name, concept])
        conn.execute("UPDATE findings SET comparator_text = '＝1'")
        conn.execute("UPDATE articles SET first_author = '@SUM(A1)'")
    conn.close()
    yield from asking(path)


@pytest.mark.parametrize("address", ["/plots/risk/all.csv", "/matrix.csv", "/matrix.csv?view=risks"])
def test_no_cell_is_a_formula_and_none_is_lost(ask: Any, address: str) -> None:
    rows = list(csv.reader(ask(address).text.splitlines()))
    cells = [cell for row in rows[1:] for cell in row]
    texts = [cell for cell in cells if not cell.lstrip("-").replace(".", "").isdigit()]
    assert not any(cell.startswith(("=", "+", "-", "@", "＝", "＋", "－", "＠")) for cell in texts)
    assert {text_of(cell)[:2] for cell in texts} & {"=1", "@S", "＝1", "'="}
