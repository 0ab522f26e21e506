"""How features of tokens are told: by name, as a model learns from them, or by the number that a model has for each.

One reading of a text (`features.sentence_features`) serves both.
"""

from collections.abc import Callable, Mapping
from functools import lru_cache
from typing import Protocol, TypeVar

T = TypeVar("T")
T_co = TypeVar("T_co", covariant=True)
#: What is told of a word: of the token itself, of one or two places before or behind it, and its ends.
WORD_FEATURES = ("w", "w-1", "w+1", "w-2", "w+2", "s3", "s4", "p3")
#: What is told of two words: with the token as the second, as the first, right behind them, right before them.
PAIR_FEATURES = ("w-1w", "ww+1", "w-2w-1", "w+1w+2")
#: What the vocabulary's names say of a token, their kinds, and what they say of the tokens up to two places around it.
Named = tuple[tuple[T, ...], tuple[str, ...], tuple[tuple[T, ...], ...]]


class Told(Protocol[T_co]):
    """How features are told: by name (`NAMES`), or as a model numbers them (`NumberedFeatures`)."""

    def word(self, word: str) -> tuple[T_co, ...]:
        """Returns the features of WORD_FEATURES for a word."""

    def pair(self, left: str, right: str) -> tuple[T_co, ...]:
        """Returns the features of PAIR_FEATURES for two words that follow each other."""

    def named(self, kinds: tuple[str, ...]) -> Named[T_co]:
        """Returns what the names of a vocabulary at a token say of it and of those around it."""

    def one(self, name: str, /) -> T_co:
        """Returns the feature of a name."""


class _Names:
    """Features by name: what a model learns from."""

    def word(self, word: str) -> tuple[str, ...]:
        """Returns the names of the features of a word."""
        parts = (word, word, word, word, word, word[-3:], word[-4:], word[:3])
        return tuple(f"{name}={part}" for name, part in zip(WORD_FEATURES, parts, strict=True))

    def pair(self, left: str, right: str) -> tuple[str, ...]:
        """Returns the names of the features of two words."""
        return tuple(f"{name}={left} {right}" for name in PAIR_FEATURES)

    def named(self, kinds: tuple[str, ...]) -> Named[str]:
        """Returns the names of what a vocabulary says."""
        places = [kind for kind in kinds if "=" not in kind]
        own = (*(f"g={kind}" for kind in kinds), f"gg={'+'.join(sorted(places))}") if kinds else ("g=-",)
        near = tuple(tuple(f"g{offset}={kind}" for kind in places or ["-"]) for offset in (-2, -1, 1, 2))
        return own, tuple(sorted({kind[0] for kind in kinds})) or ("-",), near

    def one(self, name: str, /) -> str:
        """Returns the name."""
        return name


NAMES = _Names()


class _Numbers(dict[str, int]):
    """The number of each feature by name, that of nothing for a name that has none."""

    def __missing__(self, name: str) -> int:
        return len(self)


class NumberedFeatures:
    """Features as a model numbers them; those that it does not know have the number behind its last one.

    Most features of a token are of words. What a model knows of a word is looked up once for all places of the word,
    and what it knows of two words stands in one table, so that no name is made of those.
    """

    def __init__(self, index: Mapping[str, int]) -> None:
        numbers = _Numbers(index)
        self._unknown = (len(index),) * len(PAIR_FEATURES)
        self._pairs = _numbers_of_pairs(index)
        self.one: Callable[[str], int] = numbers.__getitem__
        self.word = lru_cache(maxsize=1 << 15)(self._word)
        self.named = lru_cache(maxsize=1 << 13)(self._named)

    def _word(self, word: str) -> tuple[int, ...]:
        return tuple(map(self.one, NAMES.word(word)))

    def pair(self, left: str, right: str) -> tuple[int, ...]:
        """Returns the numbers of the features of two words."""
        return self._pairs.get(f"{left} {right}", self._unknown)

    def _named(self, kinds: tuple[str, ...]) -> Named[int]:
        own, marks, near = NAMES.named(kinds)
        return tuple(map(self.one, own)), marks, tuple(tuple(map(self.one, names)) for names in near)


def _numbers_of_pairs(index: Mapping[str, int]) -> dict[str, tuple[int, ...]]:
    """The numbers of the features of each two words of which any is known."""
    found: dict[str, list[int]] = {}
    for name, number in index.items():
        kind, _, words = name.partition("=")
        if kind in PAIR_FEATURES:
            found.setdefault(words, [len(index)] * len(PAIR_FEATURES))[PAIR_FEATURES.index(kind)] = number
    return {words: tuple(numbers) for words, numbers in found.items()}
