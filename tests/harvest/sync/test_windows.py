"""Cutting a search into parts: no day and no PMID falls between two parts, and no hit is lost, whatever PubMed does."""

import random
from collections.abc import Callable
from datetime import date, timedelta

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from harvest.eutils.replies import Search
from harvest.sync.windows import FIRST_DAY, FIRST_PMID, LAST_DAY, LAST_PMID, Lister, ListingError, Window

DAYS = st.dates(FIRST_DAY, LAST_DAY)
TODAY = date(2026, 3, 2)


@settings(max_examples=40)
@example(FIRST_DAY, LAST_DAY, TODAY)
@example(TODAY, TODAY + timedelta(days=1), TODAY)
@example(TODAY - timedelta(days=1), TODAY, TODAY)
@given(DAYS, DAYS, DAYS)
def test_two_halves_by_date_are_the_whole_and_each_is_smaller(one: date, other: date, today: date) -> None:
    first, last = sorted((one, other))
    halves = Window("mdat", first, last, 5, 9).halves_by_date(today)
    if first == last:
        assert halves is None
        return
    assert halves is not None
    low, high = halves
    assert (low.first, high.last) == (first, last)
    assert low.first <= low.last < high.first <= high.last
    assert high.first - low.last == timedelta(days=1)
    assert {(half.field, half.low, half.high) for half in halves} == {("mdat", 5, 9)}


@settings(max_examples=40)
@example(FIRST_PMID, LAST_PMID, 1)
@example(7, 8, 7)
@given(st.integers(1, LAST_PMID), st.integers(1, LAST_PMID), st.integers(1, LAST_PMID))
def test_two_halves_by_pmid_are_the_whole_and_each_is_smaller(one: int, other: int, highest: int) -> None:
    low, high = sorted((one, other))
    halves = Window("mdat", TODAY, TODAY, low, high).halves_by_pmid(highest)
    if low == high:
        assert halves is None
        return
    assert halves is not None
    first, second = halves
    assert (first.low, second.high) == (low, high)
    assert first.low <= first.high < second.low <= second.high
    assert second.low - first.high == 1


def test_a_part_is_asked_for_in_pubmeds_words() -> None:
    assert Window().term("a OR b") == "a OR b"
    assert Window(low=2).term("a OR b") == "(a OR b) AND 2:999999999[uid]"
    assert Window(high=8).term("a OR b") == "(a OR b) AND 1:8[uid]"
    assert Window().date_limits() == {}
    limits = Window("mdat", date(2026, 1, 2), date(2026, 3, 4)).date_limits()
    assert limits == {"datetype": "mdat", "mindate": "2026/01/02", "maxdate": "2026/03/04"}
    assert Window().halves_by_date(TODAY) is None


Corpus = dict[int, date]


def service(corpus: Corpus, reach: int, ignores: str = "") -> Callable[[str, dict[str, str]], Search]:
    """A search over made-up records that gives `reach` ids at once and may pay no attention to a kind of limits."""

    def search(term: str, limits: dict[str, str]) -> Search:
        low, high, first, last = FIRST_PMID, LAST_PMID, FIRST_DAY, LAST_DAY
        if "[uid]" in term and ignores != "uid":
            low, high = map(int, term.partition(" AND ")[2].removesuffix("[uid]").split(":"))
        if limits and ignores != "dates":
            first, last = (date.fromisoformat(limits[name].replace("/", "-")) for name in ("mindate", "maxdate"))
        hits = sorted(pmid for pmid, day in corpus.items() if low <= pmid <= high and first <= day <= last)
        return Search(len(hits), tuple(hits[:reach]), None, ())

    return search


@pytest.mark.parametrize("seed", range(8))
@pytest.mark.parametrize("ignores", ["", "dates", "uid"])
def test_all_hits_of_a_part_are_found_or_it_is_said(seed: int, ignores: str) -> None:
    chance = random.Random(seed)
    days = [TODAY + timedelta(days=chance.randint(-400, 5)) for _ in range(chance.choice([1, 3, 40]))]
    pmids = chance.sample(range(1, 3000), chance.randint(1, 150))
    corpus = {pmid: chance.choice(days) for pmid in pmids}
    lister = Lister(service(corpus, chance.randint(2, 30), ignores), "bone", TODAY)
    first, last = sorted(chance.choices(days, k=2))
    part = Window("mdat", first, last)
    whole = {pmid for pmid, day in corpus.items() if first <= day <= last or ignores == "dates"}
    try:
        assert lister.collect(part) == whole
    except ListingError:
        assert ignores == "uid"  # a day that is larger than an answer can be cut by PMID alone
    if not ignores:
        assert {pmid for found in lister.parts(Window()) for pmid in found} == set(corpus)


@pytest.mark.parametrize("missing", [1, 3])
def test_parts_that_hold_less_than_the_whole_are_not_taken_for_it(missing: int) -> None:
    corpus = {pmid: TODAY - timedelta(days=pmid) for pmid in range(1, 30)}
    honest = service(corpus, 10)

    def search(term: str, limits: dict[str, str]) -> Search:
        answer = honest(term, limits)
        return (
            answer if answer.count == 29 else Search(max(0, answer.count - missing), answer.pmids[:-missing], None, ())
        )

    with pytest.raises(ListingError, match="counts 29 hits in a part"):
        Lister(search, "bone", TODAY).collect(Window("mdat"))


def test_a_part_that_is_whole_costs_one_request_and_one_that_is_not_few() -> None:
    corpus = {pmid: TODAY - timedelta(days=pmid) for pmid in range(1, 41)}
    asked = []

    def search(term: str, limits: dict[str, str]) -> Search:
        asked.append(term)
        return service(corpus, 20)(term, limits)

    lister = Lister(search, "bone", TODAY)
    assert len(lister.collect(Window("mdat", TODAY - timedelta(days=20), TODAY))) == 20
    assert len(asked) == 1
    assert len(lister.collect(Window("mdat", TODAY - timedelta(days=40), TODAY - timedelta(days=1)))) == 40
    assert len(asked) == 4
