"""An article with its letters folded for the tagger, and its tags back at their places in PubMed's own text."""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from typing import TypeVar

from db.tagged import ArmResult, Finding, Mention, TagInput, TextField
from db.text import FoldedText, fold_letters, fold_with_places

Stated = TypeVar("Stated", Finding, ArmResult)


@dataclass(frozen=True, slots=True)
class FoldedArticle:
    """What the tagger reads (`article`) of an article as it is (`source`), with the places of title and abstract."""

    source: TagInput
    article: TagInput
    title: FoldedText
    abstract: FoldedText

    def mentions(self, found: Iterable[Mention]) -> tuple[Mention, ...]:
        """Returns mentions at their places in the article as it is, with the text that stands there."""
        return tuple(map(self._mention, found)) if self._differs else tuple(found)

    def stated(self, found: Iterable[Stated]) -> tuple[Stated, ...]:
        """Returns findings or results with their sentences at their places in the article as it is."""
        if not self._differs:
            return tuple(found)
        moved = []
        for each in found:
            start, end = self._place(each.field, each.sentence_start, each.sentence_end)
            moved.append(replace(each, sentence_start=start, sentence_end=end))
        return tuple(moved)

    @property
    def _differs(self) -> bool:
        return self.title.text != self.source.title or self.abstract.text != (self.source.abstract or "")

    def _place(self, field: TextField, start: int, end: int) -> tuple[int, int]:
        return (self.title if field == "title" else self.abstract).original(start, end)

    def _mention(self, mention: Mention) -> Mention:
        start, end = self._place(mention.field, mention.start, mention.end)
        first, last = self._place(mention.field, mention.sentence_start, mention.sentence_end)
        text = self.source.title if mention.field == "title" else self.source.abstract or ""
        return replace(mention, start=start, end=end, text=text[start:end], sentence_start=first, sentence_end=last)


def fold_article(article: TagInput) -> FoldedArticle:
    """Returns an article as the tagger reads it: letters, not offsets, are what its rules and models know."""
    title, abstract = fold_with_places(article.title), fold_with_places(article.abstract or "")
    sections = tuple(
        replace(part, start=abstract.folded(part.start), end=abstract.folded(part.end)) for part in article.sections
    )
    folded = replace(
        article,
        title=title.text,
        abstract=None if article.abstract is None else abstract.text,
        sections=sections,
        keywords=tuple(map(fold_letters, article.keywords)),
    )
    return FoldedArticle(article, folded, title, abstract)
