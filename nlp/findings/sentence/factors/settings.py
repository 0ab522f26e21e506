"""Injuries and illnesses that a sentence names only to say who had the disease: "it in children with X", "it after X".

They are where it was studied. What is compared there, counted more often or called a risk is told of all the same. The
words are data (`nlp/cues/roles.toml`).
"""

import re
from bisect import bisect_left

from db.topics import per_topic
from nlp.concepts.matcher import ConceptSpan
from nlp.cues import patterns
from nlp.cues.disease import disease_pattern
from nlp.document import attribute
from nlp.findings.sentence.view import Context
from nlp.spans.tagging import Span

_BRACKET = re.compile(r" ?\([^()]*\)")
#: No name in a vocabulary has more tokens.
_LONGEST = 40


@per_topic
def _cues() -> dict[str, re.Pattern[str]]:
    words = {name: f"(?:{pattern.pattern})" for name, pattern in patterns("roles", re.NOFLAG).items()}
    told = rf"(?<![\w-]){words['told_there']}(?![\w-])"
    article = rf"(?: {words['seen_article']})*"
    another = rf"(?:[\w -]{{3,40}},? (?:and|or)(?: (?:in|after|with|following))?{article} )?"
    untold = rf"(?:(?!{told})[^.;:])"
    return {
        "people": re.compile(rf"^{untold}*\b{words['people']}{article} {another}$"),
        "seen": disease_pattern(rf"\b<outcome>\b{untold}{{0,70}}?\b{words['seen']}{article} {another}$"),
        "over": re.compile(r"\b(?:than|if|at (?:\w+ )?risk)\b"),
    }


def is_setting(context: Context, span: Span) -> bool:
    """Returns whether a sentence names an injury or illness only as where the disease was seen."""
    if not _is_aetiology(context, span):
        return False
    head = _head(context, span)
    if _cues()["people"].search(head):
        return True
    return bool(_cues()["seen"].search(head)) and not _cues()["over"].search(head)


def _is_aetiology(context: Context, span: Span) -> bool:
    starts: list[int] = attribute(context.document, "concept_starts")
    concepts: list[ConceptSpan] = attribute(context.document, "concepts")
    near = slice(bisect_left(starts, span.first - _LONGEST), bisect_left(starts, span.last))
    return any(concept.kind == "aetiology" and span.first < concept.last for concept in concepts[near])


def _head(context: Context, span: Span) -> str:
    """The words before a factor without brackets; before its long form where it is the short form behind one."""
    text = context.texts[span.sentence]
    start, _ = context.bounds(span)
    long_forms: dict[str, str] = attribute(context.document, "abbreviations")
    long_form = long_forms.get(span.text, "").lower()
    if long_form and text.endswith(f"{long_form} (", 0, start):
        start -= len(long_form) + 2
    return _BRACKET.sub("", text[:start])
