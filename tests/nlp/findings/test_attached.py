"""Results stay with the arm that their sentence tells them of, and with the direction that it gives, if any."""

import pytest

from nlp.findings.asides import is_beside
from nlp.findings.directionless import with_a_direction
from nlp.findings.links.assignment import with_estimates
from nlp.findings.links.comparators import comparator, comparator_class, record_arms
from nlp.findings.links.costs import Effect
from nlp.findings.pairs import says_nothing
from nlp.findings.sentence.arms import figures_sign
from nlp.findings.sentence.gates import EFFECT_NAMES, decide
from nlp.findings.sentence.outcome_roles import compares_by_disease
from nlp.findings.sentence.pair_features import Pair
from nlp.findings.sentence.told import told_in
from nlp.findings.sentence.view import Context
from tests.support.reading import context_of, read

NAMES = {
    "naproxen": "intervention", "placebo": "intervention", "excision": "intervention", "glue": "intervention",
    "pain": "outcome", "reoperation": "outcome", "viability": "outcome", "HO": "outcome",
}  # fmt: skip


def pair_of(text: str, drug: str = "naproxen", outcome: str = "HO", source: str = "here") -> tuple[Context, Pair]:
    context = context_of({"METHODS": f"We gave {drug}.", "RESULTS": text}, NAMES)
    own = [span for span in context.spans if span.text == drug]
    return context, Pair(own[-1], next(s for s in context.by_sentence[2] if s.text == outcome), source)


@pytest.mark.parametrize(
    ("text", "sign"),
    [
        ("HO was seen in 3 of 30 hips after naproxen and in 12 of 30 hips after the usual drug (p = 0.01).", "down"),
        ("HO was seen in 12 of 30 hips on naproxen and in 3 of 30 on the usual drug.", "up"),
        ("HO was seen in 40% of the usual group and 10% of those given naproxen.", "down"),
        ("HO was seen in 12 of 30 hips after naproxen and fever in 3 of 30.", None),
        ("HO was seen in 12 of 30 hips after naproxen, 3 of 30 being severe.", None),
        ("HO was seen in 12 of 30 hips after glue and 3 of 30 after naproxen.", "down"),
    ],
)
def test_an_arm_beside_one_in_unknown_words_has_its_own_figure(text: str, sign: str | None) -> None:
    context, _ = pair_of(text)
    assert figures_sign(context, 2, "naproxen", None) == sign


def test_of_several_arms_only_the_highest_and_the_lowest_have_a_sign() -> None:
    context, _ = pair_of("HO was seen in 10% with naproxen, 20% with glue and 40% with placebo.")
    assert [figures_sign(context, 2, arm, None) for arm in ("naproxen", "glue", "placebo")] == ["down", None, "up"]


@pytest.mark.parametrize(
    ("text", "read", "told"),
    [
        ("HO was higher in the usual group as compared to naproxen.", "increases", "decreases"),
        ("HO was significantly lower with the usual drug than with naproxen.", "decreases", "increases"),
        ("HO was higher with placebo than with naproxen.", "increases", "increases"),  # told of placebo
        ("HO was lower with naproxen than with the usual drug.", "decreases", "decreases"),
    ],
)
def test_what_something_unknown_had_more_of_its_reference_had_less_of(text: str, read: str, told: str) -> None:
    context, pair = pair_of(text)
    [effect] = with_estimates(context, [Effect(pair, read, 0.6, None)], {})
    assert effect.direction == told
    assert (effect.pair.intervention.text == "placebo") == ("placebo" in text)


@pytest.mark.parametrize(
    ("text", "drug", "outcome", "beside"),
    [
        ("In rats glue added to naproxen lowered HO.", "naproxen", "HO", True),
        ("In rats glue lowered HO in cells exposed to naproxen.", "naproxen", "HO", True),
        ("In rats exposed to naproxen less HO was seen.", "naproxen", "HO", False),
        ("In rats HO grew despite naproxen.", "naproxen", "HO", True),
        ("In rats HO appeared despite naproxen.", "naproxen", "HO", False),
        ("Given for pain naproxen lowers HO.", "naproxen", "pain", True),
        ("Given for pain naproxen lowers HO.", "naproxen", "HO", False),
        ("There reoperation for HO excision was rarer.", "excision", "reoperation", True),
        ("There reoperation was rarer after excision.", "excision", "reoperation", False),
    ],
)
def test_what_goes_along_with_a_result_is_not_its_subject(text: str, drug: str, outcome: str, beside: bool) -> None:
    context, pair = pair_of(text, drug, outcome)
    assert is_beside(context, pair) == beside


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("The viability fell with glue but was maintained with naproxen.",
         {("glue", "down", "viability"), ("naproxen", "none", "viability")}),
        ("It seems that naproxen, as good as glue with less pain, lowers HO.", {("naproxen", "down", "pain")}),
        ("It was naproxen with less pain than before.", set()),
    ],
)  # fmt: skip
def test_further_plain_statements(text: str, expected: set[tuple[str, str, str]]) -> None:
    context, _ = pair_of(text, outcome="viability" if "viability" in text else "pain")
    assert expected <= {(t.subject.text, t.sign, t.outcome.text) for t in told_in(context, 2)}
    assert bool(expected) or not told_in(context, 2)


