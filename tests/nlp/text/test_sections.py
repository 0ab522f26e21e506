"""What each sentence is for, by its label or by its words and place."""

import pytest

from nlp.text.sections import category_of_label, infer_categories
from tests.support.reading import read


@pytest.mark.parametrize(
    ("label", "category"),
    [
        ("BACKGROUND", "background"), ("Introduction", "background"), ("AIMS", "aim"), ("Purpose", "aim"),
        ("PATIENTS AND METHODS", "methods"), ("Study Design", "methods"), ("SETTING", "methods"),
        ("MAIN OUTCOMES AND MEASURES", "results"), ("FINDINGS", "results"), ("Case report", "results"),
        ("CONCLUSIONS", "conclusion"), ("Clinical Relevance", "conclusion"), ("LEVEL OF EVIDENCE", "conclusion"),
        ("SUMMARY OF BACKGROUND DATA", "background"),
        ("HO", "results"),
    ],
)  # fmt: skip
def test_labels(label: str, category: str) -> None:
    assert category_of_label(label) == category


def test_an_unlabelled_abstract_is_parted_by_its_words() -> None:
    texts = [
        "Heterotopic ossification follows hip surgery.",
        "The aim of this study was to assess indomethacin.",
        "Patients were randomized to indomethacin or placebo.",
        "HO was found in 12% and 31% (p = 0.01).",
        "In conclusion, indomethacin should be given.",
    ]
    assert infer_categories(texts) == ["background", "aim", "methods", "results", "conclusion"]


def test_parts_never_go_backwards() -> None:
    texts = ["HO is common.", "HO was seen in 20%.", "HO is painful.", "We reviewed 40 hips.", "Bone was seen in 4%."]
    order = ["background", "aim", "methods", "results", "conclusion"]
    places = [order.index(category) for category in infer_categories(texts)]
    assert places == sorted(places)


def test_the_title_is_a_category_and_labels_win_over_words() -> None:
    document = read({"CONCLUSION": "HO was found in 12% (p = 0.01)."}, title="HO after burns")
    assert [sentence.category for sentence in document._.sentences] == ["title", "conclusion"]
