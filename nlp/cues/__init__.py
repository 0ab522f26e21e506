"""Cue words as data, and the matcher that finds them in a sentence."""

import re
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache, lru_cache
from pathlib import Path

FOLDER = Path(__file__).parent


@dataclass(frozen=True, slots=True)
class Cue:
    """A cue in a sentence: its group, its words, its characters (relative to the text searched)."""

    group: str
    text: str
    start: int
    end: int


def lower_pattern(pattern: str) -> re.Pattern[str]:
    """Returns a pattern for lower-case text: its letters lowered, but for classes such as "\\S".

    Folding case while matching takes several times as long.
    """
    return re.compile(re.sub(r"\\.|[A-Z]", lambda m: m[0] if m[0][0] == "\\" else m[0].lower(), pattern))


@cache
def patterns(name: str, flags: re.RegexFlag = re.IGNORECASE) -> Mapping[str, re.Pattern[str]]:
    """Returns the patterns of one cue file by name: any of the expressions listed there, one a line."""
    table = tomllib.loads((FOLDER / f"{name}.toml").read_text(encoding="utf-8"))
    return {key: re.compile("|".join(expressions), flags) for key, expressions in table.items()}


@cache
def _pattern() -> re.Pattern[str]:
    groups = tomllib.loads((FOLDER / "context.toml").read_text(encoding="utf-8"))
    parts = [f"(?P<{name}>{'|'.join(words)})" for name, words in groups.items()]
    return re.compile(rf"(?<![\w-])(?:{'|'.join(parts)})(?![\w-])")


@lru_cache(maxsize=2048)
def find_cues(text: str) -> tuple[Cue, ...]:
    """Returns the cues of a text (plain typography; case is folded here), left to right, without overlaps.

    Several components ask for the cues of the same sentences, one after the other.
    """
    return tuple(
        Cue(match.lastgroup or "", match.group(), match.start(), match.end())
        for match in _pattern().finditer(text.lower())
    )
