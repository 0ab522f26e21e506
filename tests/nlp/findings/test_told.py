"""Plain statements: what the grammar of one clause says, in all orders of the sentence, and where it is silent."""

from itertools import product

import pytest

from nlp.findings.sentence.factors.levels import level_signs
from nlp.findings.sentence.signs import is_lost, sign_outside_brackets
from nlp.findings.sentence.told import Told, told_in, told_of_results
from nlp.pipeline import tag_one
from tests.support.reading import context_of, record

NAMES = {
    "naproxen": "intervention", "ibuprofen": "intervention", "placebo": "intervention", "smoking": "risk factor",
    "men": "risk factor", "women": "risk factor", "Xbp2": "risk factor", "HO": "outcome", "flexion": "outcome",
}  # fmt: skip


def told(text: str, section: str = "RESULTS") -> tuple[Told, ...]:
    return told_in(context_of({section: text}, NAMES), 1)


def said(text: str) -> set[tuple[str, str, str]]:
    return {(t.subject.text, t.sign, t.outcome.text) for t in told(text)}


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Treatment with naproxen reduced HO.", {("naproxen", "down", "HO")}),
        ("At two years HO was rarer (p < 0.001) and flexion better (p = 0.01) after naproxen than after ibuprofen.",
         {("naproxen", "down", "HO"), ("naproxen", "up", "flexion")}),
        ("In mice flexion was better, but HO more common with naproxen than with ibuprofen.",
         {("naproxen", "up", "flexion"), ("naproxen", "up", "HO")}),
        ("In mice naproxen of the ankle increased NETs and HO, whereas rest decreased both.",
         {("naproxen", "up", "HO")}),
        ("In mice naproxen lowered flexion and HO, whereas ibuprofen increased both.",
         {("naproxen", "down", "flexion"), ("naproxen", "down", "HO"), ("ibuprofen", "up", "flexion"),
          ("ibuprofen", "up", "HO")}),
        ("In cells naproxen inhibited HO (IC50 0.1), whereas ibuprofen had no effect.",
         {("naproxen", "down", "HO"), ("ibuprofen", "none", "HO")}),
        ("Recurrent HO was seen in six hips; four of these belonged to the seven patients who had naproxen alone.",
         {("naproxen", "up", "HO")}),
        ("Recurrent HO was seen in 9 hips; 3 of these occurred in the 20 patients with naproxen.", set()),
        ("By this analysis naproxen is able to decrease HO without change of its grade.", {("naproxen", "down", "HO")}),
        ("The non-specific drugs, naproxen and ibuprofen, prevented HO.",
         {("naproxen", "down", "HO"), ("ibuprofen", "down", "HO")}),
        ("HO was markedly inhibited by naproxen but not by ibuprofen.",
         {("naproxen", "down", "HO"), ("ibuprofen", "none", "HO")}),
        ("Neither naproxen nor ibuprofen lowered HO.", {("naproxen", "none", "HO"), ("ibuprofen", "none", "HO")}),
        ("In mice naproxen did not reduce the incidence of HO.", {("naproxen", "none", "HO")}),
        ("Patients given naproxen had less HO than those given placebo.", {("naproxen", "down", "HO")}),
        ("One study found more HO with naproxen.", {("naproxen", "up", "HO")}),
        ("Flexion was better, and flexion improved with naproxen.", {("naproxen", "up", "flexion")}),
        ("In all, naproxen was effective in preventing HO.", {("naproxen", "down", "HO")}),
        ("Reduced flexion was rescued by naproxen.", {("naproxen", "up", "flexion")}),
        ("In mice the deletion of Xbp2 reduced HO.", {("Xbp2", "up", "HO")}),
        ("There was no difference in HO between naproxen and ibuprofen.", {("naproxen", "none", "HO")}),
        ("In mice naproxen lowered HO and raised flexion.",
         {("naproxen", "down", "HO"), ("naproxen", "up", "flexion")}),
        ("In mice naproxen lowered HO but did not change flexion.",
         {("naproxen", "down", "HO"), ("naproxen", "none", "flexion")}),
        ("In mice naproxen lessened HO and did not add substantially to flexion.",
         {("naproxen", "down", "HO"), ("naproxen", "none", "flexion")}),
        ("In mice naproxen lowered HO but not flexion.", {("naproxen", "down", "HO"), ("naproxen", "none", "flexion")}),
        ("In mice naproxen increased HO, but not the flexion.",
         {("naproxen", "up", "HO"), ("naproxen", "none", "flexion")}),
        ("In mice neither naproxen nor ibuprofen lowered HO.",
         {("naproxen", "none", "HO"), ("ibuprofen", "none", "HO")}),
        ("The flexion fell by 2% with naproxen and by 2% with placebo.", {("naproxen", "none", "flexion")}),
        ("Of all, naproxen had the lowest rate of HO, and ibuprofen came second.",
         {("naproxen", "down", "HO"), ("ibuprofen", "down", "HO")}),
        ("The flexion fell by 2.1% with naproxen and by 18.4% with placebo.", {("naproxen", "up", "flexion")}),
        ("The flexion rose by 2 degrees with naproxen and 9 degrees with placebo.", {("naproxen", "down", "flexion")}),
        ("In mice naproxen increased HO, and flexion was lower (p = 0.02).",
         {("naproxen", "up", "HO"), ("naproxen", "down", "flexion")}),
        ("In mice naproxen increased HO, and hindlimb flexion was lower (p = 0.02).",
         {("naproxen", "up", "HO"), ("naproxen", "down", "flexion")}),
        ("In mice naproxen increased HO, and flexion was lower with placebo.",
         {("naproxen", "up", "HO"), ("placebo", "down", "flexion")}),
        ("A risk factor for HO not described before is smoking.", {("smoking", "up", "HO")}),
        ("Of all, naproxen had the highest rate of HO.", {("naproxen", "up", "HO")}),
        ("Both were given; naproxen and ibuprofen were equally effective in preventing HO.",
         {("naproxen", "none", "HO")}),
    ],
)  # fmt: skip
def test_who_did_what(text: str, expected: set[tuple[str, str, str]]) -> None:
    assert said(text) == expected


