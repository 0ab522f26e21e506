"""Spans of interventions, risk factors and outcomes: what was found, put right by what a sentence says of it."""

import re
from bisect import bisect_left
from dataclasses import replace

from spacy.language import Language
from spacy.tokens import Doc

from db.topics import current
from nlp.concepts.matcher import ConceptSpan
from nlp.cues import patterns
from nlp.cues.disease import is_disease_alone
from nlp.document import Sentence, attribute
from nlp.facts.component import fact_models
from nlp.facts.measured import is_bare_name, measures_disease
from nlp.facts.reading import Reading
from nlp.spans.factors.further_factors import with_further_factors, with_ratios
from nlp.spans.names.drug_names import with_plain_names
from nlp.spans.names.operations import with_operations
from nlp.spans.names.schemes import with_schemes
from nlp.spans.names.whole_names import with_whole_names
from nlp.spans.tagging import Span, open_span_tagger, span_tagger, span_text, tagged_spans, vocabulary_spans
from nlp.vocabulary.loader import Vocabulary, load_vocabulary

_DENIAL = patterns("assertion", re.NOFLAG)
_ABSENCE = frozenset((("lack", "of"), ("absence", "of"), ("omission", "of"), ("non-use", "of")))
_USE = frozenset(("prophylaxis", "treatment", "therapy", "use", "administration", "medication"))
_PREDICTS = re.compile(r"\b(?:risk factors?|predict\w*|associated|association|odds|correlat\w*)\b")
#: Whoever was studied is no treatment.
_GROUPS = re.compile(
    r"(?:(?:between|among|in|of|the|both|all|either|two|three|four|study|treatment) )*(?:groups?|arms?|patients)"
)
_CITED = re.compile(r",? (?:et al\b|and (?:co-?workers|colleagues)\b)")


#: Everything below this concept drives the disease from within and is given to nobody.
_DRIVER = "molecular-driver"
#: No name in a vocabulary has more tokens.
_LONGEST = 40


@Language.factory(
    "tracker_spans",
    requires=[
        "doc._.article",
        "doc._.words",
        "doc._.starts",
        "doc._.text",
        "doc._.plain",
        "doc._.sentences",
        "doc._.abbreviations",
        "doc._.concepts",
        "doc._.concept_starts",
        "doc._.foreign_forms",
        "doc._.estimates",
        "doc._.facts",
        "doc._.wanted",
    ],
    assigns=["doc._.open_spans"],
    default_config={"model": True, "vocabulary": None},
)
class SpanComponent:
    """Finds the spans of one document; nothing in a record that is not wanted."""

    def __init__(self, nlp: Language, name: str, model: bool, vocabulary: str | None) -> None:  # noqa: ARG002
        self.tagger = span_tagger() if model else None
        self.drivers = _below(load_vocabulary(vocabulary), _DRIVER)

    def _found(self, document: Doc) -> list[Span]:
        if self.tagger is None:
            return vocabulary_spans(document)
        found = tagged_spans(document, self.tagger)
        topic = current()
        if topic.own_models and document._.facts.topic == topic.id:
            return found
        opened = tagged_spans(document, open_span_tagger())
        ratios = with_ratios(document)
        factors = [span for span in found if span.kind == "risk factor"]
        first = [span for span in factors if span.sentence in ratios]
        found = list(first)
        kinds = [opened, [span for span in factors if span not in first]]
        if document._.facts.topic == topic.id:  # what the topic's own vocabulary names, the open tagger may pass over
            kinds.append(vocabulary_spans(document))
        for others in kinds:
            taken = {index for span in found for index in range(span.first, span.last)}
            found += [span for span in others if taken.isdisjoint(range(span.first, span.last))]
        return [span for span in found if not _is_what_it_is_about(span)]

    def _in_its_role(self, document: Doc, span: Span) -> Span:
        """A gene, a receptor or a kind of cell is no drug: what is told of it, is told of a factor."""
        if span.kind != "intervention":
            return span
        starts: list[int] = attribute(document, "concept_starts")
        near = slice(bisect_left(starts, span.first - _LONGEST), bisect_left(starts, span.last))
        concepts: list[ConceptSpan] = attribute(document, "concepts")[near]
        mine = [c for c in concepts if c.first < span.last and span.first < c.last]
        if any(c.kind == "intervention" for c in mine):
            return span
        driver = any((c.first, c.last) == (span.first, span.last) and c.concept_id in self.drivers for c in mine)
        return replace(span, kind="risk factor") if driver else span

    def __call__(self, document: Doc) -> Doc:
        """Finds the spans of a document."""
        spans: list[Span] = []
        if attribute(document, "wanted"):
            found = self._found(document)
            found = [_with_its_absence(document, self._in_its_role(document, span)) for span in found]
            if self.tagger is not None:
                found = with_whole_names(document, _measured(document, found))
                found = with_operations(document, with_schemes(document, with_plain_names(document, found)))
            found = with_further_factors(document, found)
            found += _denied_outcomes(document, found)
            spans = sorted(
                (span for span in found if not _names_something_else(document, span)), key=lambda s: (s.first, s.last)
            )
        document._.open_spans = spans
        return document


