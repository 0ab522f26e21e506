"""Injuries by which animals were made to have the disease are factors that increase it."""

import pytest

from db.tagged import StudyFacts
from nlp.pipeline import tag_one
from nlp.spans.factors.model_injuries import MADE, with_model_injuries
from tests.support.reading import read, record, spans_of


def facts(design: str) -> StudyFacts:
    return StudyFacts("ho", design, None, design, None, None, "animal", None, (), ())


def made(text: str, design: str = "animal study", title: str = "Heterotopic ossification") -> list[str]:
    document = read(text, title)
    document._.facts = facts(design)
    found = sorted(with_model_injuries(document, []), key=lambda span: span.first)
    return [span.text for span in found if span.source == MADE]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("We used mice with a spinal cord injury (SCI). SCI was complete.", ["spinal cord injury", "SCI", "SCI"]),
        ("Spinal cord injury (SCI) is severe. SCI mice were fed.", ["Spinal cord injury", "SCI", "SCI"]),
        ("HO was induced in rats by Achilles tenotomy.", ["Achilles tenotomy"]),
        ("In this model HO forms only when damage to soft tissue is added.", ["damage to soft tissue"]),
        (
            "A model in which it is cut and combined with chemical injury of muscle.",
            ["chemical injury of muscle"],
        ),
        ("Five weeks after tenotomy bone was seen.", ["tenotomy"]),
        ("We studied muscle injury-induced bone.", ["muscle injury"]),
        # that patients have it, or that it was looked at, makes nobody have the disease
        ("Patients have a spinal cord injury (SCI). Mice were fed.", []),
        ("Muscle damage was measured; mice were fed.", []),
        # no kind of injury
        ("We used mice with an injury, and looked two days after trauma.", []),
    ],
)
def test_injuries_made_in_animals(text: str, expected: list[str]) -> None:
    assert made(text) == expected


def test_in_patients_no_injury_is_made() -> None:
    assert made("A model of patients with a spinal cord injury.", "cohort") == []


def test_what_the_tagger_saw_is_named_once_and_other_kinds_stay() -> None:
    document = read("We used mice with a muscle injury, and rats with a nerve injury.")
    document._.facts = facts("animal study")
    seen = spans_of(document, {"muscle injury": "risk factor", "nerve injury": "outcome"})
    found = with_model_injuries(document, seen)
    assert sorted((span.text, span.kind, span.source == MADE) for span in found) == [
        ("muscle injury", "risk factor", True), ("nerve injury", "outcome", False),
    ]  # fmt: skip


def test_an_injury_that_was_made_increases_the_disease_whatever_it_is_compared_with() -> None:
    text = (
        "We used mice with a spinal cord injury (SCI). Bone volume of HO was lower in SCI mice than in mice with a "
        "spinal cord injury and a muscle injury."
    )
    article = record(text, "Heterotopic ossification in mice: spinal cord injury and muscle injury")
    risks = {f.subject_text.lower(): f.direction for f in tag_one(article).findings if f.kind == "risk"}
    assert {name: risks.get(name) for name in ("spinal cord injury", "sci", "muscle injury")} == {
        "spinal cord injury": "increases", "sci": "increases", "muscle injury": "increases",
    }  # fmt: skip
