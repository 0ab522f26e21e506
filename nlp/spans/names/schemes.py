"""Arms of one treatment that differ by dose, duration or timing: "one week of X" against "X for 6 weeks".

The name of a treatment is its arm's name where nothing else is compared. Where a record has two or more schemes of one
kind, each is an arm by its whole phrase; the forms stand in `nlp/cues/schemes.toml`.
"""

import re
import tomllib
from bisect import bisect_left, bisect_right
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cache

from spacy.tokens import Doc

from nlp.cues import FOLDER
from nlp.document import Sentence, attribute
from nlp.spans.tagging import Span, span_text
from nlp.text.numbers import NUMBER_WORDS, read_count

_COUNT = rf"(?:\d+|{NUMBER_WORDS})"
#: What any of the forms holds: most records have none and are left at once.
_ANY = re.compile(
    r"\b(?:day|week|month)s? of \b|\b(?:for|over|on|in|from) [\w ]{0,20}(?:day|week|month)|\bdose|\bfraction"
    r"|\b(?:pre|post)-?operative\b|\bgy\b|\bcgy\b|\bcentigray\b|\b(?:started|begun|initiated)\b"
)
_NOTHING = re.compile(r"(?:placebo|vehicle|saline|controls?|no|without)\b")
_NUMBER = re.compile(rf"^{_COUNT}")
_PLACES, _NEVER = ("behind", "before", "alone", "another"), r"(?!)"
_SAME = {"l": "low", "h": "high", "single": "1", "a single": "1"}
#: Schemes of these kinds are compared for one treatment; what follows another one is none of its arms.
_OF_ONE = frozenset(("length", "day"))
_THEN = re.compile(r",? (?:followed by|and then|then|before)\b")
#: No scheme's words before a name are longer.
_BEFORE = 40


@dataclass(frozen=True, slots=True)
class _Scheme:
    """One phrase of a kind: its characters, what it differs by, the treatment that it names, if any, and its span."""

    kind: str
    value: str
    start: int
    end: int
    head: str = ""
    span: Span | None = None


@cache
def _forms() -> Mapping[str, Mapping[str, re.Pattern[str]]]:
    table = tomllib.loads((FOLDER / "schemes.toml").read_text(encoding="utf-8"))
    return {
        kind: {place: re.compile("".join(forms.get(place, [_NEVER])).replace("{count}", _COUNT)) for place in _PLACES}
        for kind, forms in table.items()
    }


def with_schemes(document: Doc, found: Sequence[Span]) -> list[Span]:
    """Returns the spans with each arm that is named by its scheme as one span, in place of what stood there."""
    low: str = attribute(document, "plain").lower()
    if not any(span.kind == "intervention" for span in found) or not _ANY.search(low):
        return list(found)
    schemes = list(_schemes(document, found, low))
    compared = _compared(document, schemes)
    named = [_as_span(document, s) for s in schemes if (s.kind, s.head) in compared and s.end > s.start]
    spans = _longest([span for span in named if span is not None])
    taken = {index for span in spans for index in range(span.first, span.last)}
    return [s for s in found if taken.isdisjoint(range(s.first, s.last))] + spans


def _compared(document: Doc, schemes: Sequence[_Scheme]) -> set[tuple[str, str]]:
    """The kinds, with their treatments, of which a sentence names two schemes."""
    starts = [sentence.start for sentence in attribute(document, "sentences")]
    values: dict[tuple[str, str, int], set[str]] = {}
    for scheme in schemes:
        values.setdefault((scheme.kind, scheme.head, bisect_right(starts, scheme.start)), set()).add(scheme.value)
    return {(kind, head) for (kind, head, _), here in values.items() if len(here) > 1}


def _schemes(document: Doc, found: Sequence[Span], low: str) -> Iterator[_Scheme]:
    starts, words = attribute(document, "starts"), attribute(document, "words")
    sentences: tuple[Sentence, ...] = attribute(document, "sentences")
    ordered = sorted(found, key=lambda span: span.first)
    drugs = [span for span in ordered if span.kind == "intervention" and not _NOTHING.match(span.text.lower())]
    places = [(starts[span.first], starts[span.last - 1] + len(words[span.last - 1])) for span in drugs]
    for span, (begin, end) in zip(drugs, places, strict=True):
        first, stop = sentences[span.sentence].start, sentences[span.sentence].end
        for kind, forms in _forms().items():
            behind = forms["behind"].match(low, end, stop) or forms["behind"].search(low, begin, end)
            if behind and not _THEN.match(low, behind.end()):
                head = low[begin : behind.start()]
                yield _Scheme(kind, _value(behind), begin, max(end, behind.end()), head, span)
                yield from _listed(kind, head, low, behind.end(), stop)
            ahead = forms["before"].finditer(low, max(first, begin - _BEFORE), begin)
            before = next((m for m in ahead if m.end() == begin), None) or forms["before"].match(low, begin, end)
            if before:
                head = low[before.end() : end] if kind in _OF_ONE else ""
                yield _Scheme(kind, _value(before), before.start(), end, head, span)
    opens = {low[begin:end].partition(" ")[0] for begin, end in places}
    for kind, forms in _forms().items():
        for match in forms["alone"].finditer(low):
            nearest = bisect_right(places, (match.start(), len(low))) - 1
            inside = nearest >= 0 and match.end() <= places[nearest][1]
            full = kind == "side" and match.group() in opens
            if not inside and not full:
                yield _Scheme(kind, _value(match), match.start(), match.end())


def _listed(kind: str, head: str, low: str, place: int, stop: int) -> Iterator[_Scheme]:
    """The further values of a list ("for 3 days, 1 week, or 6 weeks"): no names, but arms to tell others from."""
    while (more := _forms()[kind]["another"].match(low, place, stop)) is not None:
        yield _Scheme(kind, _value(more), more.start(), more.start(), head)
        place = more.end()


def _value(match: re.Match[str]) -> str:
    """What a scheme differs by, in one form: "one week" and "1-week" are the same, "low dose" and "LD" too."""
    text = next(group for group in match.groups() if group).replace("-", " ")
    number = _NUMBER.match(text)
    count = read_count(number.group()) if number else None
    if number is None or count is None:
        return _SAME.get(text, text)
    return f"{count}{text[number.end() :]}"


def _as_span(document: Doc, scheme: _Scheme) -> Span | None:
    starts: list[int] = attribute(document, "starts")
    first, last = bisect_left(starts, scheme.start), bisect_left(starts, scheme.end)
    if first >= last or starts[first] != scheme.start:
        return None
    text = span_text(document, first, last)
    if scheme.span is not None:
        return replace(scheme.span, first=first, last=last, text=text)
    sentences: tuple[Sentence, ...] = attribute(document, "sentences")
    number = bisect_right(sentences, scheme.start, key=lambda sentence: sentence.start) - 1
    if number < 0 or last > sentences[number].last:
        return None
    return Span(first, last, "intervention", number, 0.5, "scheme", text)


def _longest(spans: Sequence[Span]) -> list[Span]:
    """Of spans that overlap the longest."""
    kept: list[Span] = []
    taken: set[int] = set()
    for span in sorted(spans, key=lambda s: (s.first - s.last, s.first)):
        if taken.isdisjoint(range(span.first, span.last)):
            kept.append(span)
            taken.update(range(span.first, span.last))
    return kept
