"""The form in which two mentions count as the same words: case, blanks, dashes and outer punctuation levelled."""

import re
from functools import lru_cache

_DASHES = re.compile("[‐‑‒–—−]")
_BLANKS = re.compile(r"\s+")


@lru_cache(maxsize=1 << 14)
def normal(text: str) -> str:
    """Returns the form in which two mentions are strictly compared."""
    return _BLANKS.sub(" ", _DASHES.sub("-", text.casefold())).strip(" .,;:()[]\"'")
