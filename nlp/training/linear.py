"""Fits the light classifiers: multinomial logistic regression by full-batch Adam with an L2 prior.

No randomness: same examples in the same order give the same weights.
"""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from nlp.models.linear import LinearModel

Example = tuple[Sequence[str], str]


def fit(
    examples: Sequence[Example],
    labels: Sequence[str],
    *,
    penalty: float = 1.0,
    minimum: int = 2,
    steps: int = 400,
    rate: float = 0.1,
) -> LinearModel:
    """Returns a model fitted to examples (features, label); features seen fewer than `minimum` times are left out."""
    counts = Counter(feature for features, _ in examples for feature in set(features))
    names = sorted(name for name, count in counts.items() if count >= minimum)
    index = {name: number for number, name in enumerate(names)}
    rows, columns = [], []
    for row, (features, _) in enumerate(examples):
        for feature in features:
            if feature in index:
                rows.append(row)
                columns.append(index[feature])
    row_ids, column_ids = np.array(rows, dtype=np.int64), np.array(columns, dtype=np.int64)
    gold = np.zeros((len(examples), len(labels)))
    places = {label: number for number, label in enumerate(labels)}
    for row, (_, label) in enumerate(examples):
        gold[row, places[label]] = 1.0
    weights: npt.NDArray[np.float64] = np.zeros((len(names), len(labels)))
    first, second = np.zeros_like(weights), np.zeros_like(weights)
    for step in range(1, steps + 1):
        scores = np.stack(
            [np.bincount(row_ids, weights[column_ids, k], minlength=len(examples)) for k in range(len(labels))], axis=1
        )
        scores -= scores.max(axis=1, keepdims=True)
        chances = np.exp(scores)
        chances /= chances.sum(axis=1, keepdims=True)
        error = chances - gold
        gradient: npt.NDArray[np.float64] = np.stack(
            [np.bincount(column_ids, error[row_ids, k], minlength=len(names)) for k in range(len(labels))], axis=1
        ).astype(np.float64)
        gradient = gradient + penalty * weights
        weights, first, second = _adam(weights, gradient, first, second, step, steps, rate)
    kept = np.abs(weights).max(axis=1) >= 0.005 if len(names) else np.zeros(0, dtype=bool)
    return LinearModel(
        tuple(labels),
        {name: tuple(round(float(w), 4) for w in weights[number]) for number, name in enumerate(names) if kept[number]},
    )


@dataclass
class Choice:
    """Options of which one is right, or several that say the same: their features, and which are right."""

    options: Sequence[Sequence[str]]
    right: Sequence[bool]


def fit_choice(
    choices: Sequence[Choice], *, penalty: float = 0.6, minimum: int = 2, steps: int = 300, rate: float = 0.1
) -> LinearModel:
    """Returns a model of one label whose scores rank options: conditional logit, the options of a choice as rivals."""
    counts = Counter(feature for choice in choices for option in choice.options for feature in set(option))
    index = {name: number for number, name in enumerate(sorted(n for n, c in counts.items() if c >= minimum))}
    rows: list[int] = []
    columns: list[int] = []
    owners: list[int] = []
    right: list[float] = []
    for number, choice in enumerate(choices):
        for option, correct in zip(choice.options, choice.right, strict=True):
            found = sorted({index[feature] for feature in option if feature in index})
            rows += [len(owners)] * len(found)
            columns += found
            owners.append(number)
            right.append(float(correct))
    row_ids, column_ids = np.array(rows, dtype=np.int64), np.array(columns, dtype=np.int64)
    owner, gold = np.array(owners, dtype=np.int64), np.array(right)
    weights: npt.NDArray[np.float64] = np.zeros(len(index))
    first, second = np.zeros_like(weights), np.zeros_like(weights)
    for step in range(1, steps + 1):
        scores = np.bincount(row_ids, weights[column_ids], minlength=len(owner)).astype(np.float64)
        chances = _share(scores, owner, len(choices))
        wanted = chances * gold
        wanted /= np.maximum(np.bincount(owner, wanted, minlength=len(choices))[owner], 1e-12)
        gradient = np.bincount(column_ids, (chances - wanted)[row_ids], minlength=len(index)) + penalty * weights
        weights, first, second = _adam(weights, gradient, first, second, step, steps, rate)
    kept: dict[str, tuple[float, ...]] = {
        name: (round(float(weights[number]), 4),) for name, number in index.items() if abs(weights[number]) >= 0.005
    }
    return LinearModel(("right",), kept)


def _share(scores: npt.NDArray[np.float64], owner: npt.NDArray[np.int64], count: int) -> npt.NDArray[np.float64]:
    """The softmax of scores among those of one owner."""
    top = np.full(count, -np.inf)
    np.maximum.at(top, owner, scores)
    powers = np.exp(scores - top[owner])
    return np.asarray(powers / np.bincount(owner, powers, minlength=count)[owner])


def _adam(
    weights: npt.NDArray[np.float64],
    gradient: npt.NDArray[np.float64],
    first: npt.NDArray[np.float64],
    second: npt.NDArray[np.float64],
    step: int,
    steps: int,
    rate: float,
) -> tuple[npt.NDArray[np.float64], npt.NDArray[np.float64], npt.NDArray[np.float64]]:
    """One step of Adam with a cosine rate; returns the weights and both moments."""
    first = 0.9 * first + 0.1 * gradient
    second = 0.999 * second + 0.001 * gradient**2
    now = rate * (0.5 * (1 + np.cos(np.pi * step / steps)) + 0.02)
    weights = weights - now * (first / (1 - 0.9**step)) / (np.sqrt(second / (1 - 0.999**step)) + 1e-8)
    return weights, first, second
