"""Statements on factors that a sentence sets against each other are put right by each other."""

from itertools import permutations

import pytest

from nlp.findings.factors.risks_together import Risk, compared
from nlp.findings.sentence.factors.levels import are_set_against
from tests.support.reading import context_of

APPROACHES = {"DAA": "risk factor", "DLA": "risk factor", "HO": "outcome"}


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("HO [12% vs 26% (OR = 0.46; 95% CI: 0.20-1.07)] was alike in the DAA and DLA groups.", True),
        ("HO did not differ between DAA and DLA (OR 0.46, 95% CI 0.20-1.07).", True),
        ("HO did not differ between the DAA and the DLA (OR 0.46, 95% CI 0.20-1.07).", True),
        ("HO was as frequent after DAA versus DLA approaches (OR 0.46, 95% CI 0.20-1.07).", True),
        ("Of DAA (OR 0.46, 95% CI 0.20-1.07) and DLA we asked whether HO follows.", False),
        ("HO followed DAA (OR 0.46, 95% CI 0.20-1.07), DLA, and delay.", False),
        ("HO was predicted by DAA and DLA (OR 0.46, 95% CI 0.20-1.07).", False),
    ],
)
def test_which_levels_are_two_groups(text: str, expected: bool) -> None:
    context = context_of({"RESULTS": text}, APPROACHES)
    for one, other in permutations([span for span in context.spans if span.kind == "risk factor"]):
        assert are_set_against(context, one, other) is expected


@pytest.mark.parametrize("direction", ["increases", "decreases", "unclear", "no association"])
@pytest.mark.parametrize("measured", ["DAA", "DLA"])
def test_where_the_ratio_of_two_groups_says_nothing_neither_has_a_direction(direction: str, measured: str) -> None:
    text = "HO [12% vs 26% (OR = 0.46; 95% CI: 0.20-1.07, P = 0.07)] was alike in the DAA and DLA groups."
    context = context_of({"RESULTS": text}, APPROACHES)
    [ratio] = context.estimates[1]
    risks = [
        Risk(span, "no association", ratio, None, 0.9)
        if span.text == measured
        else Risk(span, direction, None, None, 0.6)
        for span in context.spans
        if span.kind == "risk factor"
    ]
    assert [risk.direction for risk in compared(context, risks, {})] == ["no association"] * 2


def test_a_factor_that_is_no_other_group_keeps_its_direction() -> None:
    text = "HO followed DAA (OR 0.46, 95% CI 0.20-1.07) as before, but DLA raised it."
    context = context_of({"RESULTS": text}, APPROACHES)
    [ratio] = context.estimates[1]
    first, second = (span for span in context.spans if span.kind == "risk factor")
    risks = [Risk(first, "no association", ratio, None, 0.9), Risk(second, "increases", None, None, 0.6)]
    assert [risk.direction for risk in compared(context, risks, {})] == ["no association", "increases"]


def test_what_a_ratio_tells_of_another_name_stands_in_the_sentence_of_the_ratio() -> None:
    text = {"METHODS": "We noted XQ approaches (XQA).", "RESULTS": "HO followed XQA (OR 2.10, 95% CI 1.20-3.07)."}
    context = context_of(text, {"XQ approaches": "risk factor", "XQA": "risk factor"})
    first, *_, last = (span for span in context.spans if span.kind == "risk factor")
    [ratio] = context.estimates[2]
    bare, told = compared(
        context, [Risk(first, "unclear", None, None, 0.5), Risk(last, "increases", ratio, None, 0.9)], {}
    )
    assert (bare.direction, bare.told_at, told.told_at) == ("increases", last, None)
