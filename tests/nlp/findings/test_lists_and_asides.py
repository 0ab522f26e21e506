"""Outcomes of one list are told of alike; what is told of something beside a pair, is not told of the pair."""

import pytest

from nlp.findings.asides import is_beside
from nlp.findings.links.comparators import record_arms
from nlp.findings.links.costs import Effect
from nlp.findings.lists import told_of_lists
from nlp.findings.sentence.pair_features import Pair
from nlp.findings.sentence.told import told_in
from nlp.findings.unnamed import of_unnamed_arms
from tests.support.reading import context_of

NAMES = {
    "naproxen": "intervention", "celecoxib": "intervention", "debridement": "intervention", "pain": "outcome",
    "flexion": "outcome", "HO": "outcome", "DN": "outcome", "discontinuation": "outcome", "fever": "outcome",
    "incidence": "outcome",
}  # fmt: skip


def pair_of(text: str, drug: str, outcome: str):
    context = context_of(text, NAMES)
    named = {name: next(s for s in context.spans if s.text == name) for name in (drug, outcome)}
    return context, Pair(named[drug], named[outcome], "here")


def listed(text: str, direction: str, outcome: str = "pain") -> set[tuple[str, str]]:
    context, pair = pair_of(text, "naproxen", outcome)
    effect = Effect(pair, direction, 0.9, None)
    return {(e.pair.outcome.text, e.direction) for e in told_of_lists(context, {("", "", ""): effect})}


@pytest.mark.parametrize(
    ("text", "direction", "expected"),
    [
        ("There pain, flexion and HO were improved by naproxen.", "decreases",
         {("flexion", "increases"), ("HO", "decreases")}),
        ("There pain, fever, and HO were less with naproxen.", "decreases",
         {("fever", "decreases"), ("HO", "decreases")}),
        ("With naproxen pain (p = 0.4) and flexion did not differ.", "no difference", {("flexion", "no difference")}),
        ("With naproxen pain fell, and fever was seen.", "decreases", set()),
        ("With naproxen pain, and fever was seen.", "decreases", set()),
        ("With naproxen pain was less than fever.", "decreases", set()),
        ("There pain and flexion were less; naproxen did nothing.", "no difference", set()),
        ("There pain and fever were improved by naproxen.", "decreases", set()),  # nobody says what a better fever is
    ],
)  # fmt: skip
def test_what_is_told_of_one_of_a_list_is_told_of_all(
    text: str, direction: str, expected: set[tuple[str, str]]
) -> None:
    assert listed(text, direction) == expected


@pytest.mark.parametrize(
    ("text", "drug", "outcome", "beside"),
    [
        ("Delaying naproxen was correlated with HO.", "naproxen", "HO", True),
        ("Starting naproxen was correlated with HO.", "naproxen", "HO", False),
        ("There was no naproxen-related fever.", "naproxen", "fever", True),
        ("There was less naproxen-sensitive fever.", "naproxen", "fever", False),
        ("With naproxen the growth of HO cells fell.", "naproxen", "HO", True),
        ("With naproxen the growth of HO fell.", "naproxen", "HO", False),
        ("In all naproxen may therefore have a place against HO.", "naproxen", "HO", True),
        ("In all naproxen might thus serve to prevent HO.", "naproxen", "HO", True),
        ("In all naproxen may reduce HO.", "naproxen", "HO", False),
        ("That HO was rare might be explained by naproxen.", "naproxen", "HO", True),
        ("That HO was rare is due to naproxen.", "naproxen", "HO", False),
        ("With naproxen discontinuation for nausea (DN) rose, and DN stayed.", "naproxen", "discontinuation", True),
        ("With naproxen discontinuation for nausea (DN) rose, and DN stayed.", "naproxen", "DN", False),
        ("With naproxen discontinuation rose.", "naproxen", "discontinuation", False),
    ],
)
def test_what_is_told_of_something_beside_a_pair(text: str, drug: str, outcome: str, beside: bool) -> None:
    context, pair = pair_of(text, drug, outcome)
    assert is_beside(context, pair) == beside


def unnamed(results: str, methods: str = "All had debridement.") -> set[tuple[str, str]]:
    context = context_of({"METHODS": methods, "RESULTS": results}, NAMES)
    return {(e.pair.intervention.text, e.pair.outcome.text) for e in
            of_unnamed_arms(context, record_arms(context).pairs).values()}  # fmt: skip


@pytest.mark.parametrize(
    ("results", "expected"),
    [
        ("Neither pain nor flexion differed between the debrided and the preserved group.",
         {("debridement", "pain"), ("debridement", "flexion")}),
        ("Treated and untreated patients did not differ in flexion.", {("debridement", "flexion")}),
        ("Neither incidence nor pain differed between the debrided and the preserved group.",
         {("debridement", "pain")}),
        ("The flexion differed between the debrided and the preserved group.", set()),
        ("No difference of flexion was seen between the plated and the screwed group.", set()),
        ("No difference of flexion was seen between men and women.", set()),
    ],
)  # fmt: skip
def test_groups_are_named_by_what_was_done_to_them(results: str, expected: set[tuple[str, str]]) -> None:
    assert unnamed(results) == expected


def test_the_treated_of_two_treatments_are_nobody() -> None:
    assert unnamed("Treated and untreated patients did not differ in flexion.", "naproxen and celecoxib.") == set()


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Severe HO did not occur with naproxen, against 2% in the others.", {("naproxen", "down", "HO")}),
        ("Severe HO did not occur with naproxen.", set()),  # nothing says that it would have occurred
        ("Then we gave naproxen, and it blocked HO.", {("naproxen", "down", "HO")}),
        ("Then we gave naproxen, and rest blocked HO.", set()),
    ],
)
def test_plain_statements_of_none_and_of_it(text: str, expected: set[tuple[str, str, str]]) -> None:
    context = context_of({"RESULTS": text}, NAMES)
    assert {(t.subject.text, t.sign, t.outcome.text) for t in told_in(context, 1)} == expected
