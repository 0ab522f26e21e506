"""The words that come nearest to one that nobody knows, for error messages."""

from collections.abc import Iterable
from difflib import get_close_matches


def nearest(word: str, known: Iterable[str], count: int = 3) -> str:
    """Returns advice on which known words may have been meant, as the end of an error message."""
    words = list(known)
    folded = {value.casefold(): value for value in reversed(words)}
    asked = word.casefold().strip()
    found = get_close_matches(asked, folded, n=count, cutoff=0.5)
    found += sorted((name for name in folded if asked and asked in name and name not in found), key=len)
    if not found:
        return f"known are {', '.join(words[:8])}{' ...' if len(words) > 8 else ''}" if words else "none is known"
    return f"did you mean {listed([folded[name] for name in found[:count]])}?"


def listed(words: list[str], joint: str = "or") -> str:
    """Returns words as a reader lists them: "a, b or c"."""
    return words[0] if len(words) == 1 else f"{', '.join(words[:-1])} {joint} {words[-1]}"


def shown(text: str) -> str:
    """Returns somebody's text in quotes for a message: shortened, on one line, without control characters."""
    plain = " ".join("".join(char if char.isprintable() else " " for char in text[:200]).split())
    return f"“{plain[:60]}…”" if len(plain) > 60 else f"“{plain}”"