@pytest.mark.parametrize(
    "text",
    [
        "Some had naproxen to prevent HO.",
        "We asked whether naproxen reduces HO.",
        "Does naproxen prevent HO?",
        "It is thought that naproxen may reduce HO.",
        "Patients who did not receive naproxen had more HO.",
        "Patients without naproxen had more HO.",
        "HO was reduced more than with naproxen.",
        "The hypothesis that naproxen reduces HO was not confirmed.",
        "In mice naproxen abrogated the reduction of HO by rest.",
        "Withdrawal of naproxen increased HO.",
        "Excision with naproxen reduced HO.",
        "An antibody neutralizing Xbp2 reduced HO.",
        "The drug attenuated Xbp2 and inhibited HO.",
        "The resection of HO with naproxen was easy.",
        "With naproxen, HO was more frequent in open than in closed fractures.",
    ],
)
def test_where_the_grammar_is_silent(text: str) -> None:
    assert said(text) == set()


@pytest.mark.parametrize(("order", "verb"), list(product(range(4), ["reduced", "increased"])))
def test_a_plain_statement_never_turns_round(order: int, verb: str) -> None:
    less = "lower" if verb == "reduced" else "higher"
    text = [
        f"In all, naproxen significantly {verb} HO compared with placebo.",
        f"Compared with placebo, HO was significantly {verb} by naproxen.",
        f"The rate of HO was {less} with naproxen than with placebo.",
        f"A {less} rate of HO was seen with naproxen than with placebo.",
    ][order]
    sign = "down" if verb == "reduced" else "up"
    found = said(text)
    assert found <= {("naproxen", sign, "HO")}
    assert found or order == 3
    direction = "decreases" if verb == "reduced" else "increases"
    for finding in tag_one(record({"METHODS": "80 hips had naproxen or placebo.", "RESULTS": text})).findings:
        if finding.subject_text.lower() == "naproxen":
            assert finding.direction == direction


@pytest.mark.parametrize("first", ["increased", "decreased"])
def test_of_two_opposite_clauses_each_subject_has_its_own(first: str) -> None:
    other = "decreased" if first == "increased" else "increased"
    text = f"In mice naproxen of both kinds {first} HO, whereas ibuprofen {other} HO."
    signs = {"increased": "up", "decreased": "down"}
    assert said(text) == {("naproxen", signs[first], "HO"), ("ibuprofen", signs[other], "HO")}


def test_labelled_methods_and_background_tell_no_result() -> None:
    for section in ("BACKGROUND", "METHODS"):
        assert list(told_of_results(context_of({section: "In mice naproxen reduced HO."}, NAMES))) == []


LEVELS = [
    ("HO was seen in 46% of patients after unknown and in 29% after men (OR 2.1).", None),
    ("It was seen in 40.4% (19 of 47 hips) among women and 18.6% (13 of 70 hips) among men (p = 0.009).", "women"),
    ("Severity of HO was 1.6 ± 1.0 in women and 0.4 ± 0.5 in men (p = 0.004).", "women"),
    ("HO was later in men than in women.", "women"),
    ("HO was seen in 14% after men and 32% after women (OR 0.34, 95% CI 0.19-0.61).", "women"),
    ("HO was seen in 32% of women and 14% of men (OR 2.94, 95% CI 1.6-5.2).", "women"),
    ("Of 90, 40 (44%) had HO, 14% of men and 32% of women (OR 0.34, 95% CI 0.19-0.61).", "women"),
    ("In all, men had HO twice as often as women (RR 2.04, 95% CI 1.45 to 2.87).", "men"),
    ("The risk of HO is 17.5 times as great in the men as in the women.", "men"),
]


