"""Whether a text outside PubMed's query is on the topic: the words that its `query.toml` names for that."""

import re

from db.topics import per_topic, topic_query


@per_topic
def _pattern() -> re.Pattern[str]:
    words = (r"[\s\-]+".join(map(re.escape, word.split())) for word in topic_query().outside.words)
    return re.compile(rf"\b(?:{'|'.join(words)})\w*", re.IGNORECASE)


def topic_words_in(text: str | None) -> tuple[str, ...]:
    """Returns the topic's words as they stand in a text, in small letters, each once."""
    found = (" ".join(match[0].lower().split()) for match in _pattern().finditer(text or ""))
    return tuple(dict.fromkeys(found))
