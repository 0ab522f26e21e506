"""Tokens: words with their digits, numbers with their signs, every other sign alone; the text comes back whole."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from nlp.pipeline import blank_pipeline
from nlp.text.tokenizer import split_words

PIPELINE = blank_pipeline()


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("the R206H mutation of ACVR1", ["the", "R206H", "mutation", "of", "ACVR1"]),
        ("25mg indomethacin t.i.d.", ["25", "mg", "indomethacin", "t", ".", "i", ".", "d", "."]),
        ("OR 0·42 (1,412 hips)", ["OR", "0·42", "(", "1,412", "hips", ")"]),
        ("Brooker III–IV", ["Brooker", "III", "–", "IV"]),
        ("the patient's 7-Gy dose", ["the", "patient's", "7", "-", "Gy", "dose"]),
        ("p<0.05", ["p", "<", "0.05"]),
        ("", []),
        (" \n\t ", []),
    ],
)
def test_words(text: str, words: list[str]) -> None:
    assert split_words(text) == words


@given(st.text(alphabet=st.characters(exclude_categories=["Cs"]), max_size=200))
def test_the_text_comes_back_and_every_token_stands_where_it_says(text: str) -> None:
    document = PIPELINE.tokenizer(text)
    assert document.text == document._.text == text
    assert len(document._.plain) == len(text)
    for word, start in zip(document._.words, document._.starts, strict=True):
        assert text[start : start + len(word)] == word


def test_half_a_surrogate_pair_becomes_a_replacement_sign() -> None:
    assert PIPELINE.tokenizer("bone\ud800 formed").text == "bone\ufffd formed"
