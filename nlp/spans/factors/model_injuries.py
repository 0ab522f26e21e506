"""Injuries by which animals are made to have the disease: factors, whatever else their record tells of them.

"Mice with a spinal cord injury (SCI)", "SCI mice", "it was induced in rats by tenotomy". The words are data
(`nlp/cues/model_injuries.toml`).
"""

import re
from bisect import bisect_left
from collections.abc import Iterator, Sequence
from functools import cache

from spacy.tokens import Doc

from nlp.cues import patterns
from nlp.document import Sentence, attribute
from nlp.spans.tagging import Span, span_text

#: The source of these spans: what they name increases the disease, or none of it would have been made.
MADE = "made in animals"
_DESIGN = "animal study"


@cache
def _cues() -> dict[str, re.Pattern[str]]:
    words = {name: f"(?:{pattern.pattern})" for name, pattern in patterns("model_injuries", re.NOFLAG).items()}
    name = (
        rf"(?:(?:{words['kind']} )+{words['injury']}(?: {words['done_to']})?|{words['injury']} {words['done_to']}"
        rf"|(?:{words['kind']} )*{words['deed']})"
    )
    return {
        "name": re.compile(rf"(?<![\w/-]){name}(?![\w/]|-(?!induced))"),
        "before": re.compile(
            rf"\b{words['animal']}\b[^.;:]{{0,60}}\b{words['made']} (?:[^.;:,]{{0,60}} (?:and|with) )?(?:an? |the )?$"
            rf"|\b{words['time']} after (?:the )?$"
            rf"|\b{words['induced']} (?:[^.;:,]{{0,40}} and )?(?:an? |the )?$"
        ),
        "behind": re.compile(rf"(?: \([^()]*\))? {words['animal']}\b|-induced\b"),
    }


def with_model_injuries(document: Doc, found: Sequence[Span]) -> list[Span]:
    """Returns the spans of an animal study with the injuries made in its animals, at all places of their names."""
    facts = document._.facts
    if facts is None or facts.study_design != _DESIGN:
        return list(found)
    low: str = attribute(document, "plain").lower()
    long_forms: dict[str, str] = attribute(document, "abbreviations")
    names = {match.group() for match in _cues()["name"].finditer(low)}
    forms = {name: {name} for name in names}
    for short, long_form in long_forms.items():
        if long_form.lower() in names:
            forms[long_form.lower()].add(short.lower())
    made: dict[tuple[int, int], Span] = {}
    for group in forms.values():
        spans = [span for form in sorted(group) for span in _places(document, low, form)]
        if any(_is_made(document, low, span) for span in spans):
            made |= {(span.first, span.last): span for span in spans}
    kept = [s for s in found if s.kind != "risk factor" or (s.first, s.last) not in made]
    taken = {index for span in kept for index in range(span.first, span.last)}
    return [*kept, *(span for span in made.values() if taken.isdisjoint(range(span.first, span.last)))]


def _is_made(document: Doc, low: str, span: Span) -> bool:
    starts, words = attribute(document, "starts"), attribute(document, "words")
    sentence: Sentence = attribute(document, "sentences")[span.sentence]
    start, end = starts[span.first], starts[span.last - 1] + len(words[span.last - 1])
    head = low[sentence.start : start]
    return bool(_cues()["before"].search(head) or _cues()["behind"].match(low, end, sentence.end))


def _places(document: Doc, low: str, form: str) -> Iterator[Span]:
    starts, words = attribute(document, "starts"), attribute(document, "words")
    sentences: tuple[Sentence, ...] = attribute(document, "sentences")
    ends = [sentence.end for sentence in sentences]
    for match in re.finditer(rf"(?<![\w/]){re.escape(form)}(?![\w/])", low):
        first, last = bisect_left(starts, match.start()), bisect_left(starts, match.end())
        number = bisect_left(ends, match.end())
        whole = starts[first] == match.start() and starts[last - 1] + len(words[last - 1]) == match.end()
        if whole and number < len(sentences):
            yield Span(first, last, "risk factor", number, 1.0, MADE, span_text(document, first, last))
