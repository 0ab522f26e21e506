"""What the encoder is given to read."""

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from nlp.document import Sentence
from nlp.models.crf import LABELS
from nlp.training.data import training_records
from nlp.training.encoder.halves import half_of
from nlp.training.encoder.reader import MAX_PIECES, MAX_WINDOWS, SpanEncoder, Window, windows
from nlp.training.encoder.wordpiece import WordPiece
from tests.support.reading import read

_SECTIONS = ("title", "background", "purpose", "methods", "results", "conclusion")
PIECES = WordPiece(["[PAD]", "[UNK]", "[CLS]", "[SEP]", *_SECTIONS, "bone", "##s", "."])


def sentences_of(lengths: list[int], words_each: list[str]) -> tuple[list[str], list[Sentence]]:
    """A document of sentences with so many words each, the first of them its title."""
    words: list[str] = []
    found = []
    for number, length in enumerate(lengths):
        first = len(words)
        words += [words_each[n % len(words_each)] for n in range(length)]
        field, category = ("abstract", "results") if number else ("title", "title")
        found.append(Sentence(0, 0, first, len(words), field, None, category))  # type: ignore[arg-type]
    return words, found


def cut(lengths: list[int]) -> tuple[list[str], list[Window]]:
    """The words of such a document and its windows."""
    words, sentences = sentences_of(lengths, ["bones", " ", "."])
    return words, windows(words, sentences, PIECES)


@settings(max_examples=60, deadline=None)
@given(st.lists(st.integers(1, 120), min_size=1, max_size=30))
def test_every_word_has_one_place_in_order_and_windows_keep_their_size(lengths: list[int]) -> None:
    words, found = cut(lengths)
    seen = [token for window in found for token in window.tokens]
    assert seen == [number for number, word in enumerate(words) if not word.isspace()]
    for window in found:
        assert len(window.pieces) <= MAX_PIECES
        assert window.pieces[0] == PIECES.start
        assert window.pieces[-1] == PIECES.end
        for token, place in zip(window.tokens, window.places, strict=True):
            assert window.pieces[place] == PIECES.cut(words[token])[0]


def test_later_windows_repeat_the_title() -> None:
    _, (first, second, *_) = cut([7, *[90] * 12])
    title = first.pieces[1 : first.pieces.index(PIECES.index["results"])]
    assert second.pieces[1 : 1 + len(title)] == title
    assert second.places[0] > len(title)


def test_a_sentence_longer_than_a_window_is_cut() -> None:
    _, found = cut([3, 5000, 4])
    assert max(len(window.pieces) for window in found) == MAX_PIECES
    assert {5003, 5005, 5006} <= {token for window in found for token in window.tokens}


class Counted:
    """Stands for the runtime: every piece that is word "bone" is surely an outcome; counts its runs."""

    def __init__(self) -> None:
        self.runs = 0

    def run(self, _: None, given: dict[str, np.ndarray]) -> list[np.ndarray]:
        """Returns scores of one window."""
        self.runs += 1
        scores = np.zeros((*given["pieces"].shape, len(LABELS)), dtype=np.float32)
        scores[..., LABELS.index("B-outcome")] = np.where(given["pieces"] == PIECES.index["bone"], 50, -50)
        return [scores]


def encoder() -> SpanEncoder:
    """An encoder whose runtime is counted."""
    made = SpanEncoder.__new__(SpanEncoder)
    made.session, made.pieces = Counted(), PIECES
    return made


def test_scores_become_chances_of_the_token_that_a_piece_begins() -> None:
    document = read("Bones grew.", title="Bone.")
    chances = encoder().read(document)
    found = [word for word, row in zip(document._.words, chances, strict=True) if row[LABELS.index("B-outcome")] > 0.99]
    assert found == ["Bone", "Bones"]
    sums = chances.sum(axis=1)
    assert np.all((np.abs(sums - 1) < 1e-6) | (sums == 0))


def test_a_huge_text_is_read_in_part() -> None:
    made, document = encoder(), read("Bones grew in hips. " * 4000)
    chances = made.read(document)
    assert made.session.runs == MAX_WINDOWS
    assert 1000 < (chances.sum(axis=1) > 0).sum() < MAX_WINDOWS * MAX_PIECES


def test_halves_are_halves_and_stay() -> None:
    records = training_records()
    share = sum(map(half_of, records)) / len(records)
    assert 0.4 < share < 0.6
    assert [half_of({"pmid": pmid}) for pmid in ("91000001", 91000001, "91000002")] == [1, 1, 0]
