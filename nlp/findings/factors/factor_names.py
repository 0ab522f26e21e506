"""Names of one factor: abbreviations, other forms of its words, and its levels ("higher X" tells of X).

What a record finds of a factor under one name holds of its other names that it leaves open.
"""

import re
from collections.abc import Sequence
from dataclasses import replace
from itertools import pairwise

from nlp.findings.factors.risks_together import Risk
from nlp.findings.sentence.factors.levels import MIRROR
from nlp.findings.sentence.gates import RISK_NAMES, sign_of
from nlp.findings.sentence.view import Context
from nlp.text.normal import normal

_WORD = re.compile(r"[^\W_]+(?:-[^\W_]+)*")
_FILLING = frozenset("the a an of in at by for to with from and or".split())
#: A name with one of these is not a part of one without.
_TURNING = frozenset(
    "no not without absence lack loss less lower low shorter short fewer decreased reduced smaller small early earlier"
    " late later delayed delay younger older incomplete partial other".split()
)
#: A name with these is a thing of its own: "X-/-" is not X.
_MARKED = re.compile(r"[+/−]|-(?=\W|$)")
_NO_RESULTS = ("title", "background", "aim", "methods")
_MORE = re.compile(r"^(?:higher|greater|longer|increas(?:ed|ing)|more|elevated|raised|(?:older|advanced) (?=age$)) ?")
_LESS = re.compile(r"^(?:lower|shorter|fewer|less|decreas(?:ed|ing)|reduced|younger (?=age$)) ?")


def by_any_name(context: Context, risks: Sequence[Risk]) -> list[Risk]:
    """Returns the statements; an open one has the direction on which those of its other names agree."""
    apposed = _apposed(context)
    found = []
    told = [_words_of(risk.span.text.lower()) for risk in risks if sign_of(risk.direction) and not risk.of_the_rest]
    for risk in risks:
        if risk.of_the_rest and any(_may_be(_words_of(risk.span.text.lower()), other) for other in told):
            risk = replace(risk, direction="unclear")  # another name of what the record does tell of
        place = context.sentences[risk.span.sentence].category
        if risk.direction == "unclear" and risk.estimate is None and place in _NO_RESULTS:
            name = normal(risk.span.text)
            named = [
                (direction, other.span) for other in risks if (direction := _of_other(name, other, apposed)) is not None
            ]
            if len({direction for direction, _ in named}) == 1:
                risk = replace(risk, direction=named[0][0], told_at=named[0][1])
        found.append(risk)
    return found


def _of_other(name: str, other: Risk, apposed: frozenset[frozenset[str]]) -> str | None:
    """The direction that a statement under another name gives a factor, or None."""
    sign = sign_of(other.direction)
    other_name = normal(other.span.text)
    if sign is None or other.conflict or other_name == name:
        return None
    if frozenset((name, other_name)) in apposed or _is_form_of(name, other_name):
        return other.direction
    for level, turned in ((_MORE, False), (_LESS, True)):
        rest = level.sub("", other_name, count=1)
        if rest != other_name and (rest == name or _is_form_of(name, rest)):
            return RISK_NAMES[MIRROR[sign] if turned else sign]
    return None


def _apposed(context: Context) -> frozenset[frozenset[str]]:
    """The pairs of names of which one stands in brackets behind the other: "X of the Y (XY)"."""
    pairs = set()
    for number, spans in context.by_sentence.items():
        text = context.texts[number]
        factors = [span for span in spans if span.kind == "risk factor"]
        for one, other in pairwise(factors):
            end, (start, stop) = context.bounds(one)[1], context.bounds(other)
            if text[end:start] in (" (", " [") and text[stop : stop + 1] in (")", "]"):
                pairs.add(frozenset((normal(one.text), normal(other.text))))
    return frozenset(pairs)


def _is_form_of(one: str, other: str) -> bool:
    """Whether two names are of the same words, or one of some of the other's: "fracture location", "location of it"."""
    words, others = sorted((_words_of(one), _words_of(other)), key=len)
    if _MARKED.search(one) or _MARKED.search(other):
        return False
    return bool(words) and (words == others or (len(words) > 1 and words < others and not (others - words) & _TURNING))


def _may_be(one: frozenset[str], other: frozenset[str]) -> bool:
    return bool(one & other) and 2 * len(one & other) >= min(len(one), len(other))


def _words_of(name: str) -> frozenset[str]:
    return frozenset(_singular(word) for word in _WORD.findall(name.lower()) if word not in _FILLING)


def _singular(word: str) -> str:
    if len(word) > 5 and word.endswith("ies"):
        return f"{word[:-3]}y"
    return word[:-1] if len(word) > 4 and word.endswith("s") and not word.endswith("ss") else word
