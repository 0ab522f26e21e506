"""Numbers in print and in words."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from nlp.text.numbers import number_words, plain, read_count, read_number


@pytest.mark.parametrize(
    ("text", "value"),
    [("0.42", 0.42), (".42", 0.42), ("-3.6", -3.6), ("1,234.5", 1234.5), ("0,42", 0.42), ("+2", 2.0), ("x", None),
     ("", None), ("1" * 30, None)],
)  # fmt: skip
def test_decimal_numbers(text: str, value: float | None) -> None:
    assert read_number(text) == value


@pytest.mark.parametrize(
    ("text", "value"),
    [("1,412", 1412), ("1 295", 1295), ("Sixty-four", 64), ("one hundred thirty-one", 131),
     ("two thousand and five", 2005),
     ("a hundred", 100), ("12", 12), ("many", None), ("1,41", None), ("9" * 12, None)],
)  # fmt: skip
def test_counts(text: str, value: int | None) -> None:
    assert read_count(text) == value


@given(st.integers(0, 999_999_999))
def test_digits_with_and_without_groups(number: int) -> None:
    assert read_count(str(number)) == read_count(f"{number:,}") == number


@given(st.text())
def test_plain_typography_keeps_every_offset(text: str) -> None:
    assert len(plain(text)) == len(text)
    assert plain(plain(text)) == plain(text)


def test_plain_typography() -> None:
    assert plain("0·42 (−3–4)\u202fmm") == "0.42 (-3-4) mm"
    assert number_words("forty-two hips") is None
