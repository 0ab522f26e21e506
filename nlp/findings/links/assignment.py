"""Which effect of an intervention each estimate belongs to.

The direction models read words; a ratio's interval is stronger than words, and an estimate whose sentence names no
intervention still belongs to the effect that the sentence is about.
"""

import re
from bisect import bisect_left
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from nlp.cues.disease import names_disease
from nlp.estimates import EstimateSpan
from nlp.findings.links.alignment import own_outcome
from nlp.findings.sentence.arms import apposed, figures_sign, only_arm_sign, unnamed_arm_sign
from nlp.findings.sentence.clauses import main_clause
from nlp.findings.sentence.estimate_signs import estimate_sign, significant
from nlp.findings.sentence.gates import EFFECT_NAMES, decide, interval_sign
from nlp.findings.sentence.pair_features import Pair, is_control
from nlp.findings.sentence.signs import (
    clause_bounds,
    clause_of,
    compares_by_disease,
    is_reference,
    superlative_sign,
    tells_of_absence,
    word_sign,
)
from nlp.findings.sentence.view import Context
from nlp.spans.component import Span
from nlp.text.normal import normal

#: What it costs, in characters of distance, when an estimate stands before its outcome, when it was linked to another
#: intervention or to none, and when its interval says another direction than the words.
BEFORE, OTHER, UNLINKED, CONTRADICTS = 60, 300, 80, 150


_WITHOUT = re.compile(r"(?:no|without) ")
_LEVEL = re.compile(
    r"(?:[^;:(\[]*[;:(\[])?[\s,;.)\]]*[<>≥≤]?\s?\d+(?:\.\d+)?(?:\s?(?:-|to)\s?\d+(?:\.\d+)?)?\s?"
    r"(?:days?|weeks?|months?|years?|hours?|mm|cm|%)?[\s,:;(]*(?:(?:odds|hazards?|risk) ratio|relative risk)?[\s,:(]*"
)
_ANOTHER_EVENT = re.compile(
    r"\b(?:discontinu\w+|withdr\w+|stopped|died|deaths?|bled|transfus\w+|dislocat\w+|scores?)\b"
)
_SECOND = re.compile(r"\b(?:second|next|third|followed by)\b")


@dataclass(frozen=True, slots=True)
class Effect:
    """A decided pair: direction, its probability, its estimate, and the sign of a plain statement of it, if any."""

    pair: Pair
    direction: str
    chance: float
    estimate: EstimateSpan | None
    conflict: str | None = None
    told: str | None = None


def with_estimates(context: Context, effects: list[Effect], links: dict[EstimateSpan, Span]) -> list[Effect]:
    """Returns the effects with their estimates, and an effect for every linked ratio that none of them could take."""
    outcomes: dict[int, list[Span]] = {}
    for span in context.spans:
        if span.kind == "outcome":
            outcomes.setdefault(span.sentence, []).append(span)
    closed = _of_levels(context)
    free = [
        (number, estimate)
        for number, estimates in enumerate(context.estimates)
        for estimate in estimates
        if estimate not in closed and (estimate not in links or links[estimate].kind == "intervention")
    ]
    given: dict[int, EstimateSpan] = {}
    for measured in (True, False):
        mine = [(n, e) for n, e in free if (e.measure is not None) == measured]
        costs = sorted(_costs(context, outcomes, mine, effects, links, given))
        used: set[EstimateSpan] = set()
        for _, _, index, place in costs:
            estimate = mine[place][1]
            if index not in given and estimate not in used:
                given[index] = estimate
                used.add(estimate)
    taken = set(given.values())
    done = [_directed(context, effect, given.get(index)) for index, effect in enumerate(effects)]
    left = [(n, e) for n, e in free if e.measure and e not in taken]
    done = [_as_apposed(context, effect, done) for effect in done]
    twins = _by_another_scale(context, effects, given, left)
    return _distinct([*done, *twins, *_rescued(context, outcomes, left, links)])


def _of_levels(context: Context) -> set[EstimateSpan]:
    """The ratios whose label is a bare level of a factor ("3-6 days: OR 4.1"): no treatment has them."""
    found = set()
    for number, estimates in enumerate(context.estimates):
        shift, previous = context.sentences[number].start, 0
        for estimate in estimates:
            if estimate.measure and _LEVEL.fullmatch(context.texts[number], previous, estimate.start - shift):
                found.add(estimate)
            previous = estimate.end - shift
    return found


def _by_another_scale(
    context: Context,
    effects: Sequence[Effect],
    given: Mapping[int, EstimateSpan],
    left: Sequence[tuple[int, EstimateSpan]],
) -> Iterator[Effect]:
    """Yields an effect again for a second ratio of its outcome: "pain by one scale (OR 2.8), by another (OR 9)"."""
    for number, estimate in left:
        own = own_outcome(context, estimate)
        for index, first in given.items():
            same = own is not None and normal(effects[index].pair.outcome.text) == normal(own.text)
            if same and first.measure == estimate.measure and context.sentence_at(first.start) == number:
                yield _directed(context, effects[index], estimate)
                break


