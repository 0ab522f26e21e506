"""Patterns that are looked for in whole texts: where a text has none of a pattern's words, it is not searched.

A text is searched for many patterns, of which it has few. To ask whether a word stands in a text costs a fraction of a
search, so each pattern keeps the literals of which a match must hold one.
"""

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from re import _parser  # type: ignore[attr-defined]  # how Python itself reads a pattern
from typing import Any


@dataclass(frozen=True, slots=True)
class SoughtPattern:
    """A pattern, the literals of which every match holds one (none: not known), and whether it folds case."""

    pattern: re.Pattern[str]
    literals: tuple[str, ...]
    folds: bool

    @classmethod
    def of(cls, pattern: re.Pattern[str]) -> "SoughtPattern":
        """Returns a pattern with its literals."""
        folds = bool(pattern.flags & re.IGNORECASE)
        found = _literals(_parser.parse(pattern.pattern, pattern.flags))
        return cls(pattern, tuple(sorted({literal.lower() if folds else literal for literal in found})), folds)

    def search(self, text: str) -> re.Match[str] | None:
        """Returns the first match in a text, or None."""
        return self.pattern.search(text) if self.may_match(text) else None

    def finditer(self, text: str) -> Iterator[re.Match[str]]:
        """Yields the matches in a text."""
        if self.may_match(text):
            yield from self.pattern.finditer(text)

    def findall(self, text: str) -> list[Any]:
        """Returns what `re.findall` returns."""
        return self.pattern.findall(text) if self.may_match(text) else []

    def may_match(self, text: str) -> bool:
        """Says whether a text holds what a match cannot be without; it may have no match all the same."""
        read = text.lower() if self.folds else text
        for literal in self.literals:  # a loop: `any` over a generator takes twice as long
            if literal in read:
                return True
        return not self.literals


def sought(patterns: Mapping[str, re.Pattern[str]]) -> dict[str, SoughtPattern]:
    """Returns patterns by name, each with its literals."""
    return {name: SoughtPattern.of(pattern) for name, pattern in patterns.items()}


def _literals(parts: Iterable[tuple[Any, Any]]) -> frozenset[str]:
    """The strings of which a match of a parsed sequence holds one: those of its part with the longest ones."""
    found: list[frozenset[str]] = []
    run = ""
    for kind, value in parts:
        if kind is _parser.LITERAL:
            run += chr(value)
            continue
        found.append(frozenset((run,)))
        run = ""
        if kind is _parser.SUBPATTERN:
            found.append(_literals(value[-1]))
        elif kind is _parser.BRANCH:
            branches = [_literals(branch) for branch in value[1]]
            found.append(frozenset[str]().union(*branches) if all(branches) else frozenset())
        elif kind in (_parser.MAX_REPEAT, _parser.MIN_REPEAT) and value[0]:
            found.append(_literals(value[2]))
    found.append(frozenset((run,)))
    best = max(found, key=lambda literals: (min(map(len, literals), default=0), -len(literals)))
    return frozenset(filter(None, best))
