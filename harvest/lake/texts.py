"""What a tagger reads of an article, and its key: tags are made anew where the key or the tagger is another."""

import hashlib
import json
from dataclasses import astuple

from db.model import Article
from db.tagged import TagInput


def tag_input(article: Article) -> TagInput:
    """Returns what the tagger reads of an article, as the store gives it."""
    return TagInput(
        pmid=article.pmid,
        title=article.title,
        abstract=article.abstract,
        sections=article.sections,
        publication_types=tuple(term.term for term in article.publication_types),
        mesh_terms=tuple(heading.term for heading in article.mesh_headings),
        keywords=tuple(keyword.term for keyword in article.keywords),
        text_hash=article.text_hash,
    )


def tag_key(article: TagInput) -> str:
    """Returns the key of all that the tagger reads of an article: SHA-256 over it, 16 hex digits."""
    _pmid, *read = astuple(article)
    return hashlib.sha256(json.dumps(read).encode()).hexdigest()[:16]
