"""What an article's findings say of each other: opposites, doubles, and by what one is better founded; edges of p."""

from dataclasses import replace

import pytest

from db.tagged import Estimate, Finding
from nlp.findings.consistency import CLEARLY, Weighed, consistent
from nlp.findings.sentence.estimate_signs import estimate_side, estimate_sign, significant
from tests.nlp.findings.test_gates import finding, ratio

RATIO, P_ALONE, BARE = Estimate("OR", 0.4, 0.2, 0.8), Estimate(p_value="0.01"), Estimate()
NOTED = "here: increases; elsewhere in the article: decreases"


def opposite(one: Estimate, other: Estimate, against: str | None = None) -> tuple[Finding, Finding]:
    return (
        finding("a", "increases", against, estimate=one),
        finding("a", "decreases", against, start=50, estimate=other),
    )


@pytest.mark.parametrize("turned", [False, True])
@pytest.mark.parametrize(
    ("surer", "kept"), [(0.0, ["increases", "decreases"]), (CLEARLY, ["increases", "decreases"]), (0.26, ["increases"])]
)
def test_of_opposites_one_must_be_clearly_surer(surer: float, kept: list[str], turned: bool) -> None:
    weighed = [Weighed(f, 0.5 + surer * (n == 0), n) for n, f in enumerate(opposite(BARE, BARE, "b"))]
    found = consistent(weighed[::-1] if turned else weighed)
    assert [f.direction for f in found] == (kept[::-1] if turned else kept)
    assert [f.conflict for f in found if f.direction == "increases"] == [None if len(kept) == 1 else NOTED]


@pytest.mark.parametrize(("better", "worse"), [(RATIO, P_ALONE), (RATIO, BARE), (P_ALONE, BARE)])
def test_of_opposites_the_better_founded_stays_whatever_the_model_thinks(better: Estimate, worse: Estimate) -> None:
    for chances in ((0.3, 0.9), (0.9, 0.3)):
        told = opposite(better, worse)
        assert consistent([Weighed(f, c, n) for n, (f, c) in enumerate(zip(told, chances, strict=True))]) == [told[0]]


def test_opposites_against_two_comparators_or_of_two_subjects_do_not_contradict() -> None:
    one = finding("a", "increases", "b")
    for other in (finding("a", "decreases", "c", start=50), finding("d", "decreases", "b", start=50)):
        assert consistent([Weighed(one, 0.9, 0), Weighed(other, 0.3, 1)]) == [one, other]


def test_two_combinations_of_one_concept_are_two_treatments() -> None:
    told = [
        finding(text, "decreases", start=50 * n, estimate=Estimate(p_value="0.01") if n == 0 else BARE)
        for n, text in enumerate(("a plus b", "a plus c"))
    ]
    for concept, kept in (("combined-prophylaxis", told), ("prophylaxis", told[:1])):
        named = [replace(f, subject_id=concept) for f in told]
        assert consistent([Weighed(f, 0.5, n) for n, f in enumerate(named)]) == named[: len(kept)]


def test_without_a_ratio_what_the_other_arm_showed_is_kept() -> None:
    told = [finding("a", "decreases", "b"), finding("b", "no difference", "a")]
    assert consistent([Weighed(f, 0.5, n) for n, f in enumerate(told)]) == told


@pytest.mark.parametrize(
    ("p_value", "below"),
    [
        ("0.049", True), ("0.05", False), ("0.051", False), ("<0.05", True), ("≤0.05", True), ("<0.051", False),
        ("< 0.001", True), (">0.04", False), ("≥0.01", False), (">0.05", False), (".03", True), ("ns", False),
    ],
)  # fmt: skip
def test_a_p_value_is_significant_below_five_per_cent(p_value: str, below: bool) -> None:
    assert significant(p_value) is below


@pytest.mark.parametrize(
    ("text", "sign", "side"),
    [
        ("OR 2.1 (95% CI 1.2-3.7)", "up", "up"), ("OR 0.4 (95% CI 0.2-0.8)", "down", "down"),
        ("OR 1.5 (95% CI 1.0-2.2)", "up", "up"), ("OR 0.5 (95% CI 0.3-1.0)", "down", "down"),
        ("OR 1.5 (95% CI 0.9-2.2)", "none", "up"), ("OR 1.9", "up", "up"), ("OR 1.9, p = 0.2", "none", "up"),
        ("mean difference 0.4 (95% CI 0.1-0.8)", "up", "up"), ("mean difference -2 (95% CI -3 to -1)", "down", "down"),
        ("mean difference 0.4 (95% CI -0.2 to 0.9)", "none", "up"),
    ],
)  # fmt: skip
def test_an_estimate_lies_on_a_side_of_no_effect(text: str, sign: str, side: str) -> None:
    estimate = ratio(text)
    assert (estimate_sign(estimate), estimate_side(estimate)) == (sign, side)
