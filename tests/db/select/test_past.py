"""`as_of`: what a store of that day held. Random histories against a store that stopped on the day."""

from collections.abc import Iterable

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from db.model import Notice
from db.select.filter import ArticleFilter
from db.select.words import describe, filter_parts
from db.store.ledger.ledger import Ledger
from db.store.records.save import save_articles
from db.store.store import Store
from tests.support.stores import article, memory_store

#: One night: what arrives or is revised (PMID, retracted or not), and which articles leave.
Night = tuple[dict[int, bool], set[int]]
_DAYS = [f"2026-01-{day:02d}" for day in range(1, 8)]
_FILTERS = [
    ArticleFilter(),
    ArticleFilter(vanished=True),
    *(ArticleFilter().switched("retracted", value) for value in (True, False)),
    ArticleFilter(vanished=True).switched("retracted", True),
    ArticleFilter(run="last"),
    *(ArticleFilter(run=str(run)) for run in (1, 3, 6)),
    ArticleFilter(year_from=2010, run="last"),
    ArticleFilter(pmids=(1, 2, 3)),
]


def harvested(nights: Iterable[tuple[str, Night]]) -> Store:
    """A store after some nights, through the store's own functions; a revision may take a retraction back."""
    store = memory_store()
    ledger = Ledger(store)
    retracted: set[int] = set()
    for version, (day, (given_, gone)) in enumerate(nights, 1):
        at = f"{day}T23:30:00Z"
        run = store.db.conn.execute(
            "INSERT INTO runs (kind, status, started_at, finished_at) VALUES ('harvest', 'done', ?, ?)", [at, at]
        ).lastrowid
        assert run is not None
        retracted = {pmid for pmid, is_retracted in given_.items() if is_retracted} | (retracted - set(given_))
        articles = [
            article(
                pmid,
                version=version,
                xml=f"<A>{pmid} {version}</A>".encode(),
                notices=(Notice("RetractionIn", 9, "J"),) if pmid in retracted else (),
            )
            for pmid in sorted(given_)
        ]
        with store.atomic():
            save_articles(store, run, articles, at)
        leaving = (gone & ledger.known(gone)) - ledger.vanished() - set(given_)
        with store.atomic():
            ledger.mark_vanished(run, leaving, "test")
            store.db.execute("UPDATE changes SET at = ? WHERE run_id = ? AND change = 'vanished'", [at, run])
    return store


def listed(store: Store, chosen: ArticleFilter) -> set[int]:
    """The PMIDs that a filter means."""
    where, params = chosen.where()
    return {row[0] for row in store.db.conn.execute(f"SELECT pmid FROM articles WHERE {where}", params)}


_PMIDS = st.integers(1, 6)
_NIGHTS = st.lists(
    st.tuples(st.dictionaries(_PMIDS, st.booleans(), max_size=4), st.sets(_PMIDS, max_size=3)),
    min_size=len(_DAYS),
    max_size=len(_DAYS),
)


@given(_NIGHTS)
@settings(max_examples=15)
def test_a_day_of_the_past_equals_a_store_that_stopped_then(nights: list[Night]) -> None:
    dated = list(zip(_DAYS, nights, strict=True))
    now = harvested(dated)
    for last in (1, 3, 5, len(_DAYS)):
        then = harvested(dated[:last])
        for chosen in _FILTERS:
            past = ArticleFilter.from_query([*chosen.to_query(), ("as_of", _DAYS[last - 1])])
            assert listed(now, past) == listed(then, chosen), (chosen, last)
        then.db.conn.close()
    now.db.conn.close()


def test_before_the_first_night_there_was_nothing_and_later_nothing_else() -> None:
    store = harvested([("2026-01-02", ({1: False, 2: True}, set())), ("2026-01-03", ({}, {1}))])
    days = ["2026-01-01", "2026-01-02", "2026-01-03", "2027-01-01"]
    held = [listed(store, ArticleFilter(as_of=day)) for day in days]
    assert held == [set(), {1, 2}, {2}, {2}]


@pytest.mark.parametrize("value", [True, False])
def test_a_retraction_that_came_later_was_not_known(value: bool) -> None:
    store = harvested([("2026-01-02", ({1: False, 2: True}, set())), ("2026-01-03", ({1: True}, set()))])
    known = [
        listed(store, ArticleFilter(as_of=day).switched("retracted", value)) for day in ("2026-01-02", "2026-01-03")
    ]
    assert known == ([{2}, {1, 2}] if value else [{1}, set()])


def test_a_retraction_taken_back_and_made_again_is_known_on_its_own_days() -> None:
    nights: list[tuple[str, Night]] = [
        (day, ({1: is_retracted}, set())) for day, is_retracted in zip(_DAYS, [False, True, False, True], strict=False)
    ]
    store = harvested(nights)
    known = [listed(store, ArticleFilter(as_of=day).switched("retracted", True)) for day in _DAYS[:5]]
    assert known == [set(), {1}, set(), {1}, {1}]


def test_a_filter_of_the_past_says_so_and_can_be_taken_away() -> None:
    chosen = ArticleFilter(as_of="2026-01-31")
    assert describe(chosen) == "as held at the end of 2026-01-31"
    assert [part.rest for part in filter_parts(chosen)] == [ArticleFilter()]
    assert chosen.query_string() == "as_of=2026-01-31"
    assert ArticleFilter.from_query([("as_of", "")]) == ArticleFilter()
