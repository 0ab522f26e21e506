"""What is sent of digests: each delivery is tried until it arrives, so many times; its words are kept until then."""

import pytest

from db.store.ledger.digests import record_digest
from db.store.ledger.letters import (
    MOST_ATTEMPTS,
    drop_deliveries,
    letter,
    put_failed,
    put_letter,
    put_sent,
    undelivered,
    waiting,
)
from db.store.store import Store

AT = "2026-01-01T00:00:00Z"
ADA, BEA = "ada@example.org", "bea@example.org"


def write(store: Store, *people: str, search: str = "drugs") -> int:
    """A digest of a search that waits to be mailed."""
    with store.atomic():
        number = record_digest(store.db.conn, 0, 1, 1, search)
        put_letter(store.db.conn, number, f"<{number}@example.org>", b"words", "mail", people)
    return number


def fail(store: Store, times: int, counts: bool = True) -> None:
    """The first delivery in turn fails."""
    for _ in range(times):
        with store.atomic():
            put_failed(store.db.conn, waiting(store.db.conn)[0], AT, "refused", counts)


def in_turn(store: Store) -> list[tuple[int, str]]:
    return [(one.digest_id, one.recipient) for one in waiting(store.db.conn)]


def states(store: Store) -> list[tuple[str, str, int]]:
    return store.db.execute("SELECT recipient, state, attempts FROM deliveries ORDER BY 1, digest_id").fetchall()


def test_a_recipient_is_given_up_after_so_many_attempts_and_not_one_before(store: Store) -> None:
    write(store, ADA)
    fail(store, MOST_ATTEMPTS - 1)
    assert states(store) == [(ADA, "waiting", MOST_ATTEMPTS - 1)]
    fail(store, 1)
    assert states(store) == [(ADA, "given up", MOST_ATTEMPTS)]
    assert waiting(store.db.conn) == []


def test_what_was_no_fault_of_a_delivery_does_not_count(store: Store) -> None:
    write(store, ADA)
    fail(store, MOST_ATTEMPTS + 1, counts=False)
    assert states(store) == [(ADA, "waiting", 0)]
    assert [row[-1] for row in undelivered(store.db.conn)] == ["refused"]


def test_what_failed_least_comes_first_then_the_older_digest(store: Store) -> None:
    first = write(store, BEA, ADA)
    second = write(store, ADA)
    assert in_turn(store) == [
        (first, ADA),
        (first, BEA),
        (second, ADA),
    ]
    fail(store, 1)
    assert in_turn(store) == [
        (first, BEA),
        (second, ADA),
        (first, ADA),
    ]


def test_the_words_are_kept_until_nobody_waits_for_them(store: Store) -> None:
    number = write(store, ADA, BEA)
    with store.atomic():
        put_sent(store.db.conn, waiting(store.db.conn)[0], AT)
    assert letter(store.db.conn, number) == b"words"
    fail(store, MOST_ATTEMPTS)
    assert letter(store.db.conn, number) is None
    assert states(store) == [(ADA, "sent", 1), (BEA, "given up", MOST_ATTEMPTS)]


def test_the_words_of_one_digest_do_not_wait_for_those_of_another(store: Store) -> None:
    first, second = write(store, ADA), write(store, BEA, search="factors")
    with store.atomic():
        put_sent(store.db.conn, waiting(store.db.conn)[0], AT)
    held = store.db.execute("SELECT digest_id, content IS NOT NULL FROM letters ORDER BY 1").fetchall()
    assert held == [(first, 0), (second, 1)]


def test_who_is_named_twice_gets_it_once(store: Store) -> None:
    write(store, ADA, ADA)
    assert states(store) == [(ADA, "waiting", 0)]


def test_whoever_left_a_search_waits_for_it_no_more(store: Store) -> None:
    write(store, ADA, BEA)
    write(store, ADA, search="factors")
    with store.atomic():
        drop_deliveries(store.db.conn, "drugs", kept=[BEA])
    assert states(store) == [(ADA, "dropped", 0), (ADA, "waiting", 0), (BEA, "waiting", 0)]


@pytest.mark.parametrize("later", [True, False])
def test_what_was_given_up_is_told_until_the_next_digest(store: Store, later: bool) -> None:
    write(store, ADA)
    fail(store, MOST_ATTEMPTS)
    write(store, search="factors")
    if later:
        write(store)
    assert [row[3] for row in undelivered(store.db.conn)] == ([] if later else ["given up"])
