"""The digest's lines: a retracted article is marked once, whatever its title begins with."""

import pytest

from db.evidence.digest import Digest, Entry, as_text
from db.notices import says_mark


def entry(title: str) -> Entry:
    return Entry("retracted", 7, title, None, None, 2020, "cohort", True, (), ("RetractionIn",))


@pytest.mark.parametrize(
    ("title", "said"),
    [
        ("RETRACTED: Indomethacin after hip replacement", True),
        ("Retracted Article: Indomethacin after hip replacement", True),
        ("[Retracted.] Indomethacin after hip replacement", True),
        ("Retracted tendon ends and ossification after repair", False),
    ],
)
def test_a_mark_is_one_only_where_the_title_sets_it_apart(title: str, said: bool) -> None:
    assert says_mark(title, "RETRACTED") == said


def test_a_title_about_retracted_tendons_is_marked_too() -> None:
    digest = Digest("run 1", 2, (entry("Retracted tendon ends and ossification after repair"),))
    assert "RETRACTED. Retracted tendon ends" in as_text(digest)
