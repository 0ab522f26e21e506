"""No finding says what its sentence denies: gates, lists of estimates, words, arms, doubles."""

from dataclasses import replace
from itertools import permutations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from db.tagged import Estimate, Finding
from db.terms import Polarity
from nlp.estimates import EstimateSpan, find_estimates
from nlp.findings.component import improved
from nlp.findings.consistency import Weighed, consistent
from nlp.findings.links.alignment import allowed_links, by_outcomes, of_another_outcome
from nlp.findings.links.comparators import comparator, comparator_class, record_arms
from nlp.findings.sentence.arms import arm_figures, figures_sign
from nlp.findings.sentence.gates import EFFECT_NAMES, RISK_NAMES, decide
from nlp.findings.sentence.outcome_roles import compares_by_disease, is_population
from nlp.findings.sentence.signs import (
    adverb_sign,
    is_covariate,
    is_inconclusive,
    is_lost,
    is_reference,
    says_rest_is_null,
    states_a_result,
    superlative_sign,
    word_sign,
)
from nlp.findings.sentence.view import Context
from nlp.pipeline import tag_one
from nlp.spans.tagging import Span
from nlp.text.figures import proportions, time_of
from tests.support.reading import context_of, record

FACTORS = ("male sex", "obesity", "burn", "age", "radiotherapy")
SPANS = {**dict.fromkeys(FACTORS[:-1], "risk factor"), "radiotherapy": "intervention", "HO": "outcome"}


def ratio(text: str) -> EstimateSpan:
    return find_estimates(text)[0]


@pytest.mark.parametrize(
    ("model", "words", "figures", "estimate", "direction", "conflict"),
    [
        ("decreases", "down", None, "OR 2.8 (95% CI 1.9-4.0)", "decreases", "words: decreases; interval: increases"),
        ("increases", "down", None, "OR 2.8 (95% CI 1.9-4.0)", "increases", "words: decreases; interval: increases"),
        ("increases", "up", None, "OR 2.8 (95% CI 1.9-4.0)", "increases", None),
        ("decreases", None, None, "OR 2.8 (95% CI 1.9-4.0)", "increases", None),
        ("increases", "up", None, "OR 1.3 (95% CI 0.8-2.1)", "increases", "words: increases; interval: no difference"),
        ("increases", None, None, "OR 1.3 (95% CI 0.8-2.1)", "no difference", None),
        ("increases", "none", None, "OR 1.3 (95% CI 0.8-2.1)", "no difference", None),
        ("increases", "up", None, "OR 3.0 (95% CI 0.7-5.3), p < 0.001", "increases",
         "interval: no difference; p: a difference"),
        ("no difference", None, None, "OR 2.0 (95% CI 1.2-3.3), p = 0.4", "increases",
         "interval: increases; p: no difference"),
        ("decreases", "down", None, "p = 0.3", "no difference", None),
        ("no difference", "none", None, "p = 0.003", "no difference", "words: no difference; p: a difference"),
        ("no difference", None, None, "p < 0.001", "no difference", "reading: no difference; p: a difference"),
        ("increases", None, "down", None, "decreases", None),
        ("increases", "up", "down", None, "increases", "words: increases; figures: decreases"),
        ("no difference", None, "down", None, "decreases", None),
        ("no difference", "none", "down", None, "no difference", None),
        ("increases", "up", None, "p = 0.05", "increases", None),
        ("no difference", "up", None, "p = 0.05", "increases", None),
        ("increases", None, None, "p = 0.05", "no difference", None),
        ("increases", "none", None, None, "no difference", None),
        ("no difference", None, None, "MD -2.4 (95% CI -3.1 to -1.3)", "no difference", None),
        ("decreases", None, None, "MD -2.4 (95% CI -6.1 to 1.3)", "no difference", None),
        ("decreases", None, None, "OR 1.0 (95% CI 1.0-1.4)", "increases", None),
        ("increases", None, None, "OR 1.0 (95% CI 0.6-1.0)", "decreases", None),
        ("increases", None, None, "OR 0.5 (95% CI 1.2-3.3)", "increases", None),
        ("no difference", "down", None, "MD 0.4 (95% CI -0.2 to 1.0), p = 0.03", "increases",
         "interval: no difference; p: a difference"),
        ("unclear", None, None, None, "unclear", None),
    ],
)  # fmt: skip
def test_signs_of_a_sentence_are_held_against_each_other(
    model: str, words: str | None, figures: str | None, estimate: str | None, direction: str, conflict: str | None
) -> None:
    given_estimate = ratio(estimate) if estimate else None
    assert decide(model, words, figures, given_estimate, EFFECT_NAMES) == (direction, conflict)


