"""What can be said of an intervention and an outcome for the question how the one changed the other.

Features are single facts (words around the two, cues, order, numbers, the rivals of the intervention); the trees that
read them find which go together.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from itertools import pairwise

from nlp.cues import find_cues
from nlp.cues.disease import names_disease
from nlp.estimates import EstimateSpan
from nlp.findings.sentence.arms import figures_sign
from nlp.findings.sentence.context_features import (
    CLAUSE,
    DECISIVE,
    cue_features,
    first_two,
    p_class,
    shadow,
    tokens,
    word_features,
)
from nlp.findings.sentence.estimate_signs import estimate_sign
from nlp.findings.sentence.signs import word_sign
from nlp.findings.sentence.view import Context
from nlp.spans.tagging import Span
from nlp.text.normal import normal

CONTROL = re.compile(
    r"placebo|vehicle|saline|no |untreated|control|sham|solvent|dmso|dimethyl|alone|usual|routine|standard"
    r"|nothing|without|observation|conventional|water|historical|natural history|pbs|neither"
)
_COMPARE_BEFORE = re.compile(
    r"(?:than|versus|vs\.?|v\.?|compared (?:with|to)|relative to|against|over|as opposed to|rather than|and)"
    r"(?: \w+){0,3}\s*$"
)
_COMPARE_AFTER = re.compile(
    r"\s*(?:[a-z]+ )?(?:than|versus|vs\.?|v\.?|compared|relative to|against|over|as opposed to|rather than)\b"
)
_FROM_TO = re.compile(
    r"from (?:a (?:mean|median) of |an average of )?(-?\d+(?:\.\d+)?)[^.;,\d]{0,24}(?:\([^)]{1,24}\))?[^.;,\d]{0,14}"
    r"to (?:a (?:mean|median) of |an average of )?(-?\d+(?:\.\d+)?)"
)
_PERCENT = re.compile(r"(\d+(?:\.\d+)?)\s?(?:%|per cent)")
_PRONOUN = re.compile(r"^(?:it|they|this|these|both|neither|either|the (?:drug|drugs|agent|treatment|combination))\b")
_ARMS = re.compile(r"\b(groups?|arms?|either|both|between|among|baseline|preoperative\w*|before|postoperative\w*)\b")


@dataclass(frozen=True, slots=True)
class Pair:
    """An intervention and an outcome that a sentence could relate; `source` says where the intervention stands."""

    intervention: Span
    outcome: Span
    source: str


@dataclass
class Reading:
    """What the features of every pair of a record share."""

    context: Context
    links: dict[EstimateSpan, Span]
    main: list[str]
    counts: dict[str, int] = field(default_factory=dict)
    titled: set[str] = field(default_factory=set)
    reported: dict[str, int] = field(default_factory=dict)
    has_results: bool = False
    _shadows: dict[int, str] = field(default_factory=dict)
    _signs: dict[Span, str | None] = field(default_factory=dict)
    _cues: dict[Span, list[str]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        for span in self.context.spans:
            key = normal(span.text)
            category = self.context.sentences[span.sentence].category
            if span.kind == "intervention":
                self.counts[key] = self.counts.get(key, 0) + 1
                if category == "title":
                    self.titled.add(key)
            elif span.kind == "outcome" and category == "results":
                self.reported.setdefault(key, span.sentence)
        self.has_results = any(s.category == "results" for s in self.context.sentences)

    def shadow(self, sentence: int) -> str:
        """Returns the shadow of a sentence, made once for all its pairs."""
        if sentence not in self._shadows:
            self._shadows[sentence] = shadow(self.context, sentence, self.context.by_sentence.get(sentence, []))
        return self._shadows[sentence]

    def word_sign(self, outcome: Span) -> str | None:
        """Returns the sign of an outcome's clause, read once for all its pairs."""
        if outcome not in self._signs:
            self._signs[outcome] = word_sign(self.context, outcome)
        return self._signs[outcome]

    def cue_features(self, outcome: Span) -> list[str]:
        """Returns the cues about an outcome, read once for all its pairs."""
        if outcome not in self._cues:
            self._cues[outcome] = cue_features(self.context, outcome.sentence, self.context.bounds(outcome))
        return self._cues[outcome]

    def interventions(self, sentence: int) -> list[Span]:
        """Returns the interventions of a sentence, one a string, in order."""
        return distinct([s for s in self.context.by_sentence.get(sentence, []) if s.kind == "intervention"])


def distinct(spans: Sequence[Span]) -> list[Span]:
    """Returns the first span of each string."""
    seen: dict[str, Span] = {}
    for span in spans:
        seen.setdefault(normal(span.text), span)
    return list(seen.values())


