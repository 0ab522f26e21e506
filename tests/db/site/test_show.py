"""Findings in words."""

import pytest

from db.site.show.formatting import statement, statement_text


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


def test_hostile_words_stay_text() -> None:
    finding = {"subject_text": "<script>", "outcome_text": "a & b", "direction": "increases"}
    assert str(statement(finding)).startswith("&lt;script&gt; <span")
    assert str(statement(finding)).endswith(" a &amp; b")
