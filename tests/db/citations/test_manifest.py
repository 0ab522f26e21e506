"""Where a list comes from: the last run that filled the file and its query, whatever failed or was tried since."""

from typing import Any

import pytest

from db.citations.manifest import list_date, provenance
from tests.support.made_up import add_article, add_run
from tests.support.stores import memory_store

QUERY: dict[str, Any] = {"query_name": "ho", "query_version": "1", "query_hash": "a"}
OTHER: dict[str, Any] = {"query_name": "ho", "query_version": "2", "query_hash": "b"}


@pytest.mark.parametrize(
    ("kind", "status", "counts"),
    [
        ("harvest", "done", True), ("harvest", "partial", True), ("import", "done", True),
        ("harvest", "running", False), ("harvest", "failed", False), ("harvest", "stopped", False),
        ("harvest", "postponed", False), ("import", "failed", False), ("tag", "done", False),
    ],
)  # fmt: skip
def test_a_list_is_of_the_last_run_that_filled_the_file(kind: str, status: str, counts: bool) -> None:
    conn = memory_store().db.conn
    for pmid, vanished, tagger in ((1, 0, "t1"), (2, 1, "t1"), (3, 0, None)):
        add_article(conn, pmid, vanished=vanished, tagger=tagger)
    add_run(conn, 1, finished_at="2026-01-01T00:00:00Z", pubmed_count=7, held_count=6, **QUERY)
    asked: dict[str, Any] = OTHER if kind == "harvest" else {}
    counted: dict[str, Any] = {"pubmed_count": 9} if kind == "harvest" else {}
    add_run(
        conn, 2, kind=kind, status=status, finished_at="2026-01-02T00:00:00Z", held_count=8, **counted, **asked
    )  # fmt: skip
    told = provenance(conn)
    assert told["run"]["id"] == (2 if counts else 1)
    assert told["run"]["held_count"] == (6 if not counts else 8 if kind == "harvest" else None)
    assert told["query"]["version"] == ("2" if counts and kind == "harvest" else "1")
    assert list_date(conn) == ("2026-01-02" if counts else "2026-01-01")
    assert told["articles_held"] == 2
    assert told["tagger"] == ["t1"]


def test_a_file_that_was_never_filled_has_no_day() -> None:
    conn = memory_store().db.conn
    add_run(conn, 1, status="failed", finished_at="2026-01-01T00:00:00Z", **QUERY)
    assert (provenance(conn)["run"], provenance(conn)["query"], list_date(conn)) == (None, None, "undated")
