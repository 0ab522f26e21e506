"""Marks mentions in a text: every piece of the text is escaped, and only our own tags stand around it.

Mentions may nest and overlap. A nested one is marked inside the other; of two that overlap the later is marked in two
pieces. Sentences that findings name get an anchor of their own.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any
from urllib.parse import quote

from markupsafe import Markup, escape

from db.sections import Section
from db.site.show.formatting import kind_class


@dataclass(frozen=True, slots=True)
class Mark:
    """One stretch to mark: where it stands in the whole text, and what is said about it.

    `place` is the id that it gets on the page; a mark that is cut keeps it on its first piece.
    """

    start: int
    end: int
    kind: str
    concept_id: str | None
    concept: str | None
    assertion: str
    cue: str | None
    source: str
    place: str | None = None

    @classmethod
    def of(cls, mention: Mapping[str, Any]) -> "Mark":
        """Returns the mark of a row of `db.evidence.articles.mentions`."""
        names = ("start", "end", "kind", "concept_id", "concept", "assertion", "cue", "source")
        return cls(*(mention[name] for name in names))

    @property
    def why(self) -> str:
        """What the mark means and why, in words: concept, kind, negation or hedge with its cue, and source."""
        said = [f"{self.concept or 'not in the vocabulary'} ({self.kind})"]
        if self.assertion != "affirmed":
            said.append(f"{self.assertion}{f' by “{self.cue}”' if self.cue else ''}")
        said.append(f"found by {self.source}")
        return ", ".join(said)


def first_places(mentions: Sequence[Mapping[str, Any]]) -> dict[str, str]:
    """Returns for each concept the id of its first mark, in the abstract if there is one: "m-abstract-120"."""
    found: dict[str, str] = {}
    for mention in sorted(mentions, key=lambda mention: (mention["field"] != "abstract", mention["start"])):
        if mention["concept_id"]:
            found.setdefault(mention["concept_id"], _place(mention))
    return found


def marks_of(mentions: Sequence[Mapping[str, Any]], field: str, places: Mapping[str, str]) -> list[Mark]:
    """Returns the marks of one field; the first of each concept (`first_places`) is a place that a link can open."""
    marks, given = [], set()
    for mention in (mention for mention in mentions if mention["field"] == field):
        place = _place(mention)
        first = places.get(mention["concept_id"]) == place and place not in given
        if first:
            given.add(place)
        marks.append(replace(Mark.of(mention), place=place if first else None))
    return marks


def _place(mention: Mapping[str, Any]) -> str:
    return f"m-{mention['field']}-{mention['start']}-{mention['end']}"


@dataclass(frozen=True, slots=True)
class Block:
    """A section of an abstract as shown: its label, its marked text, and where it begins in the abstract."""

    label: str | None
    text: Markup
    start: int


def abstract_blocks(
    abstract: str,
    sections: Sequence[Section],
    marks: Sequence[Mark],
    sentences: Iterable[tuple[int, int]],
    root: str,
) -> list[Block]:
    """Returns an abstract's sections with their marks; text that stands in no section is kept too."""
    wanted = sorted(set(sentences))
    blocks, place = [], 0
    for section in [*sections, Section(None, None, len(abstract), len(abstract))]:
        if section.start > place and abstract[place : section.start].strip():
            blocks.append(Block(None, marked(abstract, place, section.start, marks, wanted, root), place))
        if section.end > section.start:
            text = marked(abstract, section.start, section.end, marks, wanted, root)
            blocks.append(Block(section.label, text, section.start))
        place = max(place, section.end)
    return blocks


def marked(
    text: str,
    start: int,
    end: int,
    marks: Sequence[Mark],
    sentences: Sequence[tuple[int, int]] = (),
    root: str = "/",
    anchor: str = "a",
) -> Markup:
    """Returns `text[start:end]` as HTML with its marks, and with its sentences as `<span id="ANCHOR-START">`."""
    pieces, place = [], start
    for first, last in sentences:
        first, last = max(first, start), min(last, end)
        if first < place or first >= last:
            continue
        pieces.append(_within(text, place, first, marks, root))
        inner = _within(text, first, last, marks, root)
        pieces.append(Markup('<span class="s" id="{}-{}" tabindex="-1">{}</span>').format(anchor, first, inner))
        place = last
    pieces.append(_within(text, place, end, marks, root))
    return Markup("").join(pieces)


def _within(text: str, start: int, end: int, marks: Sequence[Mark], root: str) -> Markup:
    cut = [
        replace(
            mark,
            start=max(mark.start, start),
            end=min(mark.end, end),
            place=mark.place if mark.start >= start else None,
        )
        for mark in marks
        if mark.start < end and mark.end > start
    ]
    return _nest(text, start, end, sorted(cut, key=lambda mark: (mark.start, -mark.end)), root)


def _nest(text: str, start: int, end: int, marks: list[Mark], root: str, around: Mark | None = None) -> Markup:
    """Marks a stretch whose marks lie inside it, sorted by start, the longer first; the rest links to `around`."""
    pieces, place = [], start
    while marks:
        outer = marks.pop(0)
        inner, later = [], []
        for mark in marks:
            if mark.start >= outer.end:
                later.append(mark)
            elif mark.end <= outer.end:
                inner.append(mark)
            else:
                inner.append(replace(mark, end=outer.end))
                later.append(replace(mark, start=outer.end, place=None))
        marks = sorted(later, key=lambda mark: (mark.start, -mark.end))
        pieces.append(_linked(text[place : outer.start], around, root))
        pieces.append(_mark(outer, _nest(text, outer.start, outer.end, inner, root, outer)))
        place = outer.end
    pieces.append(_linked(text[place:end], around, root))
    return Markup("").join(pieces)


def _linked(text: str, mark: Mark | None, root: str) -> Markup:
    """A stretch of text, as a link to the concept of the mark it stands in; links never nest."""
    if mark is None or not mark.concept_id or not text.strip():
        return escape(text)
    return Markup('<a href="{}concepts/{}">{}</a>').format(root, quote(mark.concept_id, safe=""), text)


def _mark(mark: Mark, inner: Markup) -> Markup:
    said = Markup("")
    if mark.assertion != "affirmed":
        said = Markup('<span class="vh"> [{}] </span>').format(mark.assertion)
    classes = f"{kind_class(mark.kind)} {mark.assertion}"
    place = Markup(' id="{}" tabindex="-1"').format(mark.place) if mark.place else ""
    return Markup('<mark{} class="{}" title="{}">{}{}</mark>').format(place, classes, mark.why, inner, said)
