"""Addresses of lists as saved searches have them: read as the site reads them, written as they are read."""

import tomllib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from db.errors import TrackerError
from db.select.addresses.list_address import address_to_save, filter_of_address, saved_lines, suggested_name
from db.select.facets import FilterError
from db.select.filter import ArticleFilter
from db.select.trial_filter import TrialFilter
from harvest.app.searches.file import make_search

WANTED = ArticleFilter.from_query([("intervention", "celecoxib"), ("year", "2015-"), ("q", "hip -knee")])


@pytest.mark.parametrize(
    "address",
    [
        "/articles?intervention=celecoxib&year=2015-&q=hip+-knee",
        "https://ho.example.org/base/articles?q=hip%20-knee&year=2015-&intervention=celecoxib&page=3&sort=newest#top",
        "articles/?intervention=celecoxib&year=2015-&q=hip+-knee&find=x",
        "?intervention=celecoxib&year=2015-&q=hip+-knee",
        "intervention=celecoxib&year=2015-&q=hip+-knee",
        "/feed.atom?intervention=celecoxib&year=2015-&q=hip+-knee&utm_source=mail",
        " /changes.atom?intervention=celecoxib&year=2015-&q=hip+-knee\n",
    ],
)
def test_one_list_has_many_addresses_and_is_saved_as_one(address: str) -> None:
    chosen = filter_of_address(address)
    assert chosen == WANTED
    assert filter_of_address(address_to_save(chosen)) == chosen


@pytest.mark.parametrize(
    "address",
    [
        "/trials?status=RECRUITING&intervention=celecoxib&unpublished=yes",
        "https://ho.example.org/base/trials?unpublished=yes&intervention=celecoxib&status=RECRUITING#results",
        "trials/?intervention=celecoxib&status=RECRUITING&unpublished=yes&country=",
        "/trials.atom?status=RECRUITING&intervention=celecoxib&unpublished=1&utm_source=mail",
        "/trials.json?status=RECRUITING&intervention=celecoxib&unpublished=yes",
    ],
)
def test_a_list_of_trials_is_saved_too(address: str) -> None:
    chosen = filter_of_address(address)
    assert chosen == TrialFilter((("intervention", "celecoxib"), ("status", "RECRUITING")), unpublished=True)
    assert address_to_save(chosen) == "/trials?intervention=celecoxib&status=RECRUITING&unpublished=yes"
    assert address_to_save(filter_of_address("/trials")) == "/trials"


def test_all_articles_are_a_list_too() -> None:
    assert filter_of_address("/articles") == ArticleFilter()
    assert address_to_save(ArticleFilter()) == "/articles"


@pytest.mark.parametrize(
    ("address", "said"),
    [
        ("", "is not the address of a list"),
        ("https://ho.example.org/", "is not the address of a list"),
        ("/matrix?view=risks", "is not the address of a list"),
        ("http://[::1/articles", "cannot be read"),
        ("?status=RECRUITING&intervention=celecoxib", "write /trials\\? before them"),
        ("/trials/NCT00000001", "is not the address of a list"),
        ("/trials?year=2020", "there is no filter of trials “year”"),
        ("/trials?unpublished=perhaps", "unpublished cannot be “perhaps”"),
        ("/articles?foo=1", "there is no filter “foo”"),
        ("/articles?run=last", "cannot have run"),
        ("/articles?as_of=2026-01-01", "cannot have as_of"),
        ("/articles?q=" + "x" * 9000, "longer than 8,000"),
    ],
)
def test_what_is_no_lists_address_is_said(address: str, said: str) -> None:
    with pytest.raises(FilterError, match=said):
        filter_of_address(address)


@given(st.text(max_size=200))
def test_any_text_is_an_address_or_one_clear_line(text: str) -> None:
    said = ""
    try:
        filter_of_address(text)
    except TrackerError as error:
        said = str(error)
    assert "\n" not in said


@given(st.text(max_size=300), st.lists(st.text(max_size=30), max_size=3))
def test_suggested_names_can_be_used_and_lines_read_back(words: str, people: list[str]) -> None:
    name = suggested_name(words)
    assert make_search({"name": name, "address": "/articles"}).name == name
    assert tomllib.loads(saved_lines({"name": name, "who": people}))["search"] == [{"name": name, "who": people}]


def test_what_a_saved_search_cannot_have_is_left_out_of_its_address() -> None:
    chosen = ArticleFilter.from_query([("intervention", "celecoxib"), ("run", "last"), ("as_of", "2026-01-01")])
    assert address_to_save(chosen) == "/articles?intervention=celecoxib"
