"""The disease as one picture: panels of a data file, each part a concept with its number of articles."""

import sqlite3
from dataclasses import dataclass, replace
from typing import Any

from db.evidence.concepts import concept_filter
from db.evidence.index.article_index import ArticleIndex
from db.topics import current, per_topic


@dataclass(frozen=True, slots=True)
class Item:
    """One part of a panel: a concept and the words that stand for it; kind and articles as the data have them."""

    concept: str
    text: str | None
    kind: str = ""
    articles: int = 0


@dataclass(frozen=True, slots=True)
class Drawing:
    """A small drawing, 200 wide and 80 high: stroked paths, filled paths, circles as (x, y, radius)."""

    lines: tuple[str, ...]
    areas: tuple[str, ...]
    dots: tuple[tuple[float, float, float], ...]

    def __bool__(self) -> bool:
        return bool(self.lines or self.areas or self.dots)


@dataclass(frozen=True, slots=True)
class Panel:
    """One panel: where it stands on the grid, the chapter that it opens, its items, and what it does to others."""

    id: str
    title: str
    chapter: str
    row: int
    column: int
    span: int
    leads_to: tuple[str, ...]
    acts_on: tuple[str, ...]
    items: tuple[Item, ...]
    drawing: Drawing


@dataclass(frozen=True, slots=True)
class Picture:
    """A picture: its name, what it shows in words, the columns of its grid, and its panels in reading order."""

    title: str
    text: str
    columns: int
    panels: tuple[Panel, ...]

    def titles(self, ids: tuple[str, ...]) -> tuple[str, ...]:
        """Returns the titles of panels."""
        return tuple(panel.title for name in ids for panel in self.panels if panel.id == name)


@per_topic
def picture_file() -> Picture:
    """Returns the picture as its data file has it, without numbers."""
    data = current().data("picture.toml") or {"title": "", "text": "", "columns": 1, "panel": ()}
    return Picture(data["title"], data["text"], data["columns"], tuple(_panel(entry) for entry in data["panel"]))


def read_picture(conn: sqlite3.Connection, index: ArticleIndex) -> Picture:
    """Returns the picture with names and numbers of the data; concepts that the data lack are left out."""
    known = {row[0]: (row[1], row[2]) for row in conn.execute("SELECT id, kind, name FROM concepts")}

    def counted(item: Item) -> Item:
        kind, name = known[item.concept]
        articles = index.count(conn, concept_filter(kind, item.concept))
        return Item(item.concept, item.text or name, kind, articles)

    panels = tuple(
        replace(panel, items=tuple(counted(item) for item in panel.items if item.concept in known))
        for panel in picture_file().panels
    )
    return replace(picture_file(), panels=panels)


def _panel(entry: dict[str, Any]) -> Panel:
    items = (item if isinstance(item, dict) else {"concept": item} for item in entry["items"])
    return Panel(
        entry["id"],
        entry["title"],
        entry["chapter"],
        entry["row"],
        entry["column"],
        entry.get("span", 1),
        tuple(entry.get("leads_to", ())),
        tuple(entry.get("acts_on", ())),
        tuple(Item(item["concept"], item.get("text")) for item in items),
        Drawing(
            tuple(entry.get("lines", ())),
            tuple(entry.get("areas", ())),
            tuple((x, y, radius) for x, y, radius in entry.get("dots", ())),
        ),
    )
