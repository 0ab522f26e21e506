"""The vocabulary by every name that a reader may type: synonyms, plural and singular, both spellings of English.

One name means one concept: one that is called so comes before one that has it as a synonym, and a treatment before a
setting, an outcome, a risk factor and a place of the body.
"""

import json
import re
import sqlite3
import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from importlib.resources import files

from db.per_build import PerBuild
from db.select.search.parser import fold_word, split_words
from db.terms import Kind
from db.topics import current, per_topic

_KIND_ORDER = (
    "intervention", "aetiology", "outcome", "risk factor", "diagnostic test", "mechanism", "site",
)  # fmt: skip
_DIGITS = re.compile(r"\d+[a-z]?")
_SPELLINGS = (("isation", "ization"), ("ise", "ize"), ("ising", "izing"), ("our", "or"), ("ae", "e"), ("oe", "e"))
#: A name of one letter means nothing, and one of mere digits is a number.
_SHORTEST = 2

Key = tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Named:
    """A concept that a name means."""

    id: str
    kind: Kind
    name: str


class Lexicon:
    """The concepts of one build by their names."""

    def __init__(self, conn: sqlite3.Connection) -> None:
        self.concepts: dict[str, Named] = {}
        self.parents: dict[str, str | None] = {}
        ranked: dict[Key, tuple[tuple[int, int, int], Named]] = {}
        of_kind: dict[tuple[Key, Kind], tuple[tuple[int, int, int], Named]] = {}
        self._exact: set[Key] = set()
        self._all_names: dict[str, str] = {}
        rows = conn.execute("SELECT id, kind, name, parent_id, synonyms FROM concepts ORDER BY position")
        for position, (concept, kind, name, parent, synonyms) in enumerate(rows.fetchall()):
            named = Named(concept, kind, name)
            self.concepts[concept], self.parents[concept] = named, parent
            self._all_names[concept] = " | ".join((name, *json.loads(synonyms))).casefold()
            for place, text in enumerate((name, *json.loads(synonyms))):
                key = key_of(split_words(text))
                if not key or sum(map(len, key)) < _SHORTEST or "".join(key).isdigit():
                    continue
                self._exact.add(_folded(split_words(text)))
                weight = (min(place, 1), _KIND_ORDER.index(kind), position)
                if key not in ranked or weight < ranked[key][0]:
                    ranked[key] = weight, named
                if (key, kind) not in of_kind or weight < of_kind[key, kind][0]:
                    of_kind[key, kind] = weight, named
        self._named = {key: named for key, (_, named) in ranked.items()}
        self._of_kind = {pair: named for pair, (_, named) in of_kind.items()}
        self.longest = max((len(key) for key in self._named), default=1)

    def find(self, words: Sequence[str]) -> Named | None:
        """Returns the concept that words together name; None where none is called so."""
        return self._named.get(key_of(words))

    def find_of_kind(self, words: Sequence[str], kind: Kind) -> Named | None:
        """Returns the concept of one kind that words name, though they may mean one of another kind first."""
        return self._of_kind.get((key_of(words), kind))

    def topics(self) -> frozenset[str]:
        """Returns the concepts that are called what everything is about."""
        return frozenset(named.id for key in topic_keys() if (named := self._named.get(key)))

    def find_exactly(self, words: Sequence[str]) -> Named | None:
        """Returns the concept that words name as they stand, little words between them included."""
        return self.find(words) if _folded(words) in self._exact else None

    def named_like(self, text: str) -> frozenset[str]:
        """Returns the concepts with a name or synonym that holds a text in any case."""
        return frozenset(concept for concept, names in self._all_names.items() if text.casefold() in names)

    def names(self) -> list[str]:
        """Returns all names in folded form, for advice on misspellings."""
        return [" ".join(key) for key in self._named]

    def top(self, concept: str) -> str:
        """Returns the top group that a concept belongs to."""
        parent = self.parents.get(concept)
        while parent:
            concept, parent = parent, self.parents.get(parent)
        return concept


def key_of(words: Sequence[str]) -> Key:
    """Returns what equal names have in common: folded words without little ones, letters and digits together."""
    key: list[str] = []
    for word in words:
        folded = fold_word(word)
        if folded in plain_words("little") and len(words) > 1:
            continue
        if key and _DIGITS.fullmatch(folded) and key[-1].isalpha():
            key[-1] += folded
        else:
            key.append(_singular(spelling(folded)))
    return tuple(key)


def _folded(words: Sequence[str]) -> Key:
    """Returns words as they stand, but for articles, folds and plurals."""
    return tuple(_singular(spelling(fold_word(word))) for word in words if fold_word(word) not in ("a", "an", "the"))


def spelling(word: str) -> str:
    """Returns a folded word in one of the two spellings of English, whichever it had."""
    for british, american in _SPELLINGS:
        if british == "our":
            word = re.sub(r"(?<=...)our(?=$|s$|al$|ed$|ing$)", american, word)  # "tumour", and no "flour" or "hour"
        elif british == "ise":
            if word.endswith(british) and len(word) > len(british) + 3:
                word = word.removesuffix(british) + american
        elif len(word) > len(british) + 2:
            word = word.replace(british, american)
    return re.sub(r"ised$", "ized", word)


def spellings(word: str) -> set[str]:
    """Returns a folded word in both spellings of English, as far as rules make them."""
    found = {word, spelling(word)}
    for british, american in (("isation", "ization"), ("ised", "ized"), ("ise", "ize"), ("ising", "izing")):
        found |= {w.replace(american, british) for w in list(found) if w.endswith((american, f"{american}s"))}
    found |= {re.sub(r"or(?=$|s$|al$)", "our", w) for w in list(found)}
    for long, short in (("haem", "hem"), ("oedema", "edema"), ("foet", "fet"), ("paed", "ped"), ("aetio", "etio")):
        found |= {w.replace(short, long) for w in list(found) if short in w and long not in w}
    return found


@cache
def plain_words(name: str) -> frozenset[str]:
    """Returns one list of words of the data file (`little`, `asks`, `question`)."""
    return frozenset(str(_data()[name]).split())


@per_topic
def topic_keys() -> frozenset[Key]:
    """Returns the names of what all articles are about."""
    topic = current()
    names = topic.data("questions.toml").get("names") or (topic.name, topic.short_name)
    return frozenset(key_of(split_words(name)) for name in names)


@cache
def designs() -> Mapping[Key, str]:
    """Returns study designs by the names that readers type."""
    table: Mapping[str, str] = _data()["designs"]  # type: ignore[assignment]
    return {key_of(split_words(name)): design for name, design in table.items()}


@cache
def _data() -> Mapping[str, object]:
    return tomllib.loads(files("db.select.questions").joinpath("plain_words.toml").read_text(encoding="utf-8"))


def _singular(word: str) -> str:
    if len(word) > 4 and word.endswith("ies"):
        return f"{word[:-3]}y"
    if len(word) > 3 and word.endswith("s") and not word.endswith(("ss", "us", "is")):
        return word[:-1]
    return word


#: The names of each build.
LEXICON = PerBuild(Lexicon)