def test_a_ratio_that_touches_one_is_no_null() -> None:
    """Its sentence calls a limit of 1.00 significant, so that the value decides."""
    assert decide("unclear", None, None, ratio("OR 1.48 (95% CI 1.00-2.17)"), RISK_NAMES) == ("increases", None)
    assert decide("unclear", None, None, ratio("OR 0.48 (95% CI 0.24-1.00)"), RISK_NAMES) == ("decreases", None)
    assert decide("increases", None, None, ratio("OR 1.48 (95% CI 0.99-2.17)"), RISK_NAMES) == ("no association", None)


VALUES = ("2.11; 95% CI 1.80-2.48", "1.48; 95% CI 1.10-2.17", "0.29; 95% CI 0.10-0.85", "9.85; 95% CI 2.61-37.24")


def links_of(sentence: str, spans: dict[str, str] = SPANS) -> dict[float, tuple[str, ...]]:
    """The spans that each value of a sentence may hang on, by value."""
    context = context_of({"RESULTS": sentence}, spans)
    return {e.value: tuple(s.text for s in a.spans) for e, a in allowed_links(context, 1).items() if e.value}


@settings(max_examples=60, deadline=None)
@given(
    st.permutations(FACTORS),
    st.permutations(VALUES),
    st.sampled_from(["brackets", "labels", "respectively"]),
    st.data(),
)
def test_a_value_hangs_only_on_its_own_item(
    factors: list[str], values: list[str], form: str, data: st.DataObject
) -> None:
    number = data.draw(st.integers(2, 4))
    pairs = list(zip(factors[:number], values[:number], strict=True))
    names = ", ".join(name for name, _ in pairs[:-1]) + f" and {pairs[-1][0]}"
    sentence = {
        "brackets": "HO was associated with " + ", ".join(f"{name} (OR {value})" for name, value in pairs) + ".",
        "labels": f"{names} were associated with HO ["
        + "; ".join(f"{name}: OR {value}" for name, value in pairs)
        + "].",
        "respectively": f"{names} were associated with HO (OR "
        + ", ".join(f"{value.split(';')[0]} (95% CI {value.split('CI ')[1]})" for _, value in pairs)
        + ", respectively).",
    }[form]
    found = links_of(sentence)
    for name, value in pairs:
        mine = found.get(float(value.split(";")[0]), ())
        assert mine in ((name,), ()), sentence


def test_an_untagged_item_keeps_its_value_to_itself() -> None:
    found = links_of(
        "HO was associated with male sex (OR 2.11; 95% CI 1.80-2.48), cement (OR 9.85; 95% CI 2.61-37.24)."
    )
    assert found == {2.11: ("male sex",), 9.85: ()}


def test_values_in_order_need_as_many_subjects() -> None:
    found = links_of(
        "The risk rose with age, burn and obesity (OR 2.1 (95% CI 1.2-3.4) and 1.5 (95% CI 1.1-2.0), respectively)."
    )
    assert set(found.values()) == {()}