@lru_cache(maxsize=1 << 12)
def is_control(text: str) -> bool:
    """Returns whether an intervention's normal form reads as a comparator."""
    return bool(CONTROL.search(text))


def pair_features(reading: Reading, pair: Pair) -> list[str]:
    """Returns the features of a pair for its direction."""
    context = reading.context
    number = pair.outcome.sentence
    sentence, text = context.sentences[number], context.texts[number]
    outcome = context.bounds(pair.outcome)
    drug, result = normal(pair.intervention.text), normal(pair.outcome.text)
    mine = reading.interventions(number)
    features = ["bias", f"s:{sentence.category}", f"d:{context.design}", f"from:{pair.source}"]
    features += [f"out:{word}" for word in re.findall(r"[a-z]+", result)[-3:]]
    features += [f"drug:{word}" for word in re.findall(r"[a-z]+", drug)[-2:]]
    features += _record_features(reading, pair, drug, result, mine)
    written = reading.shadow(number)
    features += word_features(written, outcome, "o")
    if pair.source == "here":
        features += _order_features(reading, pair, mine, written, outcome)
    else:
        features += _absent_features(reading, pair, mine, text)
    features += _sign_features(reading, pair, drug)
    features += reading.cue_features(pair.outcome)
    features += _number_features(reading, pair, text, outcome, mine)
    return features


def _sign_features(reading: Reading, pair: Pair, drug: str) -> list[str]:
    """What the words of the outcome's clause and the figures of the arms say, and how many arms there could be."""
    context, number = reading.context, pair.outcome.sentence
    words = reading.word_sign(pair.outcome)
    figures = figures_sign(context, number, drug, None)
    rivals = {key for key in reading.counts if not is_control(key) and key not in drug and drug not in key}
    features = [f"words:{words}", f"words:{words}|{pair.source}", f"figures:{figures}", f"rivals:{min(len(rivals), 3)}"]
    features.append(f"rivals:{min(len(rivals), 3)}|{pair.source}|{context.sentences[number].category}")
    features.append("of the disease" if names_disease(normal(pair.outcome.text)) else "of another outcome")
    return features


def _record_features(reading: Reading, pair: Pair, drug: str, result: str, mine: list[Span]) -> list[str]:
    context, number = reading.context, pair.outcome.sentence
    category = context.sentences[number].category
    active = [key for key in reading.main if not is_control(key)]
    features = [
        "control" if is_control(drug) else "active",
        f"here:{min(len(mine), 4)}",
        f"record:{min(len(reading.counts), 5)}",
        f"active:{min(len(active), 4)}",
        f"rank:{reading.main.index(drug) if drug in reading.main else 9}",
    ]
    if active and drug == active[0]:
        features.append("first active")
    if drug in reading.titled:
        features.append("in title")
    if any(drug != other and (drug in other or other in drug) for other in reading.counts):
        features.append("longer or shorter form")
    if reading.counts.get(drug, 0) > 2:
        features.append("often")
    first = reading.reported.get(result)
    if first is not None and first < number:
        features.append("reported before")
    if category == "conclusion" and reading.has_results:
        features.append("after results")
    outcomes = [s for s in reading.context.by_sentence.get(number, []) if s.kind == "outcome"]
    features.append(f"outcomes:{min(len(outcomes), 4)}")
    place = next((n for n, s in enumerate(outcomes) if s.first == pair.outcome.first), 0)
    features.append(f"outcome at:{min(place, 3)}")
    for side, other in (("before", outcomes[place - 1 : place]), ("after", outcomes[place + 1 : place + 2])):
        for span in other:
            a, b = sorted((context.bounds(span), context.bounds(pair.outcome)))
            gap = context.texts[number][a[1] : b[0]].strip()
            if gap in (",", "and", "or", ", and", ", or", "/", "nor", "and in"):
                features.append(f"listed {side}")
    return features


