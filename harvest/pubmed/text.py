"""Text of PubMed elements: mixed content to plain text, abstracts to sections, trial numbers out of prose."""

import re
import tomllib
from collections.abc import Iterator
from functools import lru_cache
from importlib.resources import files
from typing import cast

from lxml.etree import _Element

from db.model import SECTION_SEPARATOR, OtherAbstract, RegistryNumber, Section

#: Every trial number has five digits in a row, but for those of the registries whose marks follow.
_DIGITS = bytes.maketrans(b"123456789", b"000000000")
_MARKS = ("NTR", "RBR-", "SLCTR")


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


@lru_cache
def _registries() -> tuple[re.Pattern[str], dict[str, str]]:
    """Returns one pattern over all registries, its groups named r0, r1 ..., and the registry of each group.

    All marks begin with a capital, 1, 2, n or j: to look for that first takes a third of the time.
    """
    rows = tomllib.loads(files("harvest.pubmed").joinpath("registries.toml").read_text(encoding="utf-8"))["registry"]
    names = {f"r{number}": row["name"] for number, row in enumerate(rows)}
    pattern = "|".join(f"(?P<r{number}>{row['pattern']})" for number, row in enumerate(rows))
    return re.compile(rf"(?=[A-Z12nj])(?<![A-Za-z0-9])(?:{pattern})(?![A-Za-z0-9])"), names


def may_hold_registry_number(text: str) -> bool:
    """Says quickly whether a text can hold a trial number."""
    return b"00000" in text.encode().translate(_DIGITS) or _MARKS[0] in text or _MARKS[1] in text or _MARKS[2] in text


def find_registry_numbers(text: str, found_in: str) -> list[RegistryNumber]:
    """Finds trial numbers that stand in prose, in the order of the text, each once, without the spaces inside them."""
    pattern, names = _registries()
    found: dict[str, RegistryNumber] = {}
    for match in pattern.finditer(text):
        number = "".join(match.group().split())
        found.setdefault(number, RegistryNumber(names[str(match.lastgroup)], number, found_in))
    return list(found.values())


def read_data_banks(element: _Element) -> list[RegistryNumber]:
    """Reads a DataBankList: every accession number under its bank's name."""
    numbers: list[RegistryNumber] = []
    for bank in element:
        name = text_of(bank[0]) if len(bank) and bank[0].tag == "DataBankName" else ""
        numbers.extend(
            RegistryNumber(name, number, "databank")
            for item in bank.iter("AccessionNumber")
            if (number := text_of(item))
        )
    return numbers
