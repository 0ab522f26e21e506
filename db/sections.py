"""The sections of an abstract, and the key of a text that is tagged: records and tags are made of both."""

import hashlib
from dataclasses import dataclass

#: What stands between two sections of a structured abstract in `Article.abstract`.
SECTION_SEPARATOR = "\n"


@dataclass(frozen=True, slots=True)
class Section:
    """One labelled part of an abstract; `start` and `end` slice `Article.abstract`."""

    label: str | None
    category: str | None
    start: int
    end: int


def text_hash(title: str, abstract: str | None, sections: tuple[Section, ...]) -> str:
    """Returns the key of an article's taggable text (see `Article.text_hash`)."""
    digest = hashlib.sha256()
    digest.update(title.encode())
    digest.update(b"\0")
    digest.update((abstract or "").encode())
    for section in sections:
        digest.update(f"\0{section.label or ''}\0{section.start}\0{section.end}".encode())
    return digest.hexdigest()[:16]
