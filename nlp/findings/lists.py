"""Outcomes of one list: what a clause tells of one of them it tells of all ("pain and range of motion were improved").

The models judge each outcome for itself and are surest of the last one named; a list has one verb.
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace

from nlp.findings.links.costs import Effect
from nlp.findings.sentence.clauses import main_clause
from nlp.findings.sentence.course import better_sign
from nlp.findings.sentence.gates import EFFECT_NAMES
from nlp.findings.sentence.signs import clause_of
from nlp.findings.sentence.view import Context
from nlp.spans.tagging import Span

_BRACKET = r"(?:\s?\([^()]*\))?"
_JOINED = re.compile(rf"{_BRACKET}(?:,|,? (?:and|or|nor|as well as))(?: (?:the|in|of|both|for))*\s")
#: Behind two things this opens a clause of its own ("A fell, and B rose"), behind more it ends their list.
_LAST = re.compile(rf"{_BRACKET}, (?:and|or)\b")
_IMPROVED = re.compile(r"\b(?:improv|better|benefi)\w*")


def told_of_lists(context: Context, effects: Mapping[tuple[str, str, str], Effect]) -> Iterator[Effect]:
    """Yields the effects on further outcomes of the lists in which outcomes of effects stand."""
    known = {(e.pair.intervention, e.pair.outcome) for e in effects.values()}
    for effect in effects.values():
        if effect.estimate is not None or not _in_one_clause(context, effect):
            continue
        for outcome in _listed_with(context, effect.pair.outcome):
            if (effect.pair.intervention, outcome) in known:
                continue
            direction = _direction(context, effect, outcome)
            if direction is not None:
                known.add((effect.pair.intervention, outcome))
                yield replace(effect, pair=replace(effect.pair, outcome=outcome), direction=direction)


def _in_one_clause(context: Context, effect: Effect) -> bool:
    """Whether a treatment that its outcome's sentence names stands in the clause of the outcome."""
    outcome, drug = effect.pair.outcome, effect.pair.intervention
    first, last = main_clause(context.texts[outcome.sentence], *context.bounds(outcome))
    return drug.sentence != outcome.sentence or first <= context.bounds(drug)[0] < last


def _direction(context: Context, effect: Effect, outcome: Span) -> str | None:
    """The direction of an outcome listed with another: the same, but of what "improved" that which is better."""
    if effect.direction == "no difference" or not _IMPROVED.search(clause_of(context, outcome)):
        return effect.direction
    sign = better_sign(context, outcome)
    return EFFECT_NAMES[sign] if sign else None


def _listed_with(context: Context, outcome: Span) -> list[Span]:
    """The other outcomes of the list in which an outcome stands: nothing but commas and "and" between them."""
    outcomes = [s for s in context.by_sentence.get(outcome.sentence, ()) if s.kind == "outcome"]
    lists = _lists(context, outcomes)
    return [span for members in lists if outcome in members for span in members if span is not outcome]


def _lists(context: Context, outcomes: Sequence[Span]) -> list[list[Span]]:
    lists: list[list[Span]] = []
    for span in outcomes:
        text = context.texts[span.sentence]
        last = lists[-1][-1] if lists else None
        between = text[context.bounds(last)[1] : context.bounds(span)[0]] if last else ""
        if _JOINED.fullmatch(between) and (len(lists[-1]) > 1 or not _LAST.match(between)):
            lists[-1].append(span)
        else:
            lists.append([span])
    return lists
