"""A yes-or-no filter is one row of a table: list, address, words, API and documents take it from there."""

import re
from pathlib import Path
from typing import Any

import pytest

from db.select import address, switches, words
from db.select import filter as filters
from db.select.filter import ArticleFilter
from db.select.switches import SWITCHES, Switch
from db.select.words import describe, filter_parts
from db.site import facet_view
from tests.support.generate_articles import make_evidence
from tests.support.sites import asking

PAGE = Path(__file__).parents[3] / "docs" / "filters.md"


@pytest.mark.parametrize("name", list(SWITCHES))
@pytest.mark.parametrize("value", [True, False])
def test_each_switch_has_words_and_an_address(name: str, value: bool) -> None:
    chosen = ArticleFilter.from_query([(name, "yes" if value else "no")])
    assert chosen.switch(name) is value
    assert describe(chosen) == SWITCHES[name].words(value)
    (part,) = filter_parts(chosen)
    assert part.rest == ArticleFilter()
    assert f"`{name}`" in PAGE.read_text(encoding="utf-8")


def test_one_more_row_is_one_more_filter_everywhere(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    long = Switch(
        "long",
        "with a long title",
        "with a short title",
        "SELECT pmid FROM articles WHERE length(title) > 60",
        "long title",
    )
    monkeypatch.setitem(switches.SWITCHES, "long", long)
    monkeypatch.setattr(address, "PARAMETERS", (*address.PARAMETERS, "long"))
    assert all(module.SWITCHES is switches.SWITCHES for module in (address, filters, words, facet_view))
    make_evidence(tmp_path / "evidence.db", 40)
    for ask in asking(tmp_path / "evidence.db"):
        numbers: dict[str, Any] = {}
        for value in ("yes", "no"):
            told = ask(f"/articles.json?long={value}").json()
            numbers[value] = told["filtered_table_rows_count"]
            assert told["filter"] == long.words(value == "yes")
            assert ask(f"/export/ris?long={value}").headers["x-article-count"] == str(numbers[value])
        assert sum(numbers.values()) == ask("/articles.json").json()["filtered_table_rows_count"]
        assert numbers["yes"] > 0
        page = ask("/articles").text
        shown = re.search(r'href="/articles\?long=yes[^"]*"[^>]*>.*?long title</span> <span class="count">(\d+)', page)
        assert shown is not None
        assert int(shown[1]) == numbers["yes"]
