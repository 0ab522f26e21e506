"""Figures, comparators and ratios belong to the arm of which their sentence tells them."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from nlp.findings.links.alignment import allowed_links, by_outcomes, own_outcome
from nlp.findings.links.assignment import with_estimates
from nlp.findings.links.comparators import comparator, comparator_class, record_arms
from nlp.findings.links.costs import Effect
from nlp.findings.sentence.arms import apposed, figures_sign, only_arm_sign, unnamed_arm_sign
from nlp.findings.sentence.factors.levels import by_disease_sign
from nlp.findings.sentence.judged import outcome_polarity
from nlp.findings.sentence.outcome_roles import (
    compares_by_disease,
    did_not_happen,
    is_cause,
    is_own_event,
    is_reason_of_operation,
)
from nlp.findings.sentence.pair_features import Pair
from nlp.findings.sentence.signs import (
    is_covariate,
    tells_of_absence,
)
from nlp.findings.sentence.view import Context
from nlp.pipeline import tag_one
from nlp.text.figures import proportions
from nlp.text.numbers import TENS, UNITS
from tests.support.reading import context_of, record

DRUG = {"naproxen": "intervention", "placebo": "intervention", "HO": "outcome"}
WORDS = {value: word for word, value in UNITS.items()}
ROUND = {value: word for word, value in TENS.items()}


def in_words(number: int) -> str:
    if number < 20:
        return WORDS[number]
    return ROUND[number // 10 * 10] + (f"-{WORDS[number % 10]}" if number % 10 else "")


def first_of(context: Context, text: str):
    return next(span for span in context.spans if span.text == text)


@given(st.integers(1, 99), st.integers(5, 99))
def test_counts_in_words_are_the_counts_in_digits(events: int, total: int) -> None:
    told = [(f.events, f.total) for f in proportions(f"seen in {in_words(events)} of {in_words(total)} hips")]
    assert told == ([(events, total)] if events <= total else [])


def test_arms_are_not_counted_as_patients() -> None:
    assert proportions("it was seen in one of the two groups") == ()


@given(st.integers(1, 19), st.integers(1, 19))
def test_the_sign_of_figures_in_words_is_that_of_the_figures(mine: int, theirs: int) -> None:
    text = (
        f"HO was seen in {in_words(mine)} of twenty hips with naproxen and {in_words(theirs)} of twenty with placebo."
    )
    expected = "down" if mine < theirs else "up" if mine > theirs else None
    assert figures_sign(context_of(text, DRUG), 1, "naproxen", None) == expected


def test_a_second_name_of_one_outcome_is_no_second_outcome() -> None:
    names = {**DRUG, "grade II or more": "outcome"}
    text = "HO of grade II or more was seen in six of thirty hips with naproxen and nine of thirty with placebo."
    context = context_of(text, names)
    assert apposed(context, first_of(context, "HO"), first_of(context, "grade II or more"))
    assert figures_sign(context, 1, "naproxen", None) == "down"


@pytest.mark.parametrize(
    ("text", "sign"),
    [
        ("HO was found in 27% of patients with naproxen and 52% without (p < 0.001).", "down"),
        ("HO was found in 52% without and 27% of patients with naproxen.", "down"),
        ("HO was found in 62% of patients with naproxen and 52% without.", "up"),
        ("HO was found in 27% of patients with naproxen and 52% without pain.", None),
    ],
)
def test_an_arm_named_only_by_without_has_its_figure(text: str, sign: str | None) -> None:
    context = context_of(text, DRUG)
    assert unnamed_arm_sign(context, first_of(context, "HO"), "naproxen") == sign


def test_events_of_one_arm_only_are_more_there() -> None:
    context = context_of("The only two reoperations were in the naproxen group.", {**DRUG, "reoperations": "outcome"})
    assert only_arm_sign(context, first_of(context, "reoperations"), "naproxen") == "up"


@pytest.mark.parametrize(
    ("text", "answer"),
    [
        ("HO was 16.6 times higher with no naproxen.", True),
        ("HO was more frequent without naproxen.", True),
        ("HO was rarer with naproxen than without naproxen.", False),
        ("HO was rarer in hips with versus without naproxen.", False),
        ("Patients who did not receive naproxen had more HO.", True),
        ("HO was more frequent in those not given any naproxen.", True),
        ("HO was more frequent in those given naproxen.", False),
    ],
)
def test_what_is_told_of_going_without(text: str, answer: bool) -> None:
    context = context_of(text, DRUG)
    last = [span for span in context.spans if span.text == "naproxen"][-1]
    assert tells_of_absence(context, last) == answer


@pytest.mark.parametrize("absence", ["no NSAID", "no naproxen", "omission of naproxen"])
def test_a_harm_ratio_of_going_without_is_never_the_drug_s(absence: str) -> None:
    text = f"HO was 16.6 times higher with {absence} (OR 16.6, 95% CI 4.1-67.0)."
    abstract = {"METHODS": "Hips had naproxen, an NSAID, or nothing.", "RESULTS": text}
    for finding in tag_one(record(abstract)).findings:
        if finding.estimate.value == 16.6:
            assert finding.subject_text.startswith(("no ", "omission"))
            assert finding.direction == "increases"


SENTENCES = (
    "HO was seen in 13 of 75 hips after preoperative RT and 4 of 79 after postoperative RT.",
    "HO was commoner after preoperative than after postoperative RT.",
)


@pytest.mark.parametrize("sentence", SENTENCES)
def test_two_timings_are_never_before_and_after(sentence: str) -> None:
    names = {"preoperative RT": "intervention", "postoperative RT": "intervention", "HO": "outcome"}
    context = context_of(
        {"METHODS": "Hips had preoperative RT. Others had postoperative RT.", "RESULTS": sentence}, names
    )
    subject = next(s for s in context.spans if s.kind == "intervention" and s.sentence == 3)
    against = comparator(context, 3, subject, record_arms(context))
    assert against is not None
    assert against.text != subject.text
    assert comparator_class(context, 3, subject, against) == "dose or timing"
    assert comparator_class(context, 3, subject, None) != "before"


@pytest.mark.parametrize("joint", ["and the", "than", "versus", "or"])
def test_a_comparator_without_its_last_word_is_read(joint: str) -> None:
    names = {"nonselective NSAIDs": "intervention", "selective NSAIDs": "intervention", "HO": "outcome"}
    text = {
        "METHODS": "Some had selective NSAIDs.",
        "RESULTS": f"HO did not differ, selective {joint} nonselective NSAIDs.",
    }
    context = context_of(text, names)
    subject = first_of(context, "nonselective NSAIDs")
    found = comparator(context, 2, subject, record_arms(context))
    assert found is not None
    assert found.text == "selective NSAIDs"


def test_the_reason_of_an_operation_is_no_outcome() -> None:
    context = context_of("Reoperation for symptomatic HO was rarer with naproxen.", DRUG)
    assert is_reason_of_operation(context, first_of(context, "HO"))
    context = context_of("Naproxen lowered HO.", DRUG)
    assert not is_reason_of_operation(context, first_of(context, "HO"))


def test_what_something_is_due_to_is_no_outcome() -> None:
    for text, cause in (("Function was not affected by HO.", True), ("HO was not affected by naproxen.", False)):
        context = context_of(text, DRUG)
        assert is_cause(context, first_of(context, "HO")) == cause


@pytest.mark.parametrize(
    ("text", "own"),
    [
        ("No difference was seen in pain [2% vs 3% (OR 0.9, 95% CI 0.5-1.6)].", "pain"),
        ("No difference was seen in HO [12.1% vs 26.4% (OR 0.46; 95% CI 0.20-1.07)].", "HO"),
        ("HO was rarer after naproxen (OR 0.46; 95% CI 0.20-1.07).", None),
    ],
)
def test_an_estimate_is_of_the_outcome_right_before_its_brackets(text: str, own: str | None) -> None:
    context = context_of(text, {**DRUG, "pain": "outcome"})
    found = own_outcome(context, context.estimates[1][0])
    assert (found.text if found else None) == own


def test_a_scale_that_grades_an_outcome_is_not_another_one() -> None:
    text = "Naproxen lowered HO incidence by the Brooker scale (OR 0.4, 95% CI 0.2-0.8)."
    context = context_of(text, {"HO incidence": "outcome", "Brooker scale": "outcome"})
    found = own_outcome(context, context.estimates[1][0])
    assert found is not None
    assert found.text == "HO incidence"


def test_two_scales_give_one_outcome_two_ratios() -> None:
    names = {
        "naproxen": "intervention",
        "HO incidence": "outcome",
        "Brooker scale": "outcome",
        "Delee scale": "outcome",
    }
    text = (
        "In all, naproxen lowered HO incidence by the Brooker scale (OR 0.4, 95% CI 0.2-0.8) and by the Delee scale "
        "(OR 0.3, 95% CI 0.1-0.7)."
    )
    context = context_of(text, names)
    pair = Pair(first_of(context, "naproxen"), first_of(context, "HO incidence"), "here")
    found = with_estimates(context, [Effect(pair, "decreases", 0.9, None)], {})
    assert [(e.pair, e.direction, e.estimate.value) for e in found if e.estimate] == [
        (pair, "decreases", 0.4),
        (pair, "decreases", 0.3),
    ]


@pytest.mark.parametrize("event", ["discontinued", "stopped", "withdrawn"])
def test_a_ratio_of_another_event_is_not_of_ho(event: str) -> None:
    text = {
        "METHODS": "Hips were randomised to celecoxib or ibuprofen.",
        "RESULTS": "HO was seen in 12% with celecoxib and in 14% with ibuprofen (p = 0.4). Treatment was "
        f"{event} by 3% taking celecoxib and 11% taking ibuprofen (relative risk, 0.28; 95% CI, 0.09-0.82).",
    }
    assert all(finding.estimate.value != 0.28 for finding in tag_one(record(text)).findings)


LEVELS = (
    "Stay on ward above 10 days and age were associated with HO [1-2 days, OR = 4.3, 95% CI 1.03-18.2; 3-6 days, "
    "OR = 4.1, 95% CI 1.27-13.2; >6 days, OR = 11.7, 95% CI 3.2-42.2; {}: OR = 7.6, 95% CI 2.6-22.2; "
    "age: OR = 1.2, 95% CI 1.1-1.3]."
)


@pytest.mark.parametrize("label", ["stay on ward", "body mass index"])
def test_a_level_of_one_factor_gives_its_ratio_to_no_other(label: str) -> None:
    context = context_of(LEVELS.format(label), {label: "risk factor", "age": "risk factor"})
    allowed = {e.value: [s.text for s in a.spans] for e, a in allowed_links(context, 1).items()}
    assert allowed[11.7] == []
    assert allowed[7.6] == [label]
    assert allowed[1.2] == ["age"]


def test_a_level_of_a_factor_gives_its_ratio_to_no_treatment() -> None:
    text = "Stay on ICU and radiotherapy (XRT) were associated with HO [ " + LEVELS.partition("[")[2].format("XRT")
    for finding in tag_one(record({"METHODS": "241 acetabular fractures; some had XRT.", "RESULTS": text})).findings:
        if finding.subject_text in ("XRT", "radiotherapy"):
            assert finding.estimate.value in (None, 7.6)


@pytest.mark.parametrize(
    ("text", "sign"),
    [
        ("Coma lasted 28.11 days on average, versus 7.54 days without HO.", "up"),
        (
            "Coma lasted 28.11 days on average (SD 20.2), versus 7.54 days (SD 7.4) without heterotopic ossification.",
            "up",
        ),
        ("Coma lasted 5 days versus 7 days in those without HO.", "down"),
        ("Coma lasted 5 days versus 7 days.", None),
    ],
)
def test_a_factor_measured_with_and_without_ho(text: str, sign: str | None) -> None:
    context = context_of(text, {"Coma": "risk factor"})
    assert by_disease_sign(context, context.spans[0]) == sign


def test_figures_of_a_treatment_set_against_its_control_are_a_result() -> None:
    text = "HO occurred in 25.0% (23/92) of the cases without naproxen versus 5.6% (11/196) of the cases with naproxen."
    found = {(f.subject_text, f.direction) for f in tag_one(record({"RESULTS": text})).findings if f.kind == "effect"}
    assert found <= {("naproxen", "decreases")}


def test_a_bare_measure_beside_ho_is_said_once() -> None:
    text = "HO was seen in 13% with naproxen and in 33% with placebo, a significantly lower incidence (p < 0.05)."
    found = tag_one(record({"METHODS": "Naproxen or placebo was given to 76 patients.", "RESULTS": text})).findings
    assert "incidence" not in {finding.outcome_text for finding in found}


def test_grades_in_brackets_do_not_hide_the_arms() -> None:
    text = {
        "METHODS": "Hips were randomised to naproxen or placebo.",
        "RESULTS": "The incidence of HO was 11.1% in the naproxen group (Brooker I: 9.3%; II: 1.8%) and 47.8% in the "
        "placebo group (Brooker I: 36.9%; II: 10.9%).",
    }
    found = {(arm.arm_text, arm.percent) for arm in tag_one(record(text)).results}
    assert found == {("naproxen", 11.1), ("placebo", 47.8)}


def test_an_approach_without_significance_does_not_increase() -> None:
    text = "The anterior approach had an HO rate of 12% and the posterior approach 18% (p = 0.31)."
    assert {f.direction for f in tag_one(record({"RESULTS": text})).findings} <= {"no association", "unclear"}


def test_covariates_and_what_was_not_studied_make_no_statement() -> None:
    context = context_of("The model had cam resection and sex as covariates.", {"cam resection": "risk factor"})
    assert is_covariate(context, context.spans[0])
    context = context_of("The anterior approach was not included.", {"anterior approach": "risk factor"})
    assert is_own_event(context, context.spans[0])
    context = context_of("Patients in whom wound drainage developed had more of it.", {"wound drainage": "risk factor"})
    assert not is_own_event(context, context.spans[0])


def test_of_what_was_only_tested_the_rest_has_no_association() -> None:
    text = {
        "METHODS": "Age, laterality, and interval to surgery were collected from the records.",
        "RESULTS": "HO was associated with a longer interval from injury to surgery (p = 0.002). "
        "The other variables showed no significant association.",
    }
    found = {f.subject_text.lower(): f.direction for f in tag_one(record(text)).findings if f.kind == "risk"}
    assert found["age"] == found["laterality"] == "no association"
    assert found.get("interval to surgery") != "no association"


def test_a_ratio_behind_a_factor_that_ends_in_ho_is_the_factor_s() -> None:
    text = "Delay (HR 2.9, 95% CI 1.2-7.0) and prior resection of HO (HR 2.4, 95% CI 1.1-5.3) predicted failure."
    context = context_of(text, {"Delay": "risk factor", "prior resection of HO": "risk factor"})
    assert by_outcomes(context, 1) == []


def test_more_relief_is_better() -> None:
    assert outcome_polarity("Relief of pain", "less is better") == "more is better"
    assert outcome_polarity("pain", "less is better") == "less is better"


def test_joints_told_apart_by_grade_say_nothing_of_a_drug() -> None:
    assert compares_by_disease("abduction was reduced by 9 in hips of grade iii or iv")
    assert not compares_by_disease("abduction was reduced by 9 with naproxen")


@pytest.mark.parametrize(
    ("sentence", "absent"),
    [
        ("Pain was more common with naproxen than with placebo; no deaths occurred.", True),
        ("With placebo no deaths were recorded, and pain was more common with naproxen.", True),
        ("More deaths occurred with naproxen.", False),
        ("There was no difference in deaths with naproxen.", False),
    ],
)
def test_what_did_not_happen_at_all_was_changed_by_nothing(sentence: str, absent: bool) -> None:
    context = context_of(sentence, {"naproxen": "intervention", "deaths": "outcome", "pain": "outcome"})
    assert did_not_happen(context, first_of(context, "deaths")) is absent
