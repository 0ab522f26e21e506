"""What a sentence leaves out of what it tells: "all but X lowered it", "no factor except X mattered", "unlike X".

The words are data (`nlp/cues/excepted.toml`).
"""

import re
from functools import cache
from typing import Literal

from nlp.cues import patterns
from nlp.findings.sentence.signs import NONE
from nlp.findings.sentence.view import Context
from nlp.spans.tagging import Span

#: What is left out of a statement is denied, is the only one told, or stands against what is told without more said.
LeftOut = Literal["denied", "told", "open"]
#: Another one that is left out too stands between, with its article.
_WITH_ANOTHER = r"(?: (?:the|an?|of|by|with|in))*(?: [^,.;:]{2,40} (?:and|or))?(?: (?:the|an?|of|by|with|in))* $"


#: Behind what is left out: nothing else was told ("apart from X no factor mattered").
_DENIED_BEHIND = re.compile(r",? (?:no|none|nothing|neither)\b")


@cache
def _cues() -> dict[str, re.Pattern[str]]:
    words = {name: rf"(?<![\w-])(?:{pattern.pattern})" for name, pattern in patterns("excepted", re.NOFLAG).items()}
    return {
        "except": re.compile(words["except"] + _WITH_ANOTHER),
        "unlike": re.compile(words["unlike"] + _WITH_ANOTHER),
        "denied": re.compile(words["denied"] + r"(?![\w-])"),
        "left_open": re.compile(words["left_open"] + r"(?![\w-])"),
    }


def left_out(context: Context, span: Span) -> LeftOut | None:
    """Returns what becomes of a span that its sentence leaves out; None where it does not leave it out."""
    text = context.texts[span.sentence]
    start, _ = context.bounds(span)
    first = text.rfind(";", 0, start) + 1
    if _cues()["unlike"].search(text, first, start):
        return "open"
    match = _cues()["except"].search(text, first, start)
    if match is None:
        return None
    denied = _cues()["denied"].search(text, first, match.end()) or _DENIED_BEHIND.match(text, context.bounds(span)[1])
    return "told" if denied else "denied"


def leaves_open(context: Context, span: Span) -> bool:
    """Returns whether what is told of a span denies a denial, or leaves open what it names ("cannot be ruled out")."""
    text = context.texts[span.sentence]
    start, end = context.bounds(span)
    stop = text.find(";", end)
    return bool(_cues()["left_open"].search(text, text.rfind(";", 0, start) + 1, len(text) if stop < 0 else stop))


def sign_left_open(context: Context, span: Span, sign: str | None) -> tuple[str | None] | None:
    """Returns the sign of a factor that its sentence leaves out or open, in a tuple, where it is not the one read.

    The sign is None where nothing can be said of it.
    """
    left = left_out(context, span)
    if sign is None:
        return None
    if left == "denied":
        return (NONE,)
    is_open = left == "open" or (left == "told" and sign == NONE) or leaves_open(context, span)
    return (None,) if is_open else None
