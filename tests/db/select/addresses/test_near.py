"""Addresses of neighbouring filters are those that the filters have themselves, for random filters."""

import random
from dataclasses import replace

import pytest

from db.select.addresses.near import NearAddresses
from db.select.facets import FACETS, Mode
from db.select.filter import ArticleFilter

MODES: tuple[Mode, ...] = ("any", "all", "not")


def some_filter(seed: int) -> ArticleFilter:
    chance = random.Random(seed)
    chosen = ArticleFilter(year_from=chance.choice([None, 1990]), year_to=chance.choice([None, 2004]))
    for _ in range(chance.randint(0, 6)):
        facet = FACETS[chance.choice(list(FACETS))]
        mode = chance.choice(MODES if facet.kind else ("any", "not"))
        chosen = chosen.with_choice(facet.name, chance.choice(["a", "b", "not stated", "z"]), mode)
    return chosen.switched("retracted", chance.choice([None, False]))


@pytest.mark.parametrize("seed", range(40))
def test_a_neighbour_has_the_address_of_its_filter(seed: int) -> None:
    chosen = some_filter(seed)
    near = NearAddresses(chosen)
    for facet in FACETS:
        for value in ("a", "not stated", "z & co = “ü”", *chosen.chosen(facet)):
            for mode in MODES:
                assert near.with_choice(facet, value, mode) == chosen.with_choice(facet, value, mode).query_string()
    for year in (1987, 2024):
        assert near.of_year(year) == replace(chosen, year_from=year, year_to=year).query_string()


def test_every_part_of_a_filter_keeps_its_place() -> None:
    pairs = [
        ("q", "hip & knee"), ("outcome", "o:1"), ("all_outcome", "o:2"), ("not_intervention", "i:1"), ("year", "1990-"),
        ("finding_of", "i:2"), ("effect", "better"), ("retracted", "no"), ("topic", "all"), ("as_of", "2026-01-02"),
        ("pmids", "5,7"),
    ]  # fmt: skip
    chosen = ArticleFilter.from_query(pairs)
    near = NearAddresses(chosen)
    assert near.with_choice("journal", "J", "not") == chosen.with_choice("journal", "J", "not").query_string()
    assert near.with_choice("outcome", "o:1") == chosen.query_string()
    assert near.of_year(2001) == replace(chosen, year_from=2001, year_to=2001).query_string()
