"""Text of PubMed elements: mixed content to plain text, abstracts to sections."""

from collections.abc import Iterator
from typing import cast

from lxml.etree import _Element

from db.model import OtherAbstract
from db.sections import SECTION_SEPARATOR, Section


def fold(text: str) -> str:
    """Returns text with every run of whitespace as one space, and none at its ends."""
    if len(text) > 100 and text.isascii() and not ("  " in text or "\n" in text or "\t" in text or "\r" in text):
        return text.strip(" ")  # nothing else to fold: four times as fast
    return " ".join(text.split())


def text_of(element: _Element) -> str:
    """Returns the plain text of an element: all its text nodes joined, then folded; tags leave nothing."""
    if len(element):
        return fold("".join(cast(Iterator[str], element.itertext())))
    text = element.text
    if not text:
        return ""
    return text if text.isalnum() else fold(text)


def read_abstract(element: _Element) -> tuple[str, tuple[Section, ...], str | None]:
    """Reads an Abstract or OtherAbstract: its text, its sections, its copyright line.

    The text is the AbstractText elements' own, joined by SECTION_SEPARATOR; labels stand in the sections only. An
    abstract of one part without label or category has no sections; parts without text are left out.
    """
    texts: list[str] = []
    sections: list[Section] = []
    copyright_line = None
    start = 0
    labelled = False
    for part in element:
        if part.tag == "AbstractText":
            text = text_of(part)
            if not text:
                continue
            label, category = part.get("Label"), part.get("NlmCategory")
            end = start + len(text)
            sections.append(Section(fold(label) if label else None, category or None, start, end))
            labelled = labelled or bool(label or category)
            texts.append(text)
            start = end + len(SECTION_SEPARATOR)
        elif part.tag == "CopyrightInformation":
            copyright_line = text_of(part)
    if not labelled and len(sections) < 2:
        sections = []
    return SECTION_SEPARATOR.join(texts), tuple(sections), copyright_line


def read_other_abstract(element: _Element) -> OtherAbstract:
    """Reads an abstract in another language or a plain-language summary."""
    return OtherAbstract(element.get("Type"), element.get("Language"), read_abstract(element)[0])
