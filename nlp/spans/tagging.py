"""The spans of a document as they are found: by the trained tagger, or by vocabulary and cues alone."""

from dataclasses import dataclass
from functools import cache

from spacy.tokens import Doc

from nlp.concepts.matcher import ConceptSpan
from nlp.cues import find_cues
from nlp.document import Sentence, attribute
from nlp.models.crf import KINDS, LABELS, Floats, SpanTagger
from nlp.models.linear import MODEL_FOLDER
from nlp.spans.features import document_view, sentence_features

SPAN_MODEL = MODEL_FOLDER / "spans.npz"
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
def span_tagger() -> SpanTagger:
    """Returns the packaged span tagger."""
    return SpanTagger.load(SPAN_MODEL)


@cache
def open_span_tagger() -> SpanTagger:
    """Returns the packaged span tagger for other fields."""
    return SpanTagger.load(OPEN_SPAN_MODEL)


def span_text(document: Doc, first: int, last: int) -> str:
    """Returns the text of tokens `first` to `last` (exclusive)."""
    starts, words = document._.starts, document._.words
    return str(document._.text[starts[first] : starts[last - 1] + len(words[last - 1])])


def path_spans(path: list[int], first: int) -> list[tuple[int, int, str]]:
    """Returns (first token, last token, kind) of each span of a label sequence that begins at token `first`."""
    spans = []
    index = 0
    while index < len(path):
        label = LABELS[path[index]]
        if label == "O":
            index += 1
            continue
        kind, end = label[2:], index + 1
        while end < len(path) and LABELS[path[end]] == f"I-{kind}":
            end += 1
        spans.append((first + index, first + end, kind))
        index = end
    return spans


def tagged_spans(document: Doc, tagger: SpanTagger) -> list[Span]:
    """Returns the spans that the trained tagger finds."""
    view = document_view(document)
    numbered = [(n, s) for n, s in enumerate(attribute(document, "sentences")) if s.last > s.first]
    rows = (sentence_features(view, sentence) for _, sentence in numbered)
    spans = []
    for (number, sentence), (path, chances) in zip(numbered, tagger.decode(rows), strict=True):
        for first, last, kind in path_spans(path, sentence.first):
            confidence = _confidence(chances, first - sentence.first, last - sentence.first, kind)
            text = span_text(document, first, last)
            spans.append(Span(first, last, kind, number, confidence, "model", text))
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
