"""Puts articles in the order in which a review should screen them, learnt from its own includes and excludes.

The model is a linear support vector machine with squared hinge over the articles' vectors, fitted in the primal by
Newton's method with conjugate gradients (Keerthi and DeCoste 2005, JMLR 6:341); it reads a thousand labels in well
under a second, so nothing heavier than numpy is needed. An article that cites an included study, or is cited by one,
rises.

What stands in for excludes are the articles that were there when the review looked and that it does not list. The
candidates themselves are newer: told from them, the model would learn what is new in place of what is sought. They do
so with little weight, the less the more was excluded, and alone where nothing else is there.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from db.evidence.vectors import Vectors

Values = NDArray[np.float64]
Rows = NDArray[np.int64]

#: How much included studies weigh beside all others, and how much an error weighs beside the size of the weights: the
#: values found over the SYNERGY data sets for ASReview's "ELAS u4", to which our own data sets are near indifferent.
INCLUDED_TIMES, ERROR_WEIGHT = 9.8, 0.11
#: What the articles that were passed over weigh beside excludes, which are near misses: what is to be told apart is the
#: whole store. They are decisions of a kind, and count as up to this many.
PASSED_OVER_SHARE, _PASSED_OVER_AS = 0.9, 500
#: Candidates that stand in for excludes weigh as this many of them: with few decisions they say what is common.
_CANDIDATES_AS = 100
#: With fewer than this many passed over the candidates stand in for them.
_FEWEST_PASSED_OVER = 30
#: By how many standard deviations of the candidates' scores an article rises with each doubling of its links.
_CITATION_WEIGHT = 1.0
#: As many excluded and other articles teach; of more, some evenly spread do, which hardly changes the order.
_MOST_TEACHERS = 4_000
_NEWTON_STEPS, _GRADIENT_STEPS, _CLOSE_ENOUGH = 20, 40, 1e-4
_REASONS = 4


@dataclass(frozen=True, slots=True)
class Ranked:
    """An article in its place.

    `score` is the distance from the model's border (above 0: rather included) with what citations add, `links` the
    number of included studies that it cites or is cited by, `reasons` the terms that speak most for it.
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
        """Returns the signed distance of each row from the border, in units of the margin."""
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
    text = model.scores(wanted)
    spread = float(text.std()) if len(text) else 0.0
    scores = np.round(text + _CITATION_WEIGHT * (spread or 1.0) * np.log2(1 + linked), 4)
    order = np.lexsort((-wanted.pmids, -scores))
    return [
        Ranked(int(wanted.pmids[row]), float(scores[row]), int(linked[row]), model.reasons(wanted, int(row)))
        for row in order
    ]


def learn(vectors: Vectors, included: Rows, excluded: Rows, others: Rows, share: float | None = None) -> LinearModel:
    """Returns the model that tells included rows from excluded ones and from others.

    `share` is what others weigh beside excludes, from 0 to 1; None for candidates, of which nobody has said anything.
    Others weigh all of it where nothing was excluded.
    """
    if not len(included):
        return LinearModel(np.zeros(len(vectors.terms)), 0.0)
    decided = len(included) + len(excluded)
    if share is None:
        share = _CANDIDATES_AS / (_CANDIDATES_AS + len(excluded))
    else:
        decided += min(len(others), _PASSED_OVER_AS)
    share = (share if len(excluded) else 1.0) if len(others) else 0.0
    groups = (included, _spread(excluded), _spread(others))
    shares = (INCLUDED_TIMES, 1 - share, share)
    read = vectors.taken(np.concatenate(groups))
    sides = np.concatenate([np.full(len(group), 1.0 if place == 0 else -1.0) for place, group in enumerate(groups)])
    importance = np.concatenate(
        [np.full(len(group), part / max(len(group), 1)) for group, part in zip(groups, shares, strict=True)]
    )
    importance *= ERROR_WEIGHT * decided / importance.sum()
    return _fitted(read, sides, importance)


def _spread(rows: Rows) -> Rows:
    """Returns rows evenly spread over those given, no more than are needed to learn from."""
    return rows[:: -(-len(rows) // _MOST_TEACHERS)] if len(rows) > _MOST_TEACHERS else rows


def _fitted(read: Vectors, sides: Values, importance: Values) -> LinearModel:
    """Minimises the weighted squared hinge loss plus half the squared weights, the base among them.

    `sides` are 1 and -1. Only terms that the rows use get a weight.
    """
    used, columns = np.unique(read.columns, return_inverse=True)
    small = replace(read, terms=("",) * len(used), columns=columns.astype(np.int32))

    def times(values: Values) -> Values:
        odds: Values = small.dot(values[:-1]) + values[-1]
        return odds

    def summed(values: Values) -> Values:
        return np.append(small.summed(values), values.sum())

    def short(values: Values) -> Values:
        missing: Values = np.maximum(0, 1 - sides * times(values))
        return missing

    def loss(values: Values) -> float:
        return float(importance @ short(values) ** 2 + values @ values / 2)

    weights = np.zeros(len(used) + 1)
    here = loss(weights)
    for _ in range(_NEWTON_STEPS):
        missing = short(weights)
        gradient = weights - 2 * summed(importance * missing * sides)
        bend = 2 * importance * (missing > 0)

        def bent(values: Values, bend: Values = bend) -> Values:
            return summed(bend * times(values)) + values

        step = _solved(bent, -gradient)
        size = 1.0
        while loss(weights + size * step) > here and size > 1e-3:
            size /= 2
        weights = weights + size * step
        before, here = here, loss(weights)
        if before - here < _CLOSE_ENOUGH * abs(here):
            break
    all_weights = np.zeros(len(read.terms))
    all_weights[used] = weights[:-1]
    return LinearModel(all_weights, float(weights[-1]))


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
