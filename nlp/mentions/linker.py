"""Which concept a span means: the match it equals, else that of its head, else the longest inside it, else none.

"Trauma to the brain" is a brain trauma, "sepsis needing revision" a sepsis, "interval from injury to release" neither.
"""

import re
from bisect import bisect_left
from collections.abc import Mapping, Sequence
from functools import cache

from spacy.tokens import Doc

from db.terms import Kind, Polarity
from nlp.concepts.matcher import ConceptSpan
from nlp.cues import patterns
from nlp.document import attribute
from nlp.spans.tagging import Span
from nlp.vocabulary.loader import Vocabulary

#: No name in a vocabulary has more tokens.
_LONGEST = 40
#: What stands before a name and makes it its absence, which is another thing: "absence of X" is not X.
_ABSENT = frozenset(("no", "without", "absence", "lack"))


@cache
def _words() -> Mapping[str, re.Pattern[str]]:
    return patterns("heads", re.NOFLAG)


class Linker:
    """Links spans to the concepts of a vocabulary."""

    def __init__(self, vocabulary: Vocabulary) -> None:
        self.vocabulary = vocabulary

    def link(self, document: Doc, span: Span) -> str | None:
        """Returns the concept id of a span, or None where the vocabulary has none."""
        starts: list[int] = attribute(document, "concept_starts")
        near = slice(bisect_left(starts, span.first - _LONGEST), bisect_left(starts, span.last))
        concepts: list[ConceptSpan] = attribute(document, "concepts")[near]
        mine = [c for c in concepts if c.kind == span.kind and c.last > span.first]
        words: list[str] = attribute(document, "words")
        if not any(c.first <= span.first and span.last <= c.last for c in mine):
            turned = self._turned([word.lower() for word in words[span.first : span.last]], span)
            if turned is not None:
                return turned
            mine = _of_the_head(words, span, mine)
        if mine:
            best = min(mine, key=lambda c: (-_overlap(c, span), abs(c.last - span.last), c.first, c.concept_id))
            if _overlap(best, span) * 2 >= min(span.last - span.first, best.last - best.first):
                absent = _ABSENT.intersection(map(str.lower, words[span.first : best.first]))
                return None if absent else best.concept_id
        return self._named(document, span)

    def _named(self, document: Doc, span: Span) -> str | None:
        """The concept that is called as a span is, or as its abbreviation's long form."""
        found = self.vocabulary.find(_kind(span), span.text)
        if found is None and span.text in attribute(document, "abbreviations"):
            found = self.vocabulary.find(_kind(span), attribute(document, "abbreviations")[span.text])
        return found.id if found else None

    def _turned(self, words: Sequence[str], span: Span) -> str | None:
        """The concept of "A of B" that the vocabulary knows as "B A", with as many words of A as it knows."""
        place = _first_between(words)
        if place is None or not _words()["of"].fullmatch(words[place]):
            return None
        behind = words[place + 1 :]
        tail = [word for word in behind[: _first_between(behind)] if not _words()["articles"].fullmatch(word)]
        for first in range(place):
            found = self.vocabulary.find(_kind(span), " ".join([*tail, *words[first:place]])) if tail else None
            if found is not None:
                return found.id
        return None

    def polarity(self, concept_id: str | None) -> Polarity | None:
        """Returns which way of an outcome is good for the patient, None where neither or not known."""
        return self.vocabulary.concepts[concept_id].polarity if concept_id else None


def _kind(span: Span) -> Kind:
    return "intervention" if span.kind == "intervention" else "outcome" if span.kind == "outcome" else "risk factor"


def _first_between(words: Sequence[str]) -> int | None:
    """The place of the first word that stands between a head and what is said of it, or None."""
    cues = [_words()[name] for name in ("of", "behind", "when")]
    return next((i for i, word in enumerate(words) if i and any(cue.fullmatch(word) for cue in cues)), None)


def _of_the_head(words: Sequence[str], span: Span, concepts: list[ConceptSpan]) -> list[ConceptSpan]:
    """Those of the matches inside a span that it can be named by: none for a factor that is a time before or after."""
    mine = [word.lower() for word in words[span.first : span.last]]
    place = _first_between(mine)
    if place is None:
        return concepts
    head = [c for c in concepts if c.last <= span.first + place]
    ending = [c for c in head if c.last == span.first + place]
    if ending and not _words()["of"].fullmatch(mine[place]):
        return ending
    if span.kind != "risk factor":
        return concepts
    if any(_words()["time"].fullmatch(word) for word in mine[:place]):
        return head
    when = next((i for i, word in enumerate(mine) if i and _words()["when"].fullmatch(word)), len(mine))
    return [c for c in concepts if c.last <= span.first + when]


def _overlap(concept: ConceptSpan, span: Span) -> int:
    return min(concept.last, span.last) - max(concept.first, span.first)
