"""Shares and means as sentences give them, at the limits of what can be one."""

import pytest

from nlp.text.figures import counts, means, measures, proportions


@pytest.mark.parametrize(
    ("text", "read"),
    [
        ("4 of 40 (10%)", [(4, 40, 10.0)]),
        ("4 of 40 (11%)", [(4, 40, 11.0)]),  # rounding
        ("4 of 40 (12%)", []),  # the percentage is of something else
        ("0 of 40", [(0, 40, 0.0)]),
        ("40 of 40", [(40, 40, 100.0)]),
        ("41 of 40", []),
        ("0 of 0", []),
        ("none of the 40", [(0, 40, 0.0)]),
        ("none of the twelve", [(0, 12, 0.0)]),
        ("none of the two", []),  # arms, not patients
        ("4 of 40 women", [(4, 40, 10.0)]),
        ("10% women", []),  # how many of all they were
        ("100% of them", [(None, None, 100.0)]),
        ("101% of them", []),
        ("12% (3/25)", [(3, 25, 12.0)]),
        ("three of four arms", []),  # arms, limbs and centres are counted in words too
        ("three of five hips", [(3, 5, 60.0)]),
        ("3 of 4 hips", [(3, 4, 75.0)]),
    ],
)
def test_a_share_is_of_no_more_than_all(text: str, read: list[tuple[int | None, int | None, float]]) -> None:
    assert [(figure.events, figure.total, figure.share) for figure in proportions(text)] == read


@pytest.mark.parametrize(
    ("text", "unit"),
    [
        ("112° ± 14", "°"),
        ("112 ± 14°", "°"),
        ("3.4 mm ± 0.2 mm", "mm"),
        ("12 ± 3 points", "points"),
        ("12 (sd 3)", None),
    ],
)
def test_a_mean_has_the_unit_before_or_behind_its_deviation(text: str, unit: str | None) -> None:
    [figure] = means(text)
    assert (figure.unit, figure.mean is not None, figure.sd is not None) == (unit, True, True)


def test_bare_measures_and_counts_are_read_apart_from_shares() -> None:
    assert [(f.mean, f.unit) for f in measures("101° and 4.5 mm at 12 months, 5 ± 2 points")] == [
        (101, "°"),
        (4.5, "mm"),
    ]
    assert [f.events for f in counts("5 patients and six hips, 4 of 40 patients")] == [5, 6]