def _costs(
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
        for span in _outcomes_for(context, outcomes, number, estimate):
            named.setdefault(normal(span.text), []).append(span)
        for index, here in ((index, here) for name, here in named.items() for index in by_outcome.get(name, ())):
            effect = effects[index]
            drug = effect.pair.intervention
            if _is_another_s(context, number, estimate, owner, drug) or not _may_be_of(context, own, here):
                continue
            if _parted(context, number, estimate, here):
                continue
            cost = min(_gap(context, span, estimate) for span in here)
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


def _as_apposed(context: Context, effect: Effect, others: Sequence[Effect]) -> Effect:
    """Two names of one outcome get one direction: that of the name that has the estimate with an interval."""
    if effect.estimate is not None:
        return effect
    for other in others:
        same = normal(other.pair.intervention.text) == normal(effect.pair.intervention.text)
        if same and interval_sign(other.estimate) and apposed(context, effect.pair.outcome, other.pair.outcome):
            return replace(effect, direction=other.direction, conflict=other.conflict)
    return effect


def _outcomes_for(context: Context, outcomes: dict[int, list[Span]], number: int, estimate: EstimateSpan) -> list[Span]:
    """The outcomes of a sentence, else of the sentence before: "The relative risk was 0.12 for the combination".

    There a ratio is of the disease, where it is named beside scores or means.
    """
    if number in outcomes:
        return outcomes[number]
    if _tells_of_another_event(context, number):
        return []
    before = outcomes.get(number - 1, [])
    disease = [span for span in before if names_disease(span.text.lower())]
    return disease if disease and estimate.measure in ("OR", "RR", "HR") else before


def _gap(context: Context, outcome: Span, estimate: EstimateSpan) -> int:
    start = context.starts[outcome.first]
    return estimate.start - start if estimate.start > start else start - estimate.start + BEFORE


def _directed(context: Context, effect: Effect, estimate: EstimateSpan | None) -> Effect:
    """The effect with its estimate, held against the words and the figures of its sentence."""
    outcome, drug = effect.pair.outcome, effect.pair.intervention
    if estimate is None and drug.sentence == outcome.sentence and is_reference(context, drug):
        first = _compared(context, drug)
        if first is not None:
            # "A lowered it in comparison with B": what is said is said of A
            effect, drug = replace(effect, pair=replace(effect.pair, intervention=first)), first
    words = effect.told or (word_sign(context, outcome) if drug.sentence == outcome.sentence else None)
    ranked = superlative_sign(context, outcome) if drug.sentence == outcome.sentence else None
    second = _SECOND.search(clause_of(context, drug)) if drug.first > outcome.first else None
    if ranked is not None and (drug.first < outcome.first or second) and estimate is None:
        return replace(effect, estimate=None, direction=EFFECT_NAMES[ranked], conflict=None)
    name = normal(drug.text)
    figures = (
        figures_sign(context, outcome.sentence, name, None)
        or unnamed_arm_sign(context, outcome, name)
        or only_arm_sign(context, outcome, name)
    )
    if effect.direction == "no difference" and _has_no_significance(context, outcome.sentence):
        figures = None
    direction, conflict = decide(effect.direction, words, figures, estimate, EFFECT_NAMES)
    return replace(effect, estimate=estimate, direction=direction, conflict=conflict)


def _has_no_significance(context: Context, number: int) -> bool:
    """Whether a sentence gives a p value that is not below .05."""
    return any(e.p_value and not significant(e.p_value) for e in context.estimates[number])


def _compared(context: Context, drug: Span) -> Span | None:
    """The one intervention before a reference in its clause, which its sentence compares with the reference."""
    text = context.texts[drug.sentence]
    start, end = context.bounds(drug)
    first, _ = clause_bounds(text, start, end)
    mine = normal(drug.text)
    before = [
        span
        for span in context.by_sentence.get(drug.sentence, ())
        if span.kind == "intervention" and first <= context.bounds(span)[0] < start and normal(span.text) != mine
    ]
    names = {normal(span.text) for span in before}
    return before[-1] if len(names) == 1 else None


def _rescued(
    context: Context,
    outcomes: dict[int, list[Span]],
    left: Sequence[tuple[int, EstimateSpan]],
    links: dict[EstimateSpan, Span],
) -> Iterator[Effect]:
    """Yields an effect for each ratio that has an intervention and an outcome, but no effect that took it."""
    for number, estimate in left:
        owner = links.get(estimate)
        if owner is None or tells_of_absence(context, owner):
            continue
        direction = EFFECT_NAMES.get(estimate_sign(estimate), "no difference")
        found = _outcomes_for(context, outcomes, number, estimate) or _last_before(context, outcomes, number)
        outcome = own_outcome(context, estimate) or min(found, key=lambda s: _gap(context, s, estimate), default=None)
        if outcome is not None:
            yield Effect(Pair(owner, outcome, "estimate"), direction, 0.5, estimate)


def _last_before(context: Context, outcomes: dict[int, list[Span]], number: int) -> list[Span]:
    """The last outcome named before a sentence that has none and goes on about it."""
    numbers = sorted(outcomes)
    place = bisect_left(numbers, number)
    return outcomes[numbers[place - 1]][-1:] if place and not _tells_of_another_event(context, number) else []


def _tells_of_another_event(context: Context, number: int) -> bool:
    """Whether a sentence without an outcome tells of something that is none here, or of patients by their disease."""
    text = context.texts[number]
    return bool(_ANOTHER_EVENT.search(text)) or compares_by_disease(text)


def _distinct(effects: Sequence[Effect]) -> list[Effect]:
    """Keeps one effect a (intervention, outcome, direction), the one with an estimate, unless estimates differ."""
    chosen: dict[tuple[str, str, str, EstimateSpan | None], Effect] = {}
    measured = {_strings(e) for e in effects if e.estimate is not None and e.estimate.measure}
    for effect in effects:
        bare = effect.estimate is None or effect.estimate.measure is None
        if bare and _strings(effect) in measured:
            continue
        chosen.setdefault((*_strings(effect), None if bare else effect.estimate), effect)
    return list(chosen.values())


def _strings(effect: Effect) -> tuple[str, str, str]:
    return normal(effect.pair.intervention.text), normal(effect.pair.outcome.text), effect.direction