@pytest.mark.parametrize("order", list(permutations(range(3))))
def test_a_protective_measure_in_a_list_never_gets_anothers_harm(order: tuple[int, ...]) -> None:
    items = [
        ("ICU stay above 10 days", "ICU stay above 10 days: OR = 7.6, 95% CI: 2.6-22.25"),
        ("male sex", "male sex: OR = 2.1, 95% CI: 1.2-3.4"),
        ("prophylactic radiotherapy", "radiotherapy: OR = 0.29, 95% CI: 0.10-0.85"),
    ]
    chosen = [items[n] for n in order]
    names, values = ", ".join(name for name, _ in chosen), "; ".join(value for _, value in chosen)
    sentence = f"{names} were significantly associated with HO [{values}]."
    article = record({"METHODS": "241 acetabular fractures were reviewed.", "RESULTS": sentence})
    for finding in tag_one(article).findings:
        if "radiotherapy" in finding.subject_text and finding.estimate.value:
            assert finding.estimate.value == 0.29
            assert finding.direction == "decreases"


@pytest.mark.parametrize(
    ("sentence", "factor", "sign"),
    [
        ("Male sex was a risk factor for HO.", "Male sex", "up"),
        ("Male sex was not a risk factor for HO.", "Male sex", "none"),
        ("Variables not significantly associated with HO were age, sex and burn.", "burn", "none"),
        ("Not identified as risk factors were age, obesity and burn.", "obesity", "none"),
        ("HO was not lower with obesity.", "obesity", "none"),
        ("The risk of HO was reduced in obesity.", "obesity", "down"),
        ("Obesity raised the risk, but age did not.", "age", "none"),
        ("Obesity raised the risk, but age did not.", "Obesity", "up"),
        ("Obesity was not without effect on HO.", "Obesity", None),
        ("Obesity and HO were studied.", "Obesity", None),
    ],
)
def test_what_words_say_by_themselves(sentence: str, factor: str, sign: str | None) -> None:
    context = context_of({"RESULTS": sentence}, {factor: "risk factor"})
    assert word_sign(context, context.by_sentence[1][0]) == sign


def test_an_elliptical_second_half_has_its_own_sign() -> None:
    text = "Male sex and obesity have been associated with HO positively, NSAID use and capsular closure negatively."
    context = context_of({"RESULTS": text}, {"obesity": "risk factor", "capsular closure": "risk factor"})
    assert [adverb_sign(context, span) for span in context.by_sentence[1]] == ["up", "down"]


@pytest.mark.parametrize(
    ("sentence", "held"),
    [
        ("HO was rarer after adjusting for age and burn.", True),
        ("Cases were matched 1:4 to controls for burn.", True),
        ("After adjusting for age, burn was associated with HO.", False),
        ("Burn was associated with HO.", False),
        ("Adjusting for age, HO was rarer; burn raised it.", False),
    ],
)
def test_variables_that_were_held_constant(sentence: str, held: bool) -> None:
    name = "Burn" if sentence.startswith("Burn") else "burn"
    context = context_of({"RESULTS": sentence}, {name: "risk factor"})
    assert is_covariate(context, context.by_sentence[1][0]) == held


def test_the_rest_of_the_variables() -> None:
    assert says_rest_is_null("the other variables showed no significant association.")
    assert says_rest_is_null("no other factor was significant")
    assert says_rest_is_null("a significant relation with ho was found for 3 of them, namely age and fever.")
    assert says_rest_is_null("ho was common, and 5 factors that cause it were identified: age, fever and three more.")
    assert not says_rest_is_null("the other variables were recorded")
    assert not says_rest_is_null("ho was seen in 3 of them.")
    assert not says_rest_is_null("the 5 factors were recorded: age, fever and three more.")


def test_proportions_are_read_and_impossible_ones_left() -> None:
    text = "ho in 6/31 (19%), 11 of 196 hips (5.6%), 12% and 40% (95% ci) and 5/3 or 7/10 (20%)"
    found = [(f.events, f.total, f.percent) for f in proportions(text)]
    assert found == [(6, 31, 19.0), (11, 196, 5.6), (None, None, 12.0), (None, None, 40.0)]
    assert time_of("at 12 months postoperatively ho was seen") == "at 12 months postoperatively"


