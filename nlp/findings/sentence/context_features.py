"""What stands around a span in its sentence, as features: words, cues, clauses, numbers.

Spans are written over by one letter each (I, O, R), so that the words around them look alike from record to record.
"""

import re
from collections.abc import Sequence
from functools import lru_cache

from nlp.cues import Cue, find_cues
from nlp.estimates import EstimateSpan
from nlp.findings.sentence.estimate_signs import estimate_sign, significant
from nlp.findings.sentence.view import Context
from nlp.spans.tagging import Span

CLAUSE = re.compile(r"; | whereas | but | while | although |, and (?=the |neither |no )|, although |, (?=which |with )")
_PERCENT = re.compile(r"(\d+(?:\.\d+)?)\s?(?:%|per cent)")
_VERSUS = re.compile(
    r"(-?\d+(?:\.\d+)?)\s?[%°a-z³]{0,4}(?:\s?(?:±|\+/-)\s?\d+(?:\.\d+)?\s?[%°a-z³]{0,4})?\s?(?:\([^)]{1,20}\)\s?)?"
    r"(?:v|vs\.?|versus|and|compared with|against|but)\s(-?\d+(?:\.\d+)?)"
)
_WORD = re.compile(r"[a-z]+(?:'s)?|\d[\d.,]*|%|[;:,()]|≥|≤|<|>|=")
DECISIVE = frozenset(("no_difference", "decrease", "increase", "no_association", "protective", "hedge", "negation"))
_LETTERS = {"intervention": "i", "outcome": "o", "risk factor": "r"}


def shadow(context: Context, number: int, spans: Sequence[Span]) -> str:
    """Returns the text of a sentence with its spans written over."""
    text = list(context.texts[number])
    for span in spans:
        start, end = context.bounds(span)
        letter = _LETTERS[span.kind]
        text[start:end] = f" {letter}{letter * max(0, end - start - 3)} "[: end - start].ljust(end - start)
    return "".join(text)


def _fold(token: str) -> str:
    if token[0].isdigit():
        return "0"
    return token[0].upper() if len(set(token)) == 1 and token[0] in "ior" and len(token) > 1 else token


@lru_cache(maxsize=1 << 8)  # the pairs of an outcome ask for those around it
def tokens(text: str) -> tuple[str, ...]:
    """Returns the words, numbers and signs of a shadow, numbers and spans as one sign each."""
    return tuple(map(_fold, _WORD.findall(text)))


def word_features(shadow_text: str, bounds: tuple[int, int], name: str) -> list[str]:
    """Returns the words before and after a stretch of a shadow."""
    after = tokens(shadow_text[bounds[1] : bounds[1] + 90])[:5]
    before = tokens(shadow_text[max(0, bounds[0] - 60) : bounds[0]])[-4:]
    features = [f"{name}+{word}" for word in after] + [f"{name}-{word}" for word in before]
    features += [f"{name}+1 {' '.join(after[:n])}" for n in (1, 2, 3)]
    features += [f"{name}-1 {' '.join(before[-n:])}" for n in (1, 2, 3)]
    return features


def cue_features(context: Context, number: int, bounds: tuple[int, int]) -> list[str]:
    """Returns the deciding cues left and right of a stretch of a sentence, and those of its clause."""
    text = context.texts[number]
    cues = context.cues[number]
    left = [cue for cue in cues if cue.end <= bounds[0]][::-1]
    right = [cue for cue in cues if cue.start >= bounds[1]]
    features = []
    for side, found in (("L", left), ("R", right)):
        strong = [cue for cue in found if cue.group in DECISIVE]
        for rank, cue in enumerate(strong[:2]):
            features += [f"{side}{rank}:{cue.group}", f"{side}{rank}:{cue.text}"]
        features.append(f"{side}near:{_near(strong, bounds, side)}")
    starts = [match.end() for match in CLAUSE.finditer(text, 0, bounds[0])]
    ends = [match.start() for match in CLAUSE.finditer(text, bounds[1])]
    clause = text[starts[-1] if starts else 0 : ends[0] if ends else len(text)]
    groups = [cue.group for cue in find_cues(clause[:800]) if cue.group in DECISIVE]
    features += [f"clause:{group}" for group in sorted(set(groups))]
    features.append("clause:" + "+".join(sorted(set(groups))))
    features += [f"first in clause:{groups[0]}", f"last in clause:{groups[-1]}"] if groups else []
    features += [f"has:{group}" for group in sorted({cue.group for cue in cues})]
    return features


def _near(strong: list[Cue], bounds: tuple[int, int], side: str) -> str:
    near = [c for c in strong if (bounds[0] - c.end if side == "L" else c.start - bounds[1]) < 30]
    return near[0].group if near else "-"


@lru_cache(maxsize=1 << 8)  # each pair of an outcome asks for the same
def first_two(text: str, place: int) -> str | None:
    """Returns how the first of two numbers compared after a place stands to the second: lower, higher or equal."""
    versus = _VERSUS.search(text[place : place + 160]) or _VERSUS.search(text)
    percents = [float(value) for value in _PERCENT.findall(text[place:])]
    if versus and len(versus.group(1)) < 9 and len(versus.group(2)) < 9:
        one, two = float(versus.group(1)), float(versus.group(2))
    elif len(percents) >= 2:
        one, two = percents[0], percents[1]
    else:
        return None
    return "lower" if one < two else "higher" if one > two else "equal"


def p_class(estimate: EstimateSpan) -> str:
    """Returns whether an estimate speaks for a difference: by its p value, else by its interval."""
    if estimate.p_value:
        return "low" if significant(estimate.p_value) else "high"
    return {"up": "ci out", "down": "ci out", "none": "ci over"}.get(estimate_sign(estimate), "-")
