"""Short forms that an article defines itself."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from nlp.text.abbreviations import best_long_form, find_abbreviations


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("after total hip arthroplasty (THA)", {"THA": "total hip arthroplasty"}),
        ("Heterotopic ossification (HO) and HO-1", {"HO": "Heterotopic ossification"}),
        ("non-steroidal anti-inflammatory drugs (NSAIDs)",
         {"NSAIDs": "non-steroidal anti-inflammatory drugs", "NSAID": "non-steroidal anti-inflammatory drugs"}),
        ("TBI (traumatic brain injury) in 40 men", {"TBI": "traumatic brain injury"}),
        ("bone morphogenetic protein 2 (BMP2)", {"BMP2": "bone morphogenetic protein 2"}),
        ("body mass index (BMI; kg/m2)", {"BMI": "body mass index"}),
        ("HO formed in 12 hips (30%)", {}),
        ("seen in most hips (see Table)", {}),
        ("heme oxygenase (HO) was induced; heterotopic ossification (HO) formed", {"HO": "heme oxygenase"}),
    ],
)  # fmt: skip
def test_definitions(text: str, found: dict[str, str]) -> None:
    assert find_abbreviations(text) == found


def test_letters_must_be_spelt_by_the_words() -> None:
    assert best_long_form("SCI", "patients with spinal cord injury") == "spinal cord injury"
    assert best_long_form("XYZ", "patients with spinal cord injury") is None


@given(st.text(max_size=300))
def test_long_forms_stand_in_the_text(text: str) -> None:
    for short, long in find_abbreviations(text).items():
        assert short in text or f"{short}s" in text
        assert " ".join(long.split()) in " ".join(text.split())
