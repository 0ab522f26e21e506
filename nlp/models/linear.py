"""Linear classifiers over named features: what the light models of the pipeline are, and how they are stored.

A model is a table of weights, feature by label; a decision is the softmax of their sums. Weights are kept as JSON with
four digits, so that a model is a readable data file and gives the same answer on every machine.
"""

import json
import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

MODEL_FOLDER = Path(__file__).parent


def softmax(totals: Sequence[float]) -> list[float]:
    """Returns the probabilities that go with sums of evidence."""
    top = max(totals)
    powers = [math.exp(total - top) for total in totals]
    whole = sum(powers)
    return [power / whole for power in powers]


def most_probable(labels: Sequence[str], probabilities: Mapping[str, float]) -> tuple[str, float]:
    """Returns the label with the highest probability, the first of equals, and that probability."""
    label = max(labels, key=lambda name: (probabilities[name], -labels.index(name)))
    return label, probabilities[label]


@dataclass
class LinearModel:
    """Weights of a multinomial logistic regression: for each feature one number a label."""

    labels: tuple[str, ...]
    weights: dict[str, tuple[float, ...]] = field(default_factory=dict)

    def scores(self, features: Iterable[str]) -> list[float]:
        """Returns the sum of weights of each label."""
        totals = [0.0] * len(self.labels)
        for feature in features:
            row = self.weights.get(feature)
            if row is not None:
                for index, weight in enumerate(row):
                    totals[index] += weight
        return totals

    def probabilities(self, features: Iterable[str]) -> dict[str, float]:
        """Returns the probability of each label."""
        return dict(zip(self.labels, softmax(self.scores(features)), strict=True))

    def probability(self, features: Iterable[str], label: str) -> float:
        """Returns the probability of one label."""
        return self.probabilities(features)[label]

    def best(self, features: Iterable[str]) -> tuple[str, float]:
        """Returns the most probable label and its probability; the first of equals."""
        return most_probable(self.labels, self.probabilities(features))


def save_models(models: Mapping[str, LinearModel], path: Path) -> None:
    """Writes models to one JSON file, features sorted."""
    data = {
        name: {
            "labels": list(model.labels),
            "weights": {key: list(model.weights[key]) for key in sorted(model.weights)},
        }
        for name, model in sorted(models.items())
    }
    path.write_text(json.dumps(data, ensure_ascii=False, separators=(",", ":")) + "\n", encoding="utf-8")


def load_models(path: Path) -> dict[str, LinearModel]:
    """Reads models written by `save_models`."""
    data = json.loads(path.read_text(encoding="utf-8"))
    return {
        name: LinearModel(tuple(entry["labels"]), {key: tuple(row) for key, row in entry["weights"].items()})
        for name, entry in data.items()
    }


def bucket(number: int, bounds: Sequence[int] = (0, 1, 2, 3, 5, 10, 20)) -> str:
    """Returns a name for a count's size class, for use in features."""
    for bound in bounds:
        if number <= bound:
            return f"<={bound}"
    return f">{bounds[-1]}"
