"""Phrases that articles use often and the vocabulary does not know: suggestions for new concepts.

A suggestion is a phrase of one kind with the number of articles that have it; phrases that differ in case, hyphens or
a plural s are one. Taken in, it becomes a concept of its own with its spellings as synonyms; a person gives it its
parent.
"""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

from db.terms import Kind
from nlp.vocabulary.loader import Vocabulary, fold

_NOT_IN_ID = re.compile(r"[^a-z0-9]+")
#: Bounds of a phrase's length in letters: below it is an abbreviation, above it a clause.
_SHORTEST, _LONGEST = 4, 60


@dataclass(frozen=True, slots=True)
class Suggestion:
    """A phrase without a concept: kind, its commonest spelling, the other spellings, how many articles have it."""

    kind: Kind
    name: str
    spellings: tuple[str, ...]
    articles: int

    @property
    def id(self) -> str:
        """The id that the concept would have."""
        return _NOT_IN_ID.sub("-", self.name.lower()).strip("-")


def suggestions(mentions: Iterable[tuple[Kind, str, int]], vocabulary: Vocabulary, least: int = 3) -> list[Suggestion]:
    """Returns the phrases that at least `least` articles have, the most frequent first.

    `mentions` are (kind, text, PMID) of mentions without a concept.
    """
    articles: dict[tuple[Kind, str], dict[str, set[int]]] = {}
    for kind, text, pmid in mentions:
        if _SHORTEST <= len(text) <= _LONGEST and vocabulary.find(kind, text) is None:
            articles.setdefault((kind, _key(text)), {}).setdefault(text, set()).add(pmid)
    found = []
    for (kind, _), spellings in articles.items():
        count = len(set().union(*spellings.values()))
        if count >= least:
            ranked = sorted(spellings, key=lambda text: (-len(spellings[text]), text != text.lower(), text))
            found.append(Suggestion(kind, ranked[0], tuple(ranked[1:]), count))
    return sorted(found, key=lambda s: (-s.articles, s.kind, s.name))


def _key(text: str) -> str:
    """What spellings of one phrase share: case and hyphens levelled, no plural s at the end."""
    return re.sub(r"(?<=[^\Wsiu])s$", "", fold(text))


def render(found: Iterable[Suggestion]) -> Iterator[str]:
    """Yields one line a suggestion: articles, kind, phrase, other spellings."""
    for one in found:
        others = f" (also {', '.join(one.spellings)})" if one.spellings else ""
        yield f"{one.articles:5} {one.kind}: {one.name}{others}"


def take(found: Iterable[Suggestion], folder: Path, known: Vocabulary) -> int:
    """Writes suggestions as concepts to the end of a vocabulary folder's files; returns how many were new there."""
    ids = set(known.concepts)
    tables: dict[Kind, list[str]] = {}
    for one in found:
        if known.find(one.kind, one.name):
            continue
        id_ = one.id if one.id not in ids else f"{one.id}-{one.kind.replace(' ', '-')}"
        ids.add(id_)
        table = f'\n[[concept]]\nid = "{id_}"\nname = {_quoted(one.name)}\n'
        spellings = sorted({text.lower() for text in one.spellings} - {one.name.lower()})
        if spellings:
            table += f"synonyms = [{', '.join(map(_quoted, spellings))}]\n"
        tables.setdefault(one.kind, []).append(table)
    for kind, texts in tables.items():
        path = folder / f"{kind.replace(' ', '_')}.toml"
        before = path.read_text(encoding="utf-8").rstrip("\n") + "\n" if path.exists() else ""
        path.write_text(before + "".join(texts), encoding="utf-8")
    return sum(map(len, tables.values()))


def _quoted(text: str) -> str:
    escaped = text.replace("\\", "\\\\").replace('"', '\\"')
    return f'"{escaped}"'
