"""Findings: pairs, estimates and the effects they belong to, directions, risk factors."""

import pytest

from nlp.estimates import EstimateSpan, find_estimates
from nlp.findings.component import result_models
from nlp.findings.factors.directions import direction_features
from nlp.findings.links.assignment import with_estimates
from nlp.findings.links.comparators import comparator, record_arms
from nlp.findings.links.costs import Effect
from nlp.findings.links.estimate_links import link_estimates, link_features
from nlp.findings.pairs import candidate_pairs, main_interventions, read_record
from nlp.findings.sentence.context_features import first_two, shadow, tokens
from nlp.findings.sentence.estimate_signs import estimate_sign, significant
from nlp.findings.sentence.gates import EFFECT_NAMES, interval_sign
from nlp.findings.sentence.pair_features import Pair, distinct, is_control, pair_features
from nlp.findings.sentence.view import factor_groups
from nlp.pipeline import tag_one
from tests.support.reading import context_of, record

DRUGS = {"naproxen": "intervention", "placebo": "intervention", "HO": "outcome", "pain": "outcome"}
TRIAL = {
    "METHODS": "80 hips had naproxen or placebo.",
    "RESULTS": "HO was seen in 12% with naproxen and 31% with placebo (OR 0.31, 95% CI 0.12-0.80). "
    "There was no difference in pain (p = 0.4).",
}


def one(text: str) -> EstimateSpan:
    return find_estimates(text)[0]


@pytest.mark.parametrize(
    ("text", "sign", "direction"),
    [
        ("OR 0.31 (95% CI 0.12-0.80)", "down", "decreases"),
        ("OR 2.1 (95% CI 1.2-3.4)", "up", "increases"),
        ("OR 1.4 (95% CI 0.8-2.4)", "none", "no difference"),
        ("MD -2.4 (95% CI -6.1 to 1.3)", "none", "no difference"),
        ("MD -2.4 (95% CI -3.1 to -1.3)", "down", None),
        ("OR 2.1, p = 0.2", "none", None),
        ("OR 2.1, p = 0.02", "up", None),
        ("pain differed (p = 0.02)", "unknown", None),
    ],
)
def test_what_an_estimate_says_by_itself(text: str, sign: str, direction: str | None) -> None:
    assert estimate_sign(one(text)) == sign
    assert EFFECT_NAMES.get(interval_sign(one(text)) or "") == direction


@pytest.mark.parametrize(
    ("p_value", "answer"),
    [
        ("<0.05", True),
        ("<0.001", True),
        ("≤0.05", True),
        ("0.049", True),
        ("0.05", False),
        ("<0.06", False),
        (">0.05", False),
        (">0.01", False),
        ("≥0.05", False),
        ("≥0.01", False),
        ("?", False),
    ],
)
def test_significance(p_value: str, answer: bool) -> None:
    assert significant(p_value) == answer


def test_pairs_leave_methods_out_and_reach_back_for_an_intervention() -> None:
    context = context_of(TRIAL, DRUGS)
    pairs = {(pair.intervention.text, pair.outcome.text, pair.source) for pair in candidate_pairs(context)}
    assert ("naproxen", "HO", "here") in pairs
    assert ("naproxen", "pain", "previous") in pairs
    assert {pair.outcome.sentence for pair in candidate_pairs(context)} == {2, 3}


def test_a_sentence_that_compares_nothing_says_nothing_of_what_it_does_not_name() -> None:
    text = {"METHODS": "80 hips had naproxen.", "RESULTS": "HO developed in 12 hips (15%). HO was rarer than before."}
    pairs = candidate_pairs(context_of(text, DRUGS))
    assert [pair.outcome.sentence for pair in pairs] == [3]


def test_the_main_interventions_are_the_title_s_then_the_active_ones() -> None:
    context = context_of(TRIAL, DRUGS, title="naproxen after hip surgery")
    assert [span.text for span in main_interventions(context)] == ["naproxen", "placebo"]
    assert is_control("placebo")
    assert not is_control("naproxen")
    assert len(distinct(context.spans)) == 4


def test_an_estimate_is_linked_to_the_factor_it_follows() -> None:
    text = {"RESULTS": "Male sex (OR 2.1, 95% CI 1.2-3.4) and age (OR 1.1, 95% CI 0.8-1.5) were studied."}
    context = context_of(text, {"Male sex": "risk factor", "age": "risk factor"})
    links = {estimate.value: span.text for estimate, span in link_estimates(context, result_models()["link"]).items()}
    assert links == {2.1: "Male sex", 1.1: "age"}
    estimate, span = context.estimates[1][0], context.spans[0]
    assert "before" in link_features(context, estimate, span)


