"""Shares and counts are of what their sentence counts: no changes, nobody without it, no part told as the whole."""

import pytest

from nlp.findings.sentence.arms import figures_sign, is_told_absent, is_told_of_part
from nlp.pipeline import tag_one
from nlp.text.figures import means, proportions
from tests.support.reading import context_of, record


@pytest.mark.parametrize(
    ("text", "shares"),
    [
        ("a reduction of 40% and 25%, respectively, was seen", []),
        ("volume was 40% and 25% lower in the two groups", []),
        ("from 30 to 60% of it was cartilage", []),
        ("it had fallen by ≥50% in five", []),
        ("it was seen in 40% with one and 25% with the other", [40.0, 25.0]),
        ("it fell by 10%, and was seen in 25%", [25.0]),
    ],
)
def test_changes_and_ranges_are_no_shares(text: str, shares: list[float]) -> None:
    assert [figure.share for figure in proportions(text)] == shares


@pytest.mark.parametrize(
    ("sentence", "absent"),
    [
        ("Hips free of any HO were 70% with one and 30% with the other.", True),
        ("HO was absent in 62%.", True),
        ("There was no HO in 30 of 40 hips.", True),
        ("HO was not seen in 62%.", True),
        ("HO was seen in 62%.", False),
        ("There were no infections, but HO was seen in 62%.", False),
    ],
)
def test_who_is_counted_without_it_is_not_counted_with_it(sentence: str, absent: bool) -> None:
    context = context_of({"RESULTS": sentence}, {"HO": "outcome"})
    assert is_told_absent(context, context.by_sentence[1][0]) == absent


@pytest.mark.parametrize(
    ("sentence", "part"),
    [
        ("Of the patients affected 50% had HO at two joints.", True),
        ("In 4 patients (11%) the HO had to be resected.", True),
        ("In a control group HO was seen in 40 of 50 hips.", True),
        ("Most of the HO (29/34 cases) was found in men.", True),
        ("HO had decreased in 8 of 9 patients.", True),
        ("Of 96 patients 18 (19%) had HO at one or more sites.", False),
    ],
)
def test_what_is_told_of_a_part_is_told_of_nobody_else(sentence: str, part: bool) -> None:
    context = context_of({"RESULTS": sentence}, {"HO": "outcome"})
    assert is_told_of_part(context, 1) == part


def test_a_volume_keeps_its_unit() -> None:
    assert [figure.unit for figure in means("bone volume was 11.2 ± 2.6 mm³ and 7.9 ± 2.1 mm3")] == ["mm³", "mm3"]


def test_only_shares_of_all_are_the_incidence() -> None:
    sections = {
        "METHODS": "Eighty hips were followed.",
        "RESULTS": "HO developed in 20 of 80 hips; in 8 it was visible at three months. "
        "In 4 hips (5%) the HO had to be resected.",
    }
    tagged = tag_one(record(sections, "Heterotopic ossification of the hip"))
    assert [(r.events, r.total, r.time) for r in tagged.results] == [(20, 80, None)]


def test_more_of_those_without_it_is_less_of_it() -> None:
    sentence = "Hips free of any HO were 70% with naproxen and 30% with placebo."
    context = context_of(
        {"RESULTS": sentence}, {"naproxen": "intervention", "placebo": "intervention", "HO": "outcome"}
    )
    assert figures_sign(context, 1, "naproxen", "placebo") == "down"
