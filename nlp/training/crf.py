"""Trains the span tagger: sentences in fixed shuffled order, AdaGrad on the conditional likelihood, L2, averaging.

Most features of a token are left out at random while it is learnt from, so that no word is trusted alone; the weights
of several such fits, each with its own order and its own gaps, are averaged: one model, as fast as a single fit.
"""

import random
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from nlp.models.crf import LABELS, Floats, Lattice, SpanTagger, padded, transition_mask

Row = list[str]
#: Feature rows, label numbers, and how much the sentence counts.
Sentence = tuple[list[Row], list[int], float]
_Part = tuple[np.ndarray, np.ndarray, np.ndarray, float]


@dataclass(frozen=True, slots=True)
class Schedule:
    """How the tagger is fitted.

    Passes over the sentences, size of a step, shrinkage, sentences a step, the share of features left out, one fit for
    each seed. Tagging sees all features where learning saw few, so their sum would be too sure: `trust` damps it.
    """

    passes: int = 12
    rate: float = 0.08
    penalty: float = 2e-5
    batch: int = 24
    dropout: float = 0.6
    trust: float = 0.8
    seeds: tuple[int, ...] = (20, 21, 22, 23, 24)


#: As many sentences must show a feature.
_FEWEST = 2


def train_tagger(sentences: Sequence[Sentence], schedule: Schedule | None = None) -> SpanTagger:
    """Returns a tagger trained on sentences; same input, same weights."""
    schedule = schedule or Schedule()
    counts = Counter(feature for rows, _, _ in sentences for row in rows for feature in set(row))
    names = sorted(name for name, count in counts.items() if count >= _FEWEST)
    tagger = SpanTagger({name: number for number, name in enumerate(names)})
    data = []
    for rows, gold, counted in sentences:
        ids = [[tagger.index[f] for f in row if f in tagger.index] for row in rows]
        flat = np.array([i for row in ids for i in row], dtype=np.int64)
        places = np.array([t for t, row in enumerate(ids) for _ in row], dtype=np.int64)
        data.append((flat, places, np.array(gold, dtype=np.int64), counted))
    fits = [_fit(data, len(names), schedule, seed) for seed in schedule.seeds]
    final: Floats = np.asarray(sum(weights for weights, _ in fits) / len(fits), dtype=np.float32)
    transitions: Floats = np.asarray(sum(between for _, between in fits) / len(fits), dtype=np.float32)
    kept = np.abs(final).max(axis=1) > 0.01
    kept_names = [name for number, name in enumerate(names) if kept[number]]
    return SpanTagger(
        {name: number for number, name in enumerate(kept_names)},
        np.float32(schedule.trust) * final[kept],
        (transitions + transition_mask()).astype(np.float32),
    )


def _fit(data: Sequence[_Part], features: int, schedule: Schedule, seed: int) -> tuple[Floats, Floats]:
    """Returns weights and transitions of one fit, the mean of its later passes."""
    weights = np.zeros((features, len(LABELS)), dtype=np.float32)
    transitions = np.zeros((len(LABELS), len(LABELS)), dtype=np.float32)
    squares, transition_squares = np.full_like(weights, 1e-3), np.full_like(transitions, 1e-3)
    total, transition_total, averaged = np.zeros_like(weights), np.zeros_like(transitions), 0
    chooser = random.Random(seed)  # noqa: S311
    noise = np.random.default_rng(seed)
    for step in range(schedule.passes):
        order = sorted(range(len(data)), key=lambda n: (len(data[n][2]) // 8, chooser.random()))
        groups = [order[start : start + schedule.batch] for start in range(0, len(order), schedule.batch)]
        chooser.shuffle(groups)
        for group in groups:
            parts = [_thin(data[n], noise, schedule.dropout) for n in group]
            _update(parts, weights, squares, transitions, transition_squares, schedule.rate, schedule.penalty)
        if step >= schedule.passes // 2:
            total += weights
            transition_total += transitions
            averaged += 1
    return total / np.float32(averaged), transition_total / np.float32(averaged)


def _thin(part: _Part, noise: np.random.Generator, dropout: float) -> _Part:
    flat, places, gold, counted = part
    keep = noise.random(len(flat)) >= dropout
    return flat[keep], places[keep], gold, counted


def _update(
    parts: list[_Part],
    weights: Floats,
    squares: Floats,
    transitions: Floats,
    transition_squares: Floats,
    rate: float,
    penalty: float,
) -> None:
    scores = []
    for flat, places, gold, _ in parts:
        score = np.zeros((len(gold), len(LABELS)), dtype=np.float32)
        np.add.at(score, places, weights[flat])
        scores.append(score)
    batch, lengths = padded(scores)
    mask = transitions + transition_mask()
    lattice = Lattice.of(batch, lengths, mask)
    forward, backward, normaliser, chances = lattice.forward, lattice.backward, lattice.normaliser, lattice.chances()
    ids, gradients = [], []
    pair = np.zeros_like(transitions)
    for row, (flat, places, gold, counted) in enumerate(parts):
        length = len(gold)
        error = chances[row, :length].copy()
        error[np.arange(length), gold] -= 1.0
        error *= counted
        ids.append(flat)
        gradients.append(error[places])
        if length > 1:
            joint = forward[row, : length - 1, :, None] + mask + (batch + backward)[row, 1:length, None, :]
            pair += counted * np.exp(joint - normaliser[row]).sum(axis=0)
            np.subtract.at(pair, (gold[:-1], gold[1:]), np.float32(counted))
    unique, inverse = np.unique(np.concatenate(ids), return_inverse=True)
    gradient = np.zeros((len(unique), len(LABELS)), dtype=np.float32)
    np.add.at(gradient, inverse, np.concatenate(gradients))
    gradient += penalty * weights[unique] * len(parts)
    squares[unique] += gradient**2
    weights[unique] -= rate * gradient / np.sqrt(squares[unique])
    pair = np.where(transition_mask() < 0, 0, pair)
    transition_squares += pair**2
    transitions -= rate * pair / np.sqrt(transition_squares)
