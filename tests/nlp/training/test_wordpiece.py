"""Words in pieces."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from nlp.training.encoder.wordpiece import WordPiece, plain_form

PIECES = WordPiece(
    ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "hetero", "##top", "##ic", "##topic", "bone", "-", "0", "##4", "a"]
)


def names(word: str) -> list[str]:
    """The pieces of a word as strings."""
    return [list(PIECES.index)[number] for number in PIECES.cut(word)]


@pytest.mark.parametrize(
    ("word", "pieces"),
    [
        ("heterotopic", ["hetero", "##topic"]),
        ("Heterotopic", ["hetero", "##topic"]),
        ("héterotop", ["hetero", "##top"]),
        ("bone-a", ["bone", "-", "a"]),
        ("04", ["0", "##4"]),
        ("muscle", ["[UNK]"]),
        ("bonemuscle", ["[UNK]"]),
        ("a" * 101, ["[UNK]"]),
        (" \n", []),
        ("", []),
    ],
)
def test_the_longest_known_piece_comes_first(word: str, pieces: list[str]) -> None:
    assert names(word) == pieces


@given(st.text(alphabet="heterotopicbna04- é", max_size=30))
def test_pieces_that_are_all_known_give_the_word_again(word: str) -> None:
    pieces = names(word)
    if "[UNK]" not in pieces:
        assert "".join(piece.removeprefix("##") for piece in pieces) == "".join(plain_form(word).split())
