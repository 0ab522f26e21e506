"""Values out of answers that may hold anything: what is not as expected is None, and nothing is made up."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from harvest.enrich.wire import values
from harvest.enrich.wire.values import at, day, flag, items, number, pmid, pmids, text, texts, whole

ANYTHING = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(["a", "b"]), inner, max_size=2),
    max_leaves=5,
)


@given(ANYTHING)
def test_whatever_an_answer_holds_is_read_or_left_out(value: Any) -> None:
    for name in ("text", "texts", "number", "whole", "pmid", "pmids", "flag", "day", "items"):
        getattr(values, name)(value)
    assert at(value, "a", "b") is None or isinstance(value, dict)
    assert all(isinstance(item, str) and item == " ".join(item.split()) for item in texts(value))
    assert all(0 < found <= 999_999_999 for found in pmids(value))


@pytest.mark.parametrize(
    ("value", "read"),
    [
        (7, 7), ("7", 7), (" 7 ", 7), (7.0, 7), ("7.0", 7), (7.5, None), (0, None), (-7, None), ("PMC7", None),
        (999_999_999, 999_999_999), (1_000_000_000, None), (True, None), (None, None), ("nan", None), ("inf", None),
        ("", None), ([7], None),
    ],
)  # fmt: skip
def test_a_number_of_an_article(value: object, read: int | None) -> None:
    assert pmid(value) == read


@pytest.mark.parametrize(
    ("value", "read"),
    [
        ("1.5", 1.5), (2, 2.0), (0, 0.0), (-3, -3.0), ("n/a", None), (True, None), (float("nan"), None),
        (1e15, None), (9e14, 9e14), (-1e15, None), (10**400, None), (float("inf"), None), ("", None), ({}, None),
    ],
)  # fmt: skip
def test_a_figure(value: object, read: float | None) -> None:
    assert number(value) == read
    assert whole(value) == (None if read is None or read % 1 else int(read))


def test_numbers_of_articles_in_every_form_each_once_and_in_order() -> None:
    assert pmids("3, 1;2 3\n0 x") == (3, 1, 2)
    assert pmids([3, "1", None, 3, 0, "x"]) == (3, 1)
    assert pmids(3) == pmids(None) == ()


@pytest.mark.parametrize(
    ("value", "read"),
    [
        (True, True), (False, False), ("Yes", True), (" y ", True), ("TRUE", True), ("No", False), ("n", False),
        ("false", False), (1, True), (0, False), (2, None), ("", None), ("maybe", None), (None, None), ([], None),
    ],
)  # fmt: skip
def test_a_yes_or_a_no(value: object, read: bool | None) -> None:
    assert flag(value) is read


@pytest.mark.parametrize(
    ("value", "read"),
    [
        ("2024", "2024"), ("2024-03", "2024-03"), ("2024-03-15", "2024-03-15"), ("2024-03-15T10:00:00Z", "2024-03-15"),
        ("15 March 2024", None), ("٢٠٢٤", None), (2024, None), (None, None), ("", None),
    ],
)  # fmt: skip
def test_a_day_as_far_as_it_is_known(value: object, read: str | None) -> None:
    assert day(value) == read


def test_texts_lists_and_paths() -> None:
    assert [text(value) for value in ("  a \n b ", "", "   ", 3, None)] == ["a b", None, None, None, None]
    assert texts(["a", " a ", "", None, "b"]) == ("a", "b")
    assert texts(" a ") == ("a",)
    answer = {"a": {"b": [1, 2]}, "c": 3, "d": None}
    assert [at(answer, "a", "b"), at(answer, "c", "b"), at(answer, "x")] == [[1, 2], None, None]
    assert [items(answer, "a", "b"), items(answer, "c"), items(answer, "d"), items(answer, "x", "y")] == [
        [1, 2],
        [3],
        [],
        [],
    ]