def _is_what_it_is_about(span: Span) -> bool:
    """Whether a span is the disease itself: no drug, no factor of itself, an outcome only where the tagger takes it so.

    "Surgery relieves pain in gout" says nothing of how often gout occurred.
    """
    return (span.kind != "outcome" or span.source != "model") and is_disease_alone(span.text)


def _below(vocabulary: Vocabulary, concept_id: str) -> frozenset[str]:
    return frozenset(
        concept.id
        for concept in vocabulary.by_kind["risk factor"]
        if concept_id in {above.id for above in vocabulary.ancestors(concept.id)}
    )


def _measured(document: Doc, found: list[Span]) -> list[Span]:
    """The spans without the disease's bare names as outcomes where the record only speaks of it."""
    bare = {span for span in found if span.kind == "outcome" and is_bare_name(span.text)}
    if not bare or not current().own_models:
        return found
    model = fact_models().groups["measured"]
    if measures_disease(Reading.of(document), document._.facts, attribute(document, "estimates"), model):
        return found
    return [span for span in found if span not in bare]


def _with_its_absence(document: Doc, span: Span) -> Span:
    """A drug told to be absent: "no aspirin" is the other arm, "lack of aspirin" as a predictor a risk factor."""
    if span.kind != "intervention":
        return span
    words: list[str] = attribute(document, "words")
    sentence = attribute(document, "sentences")[span.sentence]
    before = tuple(word.lower() for word in words[max(sentence.first, span.first - 2) : span.first])
    none = before[-1:] == ("without",) or (before[-1:] == ("no",) and words[span.last : span.last + 1] != ["-"])
    if not none and before not in _ABSENCE:
        return span
    last = span.last
    while last < sentence.last and words[last].lower() in _USE:
        last += 1
    first = span.first - (1 if none else 2)
    if none:
        return replace(span, first=first, last=last, text=span_text(document, first, last))
    if not _PREDICTS.search(attribute(document, "plain")[sentence.start : sentence.end].lower()):
        return span
    return Span(
        first, last, "risk factor", span.sentence, span.confidence, span.source, span_text(document, first, last)
    )


def _denied_outcomes(document: Doc, found: list[Span]) -> list[Span]:
    """Outcomes of which a sentence says that there was none: measured, though the trained tagger may not see it."""
    taken = {index for span in found for index in range(span.first, span.last)}
    sentences: tuple[Sentence, ...] = attribute(document, "sentences")
    concepts: list[ConceptSpan] = attribute(document, "concepts")
    starts, words = attribute(document, "starts"), attribute(document, "words")
    low: str = attribute(document, "plain").lower()
    added = []
    number = 0
    for concept in concepts:
        while number < len(sentences) - 1 and sentences[number].last <= concept.first:
            number += 1
        start, end = starts[concept.first], starts[concept.last - 1] + len(words[concept.last - 1])
        free = taken.isdisjoint(range(concept.first, concept.last))
        if concept.kind == "outcome" and free:
            first = sentences[number].start
            before = next((m for m in _DENIAL["before"].finditer(low, first, start) if m.end() == start), None)
            if before or _DENIAL["after"].match(low, end):
                text = span_text(document, concept.first, concept.last)
                added.append(Span(concept.first, concept.last, "outcome", number, 1.0, "denial", text))
                taken.update(range(concept.first, concept.last))
    return added


def _names_something_else(document: Doc, span: Span) -> bool:
    """Whether a span is noise, a study's groups, a short form used otherwise here, or an author behind a citation."""
    text: str = attribute(document, "text")
    starts, words = attribute(document, "starts"), attribute(document, "words")
    end = starts[span.last - 1] + len(words[span.last - 1])
    if not any(map(str.isalnum, span.text)):
        return True  # noise
    if span.kind == "intervention" and _GROUPS.fullmatch(span.text.lower()):
        return True
    return span.text in attribute(document, "foreign_forms") or bool(_CITED.match(text, end))