@pytest.mark.parametrize(
    ("sentence", "shares"),
    [
        ("HO was seen in 4% after naproxen and 12% after placebo.", {"naproxen": 4, "placebo": 12}),
        ("HO: naproxen 6/31, placebo 15/33.", {"naproxen": 19, "placebo": 45}),
        ("HO differed between naproxen and placebo (11% v 48%).", {"naproxen": 11, "placebo": 48}),
        ("HO was seen in 4%, 12% after naproxen, placebo and 3% overall.", {}),
        ("HO was seen in 30% with naproxen, placebo.", {}),
    ],
)
def test_figures_go_to_arms_only_in_a_readable_order(sentence: str, shares: dict[str, int]) -> None:
    spans = {"naproxen": "intervention", "placebo": "intervention", "HO": "outcome"}
    context = context_of({"RESULTS": sentence}, spans)
    found = arm_figures(context, 1, proportions(context.texts[1]))
    assert {span.text: int(figure.share or 0) for span, figure in found} == shares
    sign = figures_sign(context, 1, "naproxen", None)
    assert sign == ("down" if shares else None)


@settings(max_examples=60, deadline=None)
@given(st.integers(0, 100), st.integers(0, 100), st.booleans(), st.booleans())
def test_a_groupwise_result_never_turns_round(mine: int, other: int, first: bool, versus: bool) -> None:
    arms = [("naproxen", mine), ("placebo", other)]
    one, two = arms if first else arms[::-1]
    sentence = (
        f"HO was found with {one[0]} and {two[0]} in {one[1]}% v {two[1]}%."
        if versus
        else f"HO was found in {one[1]}% with {one[0]} and in {two[1]}% with {two[0]}, a significant difference."
    )
    spans = {"naproxen": "intervention", "placebo": "intervention", "HO": "outcome"}
    context = context_of({"RESULTS": sentence}, spans)
    assert figures_sign(context, 1, "naproxen", None) == (None if mine == other else "down" if mine < other else "up")


def finding(subject: str, direction: str, against: str | None = None, start: int = 0, **more: object) -> Finding:
    known = {"kind": "effect", "outcome_text": "HO", "estimate": Estimate(), **more}
    return Finding(
        subject_id=None, subject_text=subject, comparator_text=against, outcome_id=None, direction=direction,
        field="abstract", sentence_start=start, sentence_end=start + 1, section=None, cue=None, **known,  # type: ignore[arg-type]
    )  # fmt: skip


def test_a_mirrored_double_is_one_finding() -> None:
    one, two = finding("naproxen", "decreases", "placebo"), finding("placebo", "increases", "naproxen")
    for pair in ((one, two), (two, one)):
        [found] = consistent([Weighed(f, 0.5, n) for n, f in enumerate(pair)])
        assert (found.subject_text, found.direction, found.comparator_text) == ("naproxen", "decreases", "placebo")
    one, two = finding("naproxen", "decreases", "ibuprofen"), finding("ibuprofen", "increases", "naproxen", start=50)
    assert len(consistent([Weighed(one, 0.5, 0), Weighed(two, 0.5, 1)])) == 2


@pytest.mark.parametrize("direction", ["increases", "decreases", "no difference"])
@pytest.mark.parametrize("first", [True, False])
def test_beside_a_ratio_the_other_arm_says_nothing_without_one(direction: str, first: bool) -> None:
    ratio_of_one = finding("a", "no difference", "b", estimate=Estimate("RR", 0.5, 0.1, 1.8))
    pair = (ratio_of_one, finding("b", direction, "a"))
    assert consistent([Weighed(f, 0.5, n) for n, f in enumerate(pair if first else pair[::-1])]) == [ratio_of_one]


