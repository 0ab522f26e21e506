"""Boosted decision trees over named features: the models of questions that hang on combinations of features.

A model is a sum of small trees for each label; each inner node asks whether one feature is there. A decision is the
softmax of the sums. Trees are kept as JSON with four digits, like the linear models, so that a model is a data file
that gives the same answer on every machine.
"""

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from nlp.linear import softmax

#: Where a node is a leaf, its feature is this.
LEAF = -1


@dataclass(frozen=True, slots=True)
class Tree:
    """One tree as parallel lists: feature number (or LEAF), next node with and without it, value of a leaf."""

    features: tuple[int, ...]
    present: tuple[int, ...]
    absent: tuple[int, ...]
    values: tuple[float, ...]

    def value(self, features: set[int]) -> float:
        """Returns the value of the leaf that a set of feature numbers comes to."""
        node = 0
        while (feature := self.features[node]) != LEAF:
            node = self.present[node] if feature in features else self.absent[node]
        return self.values[node]


@dataclass
class TreeModel:
    """Trees a label, and where each label's sum begins."""

    labels: tuple[str, ...]
    names: dict[str, int] = field(default_factory=dict)
    start: tuple[float, ...] = ()
    trees: tuple[tuple[Tree, ...], ...] = ()

    def scores(self, features: Iterable[str]) -> list[float]:
        """Returns the sum of trees of each label."""
        found = {number for number in map(self.names.get, features) if number is not None}
        return [
            first + sum(tree.value(found) for tree in trees)
            for first, trees in zip(self.start, self.trees, strict=True)
        ]

    def probabilities(self, features: Iterable[str]) -> dict[str, float]:
        """Returns the probability of each label."""
        return dict(zip(self.labels, softmax(self.scores(features)), strict=True))

    def probability(self, features: Iterable[str], label: str) -> float:
        """Returns the probability of one label."""
        return self.probabilities(features)[label]

    def best(self, features: Iterable[str]) -> tuple[str, float]:
        """Returns the most probable label and its probability; the first of equals."""
        probabilities = self.probabilities(features)
        label = max(self.labels, key=lambda name: (probabilities[name], -self.labels.index(name)))
        return label, probabilities[label]


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
