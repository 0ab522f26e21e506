"""Findings in words."""

import pytest

from db.site.show.formatting import day, facet_value, plural, short_authors, shortened, statement_text, title


@pytest.mark.parametrize(
    ("direction", "outcome", "words"),
    [
        ("decreases", "HO volume", "naproxen decreases HO volume"),
        ("no difference", "pain", "naproxen no difference in pain"),
        ("no association", None, "naproxen no association with HO"),
        ("unclear", None, "naproxen unclear for HO"),
    ],
)
def test_a_finding_is_said_with_who_and_what(direction: str, outcome: str | None, words: str) -> None:
    finding = {"subject_text": "naproxen", "outcome_text": outcome, "direction": direction}
    assert statement_text(finding) == words


@pytest.mark.parametrize(
    ("iso", "shown"),
    [
        ("2016", "2016"), ("2016-01", "January 2016"), ("2016-01-05", "5 January 2016"), ("2016-12", "December 2016"),
        ("2016-12-31T10:00:00Z", "31 December 2016"), ("2016-13-01", "2016"), ("2016-00", "2016"), ("soon", "soon"),
        ("", ""), (None, ""),
    ],
)  # fmt: skip
def test_a_day_is_said_as_far_as_it_is_known(iso: str | None, shown: str) -> None:
    assert day(iso) == shown


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        (plural(1, "article"), "1 article"), (plural(2, "article"), "2 articles"),
        (plural(0, "study", "studies"), "0 studies"), (short_authors("A, B, C"), "A, B, C"),
        (short_authors("A, B, C, D"), "A, B, C et al."), (short_authors(None), ""),
        (shortened("ab cd", 5), "ab cd"), (shortened("ab cd e", 5), "ab …"), (facet_value("3", "level"), "level 3"),
        (facet_value("not stated", "level"), "not stated"), (facet_value("ger", "language"), "German"),
        (title("RETRACTED: x", True), "x"), (title("RETRACTED: x"), "RETRACTED: x"),
        (title("Retracted article: x", 1), "x"), (title(" "), "[no title]"),
    ],
)  # fmt: skip
def test_values_in_words(text: str, shown: str) -> None:
    assert text == shown