def test_two_grades_of_a_scale_are_two_outcomes() -> None:
    grades = [replace(finding("a", "decreases"), outcome_text=f"class {n}", outcome_id="grade") for n in ("III", "IV")]
    assert consistent([Weighed(f, 0.5, n) for n, f in enumerate(grades)]) == grades


def test_more_relief_of_pain_is_said_once() -> None:
    relief = replace(finding("a", "increases", estimate=Estimate("OR", 1.7)), outcome_text="relief of pain")
    pain = replace(finding("a", "decreases", start=50), outcome_text="pain")
    assert consistent([Weighed(relief, 0.5, 0), Weighed(pain, 0.5, 1)]) == [relief]


def test_a_finding_that_names_its_comparator_is_kept_before_one_that_does_not() -> None:
    full, bare = finding("a", "decreases", "no a"), finding("a", "decreases", start=50)
    assert consistent([Weighed(full, 0.4, 0), Weighed(bare, 0.9, 1)]) == [full]


@pytest.mark.parametrize("direction", ["increases", "decreases", "no difference"])
@pytest.mark.parametrize("nothing", ["placebo", "no naproxen", "without naproxen"])
def test_what_is_told_of_going_without_is_a_result_of_the_treatment(nothing: str, direction: str) -> None:
    turned = {"increases": "decreases", "decreases": "increases"}.get(direction, direction)
    [found] = consistent([Weighed(finding(nothing, direction, "naproxen", effect="worse"), 0.5, 0)])
    assert (found.subject_text, found.direction, found.comparator_text) == ("naproxen", turned, nothing)
    assert (found.comparator_class, found.effect) == ("none or placebo", "better")
    ratio_ = finding(nothing, direction, "naproxen", estimate=Estimate("OR", 16.6))
    assert consistent([Weighed(ratio_, 0.5, 0)]) == [ratio_]


@settings(max_examples=100, deadline=None)
@given(
    st.lists(
        st.tuples(
            st.sampled_from(["a", "b"]), st.sampled_from(["increases", "decreases", "no difference"]),
            st.sampled_from([None, "b"]), st.integers(0, 3), st.floats(0, 1), st.booleans(),
        ),
        max_size=6,
    )
)  # fmt: skip
def test_an_article_never_holds_opposite_findings_unmarked(
    rows: list[tuple[str, str, str | None, int, float, bool]],
) -> None:
    found = consistent(
        [
            Weighed(finding(s, d, c, at, estimate=Estimate("OR", 2.0) if ratio_ else Estimate()), chance, n)
            for n, (s, d, c, at, chance, ratio_) in enumerate(rows)
        ]
    )
    open_ = [f for f in found if not f.conflict]
    for one in open_:
        for other in open_:
            same = (one.subject_text, one.comparator_text) == (other.subject_text, other.comparator_text)
            assert not (same and {one.direction, other.direction} == {"increases", "decreases"})


@pytest.mark.parametrize(
    ("sections", "drug", "against", "kind"),
    [
        ({"RESULTS": "HO was rarer with naproxen than with placebo."}, "naproxen", "placebo", "none or placebo"),
        ({"RESULTS": "HO was rarer with naproxen than with ibuprofen."}, "naproxen", "ibuprofen", "active"),
        ({"METHODS": "Hips were randomised to naproxen or ibuprofen.", "RESULTS": "HO was rarer with naproxen."},
         "naproxen", "ibuprofen", "active"),
        ({"METHODS": "Hips were randomised to naproxen or placebo.", "RESULTS": "HO was rarer with naproxen."},
         "naproxen", "placebo", "none or placebo"),
        ({"RESULTS": "After naproxen flexion rose from 40 to 90 degrees."}, "naproxen", None, "before"),
        ({"RESULTS": "HO was rare with naproxen."}, "naproxen", None, "not read"),
        ({"RESULTS": "HO was rarer with 7 Gy than with 4 Gy."}, "7 Gy", "4 Gy", "dose or timing"),
        ({"RESULTS": "HO was rarer with early radiotherapy than with late radiotherapy."}, "early radiotherapy",
         "late radiotherapy", "dose or timing"),
    ],
)  # fmt: skip
def test_every_effect_has_its_comparator(sections: dict[str, str], drug: str, against: str | None, kind: str) -> None:
    names = ("naproxen", "ibuprofen", "placebo", "7 Gy", "4 Gy", "early radiotherapy", "late radiotherapy")
    context = context_of(sections, {**dict.fromkeys(names, "intervention"), "HO": "outcome"})
    number = len(sections)
    span = next(s for s in context.by_sentence[number] if s.text == drug)
    found = comparator(context, number, span, record_arms(context))
    assert (found.text if found else None) == against
    assert comparator_class(context, number, span, found) == kind


