"""Labels inside an abstract: which are labels and which are words of the text, and nothing of the text is lost."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from harvest.pubmed.medline.abstract import read_sections

#: Labels of every sort, words that look like one, sentences, and a stretch that ends no sentence.
PIECES = (
    "BACKGROUND:", "METHODS:", "Results:", "Aim(s):", "HO:", "OR:", "METHODS AND RESULTS:", "Bone:", "We list",
    "We saw 20 hips.", "It helped (p < 0.05)", "none", "AIS A: no change.", "as follows: bone.",
)  # fmt: skip


def labels(abstract: str) -> list[str | None]:
    return [part.label for part in read_sections(abstract)[1]]


@given(st.lists(st.sampled_from(PIECES), min_size=1, max_size=12))
def test_labels_and_texts_together_are_the_abstract(pieces: list[str]) -> None:
    abstract = " ".join([*pieces, "The end."])
    text, sections = read_sections(abstract)
    if not sections:
        assert text == abstract
        return
    parts = [(part.label, text[part.start : part.end]) for part in sections]
    assert " ".join(f"{label}: {said}" for label, said in parts) == abstract
    assert "\n".join(said for _, said in parts) == text
    assert abstract.startswith(f"{sections[0].label}: ")


@pytest.mark.parametrize(
    ("abstract", "expected"),
    [
        ("BACKGROUND: A. METHODS: B. Results: c.", ["BACKGROUND", "METHODS"]),  # the first is in capitals, so are all
        ("Background: A. RESULTS: b.", ["Background", "RESULTS"]),
        ("BACKGROUND: A. SETTING UP: B. RESULTS: C.", ["BACKGROUND", "SETTING UP", "RESULTS"]),
        ("BACKGROUND: A. HO: b. RESULTS: C.", ["BACKGROUND", "RESULTS"]),
        ("BACKGROUND: A, SETTING UP: b. RESULTS: C.", ["BACKGROUND", "RESULTS"]),  # no sentence ends before it
        ("Background: A. We list Results: b.", ["Background"]),
        ("Background: A. We list RESULTS: B.", ["Background", "RESULTS"]),
        ("Background: In A (THA) Results: b.", ["Background", "Results"]),
        ("METHODS: RESULTS: b.", ["METHODS"]),
        ("HO: a. RESULTS: b.", []),
        ("HIP: a. RESULTS: b.", ["HIP", "RESULTS"]),
        ("Weather: a. Results: b.", []),
        ("Experiment(s): A. Results: B.", ["Experiment(s)", "Results"]),
        ("Results of this study: A. Aims in our report: B.", ["Results of this study", "Aims in our report"]),
        ("Methods and weather: A. Results: B.", []),
    ],
)  # fmt: skip
def test_what_is_a_label(abstract: str, expected: list[str]) -> None:
    assert labels(abstract) == expected


def test_a_label_without_text_is_no_section() -> None:
    assert read_sections("BACKGROUND: A. METHODS:")[0] == "A."
    assert labels("BACKGROUND: A. METHODS:") == ["BACKGROUND"]
    assert read_sections("") == ("", ())