@pytest.mark.parametrize(
    ("text", "source", "direction"),
    [
        ("With naproxen the effect on HO was significant, a significant effect (p = 0.01).", "here", None),
        ("Over naproxen and placebo pain differed significantly (p = 0.01).", "here", None),
        ("Over naproxen and placebo pain differed significantly, and was lower with naproxen.", "here", "decreases"),
        ("In group 1 HO was seen in 20%, in group 2 in 30% and in group 3 in 60%.", "main", None),
        ("In group 1 HO was seen in 20%.", "main", "decreases"),
    ],
)
def test_a_difference_without_a_direction_is_given_none(text: str, source: str, direction: str | None) -> None:
    context, pair = pair_of(text, outcome="pain" if "pain" in text else "HO", source=source)
    effect = with_a_direction(context, Effect(pair, "decreases", 0.6, None))
    assert (effect.direction if effect else None) == direction


def test_figures_of_another_sentence_give_a_difference_its_direction() -> None:
    text = "HO was seen in 40% with naproxen and 10% with placebo. For HO naproxen and placebo differed significantly."
    context, _ = pair_of(text)
    last = next(s for s in context.by_sentence[3] if s.text == "HO")
    drug = next(s for s in context.by_sentence[3] if s.text == "naproxen")
    effect = with_a_direction(context, Effect(Pair(drug, last, "here"), "decreases", 0.6, None))
    assert effect is not None
    assert effect.direction == "increases"


def test_what_was_more_with_something_unknown_is_not_told_of_the_main_treatment() -> None:
    assert says_nothing(*pair_of("HO was higher with marrow cells.", source="main"))
    assert not says_nothing(*pair_of("HO was higher with treatment.", source="main"))


def test_what_is_told_of_controls_or_within_an_arm_is_not_told_of_the_treatment() -> None:
    assert says_nothing(*pair_of("In the control group HO did not change.", source="main"))
    assert not says_nothing(*pair_of("In the control group HO was commoner than before.", source="main"))
    results = "In the naproxen group age was associated with HO. With naproxen HO fell."
    context = context_of({"METHODS": "We gave naproxen.", "RESULTS": results}, NAMES | {"age": "risk factor"})
    drugs = [span for span in context.spans if span.text == "naproxen"]
    outcomes = [span for span in context.spans if span.text == "HO"]
    assert says_nothing(context, Pair(drugs[1], outcomes[0], "here"))
    assert not says_nothing(context, Pair(drugs[2], outcomes[1], "here"))


@pytest.mark.parametrize(
    ("text", "against", "kind"),
    [
        ("It appears that both naproxen and glue reduce HO.", None, "not read"),
        ("HO did not differ between naproxen and glue.", "glue", "active"),
        ("The mean HO was 24 before and 92 after naproxen.", None, "before"),
    ],
)
def test_two_that_did_the_same_are_not_set_against_each_other(text: str, against: str | None, kind: str) -> None:
    context, pair = pair_of(text)
    found = comparator(context, 2, pair.intervention, record_arms(context))
    assert (found.text if found else None) == against
    assert comparator_class(context, 2, pair.intervention, found) == kind


def test_figures_against_an_interval_are_a_conflict() -> None:
    [estimate] = read({"RESULTS": "HO was rarer (odds ratio 0.1, 95% CI 0.05 to 0.2)."})._.estimates
    direction, conflict = decide("decreases", None, "up", estimate, EFFECT_NAMES)
    assert (direction, conflict) == ("decreases", "figures: increases; interval: decreases")


def test_a_median_with_its_range_is_no_ratio() -> None:
    text = {"RESULTS": "The odds ratio was 2.0 (1.2 to 3.1). The stay was 10 (7 to 14) days against 12 (7 to 19) days."}
    assert [estimate.value for estimate in read(text)._.estimates] == [2.0]


def test_grades_with_a_hyphen_part_patients_by_the_disease() -> None:
    assert compares_by_disease("motion was less in patients with grade-3 bone")
