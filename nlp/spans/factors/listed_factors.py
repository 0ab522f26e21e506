"""Risk factors by the list that they stand in, which the trained tagger passed over.

Items of a list are of one kind: of "male sex, bladder stones, and a long stay" all are factors where two are. What a
sentence calls causes or risk factors are such, item by item ("risk factors are A, B, and C"; `nlp/cues/listed.toml`).
"""

import re
from bisect import bisect_left
from collections.abc import Iterator, Mapping, Sequence

from spacy.tokens import Doc

from db.topics import per_topic
from nlp.cues import patterns
from nlp.cues.disease import disease_pattern
from nlp.document import Sentence, attribute
from nlp.spans.factors.lists import Item, is_named, items_from, lists_of, masked
from nlp.spans.tagging import Span, span_text

#: The factors of a list must be as sure as this on average for the rest of it to be factors.
_SURE = 0.8
#: A name has no more tokens.
_LONGEST = 12


@per_topic
def _cues() -> dict[str, re.Pattern[str]]:
    """What stands right before a list of causes, and what a clause says of risks or of the disease."""
    words = {name: f"(?:{pattern.pattern})" for name, pattern in patterns("listed", re.NOFLAG).items()}
    relation = patterns("roles", re.NOFLAG)["relation"].pattern
    return {
        "causes": disease_pattern(
            rf"(?<![\w-]){words['causes']} |\b<outcome>(?:\)|_)*(?: [\w-]+){{0,3}} {words['caused']} "
        ),
        "relation": disease_pattern(rf"\b<outcome>\b|(?<![\w-])(?:{relation})(?![\w-])"),
    }


def with_listed_factors(document: Doc, found: Sequence[Span]) -> list[Span]:
    """Returns the spans with the factors that lists name; an outcome that is listed as a risk factor is one."""
    by_sentence: dict[int, list[Span]] = {}
    for span in found:
        by_sentence.setdefault(span.sentence, []).append(span)
    low: str = attribute(document, "plain").lower()
    kept: list[Span] = []
    for number, sentence in enumerate(attribute(document, "sentences")):
        spans = by_sentence.get(number, [])
        text = low[sentence.start : sentence.end]
        told = [match.end() for match in _cues()["causes"].finditer(text)]
        if told or sum(span.kind == "risk factor" for span in spans) > 1:
            spans = _of_sentence(document, number, text, told, spans)
        kept += spans
    return kept


def _of_sentence(document: Doc, number: int, text: str, told: Sequence[int], spans: Sequence[Span]) -> list[Span]:
    places = dict(_places(document, number, spans))
    shown = masked(text, list(places.values()))
    for item in (*_causes(shown, told, places), *_alike(text, shown, places)):
        new = _as_span(document, number, item)
        if new is not None:
            places = {span: place for span, place in places.items() if span not in _within(places, item)}
            places[new] = (item.start, item.end)
    return sorted(places, key=lambda span: span.first)


def _causes(text: str, told: Sequence[int], places: Mapping[Span, tuple[int, int]]) -> Iterator[Item]:
    """The items of lists of causes that hold no factor yet; one alone is no list, nor are words that are no names."""
    for start in told:
        items = items_from(text, start)
        if len(items) > 1 and all(is_named(text, item) for item in items):
            yield from (i for i in items if all(span.kind == "outcome" for span in _within(places, i)))


def _alike(text: str, shown: str, places: Mapping[Span, tuple[int, int]]) -> Iterator[Item]:
    """The items without a name of lists in which two others and half of all are factors, and none is anything else."""
    for items in lists_of(shown):
        held = [_within(places, item) for item in items]
        spans = [span for inside in held for span in inside]
        factors = sum(map(bool, held))
        if factors < 2 or 2 * factors < len(items) or any(span.kind != "risk factor" for span in spans):
            continue
        if sum(span.confidence for span in spans) < _SURE * len(spans) or not _tells(text, items):
            continue
        yield from (i for i, inside in zip(items, held, strict=True) if not inside and is_named(shown, i))


def _tells(text: str, items: Sequence[Item]) -> bool:
    """Whether what stands between the semicolons around a list relates anything to anything."""
    start = text.rfind("; ", 0, items[0].start) + 1
    stop = text.find("; ", items[-1].end)
    return _cues()["relation"].search(text, start, stop if stop > 0 else len(text)) is not None


def _places(document: Doc, number: int, spans: Sequence[Span]) -> Iterator[tuple[Span, tuple[int, int]]]:
    sentence: Sentence = attribute(document, "sentences")[number]
    starts, words = attribute(document, "starts"), attribute(document, "words")
    for span in spans:
        end = starts[span.last - 1] + len(words[span.last - 1])
        yield span, (starts[span.first] - sentence.start, end - sentence.start)


def _within(places: Mapping[Span, tuple[int, int]], item: Item) -> list[Span]:
    return [span for span, (start, end) in places.items() if start < item.end and item.start < end]


def _as_span(document: Doc, number: int, item: Item) -> Span | None:
    sentence: Sentence = attribute(document, "sentences")[number]
    starts: list[int] = attribute(document, "starts")
    first, last = (bisect_left(starts, sentence.start + place) for place in (item.start, item.end))
    if not first < last <= first + _LONGEST or starts[first] != sentence.start + item.start:
        return None
    return Span(first, last, "risk factor", number, 0.5, "listed", span_text(document, first, last))
