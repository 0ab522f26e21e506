"""What is wrong in the overview of a topic and in its picture: concepts that are none, places that lead nowhere."""

from collections.abc import Iterator, Mapping
from typing import Any

from db.topics import Topic, TopicError
from harvest.app.topics.problem import Problem
from nlp.vocabulary.loader import Concept

Concepts = Mapping[str, Concept]

_OVERVIEW, _PICTURE = "overview.toml", "picture.toml"
_SECTION = ("id", "title", "text", "line")
_LINE = ("text", "concepts", "with", "finding_of", "finding_on")
_PANEL = (
    "id", "title", "chapter", "row", "column", "span", "leads_to", "acts_on", "items", "lines", "areas", "dots",
)  # fmt: skip
_PANEL_NEEDED = ("id", "title", "chapter", "row", "column", "items")


def overview_problems(topic: Topic, concepts: Concepts) -> Iterator[Problem]:
    """Yields what is wrong in the overview; raises TopicError for a key that is missing or unknown."""
    data = topic.data(_OVERVIEW)
    _keys(_OVERVIEW, "", data, ("section",), ())
    seen: set[str] = set()
    for section in _tables(_OVERVIEW, "section", data.get("section", [])):
        where = f"section {section.get('id', '?')!r}"
        _keys(_OVERVIEW, where, section, _SECTION, ("id", "title", "text"))
        if section["id"] in seen:
            yield Problem(_OVERVIEW, where, "the id is used twice")
        seen.add(section["id"])
        for number, line in enumerate(_tables(_OVERVIEW, f"{where} line", section.get("line", [])), 1):
            yield from _line(f"{where}, line {number}", line, concepts)


def _line(where: str, line: dict[str, Any], concepts: Concepts) -> Iterator[Problem]:
    _keys(_OVERVIEW, where, line, _LINE, ("text", "concepts"))
    named = [*line["concepts"], *line.get("with", ())]
    named += [line[key] for key in ("finding_of", "finding_on") if key in line]
    for concept in named:
        if concept not in concepts:
            yield Problem(_OVERVIEW, where, f"{concept!r} is no concept of the vocabulary")
    on = concepts.get(line.get("finding_on", ""))
    if on is not None and on.kind != "outcome":
        yield Problem(_OVERVIEW, f"{where} finding_on", f"{on.id!r} is of kind {on.kind}, not an outcome")


def picture_problems(topic: Topic, concepts: Concepts) -> Iterator[Problem]:
    """Yields what is wrong in the picture; raises TopicError for a key that is missing or unknown."""
    data = topic.data(_PICTURE)
    if not data:
        return
    _keys(_PICTURE, "", data, ("title", "text", "columns", "panel"), ("title", "text", "columns", "panel"))
    panels = _tables(_PICTURE, "panel", data["panel"])
    ids = [panel.get("id") for panel in panels]
    chapters = {section.get("id") for section in topic.data(_OVERVIEW).get("section", ())}
    for panel in panels:
        where = f"panel {panel.get('id', '?')!r}"
        _keys(_PICTURE, where, panel, _PANEL, _PANEL_NEEDED)
        if ids.count(panel["id"]) > 1:
            yield Problem(_PICTURE, where, "the id is used twice")
        if panel["chapter"] not in chapters:
            yield Problem(_PICTURE, f"{where} chapter", f"{panel['chapter']!r} is no section of {_OVERVIEW}")
        for key in ("leads_to", "acts_on"):
            for other in panel.get(key, ()):
                if other not in ids:
                    yield Problem(_PICTURE, f"{where} {key}", f"{other!r} is no panel")
        for item in panel["items"]:
            concept = item.get("concept") if isinstance(item, dict) else item
            if concept not in concepts:
                yield Problem(_PICTURE, where, f"{concept!r} is no concept of the vocabulary")


def _tables(file: str, key: str, found: Any) -> list[dict[str, Any]]:
    if not isinstance(found, list) or not all(isinstance(one, dict) for one in found):
        raise TopicError(file, key, "must be written as [[...]] tables")
    return found


def _keys(file: str, where: str, table: dict[str, Any], known: tuple[str, ...], needed: tuple[str, ...]) -> None:
    for key in sorted(set(table) - set(known)):
        raise TopicError(file, f"{where} {key}".strip(), f"is no key here; known are {', '.join(known)}")
    for key in needed:
        if key not in table:
            raise TopicError(file, f"{where} {key}".strip(), "is missing")
