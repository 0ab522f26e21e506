"""Levels that a sentence gives rates of the disease for are risk factors, where they are no arms of a treatment."""

import pytest

from nlp.pipeline import tag_one
from nlp.spans.factors.rated_levels import with_rated_levels
from tests.support.reading import read, record, spans_of

KNOWN = {"naproxen": "intervention", "lateral approach": "risk factor", "HO": "outcome"}


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("HO was seen in 36% of the reamed nail group and in 9 % of the unreamed nail group.",
         ["reamed nail group", "unreamed nail group"]),
        ("The rate of HO was 40.4% (19 of 47) among sailors and 18.6% (13 of 70) among cooks.", ["sailors", "cooks"]),
        ("HO was found after a frontal approach (42%) and after a dorsal approach (30%).",
         ["frontal approach", "dorsal approach"]),
        ("HO was found after the lateral approach (42%), lateral (40%) and with a dorsal one (30%).", ["dorsal one"]),
        ("HO was seen in 36% of sailors.", []),
        ("HO was seen in 36% with naproxen and in 40% of sailors.", []),
        ("HO was seen in twelve (20%), and in seven (10%) it was severe.", []),
        ("HO was seen in 36% of the control group and in 9% of both groups.", []),
        ("Of all, 12% of sailors and 4% of cooks had HO.", []),
    ],
)  # fmt: skip
def test_levels_by_their_rates(text: str, expected: list[str]) -> None:
    document = read(text)
    assert [s.text for s in with_rated_levels(document, spans_of(document, KNOWN)) if s.source == "rated"] == expected


def test_rates_that_are_not_significant_give_levels_no_direction() -> None:
    told = "HO was less frequent after the lateral approach (33%) than after the anterior approach (42%)"
    text = f"{told}, but this was not significant."
    directions = {f.direction for f in tag_one(record({"RESULTS": text})).findings if f.kind == "risk"}
    assert directions <= {"no association", "unclear"}
