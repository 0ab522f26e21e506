"""What became of patients under one treatment that the sentence need not name, and where that is left unsaid."""

import pytest

from nlp.findings.sentence.course import told_of_courses
from nlp.pipeline import tag_one
from tests.support.reading import context_of, record

NAMES = {
    "excision": "intervention", "surgical excision": "intervention", "indomethacin": "intervention",
    "radiotherapy": "intervention", "manipulation": "intervention", "placebo": "intervention",
    "fat grafts": "intervention", "pain": "outcome", "flexion": "outcome", "range of motion": "outcome",
    "HO": "outcome",    "Infection": "outcome", "flare activity": "outcome", "symptoms": "outcome", "arc": "outcome",
}  # fmt: skip


def said(
    results: str, methods: str = "HO was treated by excision.", design: str = "case series"
) -> set[tuple[str, ...]]:
    context = context_of({"METHODS": methods, "RESULTS": results}, NAMES)
    context.design = design
    return {(t.subject.text, t.sign, t.outcome.text) for t in told_of_courses(context)}


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("The mean flexion went from 20 to 95 degrees.", {("excision", "up", "flexion")}),
        ("The mean flexion went from 95° to a mean of 20°.", {("excision", "down", "flexion")}),
        ("The arc averaged 52 degrees before and 119 degrees after it.", {("excision", "up", "arc")}),
        ("The arc, 21.5 degrees on average before the operation and 94 degrees during it, was 82 degrees at follow-up.",
         {("excision", "up", "arc")}),
        ("The arc before surgery was 40 degrees and after it 100 degrees.", {("excision", "up", "arc")}),
        ("In all patients pain was relieved and range of motion clearly improved.",
         {("excision", "down", "pain"), ("excision", "up", "range of motion")}),
        ("In every patient flexion, range of motion and pain improved.",
         {("excision", "up", "flexion"), ("excision", "up", "range of motion"), ("excision", "down", "pain")}),
        ("All were free of symptoms two years later.", {("excision", "down", "symptoms")}),
        ("In both groups improvement was statistically significant for flexion; the others were not different.",
         {("excision", "up", "flexion")}),
    ],
)  # fmt: skip
def test_a_course_is_a_result_of_the_only_treatment(text: str, expected: set[tuple[str, ...]]) -> None:
    assert said(text) == expected


@pytest.mark.parametrize(
    "text",
    [
        "The mean flexion stayed at 20 degrees.",
        "The mean flexion went from 20 to 20 degrees.",
        "Without surgery flexion went from 20 to 95 degrees.",
        "The flexion improved more than in the control group.",
        "The flexion improved irrespective of HO.",
        "The flexion was not improved.",
        "Whether flexion improved could not be told.",
        "When treatment was stopped, pain resolved spontaneously.",
        "In the patients flare activity improved.",  # more of it may be better or worse
        "The arc was 52 degrees in one hip and 119 degrees in another.",
        "The arc averaged 52 degrees before operation in men; in women, 119 degrees after it.",
        "The gain of flexion was equal.",
        "Pain was relieved in only nine.",
        "In three hips HO increased.",  # the disease that grew is no result of its treatment
        "Infection decreased from 21 to 5%.",  # what patients can do is a result of an operation, not what befell them
    ],
)
def test_no_course_is_read_where_a_sentence_compares_denies_or_leaves_it_open(text: str) -> None:
    assert said(text) == set()


def test_what_patients_can_do_is_a_result_of_the_operation_and_not_of_what_was_given_with_it() -> None:
    methods = "All had surgical excision, with radiotherapy and indomethacin."
    assert said("The flexion improved.", methods) == {("surgical excision", "up", "flexion")}
    assert said("In all hips HO decreased.", methods) == set()


@pytest.mark.parametrize(
    "methods",
    [
        "All had excision and fat grafts.",
        "All had radiotherapy or indomethacin.",
        "All had excision and then indomethacin or placebo.",
    ],
)
def test_of_several_treatments_none_is_taken(methods: str) -> None:
    assert said("The flexion improved.", methods) == set()


@pytest.mark.parametrize("design", ["randomized controlled trial", "animal study", "meta-analysis", "case-control"])
def test_designs_that_compare_tell_no_course(design: str) -> None:
    assert said("The mean flexion went from 20 to 95 degrees.", design=design) == set()


def test_in_a_case_report_it_is_the_treatment_named_last() -> None:
    methods = "Radiotherapy was given."
    results = "The knee was treated by manipulation. The flexion went from 50 to 110 degrees."
    assert said(results, methods, "case report") == {("manipulation", "up", "flexion")}
    later = "The knee was treated by manipulation. He went home. He was well. He came back. The flexion improved."
    assert said(later, methods, "case report") == set()


def test_a_series_is_read_whole() -> None:
    text = {
        "METHODS": "We excised heterotopic ossification of the elbow in 14 patients. Excision was followed by motion.",
        "RESULTS": "The arc of motion improved from 20 to 95 degrees. Patients were 40 years old.",
    }
    findings = tag_one(record(text, "Excision of heterotopic ossification of the elbow: a case series")).findings
    assert ("Excision", "increases", "before") in {
        (f.subject_text, f.direction, f.comparator_class) for f in findings if "motion" in (f.outcome_text or "")
    }


def test_a_drug_named_once_beside_the_results_is_not_their_cause() -> None:
    assert said("The flexion improved.", "Half of the patients had taken indomethacin.") == set()
    methods = "The effect of indomethacin was studied. All took indomethacin."
    assert said("The flexion improved.", methods) == {("indomethacin", "up", "flexion")}


@pytest.mark.parametrize(
    "methods", ["Early excision was compared with late excision.", "Delayed excision and immediate excision were seen."]
)
def test_where_arms_differ_by_their_timing_no_course_is_read(methods: str) -> None:
    assert said("The flexion improved.", methods) == set()


def test_a_verb_between_treatment_and_result_of_a_case_stands_for_another_treatment() -> None:
    results = "Indomethacin did nothing. The bone was removed. The flexion went from 50 to 110 degrees."
    assert said(results.replace("Indomethacin", "The indomethacin"), "He fell.", "case report") == set()
    assert said("The excision was easy. The flexion improved after surgery.", "He fell.", "case report") == {
        ("excision", "up", "flexion")
    }


def test_of_the_names_of_one_treatment_the_usual_one_is_taken() -> None:
    methods = "All had surgical excision. The excision was wide. After excision they moved."
    assert said("The flexion improved.", methods) == {("excision", "up", "flexion")}


@pytest.mark.parametrize(
    ("title", "expected"),
    [
        ("Radiotherapy of HO", {("Radiotherapy", "up", "flexion")}),
        ("HO excised, then radiotherapy", {("excision", "up", "flexion")}),
        ("HO of the hip", {("excision", "up", "flexion")}),
    ],
)
def test_a_title_s_treatment_comes_before_an_operation_that_is_spoken_of(
    title: str, expected: set[tuple[str, ...]]
) -> None:
    text = {"METHODS": "The excision is hard. All had radiotherapy.", "RESULTS": "The flexion improved."}
    context = context_of(text, NAMES | {"Radiotherapy": "intervention"}, title)
    context.design = "case series"
    assert {(t.subject.text, t.sign, t.outcome.text) for t in told_of_courses(context)} == expected


def test_a_text_longer_than_any_abstract_tells_no_course() -> None:
    assert said("The flexion improved. " + "They walked. " * 500) == set()
