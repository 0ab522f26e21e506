"""The random field against all label sequences, written out."""

from itertools import pairwise, product

import numpy as np
import pytest

from nlp.models.crf import LABELS, Floats, decode, start_mask, transition_mask


def written_out(scores: Floats, transitions: Floats) -> tuple[list[int], Floats]:
    """The best sequence of labels and the chance of each label at each place, from every sequence there is."""
    paths = list(product(range(len(LABELS)), repeat=len(scores)))
    sums = np.array(
        [
            start_mask()[path[0]]
            + sum(scores[range(len(path)), path])
            + sum(transitions[a, b] for a, b in pairwise(path))
            for path in paths
        ],
        dtype=np.float64,
    )
    weights = np.exp(sums - sums.max())
    chances = np.zeros_like(scores)
    for path, weight in zip(paths, weights / weights.sum(), strict=True):
        chances[range(len(path)), path] += weight
    return list(paths[int(sums.argmax())]), chances


@pytest.mark.parametrize("seed", range(4))
def test_decoding_finds_the_best_of_all_sequences_and_the_chances_of_all(seed: int) -> None:
    random = np.random.default_rng(seed)
    transitions = (transition_mask() + random.normal(0, 2, transition_mask().shape)).astype(np.float32)
    sentences = [random.normal(0, 3, (length, len(LABELS))).astype(np.float32) for length in (1, 4, 2, 3)]
    for (path, chances), scores in zip(decode(sentences, transitions), sentences, strict=True):
        best, expected = written_out(scores, transitions)
        assert path == best
        assert np.allclose(chances, expected, atol=1e-4)


def test_a_sentence_without_tokens_has_no_labels() -> None:
    (path, chances), _ = decode(
        [np.zeros((0, len(LABELS)), np.float32), np.zeros((3, 7), np.float32)], transition_mask()
    )
    assert path == []
    assert chances.shape == (0, len(LABELS))
