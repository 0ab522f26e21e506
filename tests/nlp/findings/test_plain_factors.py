"""Plain words on a factor give it a sign; questions, guesses, denials and other outcomes give none."""

import pytest

from nlp.findings.factors.plainly_said import as_plainly_said
from nlp.findings.factors.risks_together import Risk
from nlp.findings.sentence.factors.plain_factors import goes_along, plain_sign, plain_signs, sure_sign
from tests.support.reading import context_of


@pytest.mark.parametrize(
    ("text", "factor", "sign"),
    [
        ("HO correlated positively and significantly with the grade of osteophytes.", "grade of osteophytes", "up"),
        ("HO correlated positively with arthrosis and negatively with mobility.", "mobility", "down"),
        ("HO correlated positively with arthrosis and negatively with mobility.", "arthrosis", "up"),
        ("There was an inverse correlation between HO and preoperative flexion.", "flexion", "down"),
        ("There was a positive correlation of HO with age.", "age", "up"),
        ("Motion correlated positively with age.", "age", None),
        ("HO did not correlate positively with age.", "age", None),
        ("We asked whether HO correlated positively with age.", "age", None),
        # causes, whatever the sentence names
        ("The inciting causes were burns, ulnar fractures, and head injury.", "head injury", "up"),
        ("Known criteria name the risk of HO: earlier HO, male sex, and osteophytes.", "osteophytes", "up"),
        ("After HO we noted the risk of dislocation: age, sex, and osteophytes.", "sex", None),
        ("HO was seen; pain was more frequent after the lateral than after the anterior approach.",
         "anterior approach", None),
        ("We studied possible risk factors: age, sex, and osteophytes.", "sex", None),
        ("The causes were burns. Later, HO and age were noted.", "age", None),
        ("Its cause is unknown, age was noted.", "age", None),
        ("The condition was made worse by blows, by trauma, and by heat.", "trauma", "up"),
        ("Risk factors in the jaw are infection and trauma.", "trauma", "up"),
        ("HO was induced in mice by trauma.", "trauma", "up"),
        ("HO (bone elsewhere) results from burns and trauma.", "trauma", "up"),
        ("HO was not induced by trauma.", "trauma", None),
        ("Stiffness was induced by trauma, and HO was absent.", "trauma", None),
        # what the disease follows
        ("HO typically forms after trauma.", "trauma", "up"),
        ("HO may follow burns or trauma.", "trauma", "up"),
        ("After burns, surgery, or trauma HO may form.", "surgery", "up"),
        ("After trauma, motion improved and HO was measured.", "trauma", None),
        ("HO rarely forms after trauma.", "trauma", None),
        ("It is presumed that HO forms after trauma.", "trauma", None),
        ("Stiffness forms after trauma.", "trauma", None),
        # denied
        ("No demographic factor of the patient predicted HO.", "demographic factor", "none"),
        ("None of the laboratory values was associated with HO.", "laboratory values", "none"),
        ("No demographic factor predicted stiffness.", "demographic factor", None),
        ("No infection occurred, and age predicted HO.", "infection", None),
        # compared
        ("HO was more frequent after the lateral than after the standard anterior approach.",
         "anterior approach", "down"),
        ("HO was less frequent after the lateral than after the anterior approach.", "anterior approach", "up"),
        ("HO was not more frequent after the lateral than after the anterior approach.", "anterior approach", None),
        ("Is HO more frequent after the lateral than after the anterior approach?", "anterior approach", None),
        ("Pain was more frequent after the lateral than after the anterior approach.", "anterior approach", None),
    ],
)  # fmt: skip
def test_the_sign_of_a_factor_by_plain_words(text: str, factor: str, sign: str | None) -> None:
    context = context_of({"RESULTS": text}, {factor: "risk factor"})
    assert plain_sign(context, context.spans[0]) == sign


def test_the_places_of_a_factor_may_disagree() -> None:
    text = "HO typically forms after trauma. HO was more frequent after burns than after trauma."
    context = context_of({"RESULTS": text}, {"trauma": "risk factor"})
    assert plain_signs(context, context.spans) == {"up", "down"}


@pytest.mark.parametrize(
    ("direction", "expected"),
    [("unclear", "increases"), ("decreases", "decreases"), ("no association", "no association")],
)
def test_plain_words_speak_where_the_model_is_silent(direction: str, expected: str) -> None:
    context = context_of({"RESULTS": "HO typically forms after trauma."}, {"trauma": "risk factor"})
    risk = Risk(context.spans[0], direction, None, None, 0.5)
    assert as_plainly_said(context, context.spans, risk).direction == expected


def test_plain_words_are_silent_beside_an_estimate_and_where_they_disagree() -> None:
    text = "HO typically forms after trauma (p = 0.06)."
    context = context_of({"RESULTS": text}, {"trauma": "risk factor"})
    [p_value] = context.estimates[1]
    risk = Risk(context.spans[0], "unclear", p_value, None, 0.5)
    assert as_plainly_said(context, context.spans, risk) == risk
    text = "HO typically forms after trauma. HO was more frequent after burns than after trauma."
    context = context_of({"RESULTS": text}, {"trauma": "risk factor"})
    risk = Risk(context.spans[0], "unclear", None, None, 0.5)
    assert as_plainly_said(context, context.spans, risk) == risk


