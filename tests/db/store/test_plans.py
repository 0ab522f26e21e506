"""What a plan leaves over is taken up by the next one and by no later one."""

import pytest

from db.store.ledger.plans import Plan, Plans
from db.store.store import Store
from tests.support.stores import article


def plan(*batches: tuple[int, ...]) -> Plan:
    return Plan(batches, frozenset(), "2026-01-01", "2026-01-08", "2026-01-08", False, 3, None, ())


@pytest.mark.parametrize("lost", [{3: "unreadable"}, {2: "missing", 3: "unreadable"}, {}])
def test_what_failed_is_left_over_until_the_next_plan_has_it(store: Store, lost: dict[int, str]) -> None:
    ledger = Plans(store)
    number = ledger.begin("harvest", "tests")
    first, _never_fetched = ledger.save_plan(number, plan((1, 2, 3), (4,)))
    came = [article(pmid) for pmid in first.pmids if pmid not in lost]
    ledger.save_batch(number, first, came, lost)
    assert ledger.failed_pmids(number) == lost
    assert ledger.backlog() == {*lost, 4}
    ledger.finish(number, "partial", None, 1, 1.0)
    number = ledger.begin("harvest", "tests")
    (again,) = ledger.save_plan(number, plan((*lost, 4)))
    assert ledger.backlog() == {*lost, 4}
    ledger.save_batch(number, again, [article(pmid) for pmid in again.pmids], {})
    assert ledger.failed_pmids(number) == {}
    assert ledger.backlog() == set()
    states = dict(store.db.execute("SELECT state, count(*) FROM batches GROUP BY 1").fetchall())
    assert states == {"done": 2, "replaced": 1 + len(set(lost.values()))}
