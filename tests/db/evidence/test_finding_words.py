"""A finding in one line, as digests, feeds and programs say it: nothing of it may say more than its sentence."""

from typing import Any

import pytest

from db.evidence.effects.finding_words import arm, estimate, finding_text

_NONE = dict.fromkeys("measure value ci_low ci_high p_value adjusted conflict comparator comparator_text".split())
EFFECT: dict[str, Any] = {
    **_NONE, "subject": "aspirin", "subject_text": "ASA", "outcome": "pain", "outcome_text": "ache",
    "direction": "decreases", "means": "better", "against": "none or placebo",
}  # fmt: skip
RISK: dict[str, Any] = {**EFFECT, "subject": "male sex", "outcome": None, "against": None, "direction": "increases"}


@pytest.mark.parametrize(
    ("finding", "text"),
    [
        (EFFECT, "aspirin against nothing or placebo: better on pain (decreases)"),
        ({**EFFECT, "comparator": "ibuprofen"}, "aspirin v ibuprofen: better on pain (decreases)"),
        ({**EFFECT, "comparator_text": "ice"}, "aspirin v ice: better on pain (decreases)"),
        ({**EFFECT, "subject": None, "outcome": None}, "ASA against nothing or placebo: better on ache (decreases)"),
        ({**EFFECT, "against": "not read"}, "aspirin comparator not read: better on pain (decreases)"),
        (
            {**EFFECT, "means": "conflict", "conflict": "words: decreases; p: no difference"},
            "aspirin against nothing or placebo: conflicting on pain (decreases); words and figures disagree, counted "
            "nowhere: words: decreases; p: no difference",
        ),
        ({**RISK, "means": "worse"}, "male sex as a risk factor: more HO (increases)"),
        ({**RISK, "means": "better", "direction": "decreases"}, "male sex as a risk factor: less HO (decreases)"),
        (
            {**RISK, "means": "no difference", "direction": "no association"},
            "male sex as a risk factor: no association (no association)",
        ),
        (
            {**RISK, "means": "conflict", "conflict": "words: increases; interval: no association", "measure": "OR",
             "value": 1.2, "ci_low": 0.8, "ci_high": 1.9},
            "male sex as a risk factor: conflicting (increases); words and figures disagree, counted nowhere: words: "
            "increases; interval: no association; OR 1.2 (0.8–1.9)",
        ),
    ],
)  # fmt: skip
def test_a_finding_in_one_line(finding: dict[str, Any], text: str) -> None:
    assert finding_text(finding) == text


@pytest.mark.parametrize(
    ("figures", "text"),
    [
        ({}, ""),
        ({"measure": "OR", "value": 0.46, "ci_low": 0.29, "ci_high": 0.72}, "OR 0.46 (0.29–0.72)"),
        ({"measure": "MD", "value": -2.4, "ci_low": -3.1, "ci_high": -1.3}, "MD −2.4 (−3.1 to −1.3)"),
        ({"measure": "MD", "value": 0.2, "ci_low": -0.1, "ci_high": 0.5}, "MD 0.2 (−0.1 to 0.5)"),
        ({"measure": "MD", "value": 0.2, "ci_low": 0, "ci_high": 0.5}, "MD 0.2 (0–0.5)"),
        ({"measure": "OR", "value": 0.46, "ci_low": 0.29}, "OR 0.46"),
        ({"value": 12}, "12"),
        ({"p_value": "<0.001"}, "p < 0.001"),
        ({"p_value": "≥0.05"}, "p ≥ 0.05"),
        ({"p_value": "0.02"}, "p 0.02"),
        ({"measure": "OR", "value": 2, "adjusted": True}, "OR 2, adjusted"),
        ({"measure": "OR", "value": 2, "adjusted": False, "p_value": "0.3"}, "OR 2, p 0.3, not adjusted"),
    ],
)
def test_an_estimate_as_much_of_it_as_there_is(figures: dict[str, Any], text: str) -> None:
    assert estimate({**_NONE, **figures}) == text


@pytest.mark.parametrize(
    ("concept", "text", "said"),
    [
        ("celecoxib", "Celebrex", "celecoxib"),
        ("celecoxib", "Celecoxib", "celecoxib"),
        ("celecoxib", "delayed celecoxib", "delayed celecoxib"),
        ("indomethacin", "One week of indomethacin", "One week of indomethacin"),
        ("NSAIDs", "selective NSAIDs", "selective NSAIDs"),
        ("age", "dosage", "age"),
        (None, "a new gel", "a new gel"),
        ("placebo", None, "placebo"),
        (None, None, ""),
    ],
)
def test_an_arm_is_named_by_the_words_of_the_article_where_they_say_more(
    concept: str | None, text: str | None, said: str
) -> None:
    assert arm(concept, text) == said
