"""Factors that a sentence asks for, sets aside or advises on have no direction of it; what is taken back is null."""

import pytest

from nlp.findings.factors.risks_together import Risk, compared
from nlp.findings.sentence.factors.roles import is_advised_on, is_asked, is_of_another_outcome, is_set_aside, is_stratum
from nlp.findings.sentence.signs import takes_back, word_sign
from nlp.findings.sentence.view import Context
from nlp.pipeline import tag_one
from tests.support.reading import context_of, record

NAMES = {
    "smoking": "risk factor", "age": "risk factor", "poor reduction": "risk factor", "gout": "risk factor",
    "HO": "outcome", "fever": "outcome",
}  # fmt: skip


def placed(text: str, name: str = "smoking"):
    context = context_of({"RESULTS": text}, NAMES)
    return context, next(s for s in context.by_sentence[1] if s.text == name)


@pytest.mark.parametrize(
    ("text", "asked"),
    [
        ("We asked how HO relates to smoking in men.", True),
        ("We investigated how common HO is, and if it is associated with smoking.", True),
        ("To find out whether HO comes with smoking, hips were followed.", True),
        ("Nine variables were considered in both groups: age, smoking and others.", True),
        ("Does smoking cause HO?", True),
        ("As risk factors we evaluated age, gender, fever and smoking.", True),
        ("In each hip we also noted age, the approach, and smoking.", True),
        ("The factors examined were age and smoking.", True),
        ("We examined smoking, which is a risk factor for HO.", False),
        ("We noted fever; age, gender and smoking followed it.", False),
        ("We examined hips, and age and smoking were risk factors for HO.", False),
        ("HO was found to be commoner with smoking.", False),
        ("HO was commoner even if given late after smoking.", False),
        ("The analysis left smoking as a risk factor.", False),
    ],
)
def test_what_is_asked_for_is_not_told(text: str, asked: bool) -> None:
    assert is_asked(*placed(text)) == asked


@pytest.mark.parametrize(
    ("text", "aside"),
    [
        ("In men age, rather than smoking, drives HO.", True),
        ("In men age rather than the smoking drives HO.", True),
        ("In men HO is more common with age rather than smoking.", False),
        ("In men smoking, rather than age, drives HO.", False),
    ],
)
def test_what_something_else_mattered_more_than_did_not_matter(text: str, aside: bool) -> None:
    assert is_set_aside(*placed(text)) == aside


def directions(text: str, *given: tuple[str, str]) -> dict[str, str]:
    context: Context = context_of({"RESULTS": text}, NAMES)
    spans = {span.text: span for span in context.by_sentence[1]}
    risks = [Risk(spans[name], direction, None, None, 0.6) for name, direction in given]
    return {risk.span.text: risk.direction for risk in compared(context, risks, {})}


def test_what_is_set_aside_is_no_protection() -> None:
    told = directions("In men age, rather than smoking, drives HO.", ("age", "increases"), ("smoking", "unclear"))
    assert told == {"age": "increases", "smoking": "no association"}


def test_a_difference_taken_back_is_null_for_what_is_named_before() -> None:
    text = (
        "HO was rarer with gout (33%) than with smoking (42%), but the difference did not reach significance; age told."
    )
    told = directions(text, ("gout", "decreases"), ("smoking", "increases"), ("age", "increases"))
    assert told == {"gout": "no association", "smoking": "no association", "age": "increases"}


@pytest.mark.parametrize(
    ("text", "back"),
    [
        ("it was rarer after x, but this difference was not statistically significant.", True),
        ("it was rarer after x, although not significantly.", True),
        ("it was rarer after x, but the difference was significant.", False),
        ("it was rarer after x; pain was not different.", False),
    ],
)
def test_a_difference_is_taken_back_in_its_own_sentence(text: str, back: bool) -> None:
    assert bool(takes_back(text)) == back


@pytest.mark.parametrize(
    ("text", "name", "sign"),
    [
        ("Then gout and poor reduction predicted it.", "poor reduction", None),
        ("HO was influenced significantly by smoking and by HO on the same or the other side.", "smoking", None),
        ("HO was the same with smoking.", "smoking", "none"),
        ("HO came at the same rate with smoking.", "smoking", "none"),
        ("HO was increased by smoking, age did not.", "smoking", "up"),
        ("HO was increased by smoking, age did not.", "age", "none"),
        ("Of smoking, gout and age did not.", "smoking", "none"),
    ],
)
def test_words_say_what_they_say_of_the_factor(text: str, name: str, sign: str | None) -> None:
    assert word_sign(*placed(text, name)) == sign


@pytest.mark.parametrize(
    ("text", "other"),
    [
        ("The fever was more frequent in gout.", True),
        ("The fever was not seen when gout was treated.", True),
        ("The fever was more frequent in men; gout was rare.", False),
        ("In gout fever was noted.", False),
    ],
)
def test_a_factor_of_something_else_is_none_of_the_disease(text: str, other: bool) -> None:
    assert is_of_another_outcome(*placed(text, "gout")) == other


@pytest.mark.parametrize(
    ("text", "stratum"),
    [
        ("With smoking, HO was more frequent in gout than in age.", True),
        ("With smoking, HO was more frequent than without.", False),
        ("With smoking, HO was seen in gout and age.", False),
        ("HO was more frequent with smoking, gout being rarer than age.", False),
    ],
)
def test_among_whom_others_are_compared_is_not_compared(text: str, stratum: bool) -> None:
    assert is_stratum(*placed(text)) == stratum


def test_what_should_not_be_done_is_advice() -> None:
    assert is_advised_on(*placed("A plate should not be used in gout.", "gout"))


def test_what_a_test_of_all_variables_leaves_out_has_no_association() -> None:
    text = (
        "HO was found in 20 of 100 hips and absent in 80. Five variables were considered in both groups: age, gender, "
        "obesity, infection and burns. In the chi square test a significant relation with HO was found for 2 of them, "
        "namely infection and burns."
    )
    article = record(text, title="Risk factors for heterotopic ossification (HO) after hip replacement")
    told = {finding.subject_text: finding.direction for finding in tag_one(article).findings if finding.kind == "risk"}
    assert told == dict.fromkeys(("age", "gender", "obesity"), "no association") | dict.fromkeys(
        ("infection", "burns"), "increases"
    )
