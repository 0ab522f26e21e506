"""Names within the name of another thing: "a receptor of growth factor X (GFX)" is no place where X itself is told of.

What patients resist ("resistance to X and Y") is no cause either, nor, in bench work, what a factor is in general
("X, a growth factor, was raised"). The words are data (`nlp/cues/name_parts.toml`).
"""

import re
from bisect import bisect_left
from collections.abc import Sequence
from dataclasses import replace
from functools import cache

from spacy.tokens import Doc

from nlp.cues import patterns
from nlp.document import Sentence, attribute
from nlp.spans.tagging import Span, span_text

_BENCH = ("animal study", "in vitro study", "other")
#: So many characters before a name may hold its long form.
_NEAR = 90


@cache
def _cues() -> dict[str, re.Pattern[str]]:
    words = {name: f"(?:{pattern.pattern})" for name, pattern in patterns("name_parts", re.NOFLAG).items()}
    short = r"(?:\(\w[^()]{0,40}\)|\[\w[^\[\]]{0,40}\])"
    no_verb = r"(?:(?!\b(?:is|are|was|were|ha[sd]|have|seems?|may|can)\b)[^.;])*"
    return {
        "before": re.compile(rf"\b{words['before']}(?: | (?:[^\s.;,()]+ ){{1,4}}\()$"),
        "behind": re.compile(rf"(?: {short}|\))? ({words['behind']})\b"),
        "defined": re.compile(r" ?\(\w"),
        "kind": re.compile(r"(?: \([^()]*\))?, (?:an?|one of the|a member of the) (?:(?!and |or )[\w-]+ ){0,2}$"),
        "list_behind": re.compile(rf"\b{words['list_behind']}\b{no_verb}$"),
    }


def without_name_parts(document: Doc, found: Sequence[Span]) -> list[Span]:
    """Returns the spans without risk factors that are a part of another thing's name, whatever else names them.

    A name that its article defines with "receptor" ("A type I receptor (ART1)") is all of that.
    """
    low: str = attribute(document, "plain").lower()
    kept = [span if span.kind != "risk factor" else _whole(document, low, span) for span in found]
    return _without_kinds(document, low, [span for span in kept if span is not None])


def _without_kinds(document: Doc, low: str, found: list[Span]) -> list[Span]:
    facts = document._.facts
    if facts is None or facts.study_design not in _BENCH:
        return found
    starts, words = attribute(document, "starts"), attribute(document, "words")
    ends = {starts[s.last - 1] + len(words[s.last - 1]) for s in found if s.kind == "risk factor"}
    kept = []
    for span in found:
        start = starts[span.first]
        kind = _cues()["kind"].search(low, max(0, start - _NEAR), start) if span.kind == "risk factor" else None
        if kind is None or kind.start() not in ends:
            kept.append(span)
    return kept


def _whole(document: Doc, low: str, span: Span) -> Span | None:
    starts, words = attribute(document, "starts"), attribute(document, "words")
    sentence: Sentence = attribute(document, "sentences")[span.sentence]
    start, end = starts[span.first], starts[span.last - 1] + len(words[span.last - 1])
    if _cues()["list_behind"].search(low, sentence.start, start):
        return None
    behind = _cues()["behind"].match(low, end, sentence.end)
    if behind is not None and behind.start(1) == end + 1 and _cues()["defined"].match(low, behind.end()):
        last = bisect_left(starts, behind.end())
        return replace(span, last=last, text=span_text(document, span.first, last))
    before = _cues()["before"].search(low, max(sentence.start, start - _NEAR), start)
    return span if behind is None and before is None else None
