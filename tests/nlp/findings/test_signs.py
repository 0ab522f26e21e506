"""Words that turn what stands behind them: denied rankings, double denials, going without, the last denied."""

import pytest

from nlp.findings.links.comparators import comparator_class
from nlp.findings.sentence.signs import clause_bounds, signs_in, superlative_sign, tells_of_absence
from tests.support.reading import context_of

NAMES = {"naproxen": "intervention", "HO": "outcome"}


@pytest.mark.parametrize(
    ("sentence", "sign"),
    [
        ("Naproxen did not have the highest rate of HO.", None),
        ("Naproxen carried a high risk of HO.", "up"),
        ("Naproxen carried a low risk of HO.", "down"),
        ("Naproxen did not carry a high risk of HO.", None),
    ],
)
def test_a_ranking_that_is_denied_has_no_sign(sentence: str, sign: str | None) -> None:
    context = context_of({"RESULTS": sentence}, {"HO": "outcome"})
    assert superlative_sign(context, context.by_sentence[1][0]) == sign


@pytest.mark.parametrize(
    ("clause", "signs"),
    [
        ("ho was increased with age", {"up"}),
        ("ho was hardly ever seen and never increased with age", {"none"}),
        ("ho was not uncommon and increased with age", {"up"}),
        ("ho was not without danger and fell with age", {"down"}),
        ("obesity was not unrelated to ho", set()),
        ("ho was not increased with age", {"none"}),
        ("ho was rarer but not increased", {"down", "none"}),
    ],
)
def test_a_denied_sign_is_none_and_a_double_denial_denies_nothing(clause: str, signs: set[str]) -> None:
    assert signs_in(clause) == signs


@pytest.mark.parametrize(
    ("sentence", "without"),
    [
        ("HO was rarer with or without naproxen.", False),
        ("HO was rarer with and without naproxen.", False),
        ("HO was rarer with no naproxen.", True),
        ("HO was rarer without naproxen.", True),
        ("HO was rarer in those treated than without naproxen.", False),
    ],
)
def test_with_or_without_is_no_going_without(sentence: str, without: bool) -> None:
    context = context_of({"RESULTS": sentence}, NAMES)
    [drug] = [span for span in context.by_sentence[1] if span.text == "naproxen"]
    assert tells_of_absence(context, drug) is without


@pytest.mark.parametrize(
    ("text", "word", "clause"),
    [
        ("obesity was related to ho, age was not.", "obesity", "obesity was related to ho"),
        ("obesity was related to ho, age was not.", "age", "age was not."),
        ("obesity rose; age was not a cause.", "obesity", "obesity rose"),
        ("obesity rose whereas age fell.", "age", "age fell."),
    ],
)
def test_what_is_denied_of_the_last_is_a_clause_of_its_own(text: str, word: str, clause: str) -> None:
    start = text.index(word)
    first, last = clause_bounds(text, start, start + len(word))
    assert text[first:last] == clause


@pytest.mark.parametrize(
    ("one", "other", "kind"),
    [
        ("radiotherapy", "early radiotherapy", "dose or timing"),
        ("early radiotherapy", "radiotherapy", "dose or timing"),
        ("7 gy", "4 gy", "dose or timing"),
        ("radiotherapy", "excision", "active"),
        ("7 gy", "excision", "active"),
        ("radiotherapy", "no radiotherapy", "none or placebo"),
    ],
)
def test_another_dose_or_time_of_the_same_is_told_from_another_treatment(one: str, other: str, kind: str) -> None:
    context = context_of(
        {"RESULTS": f"HO was rarer with {one} than in {other}."}, dict.fromkeys((one, other), "intervention")
    )
    spans = {span.text: span for span in context.by_sentence[1]}
    assert comparator_class(context, 1, spans[one], spans[other]) == kind
