"""What an analysis of several variables leaves of what one variable showed alone: the adjusted result decides.

"X was significant in univariable but not in multivariable analysis", "after adjustment it was no longer", "crude OR
2.1, adjusted OR 1.2". Where the adjusted analysis names only others, what was seen alone is in conflict with it. The
words are data (`nlp/cues/adjusted.toml`).
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache

from nlp.cues import patterns
from nlp.estimates import EstimateSpan
from nlp.findings.sentence.estimate_signs import estimate_sign, significant
from nlp.findings.sentence.signs import DOWN, NONE, UP, says_rest_is_null, word_sign
from nlp.findings.sentence.view import Context
from nlp.spans.tagging import Span

_BRACKET = re.compile(r"\([^()]*\)|\[[^\[\]]*\]")


@dataclass(frozen=True, slots=True)
class Adjusted:
    """What an adjusted analysis says of a factor or treatment: its sign, where, and its estimate if it has one."""

    sign: str
    sentence: int
    estimate: EstimateSpan | None


@cache
def _cues() -> dict[str, re.Pattern[str]]:
    words = {
        name: rf"(?<![\w-])(?:{pattern.pattern})(?![\w-])" for name, pattern in patterns("adjusted", re.NOFLAG).items()
    }
    turn = r"(?:\b(?:but|though|although|yet|however|which|this|that|whereas|while)\b|[;,])"
    small = rf"(?:[ ,]*{words['between']})*[ ,]*"
    lost, adjusted, crude = words["lost"], words["adjusted"], words["crude"]
    return {
        "crude": re.compile(crude),
        "adjusted": re.compile(adjusted),
        "only": re.compile(words["only"]),
        "lost": re.compile(lost),
        "taken_back": re.compile(
            rf"{turn}(?: [\w-]+){{0,4}}? {lost}{small}{adjusted}"
            rf"|{turn}(?: [\w-]+){{0,3}}? ?{adjusted}[^.;()]{{0,40}}?{lost}"
            rf"|\b(?:disappeared|vanished)\b[^.;]{{0,40}}?{adjusted}"
        ),
        "upheld": re.compile(
            rf"{turn} (?:was|were|did|became)(?: (?!not\b)[\w-]+){{0,2}} (?:in|on|by|after){small}{adjusted}"
        ),
        "again": re.compile(
            r"^(?:it|this|the association|they|these|(?:the )?adjusted)\b|^(?:in|on|after|by)\b[^.;]{0,60}\bit\b"
        ),
    }


def adjusted_result(context: Context, places: Sequence[Span]) -> Adjusted | None:
    """Returns what the adjusted analysis of a record says of a factor or treatment, all places of which are given.

    None where no such analysis takes back, or finds only then, what was seen without it.
    """
    for span in places:
        found = _in_sentence(context, span) or _in_next(context, span)
        if found is not None:
            return found
    return _in_another(context, places)


def is_left_out_by_adjusting(context: Context, places: Sequence[Span]) -> bool:
    """Returns whether a record tells of a factor by itself, and of others only where it adjusted."""
    alone = {span.sentence for span in places}
    if any(_is_left_out_here(context, span) for span in places):
        return True
    if not any(_cues()["crude"].search(context.texts[number]) for number in alone):
        return False
    for number in range(max(alone) + 1, min(max(alone) + 4, len(context.sentences))):
        text = context.texts[number]
        if _cues()["adjusted"].search(text) and not _cues()["crude"].search(text):
            named = any(span.kind == "risk factor" for span in context.by_sentence.get(number, ()))
            following = " ".join(context.texts[number : number + 2])
            return named and bool(_cues()["only"].search(text) or says_rest_is_null(following))
    return False


def _is_left_out_here(context: Context, span: Span) -> bool:
    """Whether a sentence names a factor among those seen alone, and behind "only" others that were left."""
    text, end = context.texts[span.sentence], context.bounds(span)[1]
    crude = _cues()["crude"].search(text, end)
    only = _cues()["only"].search(text, crude.end()) if crude else None
    return only is not None and _cues()["adjusted"].search(text, only.end()) is not None


def _in_sentence(context: Context, span: Span) -> Adjusted | None:
    """ "Significant in univariable but not in multivariable analysis", and the reverse."""
    number, text = span.sentence, _open(context.texts[span.sentence])
    end = context.bounds(span)[1]
    for name, sign in (("taken_back", NONE), ("upheld", None)):
        match = _cues()[name].search(text, end)
        if match is None or _names_another(context, span, end, match):
            continue
        shift = context.sentences[number].start
        behind = [e for e in context.estimates[number] if e.start - shift >= match.start() and e.measure]
        estimate = behind[0] if behind else None
        stated = estimate_sign(estimate) if estimate else "unknown"
        if sign == NONE:
            return Adjusted(NONE, number, estimate if stated == NONE else None)
        if stated in (UP, DOWN):
            return Adjusted(stated, number, estimate)
    return None


def _names_another(context: Context, span: Span, end: int, match: re.Match[str]) -> bool:
    """Whether another factor or treatment stands where something is taken back: it is told of that one."""
    places = (context.bounds(s)[0] for s in context.by_sentence[span.sentence] if s.kind == span.kind)
    return any(match.start() <= place < match.end() for place in places if place >= end)


def _in_next(context: Context, span: Span) -> Adjusted | None:
    """ "It was not retained in the multivariable model", "The adjusted OR was 1.2": of the one factor told before."""
    number = span.sentence + 1
    if number >= len(context.sentences) or not _cues()["crude"].search(context.texts[span.sentence]):
        return None
    here = {s.text.lower() for s in context.by_sentence[span.sentence] if s.kind == span.kind}
    if len(here) > 1 or any(s.kind == span.kind for s in context.by_sentence.get(number, ())):
        return None
    text = _open(context.texts[number])
    if not _cues()["again"].search(text) or not _cues()["adjusted"].search(text):
        return None
    measured = [e for e in context.estimates[number] if e.measure]
    if len(measured) == 1:
        sign = estimate_sign(measured[0])
        return Adjusted(sign, number, measured[0]) if sign in (UP, DOWN, NONE) else None
    return Adjusted(NONE, number, None) if _cues()["lost"].search(text) else None


def _in_another(context: Context, places: Sequence[Span]) -> Adjusted | None:
    """A sentence on an adjusted analysis that says of a factor told of elsewhere that it did not matter."""
    numbers = {span.sentence for span in places if context.sentences[span.sentence].category == "results"}
    if len(numbers) < 2:
        return None
    for span in places:
        text = context.texts[span.sentence]
        if span.sentence not in numbers or span.sentence == min(numbers) or _cues()["crude"].search(text):
            continue
        if _cues()["adjusted"].search(text) and word_sign(context, span) == NONE:
            return Adjusted(NONE, span.sentence, _only_null(context, span.sentence))
    return None


def _only_null(context: Context, number: int) -> EstimateSpan | None:
    """The one estimate of a sentence, where it says that nothing differed."""
    found = context.estimates[number]
    if len(found) != 1:
        return None
    [only] = found
    null = estimate_sign(only) == NONE if only.measure else not significant(only.p_value or "")
    return only if null else None


def _open(text: str) -> str:
    """A sentence with blanks for what stands in brackets."""
    return _BRACKET.sub(lambda match: " " * len(match.group()), text)
