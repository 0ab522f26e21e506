"""One form for words that differ only in spelling."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from nlp.text.folding import fold_tokens, fold_word
from nlp.text.tokenizer import split_words


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("Haematoma", "hematomas"), ("randomised", "Randomized"), ("anaesthesia", "anesthesia"), ("tumour", "tumors"),
        ("fractures", "fracture"), ("biopsies", "biopsy"), ("oedema", "edema"), ("aetiology", "etiologies"),
        ("patient's", "patients"), ("calibre’s", "calibre"), ("crutches", "crutch"),
    ],
)  # fmt: skip
def test_words_that_are_the_same(one: str, other: str) -> None:
    assert fold_word(one) == fold_word(other)


@pytest.mark.parametrize(("one", "other"), [("diagnosis", "diagnosi"), ("pelvis", "pelvi"), ("hip", "hips bone")])
def test_words_that_are_not(one: str, other: str) -> None:
    assert fold_word(one) != fold_word(other)


def test_hyphens_and_prefixes() -> None:
    for text in ("non-steroidal drugs", "nonsteroidal drug", "Non‐steroidal Drugs"):
        assert fold_tokens(split_words(text))[0] == ["nonsteroidal", "drug"]
    assert fold_tokens(["non", "-", "steroidal", "drugs"]) == (["nonsteroidal", "drug"], [0, 3])


@given(st.lists(st.text(min_size=1, max_size=12), max_size=20))
def test_every_folded_word_says_where_it_begins(words: list[str]) -> None:
    folded, firsts = fold_tokens(words)
    assert len(folded) == len(firsts)
    assert firsts == sorted(set(firsts))
