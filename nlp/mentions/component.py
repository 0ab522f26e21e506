"""The component that makes the article's mentions: spans with concept, place, sentence, section and assertion.

Interventions, risk factors and outcomes come from the span component; sites, aetiologies, diagnostic tests and
mechanisms from the vocabulary alone.
"""

import re

from spacy.language import Language
from spacy.tokens import Doc

from db.tagged import Mention
from db.terms import Kind
from nlp.concepts.matcher import ConceptSpan
from nlp.cues import find_cues
from nlp.document import Sentence, attribute, field_text, place
from nlp.mentions.assertion import judge
from nlp.mentions.linker import Linker
from nlp.models.crf import KINDS
from nlp.spans.tagging import Span
from nlp.vocabulary.loader import load_vocabulary

_KIND_OF: dict[str, Kind] = {
    "intervention": "intervention", "risk factor": "risk factor", "outcome": "outcome", "site": "site",
    "aetiology": "aetiology", "diagnostic test": "diagnostic test", "mechanism": "mechanism",
}  # fmt: skip


#: Of patients "with and without" a treatment, its absence is not the name of an arm.
_BOTH = re.compile(r"\bwith,? (?:or|and|versus|vs\.?)(?: \w+){0,2}? $", re.IGNORECASE)


def make_mentions(document: Doc, linker: Linker) -> list[Mention]:
    """Returns every mention of a document in order of the text."""
    article = attribute(document, "article")
    sentences: tuple[Sentence, ...] = attribute(document, "sentences")
    starts, words = attribute(document, "starts"), attribute(document, "words")
    whole: str = attribute(document, "plain")
    cues = {}
    mentions = []
    if not attribute(document, "wanted"):
        return []
    entries: list[tuple[int, int, str, int, str | None, str, float]] = []
    spans: list[Span] = attribute(document, "open_spans")
    for span in spans:
        first = span.first + _is_of_both(whole, starts, words, span)
        entries.append(
            (first, span.last, span.kind, span.sentence, linker.link(document, span), span.source, span.confidence)
        )
    number = 0
    concepts: list[ConceptSpan] = attribute(document, "concepts")
    for concept in concepts:
        if concept.kind in KINDS:
            continue
        while number < len(sentences) - 1 and sentences[number].last <= concept.first:
            number += 1
        if sentences[number].first <= concept.first and concept.last <= sentences[number].last:
            entries.append((concept.first, concept.last, concept.kind, number, concept.concept_id, concept.source, 1.0))
    entries.sort(key=lambda e: (e[0], e[1], e[2], e[4] or ""))
    for first, last, kind, at, concept_id, source, confidence in entries:
        sentence = sentences[at]
        begin, finish = starts[first], starts[last - 1] + len(words[last - 1])
        text = whole[sentence.start : sentence.end].lower()
        if at not in cues:
            cues[at] = find_cues(text)
        judgement = judge(text, cues[at], begin - sentence.start, finish - sentence.start)
        field, start, end = place(article, begin, finish)
        _, sentence_start, sentence_end = place(article, sentence.start, sentence.end)
        cue = None
        if judgement.assertion != "affirmed":
            cue = attribute(document, "text")[sentence.start + judgement.start : sentence.start + judgement.end]
        mentions.append(
            Mention(
                field,
                start,
                end,
                field_text(article, field)[start:end],
                _KIND_OF[kind],
                concept_id,
                sentence_start,
                sentence_end,
                sentence.label,
                judgement.assertion,
                cue,
                source,
                confidence,
            )
        )
    return mentions


def _is_of_both(text: str, starts: list[int], words: list[str], span: Span) -> bool:
    """Whether a span is the second half of "with or without X", of which the mention is X."""
    start = starts[span.first]
    return words[span.first].lower() == "without" and bool(_BOTH.search(text, max(0, start - 40), start))


@Language.factory(
    "tracker_mentions",
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
        "doc._.wanted",
        "doc._.open_spans",
    ],
    assigns=["doc._.mentions"],
    default_config={"vocabulary": None},
)
class MentionComponent:
    """Makes the mentions of one document."""

    def __init__(self, nlp: Language, name: str, vocabulary: str | None) -> None:  # noqa: ARG002  spaCy passes both
        self.linker = Linker(load_vocabulary(vocabulary))

    def __call__(self, document: Doc) -> Doc:
        """Makes the mentions of a document."""
        document._.mentions = make_mentions(document, self.linker)
        return document
