"""How the file stands: by the last run that filled it, whatever failed or was tried since."""

import pytest

from db.evidence.articles import standing, tags
from tests.support.made_up import add_article, add_concepts, add_run
from tests.support.stores import memory_store

DAY = "2026-01-0{}T00:00:00Z"


@pytest.mark.parametrize("kind", ["harvest", "import"])
@pytest.mark.parametrize("status", ["done", "partial"])
def test_the_last_run_that_filled_the_file_is_named(kind: str, status: str) -> None:
    conn = memory_store().db.conn
    add_article(conn, 1)
    add_run(conn, 1, finished_at=DAY.format(1), pubmed_count=7)
    add_run(conn, 2, kind=kind, status=status, finished_at=DAY.format(2), pubmed_count=None)
    found = standing(conn)
    assert (found.run_id, found.run_kind, found.checked_at, found.pubmed_count) == (2, kind, DAY.format(2), None)


@pytest.mark.parametrize(
    ("kind", "status"),
    [
        ("harvest", "running"), ("harvest", "failed"), ("harvest", "stopped"), ("harvest", "postponed"),
        ("import", "failed"), ("tag", "done"), ("publish", "done"), ("nightly", "done"), ("enrich", "done"),
    ],
)  # fmt: skip
def test_a_run_that_filled_nothing_is_not(kind: str, status: str) -> None:
    conn = memory_store().db.conn
    add_run(conn, 1, finished_at=DAY.format(1), pubmed_count=7)
    add_run(conn, 2, kind=kind, status=status, finished_at=DAY.format(2), pubmed_count=99)
    found = standing(conn)
    assert (found.run_id, found.checked_at, found.pubmed_count) == (1, DAY.format(1), 7)


@pytest.mark.parametrize(("direct", "told"), [(True, ["indomethacin"]), (False, ["nsaids", "indomethacin"])])
def test_what_a_narrower_concept_implies_is_told_where_it_is_asked_for(direct: bool, told: list[str]) -> None:
    conn = memory_store().db.conn
    add_concepts(conn)
    add_article(conn, 1, ["indomethacin"])
    assert [tag.concept_id for tag in tags(conn, [1], direct)[1]] == told
