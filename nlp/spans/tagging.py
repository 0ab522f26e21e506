"""The spans of a document as they are found: by the trained tagger, or by vocabulary and cues alone."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cache

from spacy.tokens import Doc

from nlp.concepts.matcher import ConceptSpan
from nlp.cues import find_cues
from nlp.document import Sentence, attribute
from nlp.models.crf import KINDS, Decoded, Floats, SpanTagger, path_spans
from nlp.models.linear import MODEL_FOLDER
from nlp.spans.features import document_view
from nlp.spans.reading import SpanReader

#: Trained on trials of other fields, for records that are not on the topic, and topics without models of their own.
OPEN_SPAN_MODEL = MODEL_FOLDER / "spans_open.npz"


@dataclass(frozen=True, slots=True)
class Span:
    """A candidate mention: tokens `first` to `last` (exclusive), its kind, its sentence's number, where it is from."""

    first: int
    last: int
    kind: str
    sentence: int
    confidence: float
    source: str
    text: str


@cache
def span_tagger() -> SpanReader:
    """Returns the packaged span tagger."""
    return SpanReader.load(MODEL_FOLDER)


@cache
def open_span_tagger() -> SpanReader:
    """Returns the packaged span tagger for other fields."""
    return SpanReader(SpanTagger.load(OPEN_SPAN_MODEL))


def span_text(document: Doc, first: int, last: int) -> str:
    """Returns the text of tokens `first` to `last` (exclusive)."""
    starts, words = attribute(document, "starts"), attribute(document, "words")
    return str(attribute(document, "text")[starts[first] : starts[last - 1] + len(words[last - 1])])


def tagged_spans(document: Doc, reader: SpanReader) -> list[Span]:
    """Returns the spans that the trained tagger finds."""
    sentences = [sentence for sentence in attribute(document, "sentences") if sentence.last > sentence.first]
    return decoded_spans(document, sentences, reader.read(document_view(document), sentences))


def decoded_spans(document: Doc, sentences: Sequence[Sentence], decoded: Iterable[Decoded]) -> list[Span]:
    """Returns the spans of sentences of a document, from the labels and chances of each."""
    numbers = {s: n for n, s in enumerate(attribute(document, "sentences"))}
    spans = []
    for sentence, (path, chances) in zip(sentences, decoded, strict=True):
        for first, last, kind in path_spans(path, sentence.first):
            confidence = _confidence(chances, first - sentence.first, last - sentence.first, kind)
            text = span_text(document, first, last)
            spans.append(Span(first, last, kind, numbers[sentence], confidence, "model", text))
    return spans


def _confidence(chances: Floats, first: int, last: int, kind: str) -> float:
    column = 1 + 2 * KINDS.index(kind)
    values = chances[first:last, column : column + 2].sum(axis=1)
    return round(float(values.min()), 3)


def vocabulary_spans(document: Doc) -> list[Span]:
    """Returns vocabulary matches as spans, risk factors only where the sentence speaks of association or estimates."""
    sentences: tuple[Sentence, ...] = attribute(document, "sentences")
    concepts: list[ConceptSpan] = attribute(document, "concepts")
    text: str = attribute(document, "text")
    spans = []
    number = 0
    taken: dict[int, str] = {}
    for concept in sorted(concepts, key=lambda c: (c.first, -c.last)):
        if concept.kind not in KINDS:
            continue
        while number < len(sentences) - 1 and sentences[number].last <= concept.first:
            number += 1
        sentence = sentences[number]
        if concept.kind == "risk factor":
            groups = {cue.group for cue in find_cues(text[sentence.start : sentence.end])}
            if not groups & {"association", "no_association", "protective"}:
                continue
        if any(index in taken for index in range(concept.first, concept.last)):
            continue
        taken.update(dict.fromkeys(range(concept.first, concept.last), concept.kind))
        words = span_text(document, concept.first, concept.last)
        spans.append(Span(concept.first, concept.last, concept.kind, number, 1.0, concept.source, words))
    return spans
