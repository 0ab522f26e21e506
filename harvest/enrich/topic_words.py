"""Whether a text outside PubMed's query is on heterotopic ossification: the words of `topic_words.txt`."""

import re
from functools import cache
from importlib.resources import files

#: MeSH headings of the topic: Ossification, Heterotopic; Myositis Ossificans.
TOPIC_MESH = frozenset({"D009999", "D009221"})


@cache
def topic_words() -> tuple[str, ...]:
    """Returns the words, in the order of the file."""
    lines = files("harvest.enrich").joinpath("topic_words.txt").read_text(encoding="utf-8").splitlines()
    return tuple(line.strip() for line in lines if line.strip() and not line.startswith("#"))


@cache
def _pattern() -> re.Pattern[str]:
    words = (r"[\s\-]+".join(map(re.escape, word.split())) for word in topic_words())
    return re.compile(rf"\b(?:{'|'.join(words)})\w*", re.IGNORECASE)


def topic_words_in(text: str | None) -> tuple[str, ...]:
    """Returns the topic's words as they stand in a text, in small letters, each once."""
    found = (" ".join(match[0].lower().split()) for match in _pattern().finditer(text or ""))
    return tuple(dict.fromkeys(found))
