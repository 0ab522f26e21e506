"""Negation and hedging, with the words that say so."""

from itertools import pairwise

import pytest

from nlp.cues import find_cues
from nlp.mentions.assertion import judge


@pytest.mark.parametrize(
    ("text", "mention", "assertion", "cue"),
    [
        ("no heterotopic ossification was seen", "heterotopic ossification", "negated", "no"),
        ("hips without pain were left alone", "pain", "negated", "without"),
        ("bone formed, but no pain was reported", "bone", "affirmed", ""),
        ("indomethacin may prevent recurrence", "recurrence", "hedged", "may"),
        ("there was no difference in pain", "pain", "affirmed", ""),
        ("ossification was seen in 12 hips", "ossification", "affirmed", ""),
        ("no prophylaxis was given for pain", "pain", "affirmed", ""),
        ("there was no infection; ossification was seen", "ossification", "affirmed", ""),
        ("there was no infection, and ossification was seen", "ossification", "affirmed", ""),
        ("it may be harmless (as said) and ossification grew", "ossification", "affirmed", ""),
        ("ossification was seen; it may grow", "ossification", "affirmed", ""),
        ("ossification may grow", "ossification", "hedged", "may"),
    ],
)
def test_what_is_said_of_a_mention(text: str, mention: str, assertion: str, cue: str) -> None:
    start = text.index(mention)
    found = judge(text, find_cues(text), start, start + len(mention))
    assert found.assertion == assertion
    assert text[found.start : found.end].startswith(cue)


def test_cues_come_in_order_without_overlap() -> None:
    cues = find_cues("Indomethacin significantly reduced HO, but was not associated with pain; it may help.")
    assert [cue.start for cue in cues] == sorted(cue.start for cue in cues)
    assert all(a.end <= b.start for a, b in pairwise(cues))
    assert {"decrease", "no_association", "hedge"} <= {cue.group for cue in cues}
