"""A linear-chain conditional random field over token features: the trained model for open-class spans.

Labels are BIO over three mention kinds. The weights ship as one .npz file (feature names, half-precision rows,
transitions); a document's sentences are decoded together.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from itertools import accumulate, chain, islice
from pathlib import Path

import numpy as np
import numpy.typing as npt

KINDS = ("intervention", "risk factor", "outcome")
LABELS = ("O", *(f"{part}-{kind}" for kind in KINDS for part in ("B", "I")))
#: Sentences decoded together, so that memory does not grow with the text.
_BATCH = 64
Floats = npt.NDArray[np.float32]
#: The labels of a sentence's tokens, and the chance of each label for each token.
Decoded = tuple[list[int], Floats]


def transition_mask() -> Floats:
    """Returns a large penalty for each pair of labels that cannot follow each other."""
    mask = np.zeros((len(LABELS), len(LABELS)), dtype=np.float32)
    for i, left in enumerate(LABELS):
        for j, right in enumerate(LABELS):
            if right.startswith("I-") and left[2:] != right[2:]:
                mask[i, j] = -1e4
    return mask


def start_mask() -> Floats:
    """Returns a large penalty for each label that cannot begin a sentence."""
    return np.array([-1e4 if label.startswith("I-") else 0.0 for label in LABELS], dtype=np.float32)


@dataclass
class SpanTagger:
    """Weights of the random field."""

    index: dict[str, int] = field(default_factory=dict)
    weights: Floats = field(default_factory=lambda: np.zeros((0, len(LABELS)), dtype=np.float32))
    transitions: Floats = field(default_factory=transition_mask)

    @classmethod
    def load(cls, path: Path) -> "SpanTagger":
        """Reads a model written by `save`."""
        with np.load(path) as data:
            names = bytes(data["names"]).decode().split("\n")
            return cls(
                {name: number for number, name in enumerate(names)},
                data["weights"].astype(np.float32),
                data["transitions"].astype(np.float32) + transition_mask(),
            )

    def save(self, path: Path) -> None:
        """Writes the model to one compressed file."""
        names = "\n".join(sorted(self.index, key=self.index.__getitem__)).encode()
        free = np.where(transition_mask() < 0, 0, self.transitions).astype(np.float32)
        np.savez_compressed(
            path, names=np.frombuffer(names, dtype=np.uint8), weights=self.weights.astype(np.float16), transitions=free
        )

    @cached_property
    def _table(self) -> Floats:
        """The weights of each feature, and a last row for features that are not known."""
        return np.vstack([self.weights, np.zeros((1, self.weights.shape[1]), dtype=np.float32)])

    def emissions(self, rows: list[list[str]]) -> Floats:
        """Returns the sum of weights for each token and label."""
        return self.sums([[self.index.get(name, len(self.index)) for name in row] for row in rows])

    def sums(self, rows: Sequence[Sequence[int]]) -> Floats:
        """Returns the same for rows of numbers of features, the number behind the last one for none that is known.

        A row has at least one number.
        """
        if not rows:
            return np.zeros((0, self.weights.shape[1]), dtype=np.float32)
        numbers = np.fromiter(chain.from_iterable(rows), dtype=np.intp)
        starts = list(accumulate(map(len, rows[:-1]), initial=0))
        return np.asarray(np.add.reduceat(self._table.take(numbers, axis=0), starts, axis=0))

    def decode(self, sentences: Iterable[list[list[str]]]) -> Iterator[Decoded]:
        """Yields for each sentence the best label sequence and the marginals."""
        return decode(map(self.emissions, sentences), self.transitions)


def decode(sentences: Iterable[Floats], transitions: Floats) -> Iterator[Decoded]:
    """Yields for each sentence, of which the scores of tokens and labels are given, its best labels and marginals."""
    waiting = iter(sentences)
    while scores := list(islice(waiting, _BATCH)):
        batch, lengths = padded(scores)
        lattice = Lattice.of(batch, lengths, transitions)
        chances = lattice.chances()
        paths = best_paths(lattice.best, lengths, transitions)
        for row, length in enumerate(lengths.tolist()):
            yield paths[row, :length].tolist(), chances[row, :length]


def path_spans(path: list[int], first: int) -> list[tuple[int, int, str]]:
    """Returns (first token, last token, kind) of each span of a label sequence that begins at token `first`."""
    spans = []
    index = 0
    while index < len(path):
        label = LABELS[path[index]]
        if label == "O":
            index += 1
            continue
        kind, end = label[2:], index + 1
        while end < len(path) and LABELS[path[end]] == f"I-{kind}":
            end += 1
        spans.append((first + index, first + end, kind))
        index = end
    return spans


def padded(scores: Sequence[Floats]) -> tuple[Floats, npt.NDArray[np.int64]]:
    """Returns the scores of sentences as one array (sentences x longest x labels), and the length of each."""
    lengths = np.array([len(score) for score in scores])
    batch = np.zeros((len(scores), int(lengths.max(initial=1)), len(LABELS)), dtype=np.float32)
    for row, score in enumerate(scores):
        batch[row, : len(score)] = score
    return batch, lengths


def _log_sum(values: Floats) -> Floats:
    """The logarithm of the sum of exponentials over the first axis."""
    # the ufuncs themselves: numpy's wrappers cost as much as these small sums
    top = np.maximum.reduce(values, axis=0)
    return np.asarray(np.log(np.add.reduce(np.exp(values - top), axis=0)) + top, dtype=np.float32)


@dataclass(frozen=True, slots=True)
class Lattice:
    """What the field says of the sentences of a padded batch (each array: sentences x longest x labels).

    Log scores of all ways to a label and of all ways on from it, the score of the best way to it, and the log
    normaliser of each sentence.
    """

    forward: Floats
    backward: Floats
    best: Floats
    normaliser: Floats

    @classmethod
    def of(cls, batch: Floats, lengths: npt.NDArray[np.int64], transitions: Floats) -> "Lattice":
        """Returns the lattice of a batch.

        All ways forward, all ways backward (over each sentence from its end) and the best way forward go through one
        loop: the columns of its arrays are the sentences three times over, its rows the labels.
        """
        count, longest, _ = batch.shape
        places, rows = np.arange(longest), np.arange(count)[:, None]
        from_end = np.maximum(lengths[:, None] - 1 - places, 0)
        scores = np.concatenate([batch, batch[rows, from_end], batch]).transpose(1, 2, 0).copy()
        moves = np.repeat(np.stack([transitions, transitions.T, transitions], axis=2), count, axis=2)
        begin, summed = slice(0, count), slice(0, 2 * count)
        back, most = slice(count, 2 * count), slice(2 * count, None)
        for forwards in (begin, most):
            scores[0, :, forwards] += start_mask()[:, None]
        # what leads to a label, without its own score and with it
        leading, reached = np.zeros_like(scores), np.empty_like(scores)
        here = reached[0] = scores[0]
        for t in range(1, longest):
            steps, step = here[:, None] + moves, leading[t]
            np.maximum.reduce(steps, axis=0, out=step)
            top = step[:, summed]
            top += np.log(np.add.reduce(np.exp(steps[:, :, summed] - top), axis=0))
            here = np.add(step, scores[t], out=reached[t])
        inside = (places < lengths[:, None])[..., None]
        forward = reached[:, :, begin].transpose(2, 0, 1)
        last = forward[rows, from_end[:, :1]]
        backward = np.where(inside, leading[:, :, back].transpose(2, 0, 1)[rows, from_end], np.float32(0))
        best = reached[:, :, most].transpose(2, 0, 1)
        return cls(np.where(inside, forward, last), backward, best, _log_sum(last[:, 0].T))

    def chances(self) -> Floats:
        """Returns the probability of each label at each place."""
        return np.asarray(np.exp(self.forward + self.backward - self.normaliser[:, None, None]))


def best_paths(best: Floats, lengths: npt.NDArray[np.int64], transitions: Floats) -> npt.NDArray[np.int64]:
    """Returns the best labels of each sentence (sentences x longest), from the scores of the best ways to each label.

    What stands behind the end of a sentence says nothing.
    """
    last: npt.NDArray[np.int64] = best.argmax(axis=2)
    paths = np.empty_like(last)
    here = paths[:, -1] = last[:, -1]
    for t in range(best.shape[1] - 2, -1, -1):
        before = (best[:, t] + transitions.T.take(here, axis=0)).argmax(axis=1)
        here = paths[:, t] = np.where(t < lengths - 1, before, last[:, t])
    return paths
