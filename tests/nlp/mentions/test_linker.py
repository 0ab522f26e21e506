"""Which concept a name of several words means: that of the thing it names, not of a word in it."""

import pytest

from nlp.mentions.linker import Linker
from nlp.vocabulary.loader import load_vocabulary
from tests.support.reading import read, spans_of


def linked(kind: str, name: str) -> str | None:
    document = read(f"We looked at {name} in 40 patients.")
    [span] = spans_of(document, {name: kind})
    return Linker(load_vocabulary()).link(document, span)


@pytest.mark.parametrize(
    ("name", "concept"),
    [
        ("injury of the spinal cord", "spinal-cord-injury-factor"),
        ("trauma to the brain", "traumatic-brain-injury-factor"),
        ("severe injury of the chest", "thoracic-injury"),
        ("experience of the surgeon", "surgeon-experience"),
        ("days in the ICU", "icu-length-of-stay"),
        ("injury of the earlobe", "trauma"),  # a place that no name of the vocabulary has
    ],
)
def test_a_thing_of_a_place_is_the_thing_that_is_called_by_both(name: str, concept: str) -> None:
    assert linked("risk factor", name) == concept


@pytest.mark.parametrize(
    ("name", "concept"),
    [
        ("sepsis needing surgical revision", "sepsis-factor"),
        ("dislocation of the ulnohumeral joint in addition to the fracture", "elbow-dislocation"),
        ("obesity before total hip arthroplasty", "obesity"),
    ],
)
def test_what_came_of_a_thing_does_not_name_it(name: str, concept: str) -> None:
    assert linked("risk factor", name) == concept


@pytest.mark.parametrize(
    ("name", "concept"),
    [
        ("longer interval from hip fracture to the first dose", None),
        ("operated on early after the injury", None),
        ("severity before excision", None),
        ("delay of 12 months from injury to release", "delayed-surgery"),
        ("interval from injury to definitive surgery", "surgical-timing"),
    ],
)
def test_a_span_of_time_is_not_what_it_runs_from_or_to(name: str, concept: str | None) -> None:
    assert linked("risk factor", name) == concept


def test_a_course_of_a_drug_is_that_drug() -> None:
    assert linked("intervention", "six weeks of indomethacin") == "indomethacin"


@pytest.mark.parametrize(
    ("kind", "name", "concept"),
    [
        ("intervention", "agonist of retinoic acid receptor gamma", "rar-gamma-agonists"),
        ("outcome", "movement of the hip", "hip-motion"),
        ("outcome", "treatment discontinuation due to nongastrointestinal side effects", "discontinuation"),
    ],
)
def test_treatments_and_outcomes_too(kind: str, name: str, concept: str) -> None:
    assert linked(kind, name) == concept
