"""Which effect of an intervention each estimate belongs to.

The direction models read words; a ratio's interval is stronger than words, and an estimate whose sentence names no
intervention still belongs to the effect that the sentence is about.
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace

from nlp.estimates import EstimateSpan
from nlp.findings.asides import is_withheld
from nlp.findings.links.alignment import own_outcome
from nlp.findings.links.costs import Effect, costs, gap, last_before, outcomes_for
from nlp.findings.sentence.arms import CONTRAST, apposed, counts_absence, figures_sign, only_arm_sign, unnamed_arm_sign
from nlp.findings.sentence.estimate_signs import estimate_sign, significant
from nlp.findings.sentence.gates import EFFECT_NAMES, decide, interval_sign, sign_of
from nlp.findings.sentence.pair_features import Pair, is_control
from nlp.findings.sentence.signs import (
    DOWN,
    NONE,
    UP,
    clause_bounds,
    clause_of,
    is_reference,
    superlative_sign,
    takes_back,
    tells_of_absence,
    word_sign,
)
from nlp.findings.sentence.view import Context
from nlp.spans.tagging import Span
from nlp.text.normal import normal

_LEVEL = re.compile(
    r"(?:[^;:(\[]*[;:(\[])?[\s,;.)\]]*[<>≥≤]?\s?\d+(?:\.\d+)?(?:\s?(?:-|to)\s?\d+(?:\.\d+)?)?\s?"
    r"(?:days?|weeks?|months?|years?|hours?|mm|cm|%)?[\s,:;(]*(?:(?:odds|hazards?|risk) ratio|relative risk)?[\s,:(]*"
)
_MIRROR = {UP: DOWN, DOWN: UP}
#: A comparison of which the first side is a group: "higher in the usual group compared to", "rarer with than without".
_IN_OTHERS = re.compile(
    r"\b(?:(?P<more>higher|more|greater|larger|longer|increased|commoner)|lower|less|fewer|smaller|shorter|reduced|rarer)\b"
    r"[^.;]{0,25} (?:in|with|among|for|after)(?: [^.;]{2,40})? (?:than|(?:as )?compared (?:with|to))(?: [\w-]+){0,4} $"
)
_SECOND = re.compile(r"\b(?:second|next|third|followed by)\b")


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
        weighed = sorted(costs(context, outcomes, mine, effects, links, given))
        used: set[EstimateSpan] = set()
        for _, _, index, place in weighed:
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


def _as_apposed(context: Context, effect: Effect, others: Sequence[Effect]) -> Effect:
    """Two names of one outcome get one direction: of the name that has an interval, or that a plain statement is on."""
    if effect.estimate is not None:
        return effect
    for other in others:
        founded = interval_sign(other.estimate) or (other.told and not effect.told)
        same = normal(other.pair.intervention.text) == normal(effect.pair.intervention.text)
        if same and founded and apposed(context, effect.pair.outcome, other.pair.outcome):
            return replace(effect, direction=other.direction, conflict=other.conflict)
    return effect


def _directed(context: Context, effect: Effect, estimate: EstimateSpan | None) -> Effect:
    """The effect with its estimate, held against the words and the figures of its sentence."""
    outcome, drug = effect.pair.outcome, effect.pair.intervention
    if estimate is None and drug.sentence == outcome.sentence and is_reference(context, drug):
        first = _compared(context, drug)
        if first is not None:
            # "A lowered it in comparison with B": what is said is said of A
            effect, drug = replace(effect, pair=replace(effect.pair, intervention=first)), first
    words = effect.told or (word_sign(context, outcome) if drug.sentence == outcome.sentence else None)
    if _is_taken_back(context, outcome):
        words = NONE
    if words == NONE and not effect.told and counts_absence(context, outcome.sentence):
        words = None  # that so many "did not develop it" does not say that nothing differed
    if not effect.told and words in _MIRROR and estimate is None and tells_of_absence(context, drug):
        # "more when X was not given" is less with X
        return replace(effect, direction=EFFECT_NAMES[_MIRROR[words]], conflict=None)
    if _is_set_against_others(context, effect, estimate):
        # "higher in the usual group than with X": in a name unknown more, with X less
        turned = _MIRROR[sign_of(effect.direction) or ""]
        return replace(effect, estimate=estimate, direction=EFFECT_NAMES[turned], conflict=None)
    ranked = superlative_sign(context, outcome) if drug.sentence == outcome.sentence else None
    second = _SECOND.search(clause_of(context, drug)) if drug.first > outcome.first else None
    if ranked is not None and (drug.first < outcome.first or second) and estimate is None:
        return replace(effect, estimate=None, direction=EFFECT_NAMES[ranked], conflict=None)
    name = normal(drug.text)
    least = CONTRAST if effect.direction == "no difference" else 1.0
    figures = (
        figures_sign(context, outcome.sentence, name, _control(context, outcome.sentence, name), least)
        or unnamed_arm_sign(context, outcome, name)
        or only_arm_sign(context, outcome, name)
    )
    if effect.direction == "no difference" and _has_no_significance(context, outcome.sentence):
        figures = None
    direction, conflict = decide(effect.direction, words, figures, estimate, EFFECT_NAMES)
    return replace(effect, estimate=estimate, direction=direction, conflict=conflict)


def _control(context: Context, number: int, drug: str) -> str | None:
    """The normal form of the one control that a sentence names beside a treatment: its figures are set against that."""
    named = {normal(s.text) for s in context.by_sentence.get(number, ()) if s.kind == "intervention"}
    controls = [name for name in named if is_control(name)]
    return controls[0] if len(controls) == 1 and drug not in controls else None


def _is_set_against_others(context: Context, effect: Effect, estimate: EstimateSpan | None) -> bool:
    """Whether a clause says that something without a known name had more or less of an outcome than a treatment."""
    outcome, drug = effect.pair.outcome, effect.pair.intervention
    if effect.told or drug.sentence != outcome.sentence or (estimate is not None and estimate.measure):
        return False
    sign = sign_of(effect.direction)
    if sign not in _MIRROR or not is_reference(context, drug) or _compared(context, drug) is not None:
        return False
    start, end = context.bounds(drug)
    first, _ = clause_bounds(context.texts[drug.sentence], start, end)
    compared = _IN_OTHERS.search(context.texts[drug.sentence], first, start)
    return compared is not None and (UP if compared["more"] else DOWN) == sign


def _is_taken_back(context: Context, outcome: Span) -> bool:
    """Whether a sentence takes back what it told of an outcome, the last one before ("but the difference was not")."""
    back = takes_back(context.texts[outcome.sentence])
    told = [s for s in context.by_sentence[outcome.sentence] if s.kind == "outcome" and context.bounds(s)[1] <= back]
    return bool(told) and normal(told[-1].text) == normal(outcome.text)


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
        if owner is None or tells_of_absence(context, owner) or is_withheld(context, owner):
            continue
        direction = EFFECT_NAMES.get(estimate_sign(estimate), "no difference")
        found = outcomes_for(context, outcomes, number, estimate) or last_before(context, outcomes, number)
        outcome = own_outcome(context, estimate) or min(found, key=lambda s: gap(context, s, estimate), default=None)
        if outcome is not None:
            yield Effect(Pair(owner, outcome, "estimate"), direction, 0.5, estimate)


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
