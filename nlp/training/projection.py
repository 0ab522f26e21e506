"""Gold mention strings, which have no offsets, laid onto the tokens of their record.

Every place where a string stands is marked, longer strings first; where two kinds have the same string, the risk
factor wins in results and conclusions.
"""

from collections.abc import Mapping
from typing import Any

from nlp.models.crf import LABELS
from nlp.text.tokenizer import split_words

GOLD_KEYS = (("risk_factors", "risk factor"), ("interventions", "intervention"), ("outcomes", "outcome"))
_NUMBERS = {label: number for number, label in enumerate(LABELS)}
_DASHES = str.maketrans({"–": "-", "—": "-", "−": "-", "‐": "-", "‑": "-"})


def _tokens(text: str) -> tuple[str, ...]:
    return tuple(word.lower().translate(_DASHES) for word in split_words(text))


def project(words: list[str], gold: Mapping[str, Any]) -> list[int]:
    """Returns the label number of each token of a record."""
    phrases = []
    for order, (key, kind) in enumerate(GOLD_KEYS):
        for item in gold[key]:
            text = item["mention"] if isinstance(item, Mapping) else item
            phrases.append((_tokens(text), order, kind))
    phrases.sort(key=lambda entry: (-len(entry[0]), entry[1], entry[0]))
    kept = [(index, word.lower().translate(_DASHES)) for index, word in enumerate(words) if not word.isspace()]
    lowered = [word for _, word in kept]
    places = [index for index, _ in kept]
    starts: dict[str, list[int]] = {}
    for position, word in enumerate(lowered):
        starts.setdefault(word, []).append(position)
    labels = [0] * len(words)
    taken = [False] * len(lowered)
    for phrase, _, kind in phrases:
        if not phrase:
            continue
        for position in starts.get(phrase[0], ()):
            end = position + len(phrase)
            if tuple(lowered[position:end]) != phrase or any(taken[position:end]):
                continue
            taken[position:end] = [True] * len(phrase)
            first, last = places[position], places[end - 1]
            labels[first] = _NUMBERS[f"B-{kind}"]
            for index in range(first + 1, last + 1):
                labels[index] = _NUMBERS[f"I-{kind}"]
    return labels
