"""Spans that are a part of a name, made whole: a long form that the record abbreviates, a measure and what it counts.

Half a name says something else: "discontinuation" for "discontinuation caused by side effects (DSE)", "occurrence" of a
record on the disease for "occurrence of complications". So does a name with what was done to it: "restored motion".
"""

import re
from collections.abc import Sequence
from dataclasses import replace

from spacy.tokens import Doc

from nlp.cues import patterns
from nlp.document import attribute
from nlp.spans.tagging import Span, span_text

#: What is counted, and not what of.
_COUNTED = frozenset(("occurrence", "incidence", "prevalence", "frequency", "rate", "rates"))
_ARTICLES = frozenset(("the", "any"))
#: What stands before an outcome and makes it the reverse of it.
_FREE = ["freedom", "from"]


def with_whole_names(document: Doc, found: Sequence[Span]) -> list[Span]:
    """Returns the spans with those made whole that begin a name; what lies inside a name goes."""
    words = [word.lower() for word in attribute(document, "words")]
    names: dict[str, list[list[str]]] = {}
    for long_form in attribute(document, "abbreviations").values():
        parts = long_form.lower().split()
        if len(parts) > 1:
            names.setdefault(parts[0], []).append(parts)
    whole = [_named(document, words, names, _without_verb(document, words, span)) for span in found]
    starts = {span.first: span for span in whole if span.kind == "outcome"}
    whole = [_freed(document, words, _counted(document, words, starts, span)) for span in whole]
    inside = {
        index: span
        for span, old in zip(whole, found, strict=True)
        if span != old
        for index in range(span.first, span.last)
    }
    return [span for span in whole if inside.get(span.first, span) == span]


def _without_verb(document: Doc, words: list[str], span: Span) -> Span:
    """An outcome without the verb before it, of which it is the object."""
    if span.kind != "outcome" or span.last - span.first < 2:
        return span
    if not patterns("told", re.NOFLAG)["did"].fullmatch(words[span.first]):
        return span
    return replace(span, first=span.first + 1, text=span_text(document, span.first + 1, span.last))


def _freed(document: Doc, words: list[str], span: Span) -> Span:
    """An outcome that patients were free of is that freedom."""
    first = span.first - len(_FREE)
    if span.kind != "outcome" or first < 0 or words[first : span.first] != _FREE:
        return span
    return replace(span, first=first, text=span_text(document, first, span.last))


def _named(document: Doc, words: list[str], names: dict[str, list[list[str]]], span: Span) -> Span:
    """A span that begins the long form of an abbreviation is all of it."""
    for parts in names.get(words[span.first], ()):
        last = _end(words, span.first, parts)
        if last > span.last:
            return replace(span, last=last, text=span_text(document, span.first, last))
    return span


def _end(words: list[str], first: int, parts: list[str]) -> int:
    """The token behind a name that stands at `first`, 0 where it does not; hyphens part tokens, not names."""
    at = first
    for part in parts:
        begun = ""
        while at < len(words) and len(begun) < len(part):
            begun += words[at]
            at += 1
        if begun != part:
            return 0
    return at


def _counted(document: Doc, words: list[str], outcomes: dict[int, Span], span: Span) -> Span:
    """A bare "occurrence" before "of" and an outcome is one outcome with it."""
    if span.kind != "outcome" or span.last - span.first > 1 or words[span.first] not in _COUNTED:
        return span
    at = span.last
    if words[at : at + 1] != ["of"]:
        return span
    at += 2 if words[at + 1 : at + 2] and words[at + 1] in _ARTICLES else 1
    other = outcomes.get(at)
    if other is None or other.sentence != span.sentence:
        return span
    return replace(span, last=other.last, text=span_text(document, span.first, other.last))
