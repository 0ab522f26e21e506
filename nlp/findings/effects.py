"""Findings: which intervention changed which outcome in which direction.

Every outcome of a sentence is paired with the interventions it could be about: those of the sentence, else those of
the sentence before, else the record's main ones. Boosted trees give each pair a direction or none; pairs they are not
sure of are left out and counted.
"""

import re
from collections.abc import Container, Iterable, Iterator, Mapping, Sequence
from dataclasses import replace

from nlp.cues.disease import names_disease
from nlp.estimates import EstimateSpan
from nlp.findings.directionless import with_a_direction
from nlp.findings.links.assignment import with_estimates
from nlp.findings.links.comparators import record_arms
from nlp.findings.links.costs import Effect
from nlp.findings.lists import told_of_lists
from nlp.findings.pairs import candidate_pairs, is_denied_by_p, read_record, says_nothing
from nlp.findings.sentence.adjusted import adjusted_result
from nlp.findings.sentence.arms import figures_sign
from nlp.findings.sentence.course import told_of_courses
from nlp.findings.sentence.estimate_signs import significant
from nlp.findings.sentence.gates import EFFECT_NAMES
from nlp.findings.sentence.pair_features import Pair, distinct, is_control, pair_features
from nlp.findings.sentence.signs import (
    DOWN,
    UP,
    has_double_negation,
    states_a_result,
    word_sign,
)
from nlp.findings.sentence.told import Told, told_of_results
from nlp.findings.sentence.view import Context
from nlp.findings.unnamed import BARE_MEASURE, of_unnamed_arms
from nlp.models.trees import TreeModel
from nlp.spans.tagging import Span
from nlp.text.normal import normal

EFFECTS = ("increases", "decreases", "no difference")
NONE = "none"
_AGAINST = re.compile(r"\b(?:versus|vs\.?|v|against|compared (?:with|to))\b")
#: A pair is a finding from this probability on, and counted as undecided from the lower one.
THRESHOLD, DOUBT = 0.35, 0.2
#: How sure a plain statement is that the model passed over.
TOLD = 0.5
_NAMES = re.compile(r"[^\W_]{3,}(?<!s)")


def decide_effects(context: Context, links: dict[EstimateSpan, Span], model: TreeModel) -> tuple[list[Effect], int]:
    """Returns the effects, one a (intervention, outcome, direction), and how many pairs were left undecided."""
    effects: dict[tuple[str, str, str], Effect] = {}
    abstained = 0
    reading = read_record(context, links)
    pairs = candidate_pairs(context)
    weighed = model.probabilities_of([pair_features(reading, pair) for pair in pairs])
    told = {_place(t.subject, t.outcome): t for t in told_of_courses(context)}
    told |= {_place(t.subject, t.outcome): t for t in _by_figures(context)}
    told |= {_place(t.subject, t.outcome): t for t in told_of_results(context) if t.subject.kind == "intervention"}
    references = _references(told.values())
    for pair, chances in zip(pairs, weighed, strict=True):
        direction = max(EFFECTS, key=lambda name: (chances[name], name))
        known = 1 - chances[NONE]
        plain = told.get(_place(pair.intervention, pair.outcome))
        if plain is not None and known >= THRESHOLD:
            direction = EFFECT_NAMES[plain.sign]
        if known < THRESHOLD:
            abstained += known >= DOUBT
            continue
        if says_nothing(context, pair):
            continue
        if plain is None and (*_place(pair.intervention, pair.outcome), direction) in references:
            continue
        category = context.sentences[pair.outcome.sentence].category
        if category in ("title", "aim", "background") and not states_a_result(context, pair.outcome):
            continue
        denied = pair.source != "here" and plain is None and is_denied_by_p(context, pair.outcome)
        if direction == "no difference" and (denied or has_double_negation(context, pair.outcome)):
            abstained += 1
            continue
        key = (normal(pair.intervention.text), normal(pair.outcome.text), direction)
        if key not in effects or chances[direction] > effects[key].chance + 1e-9:
            effect = Effect(pair, direction, chances[direction], None)
            effects[key] = replace(effect, told=plain.sign, against=_other_arm(plain)) if plain else effect
    effects |= _only_told(context, effects, told.values())
    for listed in told_of_lists(context, dict(effects)):
        if not says_nothing(context, listed.pair):
            effects.setdefault(_key(listed), listed)
    effects = {
        key: e
        for key, e in effects.items()
        if not (_is_only_measure(e, effects.values()) or _is_named_again(context, e, effects.values()))
    }
    pairs_of_arms = record_arms(context).pairs
    effects = {key: effect for key, effect in effects.items() if not _is_of_both_arms(effect, pairs_of_arms)}
    effects = {key: _of_the_first_arm(context, effect, pairs_of_arms) for key, effect in effects.items()}
    unnamed = of_unnamed_arms(context, pairs_of_arms)
    places = {(e.pair.outcome.sentence, normal(e.pair.outcome.text)) for e in unnamed.values()}
    effects = {key: e for key, e in effects.items() if not _is_told_of_groups(e, places)} | unnamed
    stated = with_estimates(context, list(effects.values()), links)
    directed = (with_a_direction(context, _as_adjusted(context, effect)) for effect in stated)
    return [effect for effect in directed if effect is not None], abstained


