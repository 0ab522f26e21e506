"""Puts articles in the order in which a review should screen them, learnt from its own includes and excludes.

The model is a logistic regression over the articles' vectors (`db.vectors`), fitted by Newton's method with conjugate
gradients; it reads a thousand labels in well under a second, so nothing heavier than numpy is needed. Included studies
count together as much as all the rest, for they are few. An article that cites an included study, or is cited by one,
rises.

What stands in for excludes are the articles that were there when the review looked and that it does not list. The
candidates themselves are newer: told from them, the model would learn what is new in place of what is sought.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from db.vectors import Vectors

Values = NDArray[np.float64]
Rows = NDArray[np.int64]

#: How much includes weigh against excludes and others together, and how strongly weights are held small.
INCLUDED_SHARE, PENALTY = 0.5, 0.02
#: What the articles that were passed over weigh beside excludes, which are near misses: what is to be told apart is the
#: whole store. Where the candidates stand in for them, excludes weigh more, for some of these are sought.
PASSED_OVER_SHARE, _CANDIDATE_SHARE = 0.4, 0.2
#: With fewer than this many passed over the candidates stand in for them.
_FEWEST_PASSED_OVER = 30
_CITATION_WEIGHT = 1.0
#: As many excluded and other articles teach; of more, some evenly spread do, which hardly changes the order.
_MOST_TEACHERS = 4_000
_NEWTON_STEPS, _GRADIENT_STEPS, _CLOSE_ENOUGH = 12, 40, 1e-4
_REASONS = 4


@dataclass(frozen=True, slots=True)
class Ranked:
    """An article in its place.

    `score` is the model's log odds with what citations add, `links` the number of included studies that it cites or is
    cited by, `reasons` the terms that speak most for it.
    """

    pmid: int
    score: float
    links: int
    reasons: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class LinearModel:
    """A weight for each term, and one for all."""

    weights: Values
    base: float

    def scores(self, vectors: Vectors) -> Values:
        """Returns the log odds of each row."""
        return vectors.dot(self.weights) + self.base

    def reasons(self, vectors: Vectors, row: int) -> tuple[str, ...]:
        """Returns the terms that speak most for a row, the strongest first."""
        entries = slice(int(vectors.starts[row]), int(vectors.starts[row + 1]))
        columns = vectors.columns[entries]
        speak = vectors.weights[entries] * self.weights[columns]
        best = np.argsort(-speak, kind="stable")[:_REASONS]
        return tuple(vectors.terms[columns[place]] for place in best if speak[place] > 0)


def rank(
    vectors: Vectors, included: Sequence[int], excluded: Sequence[int], candidates: Sequence[int],
    links: Mapping[int, int] | None = None, passed_over: Sequence[int] = (),
) -> list[Ranked]:  # fmt: skip
    """Returns the candidates, the likeliest first, of equals the newer; all are PMIDs that `vectors` has.

    `links` says of a candidate how many included studies it cites or is cited by; `passed_over` were there when the
    review looked, and it does not list them. Without an included study nothing can be learnt, and the newest come
    first.
    """
    places = {pmid: row for row, pmid in enumerate(vectors.pmids.tolist())}
    rows = {
        name: np.asarray([places[pmid] for pmid in pmids], np.int64)
        for name, pmids in (("in", included), ("out", excluded), ("new", candidates), ("over", passed_over))
    }
    if len(passed_over) >= _FEWEST_PASSED_OVER:
        model = learn(vectors, rows["in"], rows["out"], rows["over"], PASSED_OVER_SHARE)
    else:
        model = learn(vectors, rows["in"], rows["out"], rows["new"])
    wanted = vectors.taken(rows["new"])
    linked = np.asarray([(links or {}).get(pmid, 0) for pmid in candidates], np.int64)
    scores = np.round(model.scores(wanted) + _CITATION_WEIGHT * np.log2(1 + linked), 4)
    order = np.lexsort((-wanted.pmids, -scores))
    return [
        Ranked(int(wanted.pmids[row]), float(scores[row]), int(linked[row]), model.reasons(wanted, int(row)))
        for row in order
    ]


def learn(
    vectors: Vectors, included: Rows, excluded: Rows, others: Rows, share: float = _CANDIDATE_SHARE
) -> LinearModel:
    """Returns the model that tells included rows from excluded ones and from others, which weigh `share` beside these.

    Others weigh as much as excludes and they together where nothing was excluded.
    """
    if not len(included):
        return LinearModel(np.zeros(len(vectors.terms)), 0.0)
    share = share if len(excluded) else 1 - INCLUDED_SHARE
    shares = (INCLUDED_SHARE, 1 - INCLUDED_SHARE - share if len(excluded) else 0.0, share)
    groups = (included, _spread(excluded), _spread(others))
    read = vectors.taken(np.concatenate(groups))
    truth = np.concatenate([np.full(len(group), float(place == 0)) for place, group in enumerate(groups)])
    importance = np.concatenate(
        [np.full(len(group), share / max(len(group), 1)) for group, share in zip(groups, shares, strict=True)]
    )
    return _fitted(read, truth, importance)


def _spread(rows: Rows) -> Rows:
    """Returns rows evenly spread over those given, no more than are needed to learn from."""
    return rows[:: -(-len(rows) // _MOST_TEACHERS)] if len(rows) > _MOST_TEACHERS else rows


def _fitted(read: Vectors, truth: Values, importance: Values) -> LinearModel:
    """Minimises the weighted log loss plus `PENALTY` / 2 times the squared weights (the base goes free)."""
    weights, base = np.zeros(len(read.terms) + 1), 0.0
    penalty = np.append(np.full(len(read.terms), PENALTY), 1e-6)

    def times(values: Values) -> Values:
        odds: Values = read.dot(values[:-1]) + values[-1]
        return odds

    def summed(values: Values) -> Values:
        return np.append(read.summed(values), values.sum())

    def loss(values: Values) -> float:
        odds = times(values)
        return float(importance @ (np.logaddexp(0, odds) - truth * odds) + (penalty * values**2).sum() / 2)

    here = loss(weights)
    for _ in range(_NEWTON_STEPS):
        chance = 1 / (1 + np.exp(-np.clip(times(weights), -30, 30)))
        gradient = summed(importance * (chance - truth)) + penalty * weights
        bend = importance * chance * (1 - chance)

        def bent(values: Values, bend: Values = bend) -> Values:
            return summed(bend * times(values)) + penalty * values

        step = _solved(bent, -gradient)
        size = 1.0
        while loss(weights + size * step) > here and size > 1e-3:
            size /= 2
        weights = weights + size * step
        before, here = here, loss(weights)
        if before - here < _CLOSE_ENOUGH * abs(here):
            break
    base = float(weights[-1])
    return LinearModel(weights[:-1], base)


def _solved(times: Callable[[Values], Values], wanted: Values) -> Values:
    """Returns nearly the values for which `times` gives what is wanted (conjugate gradients)."""
    values = np.zeros_like(wanted)
    left = direction = wanted.copy()
    square = left @ left
    enough = square * _CLOSE_ENOUGH
    for _ in range(_GRADIENT_STEPS):
        if square <= enough or square == 0:
            break
        product = times(direction)
        size = square / (direction @ product)
        values = values + size * direction
        left = left - size * product
        before, square = square, left @ left
        direction = left + square / before * direction
    return values
