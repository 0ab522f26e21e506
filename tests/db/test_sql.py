"""Small pieces of SQL: lists in parts that a statement takes, words and marks as SQL reads them."""

import sqlite3

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from db.sql import VALUES_A_STATEMENT, chunks, dict_rows, literals, placeholders
from db.store.ledger.ledger import Ledger
from db.store.records.articles import read_articles
from db.store.store import Store
from db.store.tags import untagged
from tests.support.made_up import add_article
from tests.support.stores import AT, article, load, save


@settings(max_examples=40)
@given(st.lists(st.integers(), max_size=20), st.integers(1, 7))
def test_parts_hold_everything_once_and_in_order(values: list[int], size: int) -> None:
    parts = list(chunks(values, size))
    assert [value for part in parts for value in part] == values
    assert {len(part) for part in parts[:-1]} <= {size}
    assert all(1 <= len(part) <= size for part in parts)


def test_a_statement_takes_a_part_and_what_stands_beside_it() -> None:
    connection = sqlite3.connect(":memory:")
    connection.setlimit(sqlite3.SQLITE_LIMIT_VARIABLE_NUMBER, 999)  # the least that SQLite is built with
    (part,) = chunks(range(VALUES_A_STATEMENT))
    values = [*part, 7]
    found = connection.execute(f"SELECT ? IN ({placeholders(part)})", values[-1:] + values[:-1]).fetchone()
    assert found == (1,)
    words = ["it's", "", "a, 'b'"]
    asked = [connection.execute(f"SELECT ? IN ({literals(words)})", [word]).fetchone() for word in [*words, "it"]]
    assert asked == [(1,), (1,), (1,), (0,)]
    rows = dict_rows(connection.execute("SELECT 1 AS a, NULL AS b UNION SELECT 2, 3 ORDER BY 1"))
    assert list(rows) == [{"a": 1, "b": None}, {"a": 2, "b": 3}]
    connection.close()


def test_more_articles_than_a_statement_takes_are_all_found(store: Store) -> None:
    last = 2 * VALUES_A_STATEMENT + 1
    with store.atomic():
        for pmid in range(1, last + 1):
            add_article(store.db.conn, pmid)
    assert Ledger(store).known(range(0, last + 2)) == set(range(1, last + 1))


@pytest.mark.parametrize("count", [1, 2, 3, 4, 5])
def test_what_is_read_a_few_at_a_time_is_read_whole(store: Store, monkeypatch: pytest.MonkeyPatch, count: int) -> None:
    for module in ("db.store.records.articles", "db.store.tags"):
        monkeypatch.setattr(f"{module}._ARTICLES_A_READ", 2)
    pmids = list(range(1, count + 1))
    load(store, [article(pmid) for pmid in pmids])
    assert [read.pmid for read in read_articles(store.db.conn, pmids[::-1])] == pmids[::-1]
    assert [given.pmid for given in untagged(store, "v1")] == pmids
    assert [given.pmid for given in untagged(store, "v1", first=2)] == pmids[1:]


def test_what_arrives_at_once_is_held_once_however_much_it_is(store: Store) -> None:
    many = [article(pmid, sections=(), authors=()) for pmid in range(1, VALUES_A_STATEMENT + 2)]
    assert save(store, *many) == [(made.pmid, "new") for made in many]
    assert save(store, *many) == []
    dates = store.db.execute("SELECT DISTINCT fetched_at FROM records").fetchall()
    assert dates == [(AT,)]
