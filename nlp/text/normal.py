"""The form in which two mentions count as the same words: case, blanks, dashes and outer punctuation levelled."""

import re

_DASHES = re.compile("[‐‑‒–—−]")
_BLANKS = re.compile(r"\s+")


def normal(text: str) -> str:
    """Returns the form in which two mentions are strictly compared."""
    return _BLANKS.sub(" ", _DASHES.sub("-", text.casefold())).strip(" .,;:()[]\"'")
