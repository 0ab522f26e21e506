"""Pairs of which a sentence tells nothing, though it names both: it tells of something beside them.

"Delaying X", "X-related toxicity", "the growth of lesion cells", "X might serve to prevent it", and the long form of an
outcome of which a part is another outcome's name. The words are data (`nlp/cues/asides.toml`).
"""

import re
from functools import cache

from nlp.cues import patterns
from nlp.document import attribute
from nlp.findings.sentence.pair_features import Pair
from nlp.findings.sentence.view import Context
from nlp.spans.tagging import Span

#: The cues that stand right before what they are told of.
_BEFORE = ("withheld", "explained", "exposed", "given_for")
#: What leads from an operation to what it was done for ("reoperation for removal").
_FOR = re.compile(r" (?:for|because of|due to)(?: [\w-]+){0,2} ")
#: A list goes on behind a treatment: what is thought of it, is thought of all.
_LIST = re.compile(r"(?:(?:,| and| or) [^.;,]{1,40}){0,3}")


@cache
def _cues() -> dict[str, re.Pattern[str]]:
    words = {name: f"(?:{pattern.pattern})" for name, pattern in patterns("asides", re.NOFLAG).items()}
    before = {name: re.compile(rf"(?<![\w-]){words[name]}(?: the| an?)? $") for name in _BEFORE}
    behind = {name: re.compile(words[name]) for name in ("due_to", "carrier", "timed")}
    before["operation"] = re.compile(words["operation"])
    return before | behind | {"proposed": re.compile(rf",? {words['proposed']}")}


def is_beside(context: Context, pair: Pair) -> bool:
    """Returns whether a sentence tells of something beside the treatment or the outcome of a pair."""
    outcome = pair.outcome
    text = context.texts[outcome.sentence]
    start, end = context.bounds(outcome)
    if _cues()["carrier"].match(text, end) or is_part_of_name(context, outcome):
        return True
    if _cues()["given_for"].search(text, 0, start):
        return True
    if pair.intervention.sentence != outcome.sentence:
        return False
    operated = _cues()["operation"].fullmatch(text, start, end)
    start, end = context.bounds(pair.intervention)
    if operated and _FOR.fullmatch(text, context.bounds(outcome)[1], start):
        return True
    if _cues()["exposed"].search(text, 0, start) and any(
        span.kind == "intervention" and span.first < pair.intervention.first
        for span in context.by_sentence[outcome.sentence]
    ):
        return True
    if is_withheld(context, pair.intervention) or _cues()["due_to"].match(text, end):
        return True
    return bool(_cues()["explained"].search(text, 0, start) or _cues()["proposed"].match(text, end))


def is_withheld(context: Context, treatment: Span) -> bool:
    """Returns whether what a sentence tells is told of when, whether or how well a treatment was given or taken."""
    text = context.texts[treatment.sentence]
    start, end = context.bounds(treatment)
    return bool(_cues()["withheld"].search(text, 0, start) or _cues()["timed"].match(text, end))


def is_part_of_name(context: Context, outcome: Span) -> bool:
    """Returns whether an outcome is a part of the long form of another one ("discontinuation for nausea (DN)")."""
    text = context.texts[outcome.sentence]
    place, end = context.bounds(outcome)
    long_forms: dict[str, str] = attribute(context.document, "abbreviations")
    others = {s.text for s in context.by_sentence[outcome.sentence] if s.kind == "outcome" and s.text in long_forms}
    for short in others:
        long_form = long_forms[short]
        first = text.find(long_form.lower())
        if 0 <= first <= place and end <= first + len(long_form) and end - place < len(long_form):
            return True
    return False
