"""Sentence ends of abstracts."""

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from nlp.text.sentences import LONGEST, sentence_bounds
from tests.support.reading import read


def sentences(text: str) -> list[str]:
    return [text[start:end] for start, end in sentence_bounds(text)]


@pytest.mark.parametrize(
    ("text", "parts"),
    [
        ("HO was seen in 12 hips. None was operated on.", 2),
        ("Indomethacin vs. Radiotherapy was tested in 40 hips.", 1),
        ("Brooker et al. Described four classes.", 1),
        ("Doses (e.g. Ibuprofen 400 mg) were noted.", 1),
        ("The ratio was 2.4 (95% CI 1.1-5.2). It held after adjustment.", 2),
        ("Were hips spared? They were.", 2),
        ("As in Fig. 2, bone bridged the joint.", 1),
        ("See ref. No. 5 for more.", 1),
        ("Fractures of type A. The rest were type B.", 2),
        ("Treated by J. Smith in Leeds.", 1),
        ("No HO formed in arm A.\nTwo hips were lost.", 2),
        ('He said "no bone." The film agreed.', 2),
    ],
)
def test_where_sentences_end(text: str, parts: int) -> None:
    assert len(sentences(text)) == parts


@given(st.text(max_size=400))
def test_sentences_hold_every_sign_but_blanks_in_order(text: str) -> None:
    bounds = sentence_bounds(text)
    assert "".join("".join(text[a:b].split()) for a, b in bounds) == "".join(text.split())
    assert all(a < b for a, b in bounds)
    assert all(first[1] <= second[0] for first, second in pairwise(bounds))


def test_a_stretch_without_an_end_is_cut_at_blanks() -> None:
    text = "indomethacin reduced bone and " * 500
    parts = sentences(text)
    assert len(parts) > 1
    assert max(map(len, parts)) <= LONGEST
    assert " ".join(parts) == text.strip()
    assert max(map(len, sentences("x" * 10_000))) <= LONGEST


def test_a_section_ends_a_sentence_and_gives_its_label() -> None:
    document = read({"METHODS": "40 hips were followed", "RESULTS": "HO formed in 12. None was severe."})
    found = [(s.field, s.label, document._.text[s.start : s.end]) for s in document._.sentences]
    assert found == [
        ("title", None, "Heterotopic ossification"),
        ("abstract", "METHODS", "40 hips were followed"),
        ("abstract", "RESULTS", "HO formed in 12."),
        ("abstract", "RESULTS", "None was severe."),
    ]
    starts = {token.i for token in document if token.is_sent_start}
    assert starts == {s.first for s in document._.sentences}
