"""Operations that a case tells by a verb alone: "the bony mass was excised".

The noun is the name of an operation; a verb is one where a record of cases has no noun for it. Elsewhere verbs tell how
patients came to be studied ("patients whose lesion had been excised").
"""

import re
from bisect import bisect_left
from collections.abc import Iterator, Sequence

from spacy.tokens import Doc

from db.topics import per_topic
from nlp.cues import patterns
from nlp.cues.disease import disease_pattern
from nlp.document import Sentence, attribute
from nlp.spans.tagging import Span, span_text

_CASES = frozenset(("case report", "case series"))


@per_topic
def _cues() -> dict[str, re.Pattern[str]]:
    """The verbs, the nouns, and what stands before a verb: "the mass was", "the mass was explored and", "had it"."""
    words = {name: f"(?:{pattern.pattern})" for name, pattern in patterns("operations", re.NOFLAG).items()}
    adverb = r"(?: (?:then|thus|therefore|finally|later|\w+ly))*"
    passive = rf"(?:(?!\b{words['parted']}\b)[^.;:]){{0,60}}?\b(?:was|were|be|been){adverb}(?: \w+ed and)?"
    return {
        "verb": re.compile(rf"(?<![\w-]){words['verb']}(?![\w-])"),
        "noun": re.compile(rf"(?<![\w-]){words['noun']}(?![\w-])"),
        "passive": disease_pattern(rf"\b{words['thing']}\b{passive} $"),
        "had": disease_pattern(rf"\bha(?:d|ve) (?:\w+ )?{words['thing']}(?: \w+)? $"),
        "beside": re.compile(rf"\b{words['beside']}(?: (?:the|this|that|an?|its|his|her|any))? $"),
    }


def with_operations(document: Doc, found: Sequence[Span]) -> list[Span]:
    """Returns the spans with the verbs of a case that has no noun for its operation.

    In other designs bare verbs beside nouns are left out.
    """
    low: str = attribute(document, "plain").lower()
    verbs = list(_cues()["verb"].finditer(low))
    if not verbs:
        return list(found)
    is_case = document._.facts.study_design in _CASES
    named = any(span.kind == "intervention" and _cues()["noun"].search(span.text.lower()) for span in found)
    if named and not is_case:
        return [s for s in found if s.kind != "intervention" or not _cues()["verb"].fullmatch(s.text.lower())]
    return [*found, *_told(document, found, low, verbs)] if is_case and not named else list(found)


def _told(document: Doc, found: Sequence[Span], low: str, verbs: Sequence[re.Match[str]]) -> Iterator[Span]:
    """The verbs of sentences that say that the disease was taken away, where nothing was found."""
    taken = {index for span in found for index in range(span.first, span.last)}
    starts: list[int] = attribute(document, "starts")
    sentences: tuple[Sentence, ...] = attribute(document, "sentences")
    for verb in verbs:
        number = bisect_left(sentences, verb.end(), key=lambda sentence: sentence.end)
        before = low[sentences[number].start : verb.start()]
        first, last = bisect_left(starts, verb.start()), bisect_left(starts, verb.end())
        if _is_taken_away(before) and taken.isdisjoint(range(first, last)):
            yield Span(first, last, "intervention", number, 0.5, "verb", span_text(document, first, last))


def _is_taken_away(before: str) -> bool:
    """Whether the words before a verb make the disease what was taken away, not something near it."""
    if _cues()["had"].search(before):
        return True
    thing = _cues()["passive"].search(before)
    return thing is not None and not _cues()["beside"].search(before, 0, thing.start())
