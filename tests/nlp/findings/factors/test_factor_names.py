"""What is found of a factor under one name holds of the names that the record leaves open, and of nothing else."""

import pytest

from nlp.findings.factors.factor_names import by_any_name
from nlp.findings.factors.risks_together import Risk
from tests.support.reading import context_of


def directions(methods: str, results: str, open_: str, told: dict[str, str]) -> str:
    """The direction of the open name where the results tell of the others."""
    named = dict.fromkeys([open_, *told], "risk factor")
    context = context_of({"METHODS": methods, "RESULTS": results}, named)
    first = {span.text: span for span in reversed(context.spans)}
    last = {span.text: span for span in context.spans}
    risks = [Risk(first[open_], "unclear", None, None, 0.5)]
    risks += [Risk(last[name], direction, None, None, 0.9) for name, direction in told.items()]
    named_open, *_ = by_any_name(context, risks)
    where = named_open.told_at or named_open.span
    # what is told stands in the sentence of the name that tells it, not in that of methods
    assert context.sentences[where.sentence].category == ("methods" if named_open.direction == "unclear" else "results")
    return named_open.direction


@pytest.mark.parametrize(
    ("methods", "results", "open_", "told", "expected"),
    [
        ("We noted the location of the fracture.", "HO was alike by fracture location.",
         "location of the fracture", {"fracture location": "no association"}, "no association"),
        ("The fixation method was noted.", "Fixation methods made HO commoner.",
         "fixation method", {"Fixation methods": "increases"}, "increases"),
        ("Bone marrow edema (XQ) was noted.", "HO was commoner with XQ.",
         "Bone marrow edema", {"XQ": "increases"}, "increases"),
        ("We collected BMI.", "HO went along with higher BMI.", "BMI", {"higher BMI": "increases"}, "increases"),
        ("We collected age.", "HO went along with lower age.", "age", {"lower age": "increases"}, "decreases"),
        ("We collected age.", "HO went along with older age.", "age", {"older age": "increases"}, "increases"),
        ("We noted age.", "Lower age made no difference.", "age", {"Lower age": "no association"}, "no association"),
        ("Interval to surgery was noted.", "HO was commoner with a longer interval from injury to surgery.",
         "Interval to surgery", {"longer interval from injury to surgery": "increases"}, "increases"),
        ("Bracing of the knee was noted.", "HO was commoner with lack of knee bracing.",
         "Bracing of the knee", {"lack of knee bracing": "increases"}, "unclear"),
        # names that disagree, and names of something else
        ("We collected age (XQ).", "HO went along with lower age, not XQ.",
         "age", {"lower age": "increases", "XQ": "increases"}, "unclear"),
        ("We counted women.", "HO was commoner in older women.", "women", {"older women": "increases"}, "unclear"),
        ("We looked at Gnas.", "HO arose in Gnas-/- mice.", "Gnas", {"Gnas-/-": "increases"}, "unclear"),
        ("We noted infection, then XQ.", "HO was commoner with XQ.", "infection", {"XQ": "increases"}, "unclear"),
        ("We collected weight.", "HO was commoner with XQ.", "weight", {"XQ": "unclear"}, "unclear"),
    ],
)  # fmt: skip
def test_an_open_name_of_methods_has_the_direction_of_its_other_names(
    methods: str, results: str, open_: str, told: dict[str, str], expected: str
) -> None:
    assert directions(methods, results, open_, told) == expected


def test_what_results_leave_open_stays_open() -> None:
    context = context_of(
        {"RESULTS": "Whether age matters is open. HO went along with older age."},
        {"age": "risk factor", "older age": "risk factor"},
    )
    bare, older = context.spans[0], next(span for span in context.spans if span.text == "older age")
    risks = [Risk(bare, "unclear", None, None, 0.5), Risk(older, "increases", None, None, 0.9)]
    assert by_any_name(context, risks)[0].direction == "unclear"


def test_a_conflict_says_nothing_of_other_names() -> None:
    context = context_of(
        {"METHODS": "We collected age.", "RESULTS": "HO went along with older age."},
        {"age": "risk factor", "older age": "risk factor"},
    )
    bare, older = context.spans[0], next(span for span in context.spans if span.text == "older age")
    risks = [
        Risk(bare, "unclear", None, None, 0.5),
        Risk(older, "increases", None, "words: increases; interval: no association", 0.9),
    ]
    assert by_any_name(context, risks)[0].direction == "unclear"
