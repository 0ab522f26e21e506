"""Gold-form records (see nlp/training/gold) as inputs of the tagger."""

from collections.abc import Mapping
from typing import Any

from db.sections import SECTION_SEPARATOR, Section, text_hash
from db.tagged import TagInput


def to_tag_input(record: Mapping[str, Any]) -> TagInput:
    """Returns the TagInput of a gold-form record: sections joined with SECTION_SEPARATOR, labels as sections."""
    parts = record.get("abstract") or []
    sections, texts, position = [], [], 0
    for part in parts:
        text = part.get("text") or ""
        sections.append(Section(part.get("label"), None, position, position + len(text)))
        texts.append(text)
        position += len(text) + len(SECTION_SEPARATOR)
    abstract = SECTION_SEPARATOR.join(texts) if parts else None
    labelled = tuple(sections) if any(section.label for section in sections) else ()
    title = record.get("title") or ""
    return TagInput(
        pmid=int(record["pmid"]),
        title=title,
        abstract=abstract,
        sections=labelled,
        publication_types=tuple(record.get("publication_types") or ()),
        mesh_terms=tuple(heading["term"] for heading in record.get("mesh") or ()),
        keywords=tuple(record.get("keywords") or ()),
        text_hash=text_hash(title, abstract, labelled),
    )