def test_an_incidence_and_the_results_of_arms_are_kept() -> None:
    article = record(
        {
            "METHODS": "80 hips were randomised to naproxen or placebo.",
            "RESULTS": "HO developed in 17 of 80 hips (21%). HO was seen in 4/40 (10%) hips with naproxen and in 13/40 "
            "(33%) with placebo at 12 months.",
        },
        "Naproxen against heterotopic ossification after hip arthroplasty",
    )
    rows = {(r.arm_text, r.events, r.total, r.time) for r in tag_one(article).results}
    assert rows >= {("naproxen", 4, 40, "at 12 months"), ("placebo", 13, 40, "at 12 months")}
    assert ("all", 17, 80, None) in rows


@pytest.mark.parametrize(
    ("sentence", "factor", "lost"),
    [
        ("HO was facilitated by loss of function of checkpoints (CD40L and OX40L).", "CD40L", True),
        ("Deletion of ACVR1 reduced HO.", "ACVR1", True),
        ("ACVR1-deficient mice formed less HO.", "ACVR1", True),
        ("When BMP receptor 2 (Bmpr2; ALK9) was deleted in macrophages, HO increased.", "BMP receptor 2", True),
        ("BMP receptor 2 (Bmpr2; ALK9) was measured, HO increased.", "BMP receptor 2", False),
        ("HO is promoted if ACVR1 (ALK2) is knocked out.", "ACVR1", True),
        ("ACVR1 promoted HO.", "ACVR1", False),
        ("Loss of motion was seen; ACVR1 promoted HO.", "ACVR1", False),
        ("Inhibition of BMP reduced HO in mice with ACVR1.", "ACVR1", False),
    ],
)
def test_loss_of_a_thing_has_the_opposite_sign_of_the_thing(sentence: str, factor: str, lost: bool) -> None:
    context = context_of({"RESULTS": sentence}, {factor: "risk factor"})
    assert is_lost(context, context.by_sentence[1][0]) == lost


@pytest.mark.parametrize(
    ("sentence", "states"),
    [
        ("NSAIDs or radiation to prevent HO.", False),
        ("Indomethacin for the prevention of HO.", False),
        ("Whether indomethacin reduces HO was asked.", True),
        ("Indomethacin reduced HO.", True),
        ("Indomethacin did not reduce HO.", True),
    ],
)
def test_a_purpose_is_no_result(sentence: str, states: bool) -> None:
    context = context_of({"RESULTS": sentence}, {"HO": "outcome"})
    assert states_a_result(context, context.by_sentence[1][0]) == states


@pytest.mark.parametrize(
    ("sentence", "sign"),
    [
        ("Celecoxib had the highest rate of HO.", "up"),
        ("Naproxen had the lowest HO.", "down"),
        ("Naproxen was the drug with the fewest HO.", "down"),
        ("Naproxen was the drug with the least HO.", "down"),
        ("The highest dose gave HO.", None),
        ("HO was seen.", None),
    ],
)
def test_a_ranking_has_a_sign(sentence: str, sign: str | None) -> None:
    context = context_of({"RESULTS": sentence}, {"HO": "outcome"})
    assert superlative_sign(context, context.by_sentence[1][0]) == sign


