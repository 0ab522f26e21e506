"""The tag facet on Datasette's own page of the articles table: exact, the same on every page, each value a filter."""

from typing import Any

import pytest

from tests.support.oracle import Oracle, Question

NSAIDS = "intervention:nsaids"


def counts(ask: Any, **params: Any) -> dict[str, int]:
    facets = ask("/evidence/articles.json", params={"_size": 20, **params}).json()["facet_results"]
    return {value["value"]: value["count"] for value in facets["intervention"]["results"]}


def test_counts_are_those_of_all_rows(ask: Any, evidence: Any) -> None:
    oracle = Oracle(evidence)
    every = oracle.facet(Question(everything=True), "intervention")
    found = counts(ask, _facet_size="max")
    assert found == dict(every)


def test_counts_do_not_shrink_on_the_second_page(ask: Any) -> None:
    first = ask("/evidence/articles.json", params={"_size": 20}).json()
    assert first["next"]
    assert counts(ask, _next=first["next"]) == counts(ask)


def test_a_facet_says_whether_it_was_cut(ask: Any) -> None:
    def facet(size: int) -> Any:
        answer = ask("/evidence/articles.json", params={"_size": 20, "_facet_size": size}).json()
        return answer["facet_results"]["intervention"]

    every = len(counts(ask, _facet_size="max"))
    for size, cut in ((every - 1, True), (every, False), (every + 1, False)):
        found = facet(size)
        assert (len(found["results"]), found["truncated"]) == (min(size, every), cut), size


def test_a_value_leads_to_its_rows(ask: Any) -> None:
    answer = ask("/evidence/articles.json", params={"_size": 20}).json()
    value = answer["facet_results"]["intervention"]["results"][0]
    followed = ask(value["toggle_url"].removeprefix("http://localhost"))
    assert followed.json()["filtered_table_rows_count"] == value["count"]
    selected = [v for v in followed.json()["facet_results"]["intervention"]["results"] if v["selected"]]
    assert [v["value"] for v in selected] == [value["value"]]


@pytest.mark.parametrize("value", ["x' OR 1=1 --", "<script>alert(1)</script>", '"'])
def test_a_hostile_value_is_a_value(ask: Any, value: str) -> None:
    answer = ask("/evidence/articles", params={"_intervention": value})
    assert answer.status_code == 200
    assert "<script>alert" not in answer.text


def test_too_many_values_are_refused(ask: Any) -> None:
    assert ask("/evidence/articles?" + "&".join(f"_intervention={n}" for n in range(21))).status_code == 400
