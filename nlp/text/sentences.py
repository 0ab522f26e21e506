"""Sentence ends for abstracts: a full stop, a blank and a capital, but not after "vs.", "et al." and their like.

A section's end is always a sentence's end. Linear in the text.
"""

import re
from bisect import bisect_left
from collections.abc import Iterator
from typing import cast

import numpy as np
from spacy.attrs import SENT_START
from spacy.language import Language
from spacy.tokens import Doc
from thinc.types import Ints2d

from db.sections import Section
from db.tagged import TagInput
from nlp.document import FIELD_SEPARATOR, Sentence, attribute

#: No sentence is longer than this many characters; a longer stretch without an end is cut at its last blank.
LONGEST = 3_000
_END = re.compile(
    r"[.!?](?:[)\]\"'”’]{0,3})(?:\s+(?=[\"'“(\[]?[A-Z0-9À-ÖØ-ÞΑ-Ω≥≤<>~])|(?<=[a-z)\]%]\.)(?=[A-Z][a-z]+ ))|\n+"
)
_BEFORE = re.compile(r"(\S{1,24})$")
_ABBREVIATIONS = frozenset(
    "vs. v. al. fig. figs. i.v. i.m. s.c. p.o. e.g. i.e. approx. ca. dr. prof. st. no. nos. resp. incl. spp. sp. "
    "cf. ref. refs. eq. vol. jr. inc. ltd. co. dept. univ. subsp. var. viz. b.i.d. t.i.d. q.d.".split()
)
#: After these a single capital letter ends a sentence as any word does ("type A. The").
_LETTER_HEADS = re.compile(
    r"(?:grades?|class|classes|types?|groups?|levels?|stages?|vitamin|arm|ais|category|or|and)\s+[A-Z]$", re.I
)
_INITIAL = re.compile(r"(?:^|[\s(])[A-Z]$")


def sentence_bounds(text: str) -> list[tuple[int, int]]:
    """Returns start and end of every sentence of one field's text, outer blanks left out."""
    bounds = []
    start = 0
    for match in _END.finditer(text):
        stop = match.start() + len(match.group().rstrip())
        if match.group()[0] == "." and _keeps_going(text, match.start(), match.end()):
            continue
        if match.group()[0] == "\n":
            stop = match.start()
        bounds.append((start, stop))
        start = match.end()
    bounds.append((start, len(text)))
    trimmed = (_trim(text, a, b) for a, b in bounds)
    return [piece for a, b in trimmed for piece in _cut(text, a, b)]


def _cut(text: str, start: int, end: int) -> Iterator[tuple[int, int]]:
    """The pieces of a sentence of which none is longer than LONGEST."""
    while end - start > LONGEST:
        blank = text.rfind(" ", start + 1, start + LONGEST)
        stop = blank if blank > 0 else start + LONGEST
        yield start, stop
        start, end = _trim(text, stop, end)
    if start < end:
        yield start, end


def _keeps_going(text: str, dot: int, after: int) -> bool:
    head = text[max(0, dot - 24) : dot]
    word = _BEFORE.search(head)
    last = (word.group(1) if word else "").lower().lstrip("([")
    if f"{last}." in _ABBREVIATIONS:
        # "No. 5" goes on, "there were no. The" does not; an answer ("vs.") always goes on
        return last not in ("no", "co", "var", "st", "v") or (after < len(text) and text[after].isdigit())
    return bool(_INITIAL.search(head)) and not _LETTER_HEADS.search(head)


def _trim(text: str, start: int, end: int) -> tuple[int, int]:
    while start < end and text[start].isspace():
        start += 1
    while end > start and text[end - 1].isspace():
        end -= 1
    return start, end


def _section_of(sections: tuple[Section, ...], starts: list[int], position: int) -> Section | None:
    index = bisect_left(starts, position + 1) - 1
    return sections[index] if 0 <= index < len(sections) and position < sections[index].end else None


def split(article: TagInput, document: Doc) -> tuple[Sentence, ...]:
    """Returns the sentences of title and abstract with their tokens; categories are left to the section component."""
    offset = len(article.title) + len(FIELD_SEPARATOR)
    pieces = [(a, b, "title") for a, b in sentence_bounds(article.title)]
    abstract = article.abstract or ""
    parts = [(section.start, section.end) for section in article.sections] or [(0, len(abstract))]
    for begin, end in parts:
        pieces += [
            (a + begin + offset, b + begin + offset, "abstract") for a, b in sentence_bounds(abstract[begin:end])
        ]
    pieces.sort()
    starts: list[int] = attribute(document, "starts")
    section_starts = [section.start for section in article.sections]
    sentences = []
    for a, b, field in pieces:
        section = _section_of(article.sections, section_starts, a - offset) if field == "abstract" else None
        first = bisect_left(starts, a)
        last = max(bisect_left(starts, b), first)
        label = section.label if section else None
        category = section.category if section else None
        sentences.append(
            Sentence(a, b, first, last, "title" if field == "title" else "abstract", label, category or "")
        )
    return tuple(sentences)


@Language.component(
    "tracker_sentences", requires=["doc._.article", "doc._.starts"], assigns=["doc._.sentences", "token.is_sent_start"]
)
def tracker_sentences(document: Doc) -> Doc:
    """Marks the sentences of a document."""
    sentences = split(attribute(document, "article"), document)
    # spaCy: 1 begins a sentence, -1 does not
    begins = np.full((len(document), 1), -1, dtype=np.int64)
    begins[[sentence.first for sentence in sentences if sentence.first < len(document)], 0] = 1
    document.from_array([SENT_START], cast(Ints2d, begins.astype(np.uint64)))
    document._.sentences = sentences
    return document
