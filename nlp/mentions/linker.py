"""Which concept a span means: the match it equals, else the longest match inside it, else its abbreviation's."""

from bisect import bisect_left

from spacy.tokens import Doc

from db.terms import Kind, Polarity
from nlp.concepts.matcher import ConceptSpan
from nlp.document import attribute
from nlp.spans.tagging import Span
from nlp.vocabulary.loader import Vocabulary

#: No name in a vocabulary has more tokens.
_LONGEST = 40
#: What stands before a name and makes it its absence, which is another thing: "absence of X" is not X.
_ABSENT = frozenset(("no", "without", "absence", "lack"))


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
        if mine:
            best = min(mine, key=lambda c: (-_overlap(c, span), abs(c.last - span.last), c.first, c.concept_id))
            if _overlap(best, span) * 2 >= min(span.last - span.first, best.last - best.first):
                absent = _ABSENT.intersection(map(str.lower, attribute(document, "words")[span.first : best.first]))
                return None if absent else best.concept_id
        kind: Kind = (
            "intervention" if span.kind == "intervention" else "outcome" if span.kind == "outcome" else "risk factor"
        )
        found = self.vocabulary.find(kind, span.text)
        if found is None and span.text in attribute(document, "abbreviations"):
            found = self.vocabulary.find(kind, attribute(document, "abbreviations")[span.text])
        return found.id if found else None

    def polarity(self, concept_id: str | None) -> Polarity | None:
        """Returns which way of an outcome is good for the patient, None where neither or not known."""
        return self.vocabulary.concepts[concept_id].polarity if concept_id else None


def _overlap(concept: ConceptSpan, span: Span) -> int:
    return min(concept.last, span.last) - max(concept.first, span.first)
