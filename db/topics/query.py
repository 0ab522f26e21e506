"""What is collected: the PubMed query in parts, the local match of files, and what other services are asked."""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from db.topics.choice import current, per_topic
from db.topics.topic import Topic, TopicError

_FILE = "query.toml"
#: What stands in each table of the file, and of what type.
_TABLES: Mapping[str, Mapping[str, type]] = {
    "": {"version": int, "parts": list, "match": dict, "outside": dict},
    "parts": {"name": str, "title": str, "query": str},
    "match": {"mesh": list, "hints": list, "vernacular": list},
    "outside": {"conditions": str, "outcomes": str, "preprints": str, "notices": str, "words": list},
}


@dataclass(frozen=True, slots=True)
class TopicPart:
    """One named part of the query, with what it stands for."""

    name: str
    title: str
    query: str


@dataclass(frozen=True, slots=True)
class Outside:
    """How records beside PubMed's query are found: what services are asked, and the words that make one on the topic.

    `conditions` and `outcomes` are ClinicalTrials.gov's (`query.cond`, `query.outc`), `preprints` Europe PMC's,
    `notices` Crossref's bibliographic words.
    """

    conditions: str
    outcomes: str
    preprints: str
    notices: str
    words: tuple[str, ...]


@dataclass(frozen=True, eq=False)
class TopicQuery:
    """A topic's query: its version, the parts, and what a local match looks for besides their terms."""

    name: str
    version: int
    parts: tuple[TopicPart, ...]
    mesh: frozenset[str]
    vernacular: tuple[str, ...]
    hints: tuple[str, ...]
    outside: Outside

    @cached_property
    def query(self) -> str:
        """The whole query as PubMed gets it, on one line."""
        return " OR ".join(f"({part.query})" for part in self.parts)

    @cached_property
    def hash(self) -> str:
        """SHA-256 of the query, 16 hex digits."""
        return hashlib.sha256(self.query.encode()).hexdigest()[:16]


@per_topic
def topic_query() -> TopicQuery:
    """Returns the query of the topic in force; raises TopicError where its file is broken or lacks something."""
    return read_query(current())


def read_query(topic: Topic) -> TopicQuery:
    """Reads the query of a topic; raises TopicError with file and key."""
    data = topic.data(_FILE)
    place = f"{topic.home / _FILE}"
    _check(place, "", data)
    if not data["parts"]:
        raise TopicError(place, "parts", "is empty; PubMed is asked with these")
    for number, part in enumerate(data["parts"], 1):
        if not isinstance(part, dict):
            raise TopicError(place, "parts", "must be written as [[parts]] tables")
        _check(place, "parts", part, f"part {number}")
    match, outside = data["match"], data["outside"]
    _check(place, "match", match)
    _check(place, "outside", outside)
    return TopicQuery(
        topic.short_name,
        data["version"],
        tuple(TopicPart(part["name"], part["title"], _line(part["query"])) for part in data["parts"]),
        frozenset(match["mesh"]),
        tuple(match["vernacular"]),
        tuple(match["hints"]),
        Outside(
            _line(outside["conditions"]),
            _line(outside["outcomes"]),
            _line(outside["preprints"]),
            _line(outside["notices"]),
            tuple(outside["words"]),
        ),
    )


def _line(text: str) -> str:
    return " ".join(text.split())


def _check(place: str, table: str, data: dict[str, Any], where: str | None = None) -> None:
    """Raises TopicError for a key of a table that is missing, unknown, empty or of another type."""
    where = table if where is None else where
    known = _TABLES[table]
    for key in sorted(set(data) - set(known)):
        raise TopicError(place, f"{where} {key}".strip(), f"is no key here; known are {', '.join(known)}")
    for key, kind in known.items():
        name = f"{where} {key}".strip()
        if key not in data:
            raise TopicError(place, name, "is missing")
        value: Any = data[key]
        if not isinstance(value, kind) or isinstance(value, bool):
            raise TopicError(place, name, f"must be {_WORDS[kind]}")
        if isinstance(value, str) and not value.strip():
            raise TopicError(place, name, "is empty")
        if (
            isinstance(value, list)
            and key != "parts"
            and not all(isinstance(item, str) and item.strip() for item in value)
        ):
            raise TopicError(place, name, "must be a list of texts")


#: What a key must be, in words.
_WORDS: Mapping[type, str] = {int: "a whole number", list: "a list", dict: "a table", str: "a text in quotes"}
