"""What it costs to give an estimate to an effect: distance, another owner, another clause, another direction."""

import re
from bisect import bisect_left
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from nlp.cues.disease import names_disease
from nlp.estimates import EstimateSpan
from nlp.findings.links.alignment import own_outcome
from nlp.findings.sentence.arms import apposed
from nlp.findings.sentence.clauses import main_clause
from nlp.findings.sentence.gates import EFFECT_NAMES, interval_sign
from nlp.findings.sentence.outcome_roles import compares_by_disease
from nlp.findings.sentence.pair_features import Pair, is_control
from nlp.findings.sentence.signs import (
    is_reference,
    tells_of_absence,
)
from nlp.findings.sentence.view import Context
from nlp.spans.tagging import Span
from nlp.text.normal import normal

#: What it costs, in characters of distance, when an estimate stands before its outcome, when it was linked to another
#: intervention or to none, and when its interval says another direction than the words.
BEFORE, OTHER, UNLINKED, CONTRADICTS = 60, 300, 80, 150
_WITHOUT = re.compile(r"(?:no|without) ")
_ANOTHER_EVENT = re.compile(
    r"\b(?:discontinu\w+|withdr\w+|stopped|died|deaths?|bled|transfus\w+|dislocat\w+|scores?)\b"
)


@dataclass(frozen=True, slots=True)
class Effect:
    """A decided pair: direction, its probability, estimate; sign and other arm of a plain statement of it, if any."""

    pair: Pair
    direction: str
    chance: float
    estimate: EstimateSpan | None
    conflict: str | None = None
    told: str | None = None
    against: Span | None = None


def costs(
    context: Context,
    outcomes: dict[int, list[Span]],
    estimates: Sequence[tuple[int, EstimateSpan]],
    effects: Sequence[Effect],
    links: dict[EstimateSpan, Span],
    given: dict[int, EstimateSpan],
) -> Iterator[tuple[int, int, int, int]]:
    """Yields (cost, start of the estimate, effect, estimate) of every possible gift."""
    by_outcome: dict[str, list[int]] = {}
    for index, effect in enumerate(effects):
        if index not in given:
            by_outcome.setdefault(normal(effect.pair.outcome.text), []).append(index)
    known = sorted({normal(effect.pair.intervention.text) for effect in effects}, key=len, reverse=True)
    for place, (number, estimate) in enumerate(estimates):
        owner = links.get(estimate)
        if owner is None and estimate.measure is None:
            continue
        own = own_outcome(context, estimate)
        named: dict[str, list[Span]] = {}
        for span in outcomes_for(context, outcomes, number, estimate):
            named.setdefault(normal(span.text), []).append(span)
        for index, here in ((index, here) for name, here in named.items() for index in by_outcome.get(name, ())):
            effect = effects[index]
            drug = effect.pair.intervention
            if _is_another_s(context, number, estimate, owner, drug) or not _may_be_of(context, own, here):
                continue
            if _parted(context, number, estimate, here):
                continue
            cost = min(gap(context, span, estimate) for span in here)
            cost += _strangeness(context, effect, estimate, owner, known, number)
            yield cost, estimate.start, index, place


def _strangeness(
    context: Context, effect: Effect, estimate: EstimateSpan, owner: Span | None, known: Sequence[str], number: int
) -> int:
    """What speaks against a gift but for the distance: another's estimate or nobody's, another direction, sentence."""
    cost = 0
    if owner is None:
        cost += UNLINKED
    elif _name_in_full(context, owner, known) != normal(effect.pair.intervention.text):
        cost += OTHER
    stated = EFFECT_NAMES.get(interval_sign(estimate) or "")
    if stated is not None and stated != effect.direction:
        cost += CONTRADICTS
    return cost + (BEFORE if effect.pair.outcome.sentence != number else 0)


def _may_be_of(context: Context, own: Span | None, outcomes: Sequence[Span]) -> bool:
    """Whether an estimate can be of an outcome: of the one right before its bracket, or of another name of that one."""
    if own is None:
        return True
    name = normal(own.text)
    return any(normal(span.text) == name or apposed(context, span, own) for span in outcomes)