def _order_features(
    reading: Reading, pair: Pair, mine: list[Span], written: str, outcome: tuple[int, int]
) -> list[str]:
    context = reading.context
    text = context.texts[pair.outcome.sentence]
    i_start, i_end = context.bounds(pair.intervention)
    before = i_end <= outcome[0]
    between = (i_end, outcome[0]) if before else (outcome[1], i_start)
    path = written[between[0] : between[1]]
    side = "I..O" if before else "O..I"
    words = tokens(path[:240])
    features = [side, f"{side} gap:{min(len(words) // 3, 6)}"]
    features += [f"{side} {word}" for word in words[:14]]
    features += [f"{side} {a} {b}" for a, b in pairwise(words[:13])]
    if len(words) <= 6:
        features.append(f"{side} path {' '.join(words)}")
    groups = [cue.group for cue in find_cues(text[between[0] : between[1]][:300])]
    features.append(f"{side} cues {'>'.join(groups[:4])}")
    features.append(f"{side} strong {'>'.join(g for g in groups if g in DECISIVE)}")
    features.append(f"clauses between:{min(len(CLAUSE.findall(text, *between)), 2)}")
    if _COMPARE_BEFORE.search(text[max(0, i_start - 40) : i_start]):
        features.append("comparator")
    if _COMPARE_AFTER.match(text[i_end : i_end + 40]):
        features.append("compared")
    rank = next((n for n, s in enumerate(mine) if normal(s.text) == normal(pair.intervention.text)), 0)
    features += [f"I at:{min(rank, 3)}", f"I last:{rank == len(mine) - 1}"]
    rivals = [s for s in mine if s is not pair.intervention]
    nearer = [s for s in rivals if between[0] <= context.bounds(s)[0] and context.bounds(s)[1] <= between[1]]
    features.append(f"rivals between:{min(len(nearer), 2)}")
    features += ["rival control"] if any(is_control(normal(s.text)) for s in rivals) else []
    features += word_features(written, (i_start, i_end), "i")
    return features


def _absent_features(reading: Reading, pair: Pair, mine: list[Span], text: str) -> list[str]:
    number = pair.outcome.sentence
    features = [f"opens:{' '.join(text.split()[:2])}"]
    if _PRONOUN.match(text):
        features.append("pronoun")
    features += sorted({f"names:{match.group(1)}" for match in _ARMS.finditer(text)})
    previous = reading.interventions(number - 1) if number else []
    key = normal(pair.intervention.text)
    features.append(f"previous:{min(len(previous), 3)}")
    if previous and normal(previous[0].text) == key:
        features.append("first of previous")
    if any(normal(s.text) == key for s in previous):
        features.append("in previous")
    others = [s for s in mine if not is_control(normal(s.text))]
    features.append(f"active here:{min(len(others), 2)}")
    if any(s.kind == "risk factor" for s in reading.context.by_sentence.get(number, [])):
        features.append("risk factor here")
    return features


def _number_features(reading: Reading, pair: Pair, text: str, outcome: tuple[int, int], mine: list[Span]) -> list[str]:
    context, number = reading.context, pair.outcome.sentence
    features = []
    shift = context.sentences[number].start
    estimates = context.estimates[number]
    drug = normal(pair.intervention.text)
    for estimate in estimates:
        owner = reading.links.get(estimate)
        if owner is not None and normal(owner.text) == drug:
            features += [f"linked:{estimate_sign(estimate)}", f"linked p:{p_class(estimate)}"]
        elif owner is not None:
            features.append(f"linked elsewhere:{owner.kind}")
    after = [e for e in estimates if e.start - shift >= outcome[1]]
    if after:
        features += [f"next sign:{estimate_sign(after[0])}", f"next p:{p_class(after[0])}"]
        features.append(f"next estimate:{after[0].measure}")
        features.append(f"estimate near:{after[0].start - shift - outcome[1] < 60}")
    features.append(f"last p:{p_class(estimates[-1])}" if estimates else "no p")
    move = _FROM_TO.search(text, outcome[1]) or _FROM_TO.search(text)
    if move and max(len(move.group(1)), len(move.group(2))) < 9:
        one, two = float(move.group(1)), float(move.group(2))
        features.append(f"moves {'up' if two > one else 'down' if two < one else 'nowhere'}")
    shape = first_two(text, outcome[1])
    if shape:
        named = context.named.get(number, [drug])
        place = "only" if len(mine) < 2 else "first" if named[0] == drug else "later"
        features += [f"first number {shape}", f"first number {shape}|{place}", f"number place:{place}"]
    features += _share_features(pair, text, mine)
    return features


def _share_features(pair: Pair, text: str, mine: list[Span]) -> list[str]:
    """How the share of patients of one arm stands to the control's, where a sentence gives one share an arm."""
    key = normal(pair.intervention.text)
    names = [normal(span.text) for span in mine]
    shares = [float(match.group(1)) for match in _PERCENT.finditer(text)]
    if len(mine) < 2 or key not in names or len(shares) != len(mine):
        return []
    own = shares[names.index(key)]
    others = [(name, share) for name, share in zip(names, shares, strict=True) if name != key]
    controls = [(name, share) for name, share in others if is_control(name)]
    features = []
    for whose, rivals in (("control", controls), ("others", others)):
        if rivals:
            lowest, highest = min(share for _, share in rivals), max(share for _, share in rivals)
            features.append(f"share {'below' if own < lowest else 'above' if own > highest else 'amid'} {whose}")
    return features