def test_a_factor_gets_the_estimate_of_ho_and_no_other() -> None:
    sentence = (
        "The posterior approach reduced dislocation (OR 0.37, p=0.16), malposition (OR 0.24, p=0.02) "
        "and HO (OR 0.41, p=0.13)."
    )
    context = context_of({"RESULTS": sentence}, {"posterior approach": "risk factor", "HO": "outcome"})
    assert [e.value for e in by_outcomes(context, 1)] == [0.41]
    assert by_outcomes(context_of({"RESULTS": "Sex raised HO (OR 2.0)."}, {"HO": "outcome"}), 1) == []
    named = {"posterior approach": "risk factor", "HO": "outcome", "dislocation": "outcome"}
    context = context_of({"RESULTS": sentence}, named)
    assert [of_another_outcome(context, e) for e in context.estimates[1]] == [True, False, False]


@pytest.mark.parametrize("order", list(permutations(("naproxen", "ibuprofen"))))
def test_what_is_said_is_said_of_the_compared_arm(order: tuple[str, str]) -> None:
    one, other = order
    sentence = f"{one.title()} lowered HO in comparison with {other} (OR 0.48; 95% CI 0.24-0.97)."
    context = context_of({"RESULTS": sentence}, {one.title(): "intervention", other: "intervention", "HO": "outcome"})
    (allowed,) = allowed_links(context, 1).values()
    assert [span.text for span in allowed.spans] == [one.title()]
    assert is_reference(context, context.by_sentence[1][-1])


@pytest.mark.parametrize(
    ("direction", "polarity", "clause", "turned"),
    [
        ("increases", "less is better", "pain improved", "decreases"),
        ("decreases", "more is better", "flexion improved", "increases"),
        ("increases", "less is better", "pain did not improve and worsened", "increases"),
        ("increases", None, "the marker improved", "increases"),
        ("no difference", "less is better", "pain improved", "no difference"),
    ],
)
def test_what_improved_went_the_good_way(direction: str, polarity: Polarity | None, clause: str, turned: str) -> None:
    assert improved(direction, polarity, clause) == turned


def test_sentences_that_say_nothing_of_a_treatment() -> None:
    def outcome(sentence: str, name: str = "HO") -> tuple[Context, Span]:
        context = context_of({"RESULTS": sentence}, {name: "outcome"})
        return context, context.by_sentence[1][0]

    assert is_population(*outcome("Among patients with HO, reoperation was rarer."))
    assert not is_population(*outcome("HO was rarer in patients with a burn."))
    assert is_inconclusive(*outcome("On pain the data were too scarce for any conclusion.", "pain"))
    assert not is_inconclusive(*outcome("Pain was less with naproxen; data on cost were too scarce.", "Pain"))
    assert compares_by_disease("ho+ and ho- patients did not differ in outcomes.")
    assert compares_by_disease("motion was less in patients with ho than without.")
    assert not compares_by_disease("ho was rarer with naproxen.")


@pytest.mark.parametrize("drug", ["NSAID", "indomethacin"])
@pytest.mark.parametrize("word", ["no", "without"])
def test_what_is_said_of_the_arm_without_a_drug_is_not_said_of_the_drug(drug: str, word: str) -> None:
    article = record(
        {
            "METHODS": f"240 hip arthroscopies with {drug} prophylaxis were compared with 117 without it.",
            "RESULTS": f"Hips {'with ' if word == 'no' else ''}{word} {drug} prophylaxis had 13.6 times higher odds "
            "of HO (95% confidence interval, 2.44-75.5; P = .003).",
        },
        f"Heterotopic ossification after hip arthroscopy: influence of {drug} prophylaxis",
    )
    for found in tag_one(article).findings:
        if not found.subject_text.lower().startswith((word, "absence", "lack")) and not found.conflict:
            assert found.direction != "increases" or drug not in found.subject_text