def _by_figures(context: Context) -> Iterator[Told]:
    """Yields what a sentence tells by setting the figures of a treatment against those of its control."""
    for number, sentence in enumerate(context.sentences):
        arms = distinct([s for s in context.by_sentence.get(number, ()) if s.kind == "intervention"])
        treated = [span for span in arms if not is_control(normal(span.text))]
        if sentence.category != "results" or len(arms) != 2 or len(treated) != 1:
            continue
        sign = figures_sign(context, number, normal(treated[0].text), None)
        tested = [significant(e.p_value) for e in context.estimates[number] if e.p_value is not None]
        if sign is None or not all(tested) or not (tested or _AGAINST.search(context.texts[number])):
            continue
        outcome = next(s for s in context.by_sentence[number] if s.kind == "outcome")
        if word_sign(context, outcome) is None:
            against = next(span for span in arms if span is not treated[0])
            yield Told(treated[0], outcome, sign, against, "figures")


def _key(effect: Effect) -> tuple[str, str, str]:
    return normal(effect.pair.intervention.text), normal(effect.pair.outcome.text), effect.direction


def _place(subject: Span, outcome: Span) -> tuple[str, str, int]:
    return normal(subject.text), normal(outcome.text), outcome.sentence


def _as_adjusted(context: Context, effect: Effect) -> Effect:
    """The effect as the adjusted analysis of its sentence leaves it."""
    drug = effect.pair.intervention
    found = adjusted_result(context, [drug]) if drug.sentence == effect.pair.outcome.sentence else None
    if found is None:
        return effect
    return replace(effect, direction=EFFECT_NAMES[found.sign], estimate=found.estimate, conflict=None)


def _other_arm(told: Told) -> Span | None:
    """The other treatment of a plain statement, which its sentence need not name as one that is only compared with."""
    return told.against if told.against is not None and told.against.kind == "intervention" else None


def _references(told: Iterable[Told]) -> set[tuple[str, str, int, str]]:
    """What plain statements set an arm against, by place, with the direction that the other arm has and it has not."""
    return {
        (*_place(one.against, one.outcome), EFFECT_NAMES[one.sign])
        for one in told
        if one.against is not None and one.sign in (UP, DOWN)
    }


