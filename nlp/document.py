"""The spaCy document of one article: its text, and the typed attributes that the components hand on.

The text of a document is title, line end, abstract; `Place` maps a stretch of it back to the field it stands in.
"""

from dataclasses import dataclass
from typing import Any

from spacy.language import Language
from spacy.tokens import Doc

from db.tagged import TagInput, TextField

#: What parts title and abstract in a document's text.
FIELD_SEPARATOR = "\n"

#: Every attribute that a component assigns, with what it holds.
ATTRIBUTES = {
    "words": "list[str]: the text of each token",
    "starts": "list[int]: the character at which each token starts",
    "text": "str: the text, kept because spaCy puts it together anew at every call",
    "plain": "str: the text with plain typography, offset for offset",
    "article": "TagInput",
    "sentences": "tuple[Sentence, ...]",
    "abbreviations": "dict[str, str]: short form to long form, as defined in the article",
    "concepts": "list[ConceptSpan], by first token",
    "concept_starts": "list[int]: the first token of each concept",
    "foreign_forms": "frozenset[str]: known short forms that this article defines as something else",
    "estimates": "list[EstimateSpan]",
    "facts": "StudyFacts",
    "wanted": "bool: whether the article is tagged (it is on the topic, or any topic was asked for)",
    "open_spans": "list[OpenSpan]",
    "mentions": "list[Mention]",
    "findings": "list[Finding]",
    "results": "list[ArmResult]: what each arm showed",
    "abstained": "int: results that the pipeline would not decide",
}


@dataclass(frozen=True, slots=True)
class Sentence:
    """One sentence: characters and tokens of the document (ends exclusive), its section's label and category."""

    start: int
    end: int
    first: int
    last: int
    field: TextField
    label: str | None
    category: str


def register_attributes() -> None:
    """Declares the attributes on spaCy's Doc (once a process)."""
    for name in ATTRIBUTES:
        if not Doc.has_extension(name):
            Doc.set_extension(name, default=None)


register_attributes()


def make_document(pipeline: Language, article: TagInput) -> Doc:
    """Returns the tokenised document of an article, ready for the pipeline's components."""
    document = pipeline.tokenizer(document_text(article))
    document._.article = article
    return document


def document_text(article: TagInput) -> str:
    """Returns the text that a document of this article has."""
    return article.title + FIELD_SEPARATOR + (article.abstract or "")


def place(article: TagInput, start: int, end: int) -> tuple[TextField, int, int]:
    """Returns the field and its own offsets for a stretch of the document's text."""
    offset = len(article.title) + len(FIELD_SEPARATOR)
    if start >= offset:
        return "abstract", start - offset, end - offset
    return "title", start, min(end, len(article.title))


def field_text(article: TagInput, field: TextField) -> str:
    """Returns the text of a field."""
    return article.title if field == "title" else article.abstract or ""


def attribute(document: Doc, name: str) -> Any:
    """Returns an attribute that an earlier component assigned; raises ValueError where none has."""
    # where spaCy keeps it: `document._` makes an object at each call, and components ask a thousand times an article
    kept: dict[Any, Any] = document.user_data
    value = kept.get(("._.", name, None, None))
    if value is None:
        raise ValueError(f"doc._.{name} is not set: add the component that assigns it before this one")
    return value
