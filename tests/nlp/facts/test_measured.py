"""Whether HO is measured or only spoken of: what a bare name is, what the model weighs, and when it is not asked."""

import pytest

from nlp.facts.component import fact_models, study_facts
from nlp.facts.measured import is_bare_name, measured_features, measures_disease
from nlp.models.trees import TreeModel
from nlp.pipeline import tag_one
from tests.support.reading import facts_of, read, record

NEVER = TreeModel(("yes", "no"), {}, (-5.0, 5.0), ((), ()))
CASE = (
    "Heterotopic ossification is a rare complication of tetanus. A man of 40 years was seen with a stiff elbow. "
    "Radiographs were taken and the mass was described. He left the hospital after three weeks."
)


@pytest.mark.parametrize(
    ("text", "bare"),
    [
        ("HO", True), ("heterotopic ossification", True), ("Neurogenic heterotopic ossification", True),
        ("myositis ossificans circumscripta", True), ("ossifications", True), ("incidence of HO", False),
        ("HO volume", False), ("severe heterotopic ossification", False), ("Brooker grade III HO", False),
        ("bone mineral density", False),
    ],
)  # fmt: skip
def test_a_bare_name_has_no_word_of_measure(text: str, bare: bool) -> None:
    assert is_bare_name(text) is bare


def test_what_stands_beside_a_name_is_weighed_by_its_section() -> None:
    reading = facts_of({"RESULTS": "The incidence of heterotopic ossification was 12%."})
    found = measured_features(reading, study_facts(reading, fact_models()))
    assert {"<incidence", "results<incidence", "results:1", "figures:1"} <= set(found)


@pytest.mark.parametrize(
    "text",
    [
        "Celecoxib lowered heterotopic ossification.",
        f"{CASE} Heterotopic ossification was found in 12 of 40 patients.",
        f"{CASE} Indomethacin changed heterotopic ossification (OR 0.4, 95% CI 0.2 to 0.8).",
    ],
)
def test_a_figure_an_estimate_or_a_short_text_is_not_overruled(text: str) -> None:
    document, reading = read({"RESULTS": text}), facts_of({"RESULTS": text})
    assert measures_disease(reading, study_facts(reading, fact_models()), document._.estimates, NEVER)


def test_the_model_decides_where_nothing_is_counted() -> None:
    reading = facts_of(CASE)
    assert not measures_disease(reading, study_facts(reading, fact_models()), [], NEVER)


def test_a_case_that_is_only_described_has_no_disease_as_outcome() -> None:
    found = tag_one(record(CASE, title="Heterotopic ossification of the elbow after tetanus: a case report"))
    assert "heterotopic ossification" not in {m.text.lower() for m in found.mentions if m.kind == "outcome"}
