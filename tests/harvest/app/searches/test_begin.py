"""What a file of searches that is partly unreadable takes away: nothing that might still be one of its searches."""

from datetime import UTC, datetime

import pytest

from db.store.ledger.digests import record_digest
from db.store.ledger.letters import put_letter, waiting
from db.store.ledger.searches import ListedSearch, listed_searches, put_listed
from db.store.store import Store
from harvest.app.searches.file import BadSearch, SearchFile
from harvest.app.searches.tell import begin_searches

NOW = datetime(2026, 3, 2, 5, tzinfo=UTC)


@pytest.mark.parametrize(
    ("bad", "stays"),
    [
        ((), False),
        ((BadSearch("another", "its address is none"),), False),
        ((BadSearch("hips", "its address is none"),), True),
        ((BadSearch("number 2", "its lines cannot be read", named=False),), True),  # it may be any
    ],
)
def test_mails_and_lists_of_a_search_wait_while_it_may_still_be_there(
    store: Store, bad: tuple[BadSearch, ...], stays: bool
) -> None:
    with store.atomic():
        put_listed(store.db.conn, [ListedSearch("hips", "/articles?q=hip", "hip", 0)])
        number = record_digest(store.db.conn, 0, 1, 1, "hips")
        put_letter(store.db.conn, number, "<1@x>", b"words", "mail", ["ada@example.org"])
    assert begin_searches(store, SearchFile((), bad), NOW) == {}
    assert [one.search for one in waiting(store.db.conn)] == ["hips"] * stays
    assert [one.name for one in listed_searches(store.db.conn)] == ["hips"] * stays
