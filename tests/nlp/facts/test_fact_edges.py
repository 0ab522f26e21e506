"""Edges of the study facts: bench work or people, a review of reviews, several cases, a case without an abstract."""

import pytest

from nlp.facts.component import bench_kind
from nlp.facts.design import decide, design_from_types
from nlp.facts.evidence import evidence_level
from nlp.pipeline import tag_one
from tests.support.reading import facts_of, record


@pytest.mark.parametrize(
    ("title", "types", "labels", "kind"),
    [
        ("Ossification in rats", [], ("animal",), "animal"),
        ("Ossification in rats", [], ("human", "animal"), "animal"),
        ("Ossification: a randomised trial", [], ("human", "animal"), "human"),
        ("Ossification", ["Randomized Controlled Trial"], ("human", "animal"), "human"),
        ("Ossification in rats: a randomised trial", [], ("animal",), "animal"),
        ("Ossification in cells", [], ("in vitro",), "in vitro"),
        ("Ossification in cells", [], ("human", "in vitro"), "human"),
        ("Ossification in rats", ["Review"], ("animal",), "human"),
        ("Ossification in rats", ["Meta-Analysis"], ("animal",), "human"),
        ("Ossification", [], (), "human"),
    ],
)
def test_bench_work_is_told_from_work_on_people(
    title: str, types: list[str], labels: tuple[str, ...], kind: str
) -> None:
    assert bench_kind(facts_of("", title, publication_types=types), labels) == kind


@pytest.mark.parametrize(
    ("title", "types", "text", "size", "design"),
    [
        ("Ossification: a meta-analysis", "systematic review", "meta-analysis", None, "meta-analysis"),
        ("Umbrella review of meta-analyses", "systematic review", "meta-analysis", None, "systematic review"),
        ("An overview of meta-analyses", "systematic review", "meta-analysis", None, "systematic review"),
        ("Ossification", "systematic review", "meta-analysis", None, "systematic review"),
        ("Ossification", None, "case report", 3, "case series"),
        ("Ossification", None, "case report", 1, "case report"),
        ("Ossification", None, "case report", None, "case report"),
        ("Ossification", "case report", None, 2, "case series"),
        ("Ossification", "randomized controlled trial", "animal study", 20, "animal study"),
        ("Ossification", "meta-analysis", "animal study", 20, "meta-analysis"),
    ],
)
def test_types_and_text_decide_together(
    title: str, types: str | None, text: str | None, size: int | None, design: str
) -> None:
    assert decide(facts_of("Bone was seen.", title), types, text, size) == design


def test_a_case_without_an_abstract_has_no_number_of_patients() -> None:
    told = {"publication_types": ["Case Reports"]}
    title = "Heterotopic ossification of the elbow: a case report"
    assert tag_one(record("It was seen in the elbow after a burn.", title, **told)).facts.sample_size == 1
    assert tag_one(record({}, title, **told)).facts.sample_size is None


def test_a_synthesis_of_observational_studies_is_level_three() -> None:
    pooled = "Meta-analysis of {} studies"
    for kind, level in (("cohort", "3"), ("observational", "3"), ("randomised", "1")):
        reading = facts_of("", pooled.format(kind))
        assert evidence_level("meta-analysis", reading) == level
        assert evidence_level("cohort", reading) == "3"
        assert evidence_level("case report", reading) == "4"


@pytest.mark.parametrize(
    ("types", "design"),
    [
        (["Meta-Analysis", "Review"], "meta-analysis"), (["Systematic Review", "Review"], "systematic review"),
        (["Practice Guideline"], "guideline"), (["Randomized Controlled Trial"], "randomized controlled trial"),
        (["Case Reports", "Review"], "case report"), (["Controlled Clinical Trial"], "non-randomized trial"),
        (["Review"], "review"), (["Letter"], "other"), (["Journal Article"], None), ([], None),
    ],
)  # fmt: skip
def test_the_most_specific_publication_type_names_the_design(types: list[str], design: str | None) -> None:
    assert design_from_types(facts_of("", "Ossification", publication_types=types)) == design
