"""Outcomes of one list are told of alike; what is told of something beside a pair, is not told of the pair."""

import pytest

from nlp.findings.asides import is_beside
from nlp.findings.links.comparators import record_arms
from nlp.findings.links.costs import Effect
from nlp.findings.lists import told_of_lists
from nlp.findings.sentence.outcome_roles import is_population
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


DRUGS = NAMES | {"placebo": "intervention", "enzyme": "risk factor"}


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("HO had developed in significantly fewer patients of the naproxen groups than of the placebo group.",
         {("naproxen", "down", "HO")}),
        ("HO was seen in more hips with placebo than with naproxen.", {("placebo", "up", "HO")}),
        ("HO was seen in more hips of men than with naproxen.", set()),
        ("Hips with naproxen had no more fever or HO than those without.",
         {("naproxen", "none", "fever"), ("naproxen", "none", "HO")}),
        ("Hips with naproxen had no fever or HO.", set()),
        ("In trials naproxen prevents HO as effectively as celecoxib does.", {("naproxen", "none", "HO")}),
        ("In trials naproxen prevents HO effectively.", {("naproxen", "down", "HO")}),
        ("In trials naproxen seems to be as effective as celecoxib in preventing HO.", {("naproxen", "none", "HO")}),
        ("In trials naproxen was not as effective as celecoxib in preventing HO.", set()),
        ("HO induced by the enzyme was inhibited by naproxen.", {("naproxen", "down", "HO")}),
        ("HO was reduced to a significant extent with naproxen.", {("naproxen", "down", "HO")}),
        ("Here naproxen sufficed to block HO.", {("naproxen", "down", "HO")}),
        ("HO was lowered by naproxen, but for celecoxib the difference was not significant.",
         {("naproxen", "down", "HO"), ("celecoxib", "none", "HO")}),
        ("HO was lowered by naproxen, but for celecoxib the difference was significant.", {("naproxen", "down", "HO")}),
    ],
)  # fmt: skip
def test_further_forms_of_plain_statements(text: str, expected: set[tuple[str, str, str]]) -> None:
    context = context_of({"RESULTS": text}, DRUGS)
    assert {(t.subject.text, t.sign, t.outcome.text) for t in told_in(context, 1)} == expected


@pytest.mark.parametrize(
    ("text", "population"),
    [
        ("The number of patients with HO was smaller.", False),
        ("The proportion of all hips with HO fell.", False),
        ("Naproxen was given to patients with HO.", True),
        ("Age of patients with HO was higher.", True),
    ],
)
def test_how_many_had_it_is_a_result(text: str, population: bool) -> None:
    context = context_of(text, DRUGS)
    assert is_population(context, next(span for span in context.spans if span.text == "HO")) == population
