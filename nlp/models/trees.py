"""Boosted decision trees over named features: the models of questions that hang on combinations of features.

A model is a sum of small trees for each label; each inner node asks whether one feature is there. A decision is the
softmax of the sums. Trees are kept as JSON with four digits, like the linear models, so that a model is a data file
that gives the same answer on every machine.
"""

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property, lru_cache
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from nlp.models.linear import most_probable, softmax

#: Where a node is a leaf, its feature is this.
LEAF = -1
#: Lists of features that are weighed at once.
_BATCH = 256


#: Leaves are summed as whole numbers of this part of one, so that a sum is the same in any order.
_UNIT = 10_000
_Numbers = npt.NDArray[np.int32]


@dataclass(frozen=True, slots=True)
class Tree:
    """One tree as parallel lists: feature number (or LEAF), next node with and without it, value of a leaf."""

    features: tuple[int, ...]
    present: tuple[int, ...]
    absent: tuple[int, ...]
    values: tuple[float, ...]


@dataclass(frozen=True, slots=True)
class _Forest:
    """All trees of a model as flat arrays: a leaf asks for a feature that no row has and leads to itself.

    `children` holds, for node n, the next node without the feature at 2n and the one with it at 2n + 1.
    """

    features: _Numbers
    children: _Numbers
    values: _Numbers
    roots: _Numbers
    firsts: _Numbers
    depth: int

    @classmethod
    def of(cls, labels: Sequence[Sequence[Tree]], width: int) -> "_Forest":
        """Returns the arrays of the trees of each label; `width` is the number of the feature that no row has."""
        features: list[int] = []
        children: list[int] = []
        values: list[int] = []
        roots: list[int] = []
        firsts = []
        depth = 0
        for trees in labels:
            firsts.append(len(roots))
            # a label without trees still needs one to be summed over
            for tree in trees or (Tree((LEAF,), (0,), (0,), (0.0,)),):
                base = len(features)
                roots.append(base)
                for node, feature in enumerate(tree.features):
                    leaf = feature == LEAF
                    features.append(width if leaf else feature)
                    children += [base + (node if leaf else nodes[node]) for nodes in (tree.absent, tree.present)]
                    values.append(round(tree.values[node] * _UNIT))
                depth = max(depth, _depth(tree))
        asked, following, leaves, tops, heads = (
            np.array(part, dtype=np.int32) for part in (features, children, values, roots, firsts)
        )
        return cls(asked, following, leaves, tops, heads, depth)

    def sums(self, rows: npt.NDArray[np.bool_]) -> npt.NDArray[np.float64]:
        """Returns the sum of leaves for each row (features as columns, the last one empty) and label."""
        flat = rows.view(np.int8).ravel()
        offsets = (np.arange(len(rows), dtype=np.int32) * rows.shape[1])[:, None]
        places = np.tile(self.roots, (len(rows), 1))
        for _ in range(self.depth):
            places = self.children.take(2 * places + flat.take(self.features.take(places) + offsets))
        return np.asarray(np.add.reduceat(self.values.take(places), self.firsts, axis=1) / _UNIT)


def _depth(tree: Tree) -> int:
    depths = [0] * len(tree.features)
    for node, feature in enumerate(tree.features):
        if feature != LEAF:
            depths[tree.present[node]] = depths[tree.absent[node]] = depths[node] + 1
    return max(depths)


@dataclass
class TreeModel:
    """Trees a label, and where each label's sum begins. Models read once are told apart by which they are."""

    __hash__ = object.__hash__

    labels: tuple[str, ...]
    names: dict[str, int] = field(default_factory=dict)
    start: tuple[float, ...] = ()
    trees: tuple[tuple[Tree, ...], ...] = ()

    @cached_property
    def _forest(self) -> _Forest:
        return _Forest.of(self.trees, len(self.names))

    def scores_of(self, examples: Sequence[Iterable[str]]) -> list[list[float]]:
        """Returns the sum of trees of each label, for each list of features."""
        numbers = [{n for n in map(self.names.get, features) if n is not None} for features in examples]
        result: list[list[float]] = []
        for begin in range(0, len(numbers), _BATCH):
            part = numbers[begin : begin + _BATCH]
            rows = np.zeros((len(part), len(self.names) + 1), dtype=bool)
            for number, found in enumerate(part):
                rows[number, list(found)] = True
            result += (self._forest.sums(rows) + np.array(self.start)).tolist()
        return result

    def probabilities_of(self, examples: Sequence[Iterable[str]]) -> list[dict[str, float]]:
        """Returns the probability of each label, for each list of features."""
        return [dict(zip(self.labels, softmax(scores), strict=True)) for scores in self.scores_of(examples)]

    def probabilities(self, features: Iterable[str]) -> dict[str, float]:
        """Returns the probability of each label."""
        return self.probabilities_of([features])[0]

    def probability(self, features: Iterable[str], label: str) -> float:
        """Returns the probability of one label."""
        return self.probabilities(features)[label]

    def best(self, features: Iterable[str]) -> tuple[str, float]:
        """Returns the most probable label and its probability; the first of equals."""
        return most_probable(self.labels, self.probabilities(features))


@lru_cache(maxsize=32)
def _joined(models: tuple[TreeModel, ...]) -> tuple[_Forest, int]:
    """The trees of several models as one forest, each model's features numbered after those of the models before."""
    labels, begin = [], 0
    for model in models:
        for trees in model.trees:
            labels.append([replace(tree, features=_shifted(tree.features, begin)) for tree in trees])
        begin += len(model.names)
    return _Forest.of(labels, begin), begin


def _shifted(features: tuple[int, ...], begin: int) -> tuple[int, ...]:
    return tuple(feature if feature == LEAF else feature + begin for feature in features)


def together(models: Sequence[TreeModel], examples: Sequence[Iterable[str]], label: str) -> list[float]:
    """Returns the probability of a label by each model, each asked about its own features, in one pass over all trees.

    The same figures as one by one; most of the time of asking a small model goes into getting there.
    """
    forest, width = _joined(tuple(models))
    row = np.zeros((1, width + 1), dtype=bool)
    begin = 0
    for model, features in zip(models, examples, strict=True):
        row[0, [begin + n for n in map(model.names.get, features) if n is not None]] = True
        begin += len(model.names)
    sums = forest.sums(row)[0]
    found, begin = [], 0
    for model in models:
        end = begin + len(model.labels)
        scores = (sums[begin:end] + np.array(model.start)).tolist()
        found.append(softmax(scores)[model.labels.index(label)])
        begin = end
    return found


def save_trees(models: Mapping[str, TreeModel], path: Path) -> None:
    """Writes models to one JSON file."""
    data = {
        name: {
            "labels": list(model.labels),
            "features": sorted(model.names, key=model.names.__getitem__),
            "start": list(model.start),
            "trees": [[[t.features, t.present, t.absent, t.values] for t in trees] for trees in model.trees],
        }
        for name, model in sorted(models.items())
    }
    path.write_text(json.dumps(data, ensure_ascii=False, separators=(",", ":")) + "\n", encoding="utf-8")


def load_trees(path: Path) -> dict[str, TreeModel]:
    """Reads models written by `save_trees`."""
    data: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
    return {
        name: TreeModel(
            tuple(entry["labels"]),
            {feature: number for number, feature in enumerate(entry["features"])},
            tuple(entry["start"]),
            tuple(tuple(Tree(*map(tuple, tree)) for tree in trees) for trees in entry["trees"]),
        )
        for name, entry in data.items()
    }
