"""Where the next digest begins: after the last one of its own search, and never in a run that is still at work."""

import pytest

from db.store.ledger.digests import last_finished, record_digest, told_until
from db.store.store import Store
from tests.support.made_up import add_run


def test_each_search_goes_on_from_its_own_last_digest(store: Store) -> None:
    conn = store.db.conn
    for search, until in ((None, 4), ("celecoxib", 7), ("burns", 2)):
        record_digest(conn, 0, until, 0, search)
    assert [told_until(conn, search) for search in (None, "celecoxib", "burns", "new")] == [4, 7, 2, 0]


@pytest.mark.parametrize(
    ("kind", "until"), [("harvest", 2), ("import", 2), ("enrich", 2), ("nightly", 4), ("digest", 2)]
)
def test_what_is_at_work_is_not_told_yet_but_the_night_around_it_is_no_hindrance(
    store: Store, kind: str, until: int
) -> None:
    conn = store.db.conn
    for run in (1, 2, 4):
        add_run(conn, run)
    add_run(conn, 3, kind=kind, status="running")
    assert last_finished(conn) == until
