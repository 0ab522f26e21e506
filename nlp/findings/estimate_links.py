"""Risk factors and estimates: the sentences at hand, and which factor or intervention an estimate belongs to.

Estimates go to the factor or intervention that they most likely describe, judged by order, distance and punctuation.
"""

import re
from bisect import bisect_right
from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import cached_property

from spacy.tokens import Doc

from nlp.concepts.matcher import ConceptSpan
from nlp.cues import Cue, find_cues
from nlp.document import Sentence, attribute
from nlp.estimates import EstimateSpan
from nlp.models.trees import TreeModel
from nlp.spans.component import Span
from nlp.text.normal import normal

#: An estimate with a measure is linked from this probability on, a p value alone from the second.
LINKED, LINKED_P = 0.25, 0.5
DIRECTIONS = ("increases", "decreases", "no association", "unclear")
_COMPARING = re.compile(r"\b(?:than|versus|vs|compared (?:with|to)|as opposed to|rather than|against)\b")


@dataclass
class Context:
    """A document with its sentences' plain lower text, cues and estimates at hand."""

    document: Doc
    sentences: tuple[Sentence, ...]
    texts: list[str]
    cues: list[tuple[Cue, ...]]
    estimates: list[list[EstimateSpan]]
    starts: list[int]
    words: list[str]
    design: str
    spans: Sequence[Span]
    by_sentence: dict[int, list[Span]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        for span in self.spans:
            self.by_sentence.setdefault(span.sentence, []).append(span)

    @classmethod
    def of(cls, document: Doc, spans: Sequence[Span]) -> "Context":
        """Returns the context of a document with sentences, estimates and facts, and the spans to be read in it."""
        sentences: tuple[Sentence, ...] = attribute(document, "sentences")
        whole: str = attribute(document, "plain")
        texts = [whole[s.start : s.end].lower() for s in sentences]
        cues = [find_cues(text) for text in texts]
        estimates: list[list[EstimateSpan]] = [[] for _ in sentences]
        number = 0
        for estimate in attribute(document, "estimates"):
            while number < len(sentences) - 1 and sentences[number].end <= estimate.start:
                number += 1
            estimates[number].append(estimate)
        facts = document._.facts
        return cls(document, sentences, texts, cues, estimates, attribute(document, "starts"),
                   attribute(document, "words"), facts.study_design if facts else "unknown", spans)  # fmt: skip

    @cached_property
    def named(self) -> dict[int, list[str]]:
        """The interventions of each sentence, one a string, in order."""
        names: dict[int, list[str]] = {}
        for span in self.spans:
            if span.kind == "intervention":
                mine = names.setdefault(span.sentence, [])
                if normal(span.text) not in mine:
                    mine.append(normal(span.text))
        return names

    @cached_property
    def factors_by_name(self) -> dict[str, list[Span]]:
        """The risk factor spans by what they name, see `name_of`."""
        factors: dict[str, list[Span]] = {}
        for span in self.spans:
            if span.kind == "risk factor":
                factors.setdefault(self.name_of(span), []).append(span)
        return factors

    @cached_property
    def _factor_concepts(self) -> dict[tuple[int, int], str]:
        concepts: list[ConceptSpan] = attribute(self.document, "concepts")
        return {(c.first, c.last): c.concept_id for c in reversed(concepts) if c.kind == "risk factor"}

    def name_of(self, span: Span) -> str:
        """Returns one key for the names of one factor: its concept, else its long form, else its string."""
        concept = self._factor_concepts.get((span.first, span.last))
        if concept is not None:
            return concept
        long_forms: dict[str, str] = attribute(self.document, "abbreviations")
        return normal(long_forms.get(span.text, span.text))

    def sentence_at(self, position: int) -> int:
        """Returns the number of the sentence that a character of the document stands in, -1 for none."""
        number = bisect_right(self.sentences, position, key=lambda sentence: sentence.start) - 1
        return number if number >= 0 and position < self.sentences[number].end else -1

    def bounds(self, span: Span) -> tuple[int, int]:
        """Characters of a span within its sentence."""
        shift = self.sentences[span.sentence].start
        last = span.last - 1
        return self.starts[span.first] - shift, self.starts[last] + len(self.words[last]) - shift


def estimate_sign(estimate: EstimateSpan) -> str:
    """Returns up, down, none or unknown: on which side of no effect the estimate lies, by interval, then by p."""
    if estimate.measure is None or estimate.value is None:
        return "unknown"
    middle = 0.0 if estimate.measure in ("MD", "SMD") else 1.0
    if estimate.low is not None and estimate.high is not None:
        if estimate.low < middle < estimate.high:
            return "none"
        return "up" if estimate.value > middle else "down"
    if estimate.p_value and not significant(estimate.p_value):
        return "none"
    return "up" if estimate.value > middle else "down"


def significant(p_value: str) -> bool:
    """Returns whether a p value such as "<0.001" or "0.048" is below .05."""
    match = re.match(r"([<>≤≥]?)\s*(\d*\.?\d+)", p_value)
    if not match:
        return False
    value = float(match.group(2))
    return value <= 0.05 if match.group(1) in ("<", "≤") else False if match.group(1) in (">", "≥") else value < 0.05


def link_features(context: Context, estimate: EstimateSpan, span: Span) -> list[str]:
    """Returns features of the pair (estimate, span) for the question whether the estimate belongs to the span."""
    sentence = context.sentences[span.sentence]
    text = context.texts[span.sentence]
    start, end = context.bounds(span)
    shift = sentence.start
    anchor, finish = estimate.anchor - sentence.start, estimate.end - sentence.start
    before = end <= anchor
    between = text[end:anchor] if before else text[finish:start]
    here = context.by_sentence[span.sentence]
    nearer = [s for s in here if s is not span and _lies_between(context, s, end, anchor, start, finish, before)]
    others = [e for e in context.estimates[span.sentence] if e is not estimate
              and (end <= e.start - shift < anchor if before else finish <= e.start - shift < start)]  # fmt: skip
    side = "before" if before else "after"
    gap = len(between)
    size = "0" if gap <= 2 else "s" if gap < 20 else "m" if gap < 60 else "l"
    kind = span.kind
    features = [
        "bias", f"kind:{kind}", f"{side}", f"{side}|gap:{size}", f"{side}|nearer:{min(len(nearer), 3)}",
        f"{side}|estimates between:{min(len(others), 2)}",
        f"{kind}|{side}|{size}|{min(len(nearer), 2)}|{min(len(others), 1)}",
        f"measure:{estimate.measure}", f"{kind}|measure:{estimate.measure}",
        f"nearer kinds:{'+'.join(sorted({s.kind for s in nearer}))}|{kind}",
    ]  # fmt: skip
    for sign in (";", ",", " and ", ":", "(", ")", " for ", " with ", " vs", " than ", "whereas", " but "):
        if sign in between:
            features.append(f"{side}|between:{sign.strip()}")
    if kind == "intervention":
        earlier = [s for s in here if s.kind == kind and s.first < span.first]
        features.append(f"first:{not earlier}")
    if re.match(r"\s*(?:for|with|in)\s", between) and not before:
        features.append("after for")
    if _COMPARING.search(text[max(0, start - 25) : start]):
        features.append(f"{kind}|comparator")
    return features


def _lies_between(context: Context, other: Span, end: int, anchor: int, start: int, finish: int, before: bool) -> bool:
    a, b = context.bounds(other)
    return (a >= end and b <= anchor) if before else (a >= finish and b <= start)


def link_estimates(context: Context, model: TreeModel) -> dict[EstimateSpan, Span]:
    """Returns for each estimate the risk factor or intervention span of its sentence that it belongs to, if any."""
    pairs = [
        (estimate, span)
        for number, estimates in enumerate(context.estimates)
        for estimate in estimates
        for span in context.by_sentence.get(number, ())
        if span.kind in ("risk factor", "intervention")
    ]
    features = [link_features(context, estimate, span) for estimate, span in pairs]
    links: dict[EstimateSpan, Span] = {}
    highest: dict[EstimateSpan, float] = {}
    for (estimate, span), chances in zip(pairs, model.probabilities_of(features), strict=True):
        if chances["yes"] > highest.get(estimate, LINKED if estimate.measure else LINKED_P):
            links[estimate], highest[estimate] = span, chances["yes"]
    return links


def factor_groups(spans: Sequence[Span]) -> list[list[Span]]:
    """Returns the risk factor spans grouped by string, in order of first place."""
    groups: dict[str, list[Span]] = {}
    for span in spans:
        if span.kind == "risk factor":
            groups.setdefault(normal(span.text), []).append(span)
    return list(groups.values())
