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
#: As many as there are bits in a number.
_MOST_LEAVES = 64
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
    """All trees of a model as one table: which leaves each feature rules out where it is there.

    The leaves of a tree are bits of one number, the absent side of each node first. A feature that is there rules out
    the leaves of the absent side of the nodes that ask for it; of those left, the lowest is the one that the tree
    leads to (QuickScorer: Lucchese et al. 2015, SIGIR, 73-82). So a row costs what its own features cost, not all
    nodes of all trees.
    """

    ruled_out: npt.NDArray[np.unsignedinteger[Any]]  # features x trees, the bits of the leaves left
    leaves: _Numbers  # trees x leaves, by bit
    firsts: _Numbers  # the first tree of each label

    @classmethod
    def of(cls, labels: Sequence[Sequence[Tree]], width: int) -> "_Forest":
        """Returns the table of the trees of each label, which ask for features below `width`."""
        # a label without trees still needs one to be summed over
        grown = [trees or (Tree((LEAF,), (0,), (0,), (0.0,)),) for trees in labels]
        firsts = np.cumsum([0, *map(len, grown)])[:-1]
        parts = [_leaves_and_nodes(tree) for trees in grown for tree in trees]
        most = max(len(leaves) for leaves, _ in parts)
        if most > _MOST_LEAVES:
            raise ValueError(f"a tree has {most} leaves, more than {_MOST_LEAVES}")
        kind = next(kind for kind in (np.uint8, np.uint16, np.uint32, np.uint64) if np.iinfo(kind).bits >= most)
        everything = int(np.iinfo(kind).max)
        ruled_out = np.full((width, len(parts)), everything, dtype=kind)
        values = np.zeros((len(parts), most), dtype=np.int32)
        for number, (leaves, nodes) in enumerate(parts):
            values[number, : len(leaves)] = [round(value * _UNIT) for value in leaves]
            for feature, (first, last) in nodes:
                ruled_out[feature, number] &= kind(everything ^ ((1 << last) - (1 << first)))
        return cls(ruled_out, values, firsts.astype(np.int32))

    def sums(self, rows: Sequence[Sequence[int]]) -> npt.NDArray[np.float64]:
        """Returns the sum of leaves for each row (the numbers of the features that are there) and label."""
        numbers = (np.array(row, dtype=np.intp) for row in rows)
        left = np.stack([np.bitwise_and.reduce(self.ruled_out.take(row, axis=0), axis=0) for row in numbers])
        lowest = np.bitwise_count((left & -left) - 1)
        places = lowest + np.arange(0, self.leaves.size, self.leaves.shape[1])
        return np.asarray(np.add.reduceat(self.leaves.take(places), self.firsts, axis=1) / _UNIT)


def _leaves_and_nodes(tree: Tree) -> tuple[list[float], list[tuple[int, tuple[int, int]]]]:
    """The values of a tree's leaves, the absent side of each node first; each node's feature and that side's leaves."""
    leaves: list[float] = []
    nodes: list[tuple[int, tuple[int, int]]] = []

    def walk(node: int) -> None:
        if tree.features[node] == LEAF:
            leaves.append(tree.values[node])
            return
        first = len(leaves)
        walk(tree.absent[node])
        nodes.append((tree.features[node], (first, len(leaves))))
        walk(tree.present[node])

    walk(0)
    return leaves, nodes


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
        rows = [[n for n in map(self.names.get, features) if n is not None] for features in examples]
        result: list[list[float]] = []
        for begin in range(0, len(rows), _BATCH):
            result += (self._forest.sums(rows[begin : begin + _BATCH]) + np.array(self.start)).tolist()
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
def _joined(models: tuple[TreeModel, ...]) -> _Forest:
    """The trees of several models as one forest, each model's features numbered after those of the models before."""
    labels, begin = [], 0
    for model in models:
        for trees in model.trees:
            labels.append([replace(tree, features=_shifted(tree.features, begin)) for tree in trees])
        begin += len(model.names)
    return _Forest.of(labels, begin)


def _shifted(features: tuple[int, ...], begin: int) -> tuple[int, ...]:
    return tuple(feature if feature == LEAF else feature + begin for feature in features)


def together(models: Sequence[TreeModel], examples: Sequence[Iterable[str]], label: str) -> list[float]:
    """Returns the probability of a label by each model, each asked about its own features, in one pass over all trees.

    The same figures as one by one; most of the time of asking a small model goes into getting there.
    """
    row: list[int] = []
    begin = 0
    for model, features in zip(models, examples, strict=True):
        row += [begin + n for n in map(model.names.get, features) if n is not None]
        begin += len(model.names)
    sums = _joined(tuple(models)).sums([row])[0]
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
