"""A record read for its spans: once word by word, then once more with what the first reading says of all of it."""

from collections.abc import Iterator, Sequence
from pathlib import Path

import numpy as np

from nlp.document import Sentence
from nlp.models.crf import LABELS, Decoded, Floats, SpanTagger, decode
from nlp.spans.feature_names import NumberedFeatures
from nlp.spans.features import DocumentView, sentence_features
from nlp.spans.second_look import FEATURES, Numbers, second_look

_FIRST, _AGAIN = "spans.npz", "spans_again.npz"


class SpanReader:
    """A tagger, and perhaps another one that reads a record again.

    Both are one table of weights: a feature of a word is looked up once for both readings.
    """

    def __init__(self, first: SpanTagger, again: SpanTagger | None = None) -> None:
        self.first, self.again = first, again
        self._both = first if again is None else _beside(first, again)
        self._told = NumberedFeatures(self._both.index)
        self._seen_again = np.zeros((0, len(LABELS)), dtype=np.float32) if again is None else _of_second_look(again)

    @classmethod
    def load(cls, folder: Path) -> "SpanReader":
        """Reads what `save` wrote."""
        return cls(SpanTagger.load(folder / _FIRST), SpanTagger.load(folder / _AGAIN))

    def save(self, folder: Path) -> None:
        """Writes the taggers into a folder."""
        self.first.save(folder / _FIRST)
        if self.again is not None:
            self.again.save(folder / _AGAIN)

    def read(self, view: DocumentView, sentences: Sequence[Sentence]) -> list[Decoded]:
        """Returns the labels and chances of each sentence's tokens; sentences have at least one."""
        scores = [self._both.sums(sentence_features(view, sentence, self._told)) for sentence in sentences]
        decoded = list(decode((score[:, : len(LABELS)] for score in scores), self.first.transitions))
        if self.again is None:
            return decoded
        return list(decode(self._scores_again(view, sentences, scores, decoded), self.again.transitions))

    def _scores_again(
        self, view: DocumentView, sentences: Sequence[Sentence], scores: Sequence[Floats], decoded: Sequence[Decoded]
    ) -> Iterator[Floats]:
        for score, numbers in zip(scores, seen_again(view, sentences, decoded), strict=True):
            yield score[:, len(LABELS) :] + self._seen_again[numbers].sum(axis=1)


def seen_again(view: DocumentView, sentences: Sequence[Sentence], decoded: Sequence[Decoded]) -> list[Numbers]:
    """Returns for each sentence what a second reading sees of its tokens beside what the first one saw."""
    words = [
        view.folded[sentence.first : sentence.first + len(path)]
        for sentence, (path, _) in zip(sentences, decoded, strict=True)
    ]
    return second_look(words, decoded)


def _of_second_look(again: SpanTagger) -> Floats:
    """Returns a tagger's weights of the features of a second look, and a last row of nothing."""
    weights = np.zeros((len(FEATURES) + 1, len(LABELS)), dtype=np.float32)
    for number, name in enumerate(FEATURES):
        if name in again.index:
            weights[number] = again.weights[again.index[name]]
    return weights


def _beside(first: SpanTagger, again: SpanTagger) -> SpanTagger:
    """Returns the weights of two taggers in one table, those of the second behind those of the first."""
    names = list(dict.fromkeys([*first.index, *again.index]))
    index = {name: number for number, name in enumerate(names)}
    weights = np.zeros((len(names), 2 * len(LABELS)), dtype=np.float32)
    for tagger, columns in ((first, slice(0, len(LABELS))), (again, slice(len(LABELS), None))):
        weights[[index[name] for name in tagger.index], columns] = tagger.weights[list(tagger.index.values())]
    return SpanTagger(index, weights, first.transitions)
