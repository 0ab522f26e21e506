"""Risk factors told by their rates: "it was seen in 40% of the A group and in 9% of B", "after A (33%) and B (9%)".

Two rates or more of the disease that stand beside names are compared; where no treatment is named they are of levels.
"""

import re
from bisect import bisect_left
from collections.abc import Iterator, Sequence

from spacy.tokens import Doc

from db.topics import per_topic
from nlp.cues import patterns
from nlp.cues.disease import OUTCOME, disease_pattern
from nlp.document import Sentence, attribute
from nlp.spans.tagging import Span, span_text
from nlp.text.normal import normal
from nlp.text.numbers import NUMBER_WORDS

_SHARE = r"\d+(?:\.\d+)?\s?(?:%|per ?cent)"
_SMALL = (
    r"(?:in|of|among|after|with|for|and|or|than|versus|vs|the|an?|was|were|had|but|compared|to|those|patients|hips|cases"
    r"|who)"
)
_NAME = rf"(?!{_SMALL}\b)[a-z](?:(?! {_SMALL}\b)[^.;:,()\d]){{2,40}}(?=[ .;:,()]|$)"
_RATED = re.compile(
    rf"{_SHARE}(?: ?\([^()]*\))?(?: {_SMALL})+ (?P<behind>{_NAME})"
    rf"|(?:^|[ ,;])(?:in|among|after|with|than|versus)(?: (?:the|an?))? (?P<before>{_NAME})"
    rf" \((?:n ?= ?\d+[,;] ?)?{_SHARE}"
)


@per_topic
def _cues() -> dict[str, re.Pattern[str]]:
    nothing = patterns("told_lists", re.NOFLAG)["nothing"].pattern
    return {
        "nothing": re.compile(rf"(?:{nothing})|^(?:{NUMBER_WORDS})\b"),
        "disease": disease_pattern(OUTCOME),
    }


def with_rated_levels(document: Doc, found: Sequence[Span]) -> list[Span]:
    """Returns the spans with the levels that a sentence gives rates of the disease for as risk factors."""
    low: str = attribute(document, "plain").lower()
    taken = {index for span in found for index in range(span.first, span.last)}
    names = " | ".join(normal(span.text) for span in found if span.kind == "risk factor")
    treated = {span.sentence for span in found if span.kind == "intervention"}
    added = []
    for number, sentence in enumerate(attribute(document, "sentences")):
        text = low[sentence.start : sentence.end]
        if number in treated or text.count("%") + text.count("cent") < 2:
            continue
        for span in _levels(document, number, sentence, text):
            known = re.search(rf"(?<!\w){re.escape(normal(span.text))}(?!\w)", names)  # as a part of a name, or by it
            if known is None and taken.isdisjoint(range(span.first, span.last)):
                added.append(span)
    return [*found, *added]


def _levels(document: Doc, number: int, sentence: Sentence, text: str) -> Iterator[Span]:
    rated = [match for match in _RATED.finditer(text) if not _cues()["nothing"].search(match[match.lastgroup or 0])]
    if len(rated) < 2 or not _cues()["disease"].search(text, 0, rated[0].start()):
        return
    starts: list[int] = attribute(document, "starts")
    for match in rated:
        start, end = (sentence.start + place for place in match.span(match.lastgroup or 0))
        if not _cues()["disease"].search(match[match.lastgroup or 0]):
            first, last = bisect_left(starts, start), bisect_left(starts, end)
            yield Span(first, last, "risk factor", number, 0.5, "rated", span_text(document, first, last))