@pytest.mark.parametrize(("text", "more"), LEVELS)
def test_of_two_levels_one_has_more(text: str, more: str | None) -> None:
    context = context_of({"RESULTS": text}, NAMES)
    found = level_signs(context, 1, told_in(context, 1))
    if more is None:
        assert found == {"men": "down"}
    else:
        assert found == {more: "up", "men" if more == "women" else "women": "down"}


def test_figures_before_brackets_are_the_levels_own() -> None:
    text = "It complicated 13 of 25 plates and 11 of 42 nails (52% v 26%; p = 0.033)."
    context = context_of({"RESULTS": text}, {"plates": "risk factor", "nails": "risk factor"})
    assert level_signs(context, 1, []) == {"plates": "up", "nails": "down"}


def test_of_three_levels_the_highest_and_the_lowest_have_a_sign() -> None:
    context = context_of({"RESULTS": "HO was seen in 29% of men, in 31% of smoking and in 58% of women."}, NAMES)
    assert level_signs(context, 1, []) == {"men": "down", "women": "up"}


@pytest.mark.parametrize(
    "difference",
    [
        "There was no significant difference in HO between the two groups (p = 0.4).",
        "The two groups did not differ in HO.",
        "HO was similar in both treatment groups.",
        "No difference in HO (RR 1.1; 95% CI 0.7-1.6) was seen between the two arms.",
    ],
)
def test_groups_that_are_not_named_are_the_arms_of_the_record(difference: str) -> None:
    article = record({"METHODS": "Hips were randomised to naproxen or ibuprofen.", "RESULTS": difference})
    found = {(f.subject_text, f.direction, f.comparator_text) for f in tag_one(article).findings}
    assert found == {("naproxen", "no difference", "ibuprofen")}


@pytest.mark.parametrize(
    "text",
    [
        "HO was seen in 14% after DAA and 32% after DLA (OR 0.34, 95% CI 0.19-0.61).",
        "HO was seen in 32% after DLA and 14% after DAA (OR 0.34, 95% CI 0.19-0.61).",
        "HO was seen in 14% of the DAA group and 32% of the DLA group (OR 2.9, 95% CI 1.6-5.2).",
    ],
)
def test_a_ratio_of_two_levels_makes_neither_the_opposite(text: str) -> None:
    methods = "We compared the direct anterior approach (DAA) with the direct lateral approach (DLA) in 300 patients."
    for finding in tag_one(record({"METHODS": methods, "RESULTS": text})).findings:
        if finding.kind == "risk" and finding.subject_text in ("DAA", "DLA"):
            assert finding.direction in ("decreases" if finding.subject_text == "DAA" else "increases", "unclear")


def test_a_null_result_of_unnamed_arms_is_of_the_arm_named_first() -> None:
    article = record(
        {"METHODS": "Hips were randomised to naproxen or ibuprofen.",
         "RESULTS": "As to HO the pooled risk ratio was 0.96 (95% CI 0.88-1.06), and no difference was significant."}
    )  # fmt: skip
    for finding in tag_one(article).findings:
        assert (finding.subject_text, finding.comparator_text) == ("naproxen", "ibuprofen")


def test_a_bracket_parts_no_clause_of_what_was_lost() -> None:
    text = "When receptor one (Xbp2; Alk9) was deleted genetically, HO increased, while pain did not."
    context = context_of({"RESULTS": text}, {"Xbp2": "risk factor"})
    assert is_lost(context, context.spans[0])
    assert sign_outside_brackets(context, context.spans[0]) == "up"


def test_other_fractures_are_not_fractures() -> None:
    text = "Male sex raised the risk of HO. Other fractures and infection were not associated with HO."
    found = {f.subject_text for f in tag_one(record({"RESULTS": text})).findings}
    assert "fractures" not in found


def test_a_sentence_of_a_factor_tells_nothing_of_a_treatment_that_it_does_not_name() -> None:
    text = "Naproxen was given to 40 patients. HO was more frequent after burns (p = 0.01)."
    for finding in tag_one(record({"METHODS": "Naproxen or placebo was given.", "RESULTS": text})).findings:
        assert finding.subject_text.lower() != "naproxen"


def test_blocking_a_gene_is_told_of_the_gene() -> None:
    text = {"RESULTS": "HO was induced in mice. Blocking BMP signaling lessened HO significantly."}
    for finding in tag_one(record(text, title="BMP signaling in heterotopic ossification of mice")).findings:
        assert (finding.subject_text.startswith("Blocking"), finding.direction) != (True, "increases")