def _only_told(
    context: Context, effects: Mapping[tuple[str, str, str], Effect], told: Iterable[Told]
) -> dict[tuple[str, str, str], Effect]:
    """The effects that plain statements tell and the model passed over, but for those told already in other words."""
    added: dict[tuple[str, str, str], Effect] = {}
    for one in told:
        pair = Pair(one.subject, one.outcome, "here" if one.subject.sentence == one.outcome.sentence else "main")
        others = [*effects.values(), *added.values()]
        if one.form == "figures":  # a conclusion that restates it says less
            others = [e for e in others if context.sentences[e.pair.outcome.sentence].category == "results"]
        if says_nothing(context, pair) or any(_tells(other, one) for other in others):
            continue
        direction = EFFECT_NAMES[one.sign]
        key = (normal(one.subject.text), normal(one.outcome.text), direction)
        added[key] = Effect(pair, direction, TOLD, None, None, one.sign, _other_arm(one))
    return added


def _is_told_of_groups(effect: Effect, places: Container[tuple[int, str]]) -> bool:
    """Whether an effect is of a treatment that its sentence, which tells of groups, does not name."""
    place = effect.pair.outcome.sentence, normal(effect.pair.outcome.text)
    return effect.pair.source in ("main", "previous") and place in places


def _is_of_both_arms(effect: Effect, arms: Sequence[tuple[Span, Span]]) -> bool:
    """Whether a sentence that names no such treatment is about what both arms had ("X versus Y after excision")."""
    names = {normal(span.text) for pair in arms for span in pair}
    key = normal(effect.pair.intervention.text)
    return (
        effect.pair.source in ("main", "previous")
        and len(names) == 2
        and not any(f" {key} " in f" {name} " or f" {name} " in f" {key} " for name in names)
    )


def _is_only_measure(effect: Effect, others: Iterable[Effect]) -> bool:
    """Whether an effect on a bare "incidence" says again what its sentence says of the disease."""
    if not BARE_MEASURE.fullmatch(normal(effect.pair.outcome.text)):
        return False
    return any(
        other.direction == effect.direction
        and other.pair.outcome.sentence == effect.pair.outcome.sentence
        and normal(other.pair.intervention.text) == normal(effect.pair.intervention.text)
        and names_disease(other.pair.outcome.text.lower())
        for other in others
    )


def _is_named_again(context: Context, effect: Effect, others: Iterable[Effect]) -> bool:
    """Whether the same is told of the short form that stands in brackets right behind an effect's outcome."""
    mine = effect.pair.outcome
    end = context.bounds(mine)[1]
    return any(
        other.direction == effect.direction
        and other.pair.outcome.sentence == mine.sentence
        and normal(other.pair.intervention.text) == normal(effect.pair.intervention.text)
        and context.texts[mine.sentence][end : context.bounds(other.pair.outcome)[0]].strip() == "("
        for other in others
    )


def _of_the_first_arm(context: Context, effect: Effect, arms: Sequence[tuple[Span, Span]]) -> Effect:
    """Where a sentence names no arm and nothing differed, the result is told of the arm that the record names first."""
    pair = effect.pair
    if effect.direction != "no difference" or pair.source not in ("main", "previous"):
        return effect
    if any(span.kind == "intervention" for span in context.by_sentence.get(pair.outcome.sentence, ())):
        return effect
    first = [one for one, other in arms if normal(other.text) == normal(pair.intervention.text)]
    return (
        replace(effect, pair=replace(pair, intervention=first[0]))
        if first and not is_control(normal(first[0].text))
        else effect
    )


def _tells(effect: Effect, told: Told) -> bool:
    """Whether an effect is already about a plain statement's subject and outcome, in the same or in other words."""
    if all(names_disease(span.text.lower()) for span in (effect.pair.outcome, told.outcome)):
        return _share_a_word(effect.pair.intervention.text, told.subject.text)
    return _alike(effect.pair.intervention.text, told.subject.text) and _alike(
        effect.pair.outcome.text, told.outcome.text
    )


def _share_a_word(one: str, other: str) -> bool:
    first, second = (set(_NAMES.findall(normal(text))) for text in (one, other))
    return bool(first & second) or _alike(one, other)


def _alike(one: str, other: str) -> bool:
    first, second = f" {normal(one)} ", f" {normal(other)} "
    return first in second or second in first