def effect(context, drug: str, outcome: str, direction: str) -> Effect:
    spans = {span.text: span for span in reversed(context.spans)}
    results = next(
        s for s in context.spans if s.text == outcome and context.sentences[s.sentence].category == "results"
    )
    return Effect(Pair(spans[drug], results, "here"), direction, 0.6, None)


def test_an_estimate_without_an_intervention_in_its_sentence_goes_to_the_effect_on_its_outcome() -> None:
    text = {"RESULTS": "HO was rarer with naproxen. Severe pain was as frequent (OR 0.9, 95% CI 0.5-1.6)."}
    context = context_of(text, {"naproxen": "intervention", "HO": "outcome", "Severe pain": "outcome"})
    effects = [
        effect(context, "naproxen", "HO", "decreases"),
        effect(context, "naproxen", "Severe pain", "no difference"),
    ]
    done = with_estimates(context, effects, {})
    assert [(e.pair.outcome.text, e.estimate.value if e.estimate else None) for e in done] == [
        ("HO", None), ("Severe pain", 0.9),
    ]  # fmt: skip


def test_a_ratio_s_interval_overrules_the_words() -> None:
    context = context_of(TRIAL, DRUGS)
    links = {context.estimates[2][0]: next(s for s in context.spans if s.text == "naproxen" and s.sentence == 2)}
    (done,) = with_estimates(context, [effect(context, "naproxen", "HO", "increases")], links)
    assert (done.direction, done.estimate.value) == ("decreases", 0.31)  # type: ignore[union-attr]


def test_a_linked_ratio_that_no_effect_took_makes_one() -> None:
    context = context_of(TRIAL, DRUGS)
    links = {context.estimates[2][0]: next(s for s in context.spans if s.text == "naproxen" and s.sentence == 2)}
    (done,) = with_estimates(context, [], links)
    assert (done.pair.intervention.text, done.pair.outcome.text, done.direction) == ("naproxen", "HO", "decreases")


def test_factors_of_one_string_are_one_group_and_one_name_is_known_by_its_concept() -> None:
    text = {"RESULTS": "Male sex was associated with HO. Male sex and male gender counted."}
    context = context_of(text, {"Male sex": "risk factor", "male gender": "risk factor", "HO": "outcome"})
    groups = factor_groups(context.spans)
    assert [len(group) for group in groups] == [2, 1]
    assert context.name_of(groups[0][0]) == context.name_of(groups[1][0])
    features = direction_features(context, groups[0], [])
    assert {"no estimate", "places:2", "has:association"} <= set(features)


def test_shadows_write_spans_over() -> None:
    context = context_of({"RESULTS": "HO was rarer with naproxen."}, DRUGS)
    written = shadow(context, 1, context.by_sentence[1])
    assert len(written) == len(context.texts[1])
    assert "naproxen" not in written
    assert tokens(written)[-3:] == ("rarer", "with", "I")
    assert first_two("12% and 31%", 0) == "lower"
    assert first_two("flexion 97 versus 61", 0) == "higher"
    assert first_two("no number", 0) is None


def test_a_sentence_is_found_by_its_place() -> None:
    context = context_of(TRIAL, DRUGS)
    assert [context.sentence_at(sentence.start) for sentence in context.sentences] == [0, 1, 2, 3]
    assert context.sentence_at(10**6) == -1


def test_a_plain_trial_is_read_whole() -> None:
    title = "Naproxen against heterotopic ossification after hip arthroplasty: a randomised trial"
    findings = {
        (f.subject_text.lower(), f.outcome_text, f.direction): f.estimate
        for f in tag_one(record(TRIAL, title)).findings
    }
    estimate = findings["naproxen", "HO", "decreases"]
    assert (estimate.measure, estimate.value, estimate.ci_low, estimate.ci_high) == ("OR", 0.31, 0.12, 0.8)


def test_a_plain_risk_study_is_read_whole() -> None:
    text = {
        "METHODS": "We reviewed 400 patients with acetabular fractures. Risk factors for HO were sought by regression.",
        "RESULTS": "Male sex (OR 2.1, 95% CI 1.2-3.4) was an independent risk factor for HO. "
        "Age (OR 1.1, 95% CI 0.8-1.5) was not associated with HO.",
    }
    findings = tag_one(record(text, "Risk factors for heterotopic ossification after acetabular fracture")).findings
    found = {f.subject_text.lower(): (f.direction, f.estimate.value) for f in findings if f.kind == "risk"}
    assert found["male sex"] == ("increases", 2.1)
    assert found["age"] == ("no association", 1.1)


