"""What a reader's typed words mean: a search as a value, read once from its text.

`parse_search` reads the text alone; `db.select.questions.understand` then recognises the vocabulary in it, and
`db.select.search.sql` turns it into SQL.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal

from db.errors import TrackerError

MAX_CHARACTERS = 1000
MAX_WORDS = 60


class SearchError(TrackerError):
    """A search text that is too long to be run."""


@dataclass(frozen=True, slots=True)
class Prefix:
    """The beginning of a word, as typed with a star."""

    text: str


#: An expression for FTS5, in pieces: text, or a prefix that becomes the words that begin so.
Pieces = tuple[str | Prefix, ...]


@dataclass(frozen=True, slots=True)
class Term:
    """One word, beginning of a word or phrase: what FTS looks for, and how a reader would write it.

    `words` are plain words in which the vocabulary may be recognised (none where they were quoted, starred or given a
    field); `start` and `end` are their place in `Search.plain`. `concepts` are what was recognised: then the term
    means the articles that are tagged with one of these.
    """

    pieces: Pieces
    shown: str
    words: tuple[str, ...] = ()
    start: int = 0
    end: int = 0
    concepts: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Fact:
    """A fact of the record that no text search can look for: years, language, journal or study design."""

    column: Literal["year", "language", "journal", "study_design"]
    values: tuple[str | int, ...]
    shown: str
    start: int = 0
    end: int = 0


@dataclass(frozen=True, slots=True)
class Several:
    """Terms in parentheses or joined by OR; `excluded` are those after NOT."""

    joint: Literal["AND", "OR"]
    parts: "tuple[Node, ...]"
    excluded: "tuple[Node, ...]" = ()

    @property
    def shown(self) -> str:
        """The group as a reader would write it."""
        words = f" {self.joint} ".join(part.shown for part in self.parts)
        words += "".join(f" NOT {part.shown}" for part in self.excluded)
        return f"({words})"


Node = Term | Fact | Several


@dataclass(frozen=True, slots=True)
class Search:
    """A search: everything `required`, nothing `excluded`; with `least`, so many of what is required are enough.

    A text in which nothing can be looked for finds nothing; the search without text is no search. `plain` is the text
    with plain quotes and blanks, `dropped` the words that ask rather than name, `notes` what a reader should know.
    """

    text: str = ""
    plain: str = ""
    required: tuple[Node, ...] = ()
    excluded: tuple[Node, ...] = ()
    least: int | None = None
    dropped: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()

    def __bool__(self) -> bool:
        """True where something was typed."""
        return bool(self.text)

    @property
    def finds(self) -> bool:
        """True where the text names something that must be found, so that results have an order of relevance."""
        return any(True for node in self.required for _ in terms(node))

    @property
    def understood(self) -> str:
        """How the text was read, as a reader would write it; empty where it names nothing."""
        words = " AND ".join(node.shown for node in self.required)
        for node in self.excluded:
            words = f"{words} NOT {node.shown}".strip()
        return words


def terms(node: Node) -> Iterator[Term]:
    """Yields the terms of a node that must or may be found, in order; what is excluded is left out."""
    if isinstance(node, Term):
        yield node
    elif isinstance(node, Several):
        for part in node.parts:
            yield from terms(part)
