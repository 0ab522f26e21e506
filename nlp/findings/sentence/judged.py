"""Whether a sentence calls a treatment better or worse as to an outcome, and what is good of an outcome as it is named.

Such words say what it means for the patient and nothing of more or less: worse pain is more of it, worse motion less.
"""

import re
from functools import cache
from typing import Literal

from db.terms import Polarity
from nlp.cues import patterns
from nlp.findings.consistency import ABSENCE_OF
from nlp.findings.sentence.signs import is_reference
from nlp.findings.sentence.view import Context
from nlp.spans.tagging import Span

#: The rest of a list before what is told of all of it ("motion, strength and walking were better").
_LIST = (
    r"(?:(?:,| and)(?: (?!(?:was|were|is|are|had|has|fell|rose|did|with|after|in|by|but)\b)[\w-]+,?){1,7}"
    r"(?= (?:were|are) ))"
)
Judged = Literal["better", "worse"]


@cache
def _forms() -> tuple[re.Pattern[str], re.Pattern[str]]:
    """What stands behind an outcome, and what stands between a treatment and an outcome behind it."""
    words = {name: f"(?:{pattern.pattern})" for name, pattern in patterns("judged", re.NOFLAG).items()}
    called = (
        rf"(?:was|were|is|are)(?: (?!no\b|not\b|never\b)[\w-]+){{0,2}}? (?:(?P<good>{words['good']})|{words['bad']})"
    )
    regard = rf"\b{words['in_regard_to']}(?: [\w-]+){{0,3}} $"
    return (
        re.compile(rf"{_LIST}? {called}\b"),
        re.compile(rf"[^;.]{{0,60}}?\b{called} (?:than|to|compared)\b[^;.]*?{regard}"),
    )


def judged(context: Context, subject: Span, outcome: Span) -> Judged | None:
    """Returns what a sentence calls a treatment as to an outcome; None where it does not, or names it as the other."""
    text = context.texts[outcome.sentence]
    start, end = context.bounds(outcome)
    behind, between = _forms()
    found = behind.match(text, end)
    if subject.sentence == outcome.sentence:
        if is_reference(context, subject):
            return None
        if found is None and subject.first < outcome.first:
            found = between.fullmatch(text, context.bounds(subject)[1], start)
    if found is None:
        return None
    return "better" if found["good"] else "worse"


def outcome_polarity(outcome: str, polarity: Polarity | None) -> Polarity | None:
    """Returns the polarity of an outcome as worded: of "relief of pain" more is better, of "loss of motion" less is."""
    if polarity is None:
        return None
    name, cues = outcome.lower(), patterns("judged", re.NOFLAG)
    said = cues["less_is_better" if polarity == "less is better" else "more_is_better"].search(name)
    if ABSENCE_OF.match(name) or (said and not cues["no_reverse"].search(name)):
        return "less is better" if polarity == "more is better" else "more is better"
    return polarity
