"""Sets of articles as bits agree with Python's own sets, whatever the numbers and their order."""

import random
import sqlite3
from collections import Counter
from collections.abc import Iterator

import numpy as np
import pytest

from db.evidence.index.bits import Coded, Places, counted, flag_array, flags_of


@pytest.fixture
def conn() -> Iterator[sqlite3.Connection]:
    conn = sqlite3.connect(":memory:")
    conn.execute("CREATE TABLE held (value TEXT, pmid INTEGER)")
    yield conn
    conn.close()


@pytest.mark.parametrize("count", [1, 7, 8, 9, 64, 1000])
def test_what_sql_selects_is_the_same_set_as_pythons(conn: sqlite3.Connection, count: int) -> None:
    chance = random.Random(count)
    pmids = chance.sample(range(-500, 5000), count)  # preprints have numbers of their own
    places = Places(pmids)
    picked = chance.sample(pmids, chance.randint(1, count))
    rows = [(chance.choice("abc"), pmid) for pmid in [*picked, *picked, 9999, -9999]]  # twice, and two of no article
    conn.executemany("INSERT INTO held VALUES (?, ?)", rows)
    bits = places.selected(conn, "SELECT pmid FROM held WHERE value <> :value", {"value": "c"})
    wanted = {pmid for value, pmid in rows if value != "c"}
    assert {pmid for place, pmid in enumerate(pmids) if bits >> place & 1} == wanted & set(pmids)
    assert bits <= places.everything
    assert flags_of(bits, count) == bytes(pmid in wanted for pmid in pmids)
    grouped = places.grouped(conn, "value", "held")
    for value in sorted({value for value, _ in rows}):
        mine = {pmid for other, pmid in rows if other == value} & set(pmids)
        assert {pmid for place, pmid in enumerate(pmids) if grouped[value] >> place & 1} == mine
    expected = {value: (mask & bits).bit_count() for value, mask in grouped.items() if mask & bits}
    assert counted(grouped, bits) == expected


def test_nothing_selected_and_no_articles_are_the_empty_set(conn: sqlite3.Connection) -> None:
    assert Places([3, 5]).selected(conn, "SELECT pmid FROM held") == 0
    conn.execute("INSERT INTO held VALUES ('a', 3)")
    assert Places([]).selected(conn, "SELECT pmid FROM held") == 0
    assert Places([]).everything == 0
    assert flags_of(0, 0) == b""


def test_values_of_a_column_are_counted_as_pythons_counter_does() -> None:
    chance = random.Random(4)
    of_article = [chance.choice(["x", "y", "z", "rare"]) for _ in range(300)]
    names = sorted(set(of_article))
    coded = Coded(300, ((name, np.array([value == name for value in of_article])) for name in names))
    base = chance.getrandbits(300)
    flags = flag_array(base, 300)
    expected = Counter(value for value, wanted in zip(of_article, flags, strict=True) if wanted)
    assert list(coded.counted(base).items()) == list(expected.items())
    assert coded.counted(0) == {}