def _parted(context: Context, number: int, estimate: EstimateSpan, outcomes: Sequence[Span]) -> bool:
    """Whether an estimate's own clause names outcomes and none of these ("A rose (p = 0.7); B fell (p = 0.3)")."""
    text, shift = context.texts[number], context.sentences[number].start
    first, last = main_clause(text, estimate.start - shift, estimate.end - shift)
    here = [s for s in context.by_sentence.get(number, ()) if s.kind == "outcome"]
    inside = [normal(s.text) for s in here if first <= context.bounds(s)[0] < last]
    return bool(inside) and not any(normal(span.text) in inside for span in outcomes)


def _other_side(owner: Span, drug: Span) -> bool:
    """Whether an estimate was told of patients without a drug and the effect is of an arm with one, or the reverse."""
    return bool(_WITHOUT.match(normal(owner.text))) != bool(_WITHOUT.match(normal(drug.text)))


def _name_in_full(context: Context, owner: Span, known: Sequence[str]) -> str:
    """The longest of the names `known` that ends where a span ends: it may be the last word of "delayed aspirin"."""
    text = context.texts[owner.sentence][: context.bounds(owner)[1]]
    name = normal(owner.text)
    return next((longer for longer in known if longer.endswith(f" {name}") and text.endswith(f" {longer}")), name)


def _is_another_s(context: Context, number: int, estimate: EstimateSpan, owner: Span | None, drug: Span) -> bool:
    """Whether an estimate cannot be of a drug: it was told of the other side, or of going without the drug."""
    if owner is not None and _other_side(owner, drug):
        return True
    told = owner is not None and not is_control(normal(owner.text)) and not is_reference(context, owner)
    if told and owner is not None and not _shares_a_word(owner, drug) and not _is_named(context, number, drug):
        return True
    return estimate.measure is not None and _of_absence(context, number, drug)


def _is_named(context: Context, number: int, drug: Span) -> bool:
    name = normal(drug.text)
    return any(s.kind == drug.kind and normal(s.text) == name for s in context.by_sentence.get(number, ()))


def _shares_a_word(one: Span, other: Span) -> bool:
    """Whether two names may be of one treatment: one is in the other, or they share a word."""
    first, second = normal(one.text), normal(other.text)
    return first in second or second in first or bool(set(first.split()) & set(second.split()))


def _of_absence(context: Context, number: int, drug: Span) -> bool:
    """Whether a sentence names a drug only as absent: its ratio is of the absence ("16 times higher with no X")."""
    name = normal(drug.text)
    mine = [s for s in context.by_sentence.get(number, ()) if s.kind == drug.kind and normal(s.text) == name]
    return bool(mine) and all(tells_of_absence(context, span) for span in mine)


def outcomes_for(context: Context, outcomes: dict[int, list[Span]], number: int, estimate: EstimateSpan) -> list[Span]:
    """Returns the outcomes of a sentence, else of the sentence before: "The relative risk was 0.12 for the two".

    There a ratio is of the disease, where it is named beside scores or means.
    """
    if number in outcomes:
        return outcomes[number]
    if _tells_of_another_event(context, number):
        return []
    before = outcomes.get(number - 1, [])
    disease = [span for span in before if names_disease(span.text.lower())]
    return disease if disease and estimate.measure in ("OR", "RR", "HR") else before


def gap(context: Context, outcome: Span, estimate: EstimateSpan) -> int:
    """Returns how far an estimate stands from an outcome, in characters; farther where it stands before it."""
    start = context.starts[outcome.first]
    return estimate.start - start if estimate.start > start else start - estimate.start + BEFORE


def last_before(context: Context, outcomes: dict[int, list[Span]], number: int) -> list[Span]:
    """Returns the last outcome named before a sentence that has none and goes on about it."""
    numbers = sorted(outcomes)
    place = bisect_left(numbers, number)
    return outcomes[numbers[place - 1]][-1:] if place and not _tells_of_another_event(context, number) else []


def _tells_of_another_event(context: Context, number: int) -> bool:
    """Whether a sentence without an outcome tells of something that is none here, or of patients by their disease."""
    text = context.texts[number]
    return bool(_ANOTHER_EVENT.search(text)) or compares_by_disease(text)
