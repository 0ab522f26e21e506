"""Whole numbers of records: digits alone, of a sensible size, whatever noughts and blanks stand around them."""

import pytest

from harvest.pubmed.values.numbers import positive_number, whole_number


@pytest.mark.parametrize(
    ("text", "number"),
    [
        ("7", 7), (" 7\n", 7), ("007", 7), ("123456789", 123456789), ("0123456789", 123456789),
        ("000000000012345678", 12345678), ("1234567890", None), ("0", 0), ("00000000000", 0), ("-7", None),
        ("+7", None), ("7.0", None), ("٧", None), ("²", None), ("7a", None), ("", None), (" ", None), (None, None),
    ],
)  # fmt: skip
def test_what_is_a_whole_number(text: str | None, number: int | None) -> None:
    assert whole_number(text) == number
    assert positive_number(text) == (number or None)
