"""What is called better or worse, and statements that a sentence's own words deny."""

import pytest

from db.tagged import Finding, TaggedArticle
from nlp.findings.sentence.judged import judged
from nlp.pipeline import tag_one
from tests.support.reading import context_of, record


def tagged_of(results: str, title: str = "Naproxen, aspirin and heterotopic ossification") -> TaggedArticle:
    return tag_one(record({"METHODS": "100 hips had naproxen or aspirin.", "RESULTS": results}, title))


def stated(results: str, title: str = "Naproxen, aspirin and heterotopic ossification") -> list[Finding]:
    return list(tagged_of(results, title).findings)


@pytest.mark.parametrize(
    ("results", "direction", "effect"),
    [
        ("Naproxen was better than aspirin for pain.", "decreases", "better"),
        ("Naproxen was worse than aspirin for pain.", "increases", "worse"),
        ("Naproxen was inferior to aspirin in terms of pain.", "increases", "worse"),
        ("Pain was better with naproxen than with aspirin.", "decreases", "better"),
        ("Pain was significantly worse with naproxen than with aspirin (p = 0.02).", "increases", "worse"),
        ("Pain improved more with naproxen than with aspirin (p = 0.02).", "decreases", "better"),
        ("Naproxen was superior to aspirin for motion.", "increases", "better"),
        ("Range of motion was worse with naproxen than with aspirin (p = 0.02).", "decreases", "worse"),
        ("Naproxen was less effective than aspirin against heterotopic ossification.", "increases", "worse"),
        ("Naproxen was superior to aspirin in preventing heterotopic ossification.", "decreases", "better"),
        ("Naproxen was no better than aspirin for pain.", "no difference", "no difference"),
    ],
)
def test_better_and_worse_are_told_by_what_is_good_of_the_outcome(results: str, direction: str, effect: str) -> None:
    [found] = stated(results)
    assert (found.subject_text.lower(), found.comparator_text) == ("naproxen", "aspirin")
    assert (found.direction, found.effect) == (direction, effect)


@pytest.mark.parametrize("said", ["was a risk factor for", "was an independent predictor of", "was associated with"])
@pytest.mark.parametrize("second", ["obesity", "the use of cement"])
def test_of_neither_and_nor_both_are_denied(said: str, second: str) -> None:
    found = stated(f"Neither age nor {second} {said} heterotopic ossification.")
    assert [(f.kind, f.direction) for f in found] == [("risk", "no association")] * 2


def test_an_arm_is_not_told_otherwise_beside_the_ratio_of_the_other() -> None:
    found = stated(
        "Heterotopic ossification was found in 3 of 78 patients after naproxen and in 6 of 72 after aspirin "
        "(relative risk 0.46, 95% CI 0.12-1.78)."
    )
    assert [(f.subject_text, f.direction, f.comparator_text) for f in found] == [
        ("naproxen", "no difference", "aspirin")
    ]


@pytest.mark.parametrize("joint", ["and", "or"])
def test_two_treatments_set_against_each_other_are_not_their_combination(joint: str) -> None:
    [found] = stated(
        f"Heterotopic ossification did not differ between indomethacin {joint} radiotherapy (11% versus 9%, p = 0.7).",
        "Indomethacin or radiotherapy against heterotopic ossification",
    )
    assert (found.subject_id, found.comparator_id, found.direction) == ("indomethacin", "radiotherapy", "no difference")


def test_freedom_from_pain_is_no_pain() -> None:
    said = "Freedom from pain was more frequent with naproxen than with aspirin (70% vs 51%, p = 0.02)."
    article = record(
        {"METHODS": "100 hips had naproxen or aspirin.", "RESULTS": said},
        "Naproxen, aspirin and heterotopic ossification",
    )
    tagged = tag_one(article)
    [found] = tagged.findings
    assert (found.outcome_text, found.outcome_id, found.direction, found.effect) == (
        "Freedom from pain", None, "increases", "better",
    )  # fmt: skip
    assert [(arm.arm_text, arm.percent, arm.outcome_id) for arm in tagged.results] == [
        ("naproxen", 70.0, None), ("aspirin", 51.0, None),
    ]  # fmt: skip


def test_what_is_changed_but_not_is_told_as_unchanged() -> None:
    found = stated("Naproxen lowered heterotopic ossification but not pain.")
    assert {(f.outcome_text, f.direction) for f in found} == {
        ("heterotopic ossification", "decreases"), ("pain", "no difference"),
    }  # fmt: skip


@pytest.mark.parametrize(
    ("outcome", "effect", "counted"),
    [
        ("Survival", "better", True),
        ("Mortality", "worse", True),
        ("Union", "better", True),
        ("Nonunion", "worse", True),
        ("Delayed union", "worse", True),
        ("Wound healing", "better", True),
        ("Wound healing problems", "worse", True),
        ("Pain relief", "better", True),
        ("Relief of pain", "better", False),
        ("Pain", "worse", True),
        ("Loss of motion", "worse", True),
        ("Range of motion", "better", True),
        ("Flexion contracture", "worse", True),
        ("Functional limitation", "worse", True),
        ("Blood loss", "worse", True),
    ],
)
def test_an_outcome_named_by_its_reverse_is_seen_so_and_never_counts_for_what_it_is_the_reverse_of(
    outcome: str, effect: str, counted: bool
) -> None:
    [found] = stated(f"{outcome} was greater with naproxen than with aspirin.")
    assert (found.direction, found.effect, found.outcome_id is not None) == ("increases", effect, counted)


def test_the_absence_of_a_thing_is_not_that_thing() -> None:
    [found] = stated("Absence of burn was associated with less heterotopic ossification.")
    assert (found.subject_text, found.subject_id, found.direction) == ("Absence of burn", None, "decreases")


@pytest.mark.parametrize(
    "results", ["Pain was worse with naproxen than with aspirin.", "Naproxen was worse than aspirin for pain."]
)
def test_what_is_called_better_or_worse_is_not_what_it_is_compared_with(results: str) -> None:
    drugs = dict.fromkeys(("naproxen", "Naproxen", "aspirin"), "intervention")
    context = context_of({"RESULTS": results}, {**drugs, "Pain": "outcome", "pain": "outcome"})
    [outcome] = [span for span in context.by_sentence[1] if span.kind == "outcome"]
    called = {span.text.lower(): judged(context, span, outcome) for span in context.by_sentence[1]}
    assert (called["naproxen"], called["aspirin"]) == ("worse", None)
