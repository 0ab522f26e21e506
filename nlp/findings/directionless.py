"""Findings that a sentence cannot give a direction: it says that groups differed, and not which had more.

"X had a significant effect on pain", "pain differed significantly (p = 0.01)", or figures by numbered groups that it
does not name. Figures of the arms in another sentence may still say it. The words are data (`nlp/cues/differs.toml`).
"""

import re
from dataclasses import replace

from nlp.cues import patterns
from nlp.cues.disease import names_disease
from nlp.findings.links.costs import Effect
from nlp.findings.sentence.arms import figures_sign, hardly_differ, is_told_absent
from nlp.findings.sentence.exceptions import leaves_open, left_out
from nlp.findings.sentence.gates import EFFECT_NAMES
from nlp.findings.sentence.signs import NONE, superlative_sign
from nlp.findings.sentence.view import Context
from nlp.spans.tagging import Span
from nlp.text.figures import means, proportions
from nlp.text.normal import normal
from nlp.text.numbers import NUMBER_WORDS

#: Groups of cues that say which way something went.
_MOVED = frozenset(("increase", "decrease", "protective"))
_GROUP = re.compile(r"\bgroups? (?:[1-9]|i{1,3}v?|[a-e])\b")
#: Some of all: "two of three hips", "9 of 10".
_PART_OF = re.compile(
    rf"\b(?:{NUMBER_WORDS}|\d+|most|some|several|many) (?:out )?of (?:the )?(?:{NUMBER_WORDS}|\d+|\w+s)\b"
)
_FIGURE = re.compile(r"\d\s?%|\d\.\d|\d{2}")
_DIRECTED = ("increases", "decreases")


def with_a_direction(context: Context, effect: Effect) -> Effect | None:
    """Returns an effect as its sentence has it, else as the figures of another one do, else None."""
    drug, outcome = effect.pair.intervention, effect.pair.outcome
    if drug.sentence == outcome.sentence and leaves_open(context, outcome):
        return None
    if effect.told or (effect.estimate is not None and effect.estimate.measure):
        return effect
    effect_ = _but_left_out(context, effect)
    if effect_ is not effect or effect.direction not in _DIRECTED:
        return effect_
    if _tells_too_little(context, effect):
        return None
    if _is_of_numbered_groups(context, effect):
        return None
    if not _only_differs(context, effect):
        return effect
    sign = _sign_elsewhere(context, effect)
    return replace(effect, direction=EFFECT_NAMES[sign], conflict=None) if sign else None


def _but_left_out(context: Context, effect: Effect) -> Effect | None:
    """An effect as it is told of a treatment that its sentence leaves out, or None where it leaves it open."""
    drug, outcome = effect.pair.intervention, effect.pair.outcome
    if drug.sentence != outcome.sentence:
        return effect
    left = left_out(context, drug)
    if left == "denied":
        return replace(effect, direction=EFFECT_NAMES[NONE], conflict=None)
    is_open = left == "open" or (left == "told" and effect.direction not in _DIRECTED)
    return None if is_open else effect


def _tells_too_little(context: Context, effect: Effect) -> bool:
    """Whether figures alone speak for an effect, and hardly differ between the arms or are those of one arm."""
    outcome, drug = effect.pair.outcome, effect.pair.intervention
    if normal(drug.text) in hardly_differ(context, outcome.sentence):
        return True
    text = context.texts[outcome.sentence]
    alone = not context.estimates[outcome.sentence] and not patterns("differs", re.NOFLAG)["against"].search(text)
    return alone and is_told_absent(context, outcome) and bool(_PART_OF.search(text, context.bounds(outcome)[1]))


def _only_differs(context: Context, effect: Effect) -> bool:
    number, outcome = effect.pair.outcome.sentence, effect.pair.outcome
    text = context.texts[number]
    words = patterns("differs", re.NOFLAG)
    if not words["differs"].search(text) or words["better"].search(text):
        return False
    moved = any(cue.group in _MOVED and not words["no_move"].fullmatch(cue.text) for cue in context.cues[number])
    return not moved and not superlative_sign(context, outcome) and len(proportions(text)) + len(means(text)) < 2


def _sign_elsewhere(context: Context, effect: Effect) -> str | None:
    """The sign that the figures of the treatment have in the sentences that tell of the same outcome."""
    drug = normal(effect.pair.intervention.text)
    told = {
        figures_sign(context, span.sentence, drug, None)
        for span in context.spans
        if span.kind == "outcome" and _is_same(span, effect.pair.outcome)
    } - {None}
    return told.pop() if len(told) == 1 else None


def _is_same(one: Span, other: Span) -> bool:
    if normal(one.text) == normal(other.text):
        return True
    return all(names_disease(span.text.lower()) for span in (one, other))


def _is_of_numbered_groups(context: Context, effect: Effect) -> bool:
    """Whether a sentence gives each of several numbered groups a figure and does not name the treatment."""
    text = context.texts[effect.pair.outcome.sentence]
    groups = {match.group() for match in _GROUP.finditer(text)}
    return effect.pair.source != "here" and len(groups) > 1 and bool(_FIGURE.search(text))
