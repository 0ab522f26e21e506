"""PRISMA numbers between two days: every edge of the period on its right side."""

import re
import sqlite3
from collections.abc import Iterator

import pytest

from db.changes import CHANGES
from db.evidence.runs import RunLogError, period, prisma, read_runs
from db.preprints import FIRST, LAST
from tests.support.made_up import add_article, add_run
from tests.support.stores import memory_store

#: Day, change and PMID of what happened, one run a line.
HISTORY = (
    ("2026-01-09", "new", 1),
    ("2026-01-10", "new", 2),
    ("2026-01-10", "vanished", 1),
    ("2026-01-15", "returned", 1),
    ("2026-01-20", "new", 3),
    ("2026-01-20", "revised", 2),
    ("2026-01-20", "retracted", 2),
    ("2026-01-21", "new", 4),
    ("2026-01-21", "vanished", 3),
)


@pytest.fixture
def conn() -> Iterator[sqlite3.Connection]:
    conn = memory_store().db.conn
    for pmid in range(1, 5):
        add_article(conn, pmid)
    for run, (day, change, pmid) in enumerate(HISTORY, 1):
        add_run(conn, run, started_at=f"{day}T23:59:59Z", finished_at=f"{day}T23:59:59Z")
        conn.execute("INSERT INTO changes (run_id, pmid, change, at) VALUES (?, ?, ?, '')", [run, pmid, change])
    yield conn
    conn.close()


def by_hand(start: str, end: str) -> dict[str, int]:
    """The same numbers by walking through the history."""
    held: set[int] = set()
    before: set[int] = set()
    counted = dict.fromkeys(("new", "returned", "vanished", "revised", "retracted"), 0)
    for day, change, pmid in HISTORY:
        if day > end:
            break
        if change in ("new", "returned"):
            held.add(pmid)
        elif change == "vanished":
            held.discard(pmid)
        if day < start:
            before = set(held)
        else:
            counted[change] += 1
    return {"before": len(before), "after": len(held), **counted}


DAYS = ["2026-01-08", "2026-01-09", "2026-01-10", "2026-01-11", "2026-01-15", "2026-01-19", "2026-01-20", "2026-01-21"]


@pytest.mark.parametrize("start", DAYS)
@pytest.mark.parametrize("end", DAYS)
def test_the_first_and_the_last_day_lie_inside(conn: sqlite3.Connection, start: str, end: str) -> None:
    if start > end:
        with pytest.raises(RunLogError, match="backwards"):
            period(conn, start, end)
        return
    found, wanted = prisma(conn, *period(conn, start, end)), by_hand(start, end)
    assert (found.held_before, found.held_after) == (wanted["before"], wanted["after"])
    assert (found.identified, found.returned, found.removed) == (wanted["new"], wanted["returned"], wanted["vanished"])
    assert (found.revised, found.retracted) == (wanted["revised"], wanted["retracted"])
    assert found.held_before + found.identified + found.returned - found.removed == found.held_after


@pytest.mark.parametrize("number", [FIRST, LAST])
@pytest.mark.parametrize("change", ["new", "returned", "vanished", "revised", "retracted"])
def test_what_happened_to_a_preprint_is_none_of_the_numbers(conn: sqlite3.Connection, number: int, change: str) -> None:
    """PRISMA counts the records of PubMed; nobody identified a preprint there."""
    days = "2026-01-10", "2026-01-20"
    before = prisma(conn, *days)
    add_article(conn, number)
    conn.execute("INSERT INTO changes (run_id, pmid, change, at) VALUES (3, ?, ?, '')", [number, change])
    assert prisma(conn, *days) == before


def test_without_dates_the_period_is_that_of_the_runs(conn: sqlite3.Connection) -> None:
    assert period(conn, None, None) == ("2026-01-09", "2026-01-21")


def test_every_change_that_the_store_can_hold_has_words(conn: sqlite3.Connection) -> None:
    sql = conn.execute("SELECT sql FROM sqlite_master WHERE name = 'changes'").fetchone()[0]
    held = re.findall(r"'([a-z ]+)'", sql[sql.index("change TEXT") : sql.index("at TEXT")])
    assert set(held) == set(CHANGES)


def test_runs_go_on_before_the_one_that_was_last(conn: sqlite3.Connection) -> None:
    every = [run["id"] for run in read_runs(conn)]
    first = [run["id"] for run in read_runs(conn, 4)]
    assert first + [run["id"] for run in read_runs(conn, before=first[-1])] == every
