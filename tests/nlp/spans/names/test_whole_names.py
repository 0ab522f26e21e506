"""Half a name is no name: what begins a long form, or counts something, is made whole."""

import pytest

from nlp.spans.names.whole_names import with_whole_names
from tests.support.reading import read, spans_of

NAMED = {
    "discontinuation": "outcome", "side effects": "outcome", "occurrence": "outcome", "complications": "outcome",
    "incidence": "outcome", "ossification": "outcome", "range": "outcome", "motion": "outcome",
}  # fmt: skip


def outcomes(text: str) -> list[str]:
    document = read(text)
    return [span.text for span in with_whole_names(document, spans_of(document, NAMED)) if span.sentence > 0]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("It was discontinuation caused by gastric side effects (DGSE).",
         ["discontinuation caused by gastric side effects"]),
        ("Of discontinuation caused by non-gastric side effects (DNGSE) nothing is known.",
         ["discontinuation caused by non-gastric side effects"]),
        ("There was more discontinuation caused by gastric side effects.", ["discontinuation", "side effects"]),
        ("The occurrence of complications was alike.", ["occurrence of complications"]),
        ("The incidence of the complications was alike.", ["incidence of the complications"]),
        ("The incidence of all complications was alike.", ["incidence", "complications"]),
        ("The occurrence was alike, of complications nothing is said.", ["occurrence", "complications"]),
        ("Freedom from complications was alike, freedom of motion too.", ["Freedom from complications", "motion"]),
        ("They gained range of motion (ROM).", ["range of motion"]),
    ],
)  # fmt: skip
def test_names_are_whole(text: str, expected: list[str]) -> None:
    assert outcomes(text) == expected


def test_what_was_done_to_an_outcome_is_no_part_of_its_name() -> None:
    document = read("It lowered pain and restored hip motion.")
    spans = spans_of(document, {"restored hip motion": "outcome", "restored": "outcome"})
    assert {span.text for span in with_whole_names(document, spans)} >= {"hip motion"}