def test_a_finding_stands_where_its_numbers_do() -> None:
    text = {
        "METHODS": "533 adults with acetabular fractures were reviewed.",
        "RESULTS": "HO developed in 68 patients (12.8%). Prophylactic naproxen was protective "
        "(OR 0.31, 95% CI 0.13-0.74).",
    }
    article = record(text, "Prediction of heterotopic ossification after acetabular fracture: naproxen and others")
    (finding,) = [f for f in tag_one(article).findings if f.kind == "effect" and f.estimate.value == 0.31]
    assert article.abstract is not None
    assert article.abstract[finding.sentence_start : finding.sentence_end].startswith("Prophylactic naproxen")
    assert finding.cue == "protective"


@pytest.mark.parametrize(
    ("sentence", "drug", "against"),
    [
        ("HO was rarer with naproxen than with ibuprofen.", "naproxen", "ibuprofen"),
        ("HO was seen in 4% after naproxen and 12% after placebo.", "naproxen", "placebo"),
        ("HO was seen in 4% after naproxen and 12% after placebo.", "placebo", None),
        ("HO was rare after naproxen.", "naproxen", "placebo"),
        ("HO was rarer with naproxen than without, and pain was worse with no naproxen.", "naproxen", "no naproxen"),
        (
            "HO was rarer with naproxen than with placebo, and ibuprofen lowered it in comparison with aspirin.",
            "ibuprofen",
            "aspirin",
        ),
        ("It was alike for naproxen versus placebo or for ibuprofen versus aspirin.", "naproxen", "placebo"),
        ("It was alike for naproxen versus placebo or for ibuprofen versus aspirin.", "aspirin", "ibuprofen"),
    ],
)
def test_what_an_intervention_was_compared_with(sentence: str, drug: str, against: str | None) -> None:
    names = dict.fromkeys(("no naproxen", "naproxen", "ibuprofen", "aspirin", "placebo"), "intervention")
    context = context_of({"METHODS": "Hips had naproxen or placebo.", "RESULTS": sentence}, names)
    span = next(s for s in context.by_sentence[2] if s.text == drug)
    found = comparator(context, 2, span, record_arms(context))
    assert (found.text if found else None) == against


@pytest.mark.parametrize(
    ("methods", "sentence", "drug", "against"),
    [
        ("Hips had naproxen, or naproxen alone.", "HO was rare after excision.", "excision", None),
        ("They had naproxen plus excision or naproxen alone.", "HO was rare after naproxen plus excision.",
         "naproxen plus excision", "naproxen alone"),
        ("Hips had excision, or excision without naproxen.", "HO was rare after naproxen.", "naproxen",
         "without naproxen"),
        ("Hips had naproxen, ibuprofen, or were without naproxen.", "HO was rare after ibuprofen.", "ibuprofen", None),
        ("Hips had naproxen or placebo.", "Motion went from 12 to 84 degrees with naproxen.", "naproxen", None),
        ("Hips had naproxen or placebo.", "Motion was better with naproxen.", "naproxen", "placebo"),
    ],
)  # fmt: skip
def test_whose_control_a_control_is(methods: str, sentence: str, drug: str, against: str | None) -> None:
    arms = (
        "naproxen plus excision",
        "naproxen alone",
        "without naproxen",
        "naproxen",
        "ibuprofen",
        "excision",
        "placebo",
    )
    context = context_of({"METHODS": methods, "RESULTS": sentence}, dict.fromkeys(arms, "intervention"))
    span = next(s for s in context.by_sentence[2] if s.text == drug)
    found = comparator(context, 2, span, record_arms(context))
    assert (found.text if found else None) == against


@pytest.mark.parametrize(
    ("drug", "features"),
    [
        ("naproxen", {"share below control", "share amid others"}),
        ("ibuprofen", {"share below control", "share below others"}),
        ("placebo", {"share above others"}),
    ],
)
def test_the_shares_of_arms_are_compared(drug: str, features: set[str]) -> None:
    text = {"RESULTS": "HO was seen in 8% after naproxen, 6% after ibuprofen and 24% after placebo."}
    context = context_of(text, {**DRUGS, "ibuprofen": "intervention"})
    pair = next(pair for pair in candidate_pairs(context) if pair.intervention.text == drug)
    found = pair_features(read_record(context, {}), pair)
    assert {feature for feature in found if feature.startswith("share ")} == features
