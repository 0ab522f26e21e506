"""What scores are made of: counts of records, the rates they give, what was missed, and how sure the rates are."""

import random
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True, slots=True)
class Rate:
    """Precision, recall and F1 with their counts; ratios rounded to four digits."""

    matched: int
    gold: int
    predicted: int

    @property
    def precision(self) -> float:
        """Share of the predictions that are right."""
        return round(self.matched / self.predicted, 4) if self.predicted else 0.0

    @property
    def recall(self) -> float:
        """Share of the gold that was found."""
        return round(self.matched / self.gold, 4) if self.gold else 0.0

    @property
    def f1(self) -> float:
        """Harmonic mean of precision and recall."""
        if not self.matched:
            return 0.0
        precision, recall = self.matched / self.predicted, self.matched / self.gold
        return round(2 * precision * recall / (precision + recall), 4)


@dataclass
class Tally:
    """Counts of one or more records: what was matched, what was there, what was predicted, by score name."""

    matched: Counter[str] = field(default_factory=Counter)
    gold: Counter[str] = field(default_factory=Counter)
    predicted: Counter[str] = field(default_factory=Counter)

    def add(self, name: str, matched: int, gold: int, predicted: int) -> None:
        """Adds one record's counts to a score."""
        self.matched[name] += matched
        self.gold[name] += gold
        self.predicted[name] += predicted

    def __iadd__(self, other: "Tally") -> "Tally":
        self.matched.update(other.matched)
        self.gold.update(other.gold)
        self.predicted.update(other.predicted)
        return self

    def rate(self, name: str) -> Rate:
        """Returns a score's rates."""
        return Rate(self.matched[name], self.gold[name], self.predicted[name])


@dataclass(frozen=True, slots=True)
class Miss:
    """What one record's gold has and the prediction lacks, and the other way round."""

    pmid: str
    label: str
    missed: tuple[str, ...]
    wrong: tuple[str, ...]


@dataclass(frozen=True)
class Scores:
    """All scores of a set of records: rates by name ("interventions strict"), misses, bootstrap intervals of F1."""

    records: int
    rates: Mapping[str, Rate]
    intervals: Mapping[str, tuple[float, float]]
    misses: tuple[Miss, ...]

    def f1(self, name: str) -> float:
        """Returns the F1 of a score (for facts with one value: the accuracy)."""
        return self.rates[name].f1

    def worst(self, label: str, count: int = 10) -> list[Miss]:
        """Returns the records with most misses of a label."""
        mine = [miss for miss in self.misses if miss.label == label]
        return sorted(mine, key=lambda miss: (-len(miss.missed) - len(miss.wrong), miss.pmid))[:count]

    def as_dict(self) -> dict[str, Any]:
        """Returns the scores as plain values, for JSON."""
        return {
            "records": self.records,
            "scores": {
                name: {
                    "precision": rate.precision, "recall": rate.recall, "f1": rate.f1, "gold": rate.gold,
                    "predicted": rate.predicted, "interval": list(self.intervals.get(name, ())),
                }
                for name, rate in self.rates.items()
            },
        }  # fmt: skip


def bootstrap_intervals(
    tallies: Sequence[Tally], rates: Mapping[str, Rate], samples: int, seed: int
) -> dict[str, tuple[float, float]]:
    """Returns 95 % intervals of each F1 by drawing records again with replacement; none where no samples are wanted."""
    if not samples or not tallies:
        return {}
    chooser = random.Random(seed)  # noqa: S311  a bootstrap, no secret
    draws: dict[str, list[float]] = {name: [] for name in rates}
    for _ in range(samples):
        whole = Tally()
        for _ in tallies:
            whole += tallies[chooser.randrange(len(tallies))]
        for name, values in draws.items():
            values.append(whole.rate(name).f1)
    edge = max(0, int(0.025 * samples))
    return {name: (sorted(values)[edge], sorted(values)[-1 - edge]) for name, values in draws.items()}
