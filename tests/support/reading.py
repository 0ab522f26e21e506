"""Documents for the tests of single components: read as far as no model is needed."""

from functools import cache

from spacy.language import Language
from spacy.tokens import Doc

from db.tagged import TagInput
from nlp.document import make_document
from nlp.facts.reading import Reading
from nlp.findings.sentence.view import Context
from nlp.pipeline import read_document
from nlp.scoring.records import to_tag_input
from nlp.spans.tagging import Span
from nlp.text.tokenizer import split_words
from nlp.training.train import reading_pipeline


@cache
def pipeline() -> Language:
    """The components before the models: sentences, sections, abbreviations, concepts, estimates."""
    return reading_pipeline()


def record(abstract: str | dict[str, str], title: str = "Heterotopic ossification", **more: object) -> TagInput:
    """An article of one unlabelled abstract, or of labelled sections."""
    parts = [{"label": None, "text": abstract}] if isinstance(abstract, str) else [
        {"label": label, "text": text} for label, text in abstract.items()
    ]  # fmt: skip
    return to_tag_input({"pmid": 1, "title": title, "abstract": parts, **more})


def read(abstract: str | dict[str, str], title: str = "Heterotopic ossification", **more: object) -> Doc:
    """The document of such an article, read without models."""
    return pipeline()(make_document(pipeline(), record(abstract, title, **more)))


def facts_of(abstract: str | dict[str, str], title: str = "Heterotopic ossification", **more: object) -> Reading:
    """What the fact rules read of such an article."""
    return Reading.of(read(abstract, title, **more))


def spans_of(document: Doc, named: dict[str, str]) -> list[Span]:
    """Spans at every place of the strings given, of the kinds given, in order."""
    words = document._.words
    found = []
    for number, sentence in enumerate(document._.sentences):
        for text, kind in named.items():
            wanted = split_words(text)
            for first in range(sentence.first, sentence.last - len(wanted) + 1):
                if words[first : first + len(wanted)] == wanted:
                    found.append(Span(first, first + len(wanted), kind, number, 1.0, "test", text))
    return sorted(found, key=lambda span: (span.first, span.last))


def context_of(
    abstract: str | dict[str, str], named: dict[str, str], title: str = "Heterotopic ossification"
) -> Context:
    """The context of such an article with spans at every place of the strings given."""
    document = read(abstract, title)
    return Context.of(document, spans_of(document, named))


__all__ = ["context_of", "facts_of", "pipeline", "read", "read_document", "record", "spans_of"]
