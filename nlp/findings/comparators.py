"""What an intervention was compared with: the other arm that a sentence sets against it, else the record's control."""

import re
from collections.abc import Sequence

from nlp.findings.pair_features import distinct, is_control
from nlp.findings.view import Context
from nlp.spans.component import Span
from nlp.text.normal import normal

_AGAINST = re.compile(
    r"(?:than|versus|vs?\.?|compared (?:with|to)|relative to|against|over|as opposed to|rather than|superior to"
    r"|inferior to|and|or)"
    r"(?: (?:the|those|that|patients|hips|with|given|in|on|after|of|who|received|receiving|had)){0,4}\s*$"
)


def record_controls(context: Context) -> list[Span]:
    """Returns the record's interventions that read as a control, one a string."""
    return distinct([s for s in context.spans if s.kind == "intervention" and is_control(normal(s.text))])


def comparator(context: Context, number: int, subject: Span, record: Sequence[Span]) -> Span | None:
    """Returns the intervention that a sentence compares `subject` with, or None.

    In the sentence: one behind "than", "versus" and the like, else the only other one if it reads as a control. Where
    the sentence names no other, the record's only control (`record`, see record_controls).
    """
    key = normal(subject.text)
    here = [span for span in distinct(_interventions(context, number)) if _differs(normal(span.text), key)]
    behind = [s for s in here if _AGAINST.search(context.texts[number][: context.bounds(s)[0]])]
    controls = [s for s in here if is_control(normal(s.text))]
    if behind or controls:
        first = [s for s in behind if s in controls] or controls or behind
        return first[0] if not is_control(key) or first is behind else None
    if here or is_control(key):
        return None
    known = [span for span in record if _differs(normal(span.text), key)]
    return known[0] if len(known) == 1 else None


def _interventions(context: Context, number: int) -> list[Span]:
    return [span for span in context.by_sentence.get(number, []) if span.kind == "intervention"]


def _differs(one: str, other: str) -> bool:
    """Two names of which one is part of the other are the same arm, but for "no indomethacin"."""
    return is_control(one) != is_control(other) or (one not in other and other not in one)
