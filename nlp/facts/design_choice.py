"""The model that weighs the rules' guess of a study design against the other signs of the text.

Rules see one phrase at a time; whether some patients followed after one operation are a series or a cohort hangs on
many small signs together. Boosted trees weigh them, the rules' guess being the strongest.
"""

import re
import tomllib
from functools import cache

from nlp.cues import FOLDER
from nlp.cues.sought import SoughtPattern, sought
from nlp.facts.design import stated
from nlp.facts.population import cue_patterns
from nlp.facts.reading import Reading
from nlp.models.linear import bucket, most_probable
from nlp.models.trees import TreeModel

#: Designs that publication types or the title settle; the model is not asked.
SETTLED = frozenset(("meta-analysis", "systematic review", "guideline", "review"))
DESIGNS = (
    "randomized controlled trial", "non-randomized trial", "cohort", "case-control", "cross-sectional", "case series",
    "case report", "systematic review", "meta-analysis", "review", "guideline", "animal study", "in vitro study",
    "other",
)  # fmt: skip
#: By how much another design must be more probable than the rules' guess.
MARGIN = 0.1
_FIGURE = re.compile(r"\d+(?:[.,]\d+)?")
_P_VALUE = re.compile(r"\bp ?[<=>]", re.IGNORECASE)
_SIZES = (1, 3, 10, 30, 60, 110, 300, 1000)


@cache
def signs() -> dict[str, SoughtPattern]:
    """Returns the signs of designs by name, as patterns for lower-case text."""
    table = tomllib.loads((FOLDER / "design.toml").read_text(encoding="utf-8"))["signs"]
    return sought({name: re.compile(rf"(?<![\w-])(?:{'|'.join(words)})(?![\w-])") for name, words in table.items()})


def design_features(
    reading: Reading, from_types: str | None, from_text: str | None, guess: str, size: int | None, species: str
) -> list[str]:
    """Returns what the model weighs: the rules' guesses, the signs by place, size and species."""
    features = ["bias", f"guess:{guess}", f"types:{from_types}", f"text:{from_text}", f"species:{species}"]
    features.append(f"size:{bucket(size, _SIZES) if size is not None else None}")
    features.append(f"guess:{guess}|size:{bucket(size, _SIZES) if size is not None else None}")
    title, body = reading.title.lower(), reading.abstract.lower()
    parts = [
        ("methods", reading.category_text("methods", "aim").lower()),
        ("results", reading.category_text("results", "conclusion").lower()),
    ]
    for name, pattern in signs().items():
        if pattern.search(title):
            features.append(f"{name} in title")
        if pattern.search(body):
            features.append(f"{name} in body")
            features += [f"{name} in {part}" for part, text in parts if pattern.search(text)]
    features += [f"type:{name}" for name in sorted(reading.types)]
    return features + _shape_features(reading, size)


def _shape_features(reading: Reading, size: int | None) -> list[str]:
    """How the abstract is made: how long, with how many figures, whether it says what was done to whom."""
    sentences = [s for s in reading.sentences if s.field == "abstract"]
    figures = len(_FIGURE.findall(reading.abstract))
    told = {s.category for s in sentences}
    return [
        f"sentences:{bucket(len(sentences), (0, 3, 6, 10))}",
        f"figures:{bucket(figures, (0, 2, 6, 15))}",
        f"figures:{'none' if figures < 3 else 'some'}|counted:{size is not None}",
        f"p:{bucket(len(_P_VALUE.findall(reading.abstract)), (0, 1, 3))}",
        f"told:{'+'.join(sorted(told & {'methods', 'results'}))}",
        f"labelled:{any(s.label for s in sentences)}",
    ]


def choose_design(guess: str, features: list[str], model: TreeModel, reading: Reading) -> str:
    """Returns the design: the guess where it is settled or the model is not surer of another, else the model's.

    Settled are designs of syntheses, one that the record states outright, and animal work whose title names the animal.
    """
    if guess in SETTLED or guess == stated(reading):
        return guess
    if guess == "animal study" and cue_patterns("species")["animal"].search(reading.title.lower()):
        return guess
    chances = model.probabilities(features)
    best, chance = most_probable(model.labels, chances)
    return best if chance > chances[guess] + MARGIN else guess