@pytest.mark.parametrize(
    ("text", "factor", "direction"),
    [
        ("In both the mutation c.100A>G was found.", "c.100A>G", "increases"),
        ("Nearly everyone with HO carries the same heterozygous mutation.", "heterozygous mutation", "increases"),
        ("Mutations of the gene may be involved in HO.", "Mutations", "no association"),
        ("No mutation was associated with HO.", "mutation", "no association"),
        ("In both a long stay was found.", "long stay", "no association"),
    ],
)
def test_a_mutation_is_told_of_in_the_affected(text: str, factor: str, direction: str) -> None:
    context = context_of({"RESULTS": text}, {factor: "risk factor"})
    risk = Risk(context.spans[0], "no association", None, None, 0.5)
    assert as_plainly_said(context, context.spans, risk).direction == direction


@pytest.mark.parametrize(
    ("text", "factor", "sign"),
    [
        ("HO correlated positively with arthrosis and negatively with mobility.", "mobility", "down"),
        # nothing was brought about by any of them
        ("No true ossification was induced by rest, by pinching, or by injected blood.", "injected blood", "none"),
        ("No true ossification was induced by rest, by pinching, or by injected blood.", "rest", "none"),
        ("No fever was induced by rest or by pinching, and HO formed.", "pinching", None),
        ("No animal died, and HO was induced by pinching.", "pinching", None),
        ("No HO was induced by rest, but not by pinching.", "pinching", None),
        # which of two had more
        ("In gout it was less common than in obesity.", "obesity", "up"),
        ("HO was commoner in men than in women.", "women", "down"),
        ("HO was seen, and pain was commoner in men than in women.", "women", None),
        ("With the new approach (NA) lower rates of HO have been associated.", "NA", "down"),
        ("With the new approach (NA) lower rates of HO have been associated.", "new approach", "down"),
        ("With the new approach fewer HO were not seen.", "new approach", "down"),
        ("Not with the new approach less HO was seen.", "new approach", None),
        ("Those who developed it were more likely to be men.", "men", "up"),
        ("Patients with HO were less often smokers.", "smokers", "down"),
        ("Patients with pain were less often smokers.", "smokers", None),
        # by the way, whatever else is asked
        ("A link was sought in a disease in which mutations of X (XY) cause severe heterotopic ossification.",
         "mutations of X", "up"),
        ("A link was sought in a disease in which mutations of X (XY) cause severe heterotopic ossification.",
         "XY", "up"),
        ("A link was sought in a disease in which gout may be the cause of heterotopic ossification.", "gout", None),
        ("It was asked how heat affects the HO which burns induce.", "burns", "up"),
        ("It was asked how heat affects the HO and burns induce.", "burns", None),
        ("Is obesity what HO went along with, or a disease in which obesity causes HO?", "obesity", None),
    ],
)  # fmt: skip
def test_grammar_that_leaves_one_reading(text: str, factor: str, sign: str | None) -> None:
    context = context_of({"RESULTS": text}, {factor: "risk factor"})
    assert sure_sign(context, context.spans[0]) == sign


@pytest.mark.parametrize(
    ("text", "factor", "along"),
    [
        ("Gout and obesity went along with it, age did not.", "obesity", True),
        ("Gout and obesity went along with it, age did not.", "Gout", True),
        ("Gout and obesity went along with it, age did not.", "age", False),
        ("Obesity did not go along with HO.", "Obesity", False),
        ("Obesity went along with pain, and HO was rare.", "Obesity", False),
        ("The rate of HO was influenced significantly by sex, obesity, and a long stem.", "long stem", True),
        ("The rate of HO was not influenced by sex or obesity.", "obesity", False),
        ("The rate of pain was influenced by obesity.", "obesity", False),
        ("Did gout go along with HO, or was HO influenced by age?", "age", False),
        ("It is unknown whether gout went along with HO.", "gout", False),
    ],
)
def test_what_the_disease_goes_along_with(text: str, factor: str, along: bool) -> None:
    context = context_of({"RESULTS": text}, {factor: "risk factor"})
    assert goes_along(context, context.spans[0]) == along


@pytest.mark.parametrize(
    ("text", "direction", "expected"),
    [
        ("HO correlated negatively with gout.", "increases", "decreases"),
        ("No HO was induced by rest or by gout.", "increases", "no association"),
        ("Gout and gout went along with HO.", "no association", "increases"),
        ("Gout and gout went along with HO.", "decreases", "decreases"),
    ],
)
def test_grammar_that_leaves_one_reading_wins_over_the_model(text: str, direction: str, expected: str) -> None:
    context = context_of({"RESULTS": text}, {"gout": "risk factor"})
    risk = Risk(context.spans[0], direction, None, None, 0.9)
    assert as_plainly_said(context, context.spans, risk).direction == expected


def test_a_long_list_of_risks_is_read_to_its_end() -> None:
    items = ", ".join(["diffuse idiopathic hyperostosis of the whole spine and both hips"] * 5)
    context = context_of({"RESULTS": f"Criteria name the risk of HO: {items}, and gout."}, {"gout": "risk factor"})
    assert plain_sign(context, context.spans[0]) == "up"
