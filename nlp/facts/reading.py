"""What the fact rules read of a document: its text in lower and plain form, by category."""

from dataclasses import dataclass
from functools import cached_property

from spacy.tokens import Doc

from db.tagged import TagInput
from nlp.document import Sentence, attribute


@dataclass
class Reading:
    """Title, abstract and sentences of one document, typography made plain."""

    article: TagInput
    text: str
    sentences: tuple[Sentence, ...]

    @classmethod
    def of(cls, document: Doc) -> "Reading":
        """Returns the reading of a document whose sentences have categories."""
        return cls(attribute(document, "article"), attribute(document, "plain"), attribute(document, "sentences"))

    @property
    def title(self) -> str:
        """The title, plain."""
        return self.text[: len(self.article.title)]

    @property
    def abstract(self) -> str:
        """The abstract, plain."""
        return self.text[len(self.article.title) + 1 :]

    @cached_property
    def types(self) -> frozenset[str]:
        """PubMed's publication types."""
        return frozenset(self.article.publication_types)

    @cached_property
    def mesh(self) -> frozenset[str]:
        """PubMed's MeSH headings."""
        return frozenset(self.article.mesh_terms)

    def sentence_text(self, sentence: Sentence) -> str:
        """The text of a sentence, plain."""
        return self.text[sentence.start : sentence.end]

    def category_text(self, *categories: str) -> str:
        """The sentences of these categories, joined by blanks."""
        return " ".join(self.sentence_text(s) for s in self.sentences if s.category in categories)
