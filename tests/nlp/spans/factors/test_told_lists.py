"""Lists that a sentence tells of the disease by plain words hold risk factors, all of their items."""

from types import SimpleNamespace

import pytest

from nlp.spans.factors.told_lists import with_told_lists
from tests.support.reading import read, spans_of

KNOWN = {"obesity": "risk factor", "age": "risk factor", "naproxen": "intervention", "HO": "outcome"}


def added(text: str, design: str = "cohort") -> list[str]:
    document = read(text)
    document._.facts = SimpleNamespace(study_design=design)
    return [span.text for span in with_told_lists(document, spans_of(document, KNOWN)) if span.source == "told"]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("HO was associated with obesity, the length of stay, and loss of sleep.", ["length of stay", "loss of sleep"]),
        ("HO was not linked to the side of the hip (p = 0.5).", ["side of the hip"]),
        ("When it was seen on film it correlated with poor cover of the implant.", ["poor cover of the implant"]),
        ("The course of HO was made worse by falls or by careless injections.", ["falls", "careless injections"]),
        ("HO was associated with what we had expected, and with it.", []),
        ("Pain was associated with the length of stay.", []),
        ("HO was associated with lead, a metal, and with dust.", ["lead", "dust"]),
        ("Is HO associated with the length of stay?", []),
        (
            "HO was associated with the interval between injury and operation.",
            ["interval between injury and operation"],
        ),
    ],
)
def test_what_the_disease_is_told_of(text: str, expected: list[str]) -> None:
    assert added(text) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("HO was more common in sailors (40%) than in cooks (9%).", ["sailors", "cooks"]),
        ("The risk of HO was higher after a long march.", ["long march"]),
        ("HO was less common in the control group than with naproxen.", []),
        ("HO was more common in the elbow than in sailors.", ["sailors"]),
        ("Pain was more common in sailors than in cooks.", []),
    ],
)
def test_where_the_disease_was_seen_more_often(text: str, expected: list[str]) -> None:
    assert added(text) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Complex wounds go along with severe HO.", ["Complex wounds"]),
        ("Obesity, long marches and cold quarters did not predict HO.", ["Obesity", "long marches", "cold quarters"]),
        ("Long marches were risk factors.", ["Long marches"]),
        ("It is unknown what predisposes to HO.", []),
        ("Cold quarters, in all likelihood, are associated with HO.", ["Cold quarters"]),
        ("Demographic and surgical factors were associated with HO.", []),
        ("Naproxen was stopped, and cold quarters triggered HO with naproxen.", []),
    ],
)
def test_what_is_told_of_the_disease(text: str, expected: list[str]) -> None:
    assert added(text) == expected


def test_work_with_cells_and_animals_is_told_in_other_words() -> None:
    assert added("Cold quarters triggered HO.", "animal study") == []


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("As risk factors we evaluated age and cold quarters.", []),
        (
            "As risk factors we evaluated age and cold quarters. The other variables had no influence.",
            ["cold quarters"],
        ),
        ("As risk factors we evaluated cold quarters. The other variables had no influence.", []),
        (
            "We began: age, cold quarters and marches were analysed. No other factors mattered.",
            ["cold quarters", "marches"],
        ),
    ],
)
def test_what_was_looked_at_is_a_factor_where_a_record_tells_of_the_rest(text: str, expected: list[str]) -> None:
    assert added(text) == expected
