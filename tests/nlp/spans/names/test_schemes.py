"""Arms that differ by dose, duration or timing are named by their whole phrase, where a record compares such arms."""

import pytest

from nlp.mentions.component import make_mentions
from nlp.mentions.linker import Linker
from nlp.spans.names.operations import with_operations
from nlp.spans.names.schemes import with_schemes
from nlp.vocabulary.loader import load_vocabulary
from tests.support.reading import read, spans_of

DRUGS = {
    "naproxen": "intervention", "Naproxen": "intervention", "placebo": "intervention", "radiotherapy": "intervention",
    "preoperative radiotherapy": "intervention", "excision": "intervention",
}  # fmt: skip


def arms(text: str) -> list[str]:
    document = read(text)
    return sorted(
        span.text for span in with_schemes(document, spans_of(document, DRUGS)) if span.kind == "intervention"
    )


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Patients had naproxen for 3 days (group 1), 1 week (group 2), or 6 weeks. One week of naproxen sufficed.",
         ["One week of naproxen", "naproxen for 3 days"]),
        ("We compared 3 weeks of naproxen with naproxen for 8 days.", ["3 weeks of naproxen", "naproxen for 8 days"]),
        ("We had sham, naproxen on day 1, and naproxen in week 6. Naproxen started immediately after surgery helped.",
         ["Naproxen started immediately after surgery", "naproxen in week 6", "naproxen on day 1"]),
        ("They had a low dose (LD-RT) or a high dose (HD-RT). LD-RT and HD-RT were alike after radiotherapy.",
         ["HD-RT", "HD-RT", "LD-RT", "LD-RT", "high dose", "low dose", "radiotherapy"]),
        ("It was low dose radiotherapy or a high dose (20 Gy).", ["high dose", "low dose radiotherapy"]),
        ("Failures were two after postoperative and one after preoperative radiotherapy.",
         ["postoperative", "preoperative radiotherapy"]),
        ("They were one after postoperative and two after preoperative radiotherapy, or other postoperative ones.",
         ["postoperative", "preoperative radiotherapy"]),
        ("Less was seen with multiple rather than single fraction radiotherapy.",
         ["multiple", "single fraction radiotherapy"]),
        ("By chance radiotherapy was a single fraction of 7 Gy or five fractions of 3.5 Gy.",
         ["five fractions of 3.5 Gy", "radiotherapy", "single fraction of 7 Gy"]),
        ("We gave radiotherapy as 5 x 2 Gy or 10 x 2 Gy.", ["10 x 2 Gy", "5 x 2 Gy", "radiotherapy"]),
    ],
)  # fmt: skip
def test_schemes_that_are_compared_are_arms(text: str, expected: list[str]) -> None:
    assert arms(text) == expected


@pytest.mark.parametrize(
    "text",
    [
        "All had naproxen for 6 weeks. Naproxen was stopped early.",
        "In the first year naproxen for 6 weeks was usual. Later naproxen for 2 weeks was given.",  # nothing compared
        "The drug was naproxen for one week; 1 week of naproxen was safe.",  # one length in two forms
        "They had 2 weeks of placebo or 3 weeks of placebo.",
        "All had low dose radiotherapy.",
        "All had single fraction radiotherapy for multiple reasons.",
        "They had naproxen for 3 weeks or radiotherapy for 2 weeks.",  # of two treatments
        "They had naproxen for 3 days followed by naproxen for 4 days.",
        "We gave one fraction of 5 Gy or one fraction of 7 Gy of radiotherapy.",  # the doses are the arms
    ],
)
def test_one_scheme_is_no_arm(text: str) -> None:
    document = read(text)
    given = spans_of(document, DRUGS)
    assert with_schemes(document, given) == given


def operations(text: str, design: str, **more: str) -> list[str]:
    document = read(text)
    document._.facts = type("Facts", (), {"study_design": design})()
    given = spans_of(document, {"excision": "intervention", **more})
    return [span.text for span in with_operations(document, given)]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("The bony mass was excised surgically.", ["excised surgically"]),
        (
            "Ossification grew, so that the bone had to be seen and heterotopic ossification was then resected.",
            ["resected"],
        ),
        ("The lesion was explored and removed.", ["removed"]),
        ("Ten children had heterotopic ossification excised from the elbow.", ["excised"]),
        ("The mass was removed by excision.", ["excision"]),
        ("A tumor near the ossification was removed.", []),
        ("Ossification was found after the prosthesis was removed.", []),
        ("Heterotopic ossification should not be removed before it is ripe.", []),
    ],
)
def test_a_verb_is_an_operation_where_a_case_has_no_noun_for_it(text: str, expected: list[str]) -> None:
    assert operations(text, "case report") == expected


def test_beside_a_noun_verbs_of_other_designs_tell_how_patients_came_to_be_studied() -> None:
    text = "Of patients whose ossification had been excised, those with excision by two surgeons did best."
    assert operations(text, "cohort", excised="intervention") == ["excision"]
    assert operations(text, "case report", excised="intervention") == ["excised", "excision"]


def test_a_verb_alone_is_left_as_it_was_found() -> None:
    assert operations("Ossification had to be excised in two.", "cohort", excised="intervention") == ["excised"]
    assert operations("Ossification was resected in two.", "cohort") == []


@pytest.mark.parametrize(
    ("text", "named"),
    [
        ("We studied excision with or without radiotherapy.", "radiotherapy"),
        ("We compared patients with and patients without radiotherapy.", "radiotherapy"),
        ("One group went without radiotherapy.", "without radiotherapy"),
    ],
)
def test_of_patients_with_and_without_a_treatment_its_absence_is_not_named(text: str, named: str) -> None:
    document = read(text)
    document._.wanted = True
    document._.open_spans = spans_of(document, {"without radiotherapy": "intervention"})
    found = [m.text for m in make_mentions(document, Linker(load_vocabulary())) if m.kind == "intervention"]
    assert found == [named]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("We report surgery for the heterotopic ossification of 12 hips.", ["surgery"]),
        ("After surgical removal of mature ectopic bone they walked.", ["surgical removal"]),
        ("After removal of the implant ectopic bone was seen.", []),
        ("After surgery heterotopic ossification was seen.", []),
    ],
)
def test_an_operation_on_the_disease_is_an_intervention(text: str, expected: list[str]) -> None:
    assert operations(text, "cohort") == expected
