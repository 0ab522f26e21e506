"""Draws the picture of the disease: panels on a grid with links, arrows between them; a narrow one stacks them.

Colours are the page's (classes of evidence.css), so that dark pages and high contrast need no drawing of their own.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Final
from urllib.parse import quote

from db.evidence.effects.finding_words import number
from db.evidence.picture import Drawing, Item, Panel, Picture
from db.site.plots.svg import document, element, shortened, text
from db.site.show.formatting import kind_class, plural

_SIZE: Final = 15
_TITLE: Final = 34
_ITEM: Final = 27
_DRAWING: Final = 92
_PAD: Final = 12
#: Characters that fit where two items stand side by side on a phone.
_HALF_LINE: Final = 12


@dataclass(frozen=True, slots=True)
class _Box:
    """Where a panel stands, and how many of its items stand side by side."""

    x: float
    y: float
    width: float
    height: float
    abreast: int

    @property
    def middle(self) -> float:
        """The middle of the width."""
        return self.x + self.width / 2


def disease_picture(picture: Picture, root: str, narrow: bool = False) -> str:
    """Returns the picture as SVG for a site that hangs under `root`; `narrow` is 360 wide, panels stacked."""
    boxes = _stacked(picture) if narrow else _grid(picture)
    width = max(box.x + box.width for box in boxes.values()) + 2
    height = max(box.y + box.height for box in boxes.values()) + 2
    parts = [_arrows(picture, boxes, narrow)]
    parts += [_draw(picture, panel, boxes[panel.id], root, narrow) for panel in picture.panels]
    css = "disease narrow-plot" if narrow else "disease wide-plot"
    return document(width, height, parts, picture.title, picture.text, css)


def _grid(picture: Picture) -> dict[str, _Box]:
    """Returns where the panels stand side by side: columns of one width, rows as high as their highest panel."""
    column, gap_x, gap_y = 226, 22, 40
    rows = sorted({panel.row for panel in picture.panels})
    heights = {row: max(_height(p, p.span, False) for p in picture.panels if p.row == row) for row in rows}
    tops = {row: 2 + sum(heights[above] + gap_y for above in rows if above < row) for row in rows}
    return {
        panel.id: _Box(
            2 + panel.column * (column + gap_x),
            tops[panel.row],
            panel.span * column + (panel.span - 1) * gap_x,
            heights[panel.row],
            panel.span,
        )
        for panel in picture.panels
    }


def _stacked(picture: Picture) -> dict[str, _Box]:
    """Returns where the panels stand one below the other."""
    boxes, y = {}, 2.0
    for panel in picture.panels:
        abreast = 1 if any(len(item.text or "") > _HALF_LINE for item in panel.items) else 2
        height = _height(panel, abreast, True)
        boxes[panel.id] = _Box(2, y, 354, height, abreast)
        y += height + 26
    return boxes


def _height(panel: Panel, abreast: int, narrow: bool) -> float:
    note = _ITEM if narrow and panel.acts_on else 0
    return _TITLE + (_DRAWING if panel.drawing else 0) + note + _ITEM * -(-len(panel.items) // abreast) + _PAD


def _draw(picture: Picture, panel: Panel, box: _Box, root: str, narrow: bool) -> str:
    head = text(box.x + _PAD, box.y + 24, panel.title, font_size=16, font_weight=600)
    parts = [
        element("rect", x=box.x, y=box.y, width=box.width, height=box.height, rx=6.0, class_="box"),
        element("a", head, href=f"#{panel.chapter}", class_="head"),
    ]
    y = box.y + _TITLE
    if panel.drawing:
        parts.append(_drawing(panel.drawing, box.middle - 100, y))
        y += _DRAWING
    if narrow and panel.acts_on:
        said = f"acts on: {', '.join(picture.titles(panel.acts_on)).lower()}"
        parts.append(text(box.x + _PAD, y + 17, said, font_size=14, class_="muted"))
        y += _ITEM
    room = (box.width - _PAD) / box.abreast
    for place, item in enumerate(panel.items):
        left = box.x + _PAD + place % box.abreast * room
        parts.append(_item(item, left, y + place // box.abreast * _ITEM, room - _PAD, root))
    return element("g", "".join(parts))


def _item(item: Item, x: float, y: float, room: float, root: str) -> str:
    """Returns one link: its words at the left, its number of articles at the right, the whole line to be clicked."""
    words = shortened(item.text or item.concept, room - 8 * len(number(item.articles)) - 8, _SIZE)
    return element(
        "a",
        element("rect", x=x - 4, y=y, width=room + 8, height=float(_ITEM - 1), class_="target")
        + text(x, y + 18, words, font_size=_SIZE, class_=kind_class(item.kind))
        + text(x + room, y + 18, number(item.articles), font_size=_SIZE - 1, text_anchor="end", class_="muted"),
        href=f"{root}concepts/{quote(item.concept, safe='')}",
        aria_label=f"{item.text}, {plural(item.articles, 'article')}",
    )


def _drawing(drawing: Drawing, x: float, y: float) -> str:
    parts = [element("path", d=area, class_="area", fill_rule="evenodd") for area in drawing.areas]
    parts += [element("path", d=line, class_="line", fill="none") for line in drawing.lines]
    parts += [element("circle", cx=float(a), cy=float(b), r=float(r), class_="dot") for a, b, r in drawing.dots]
    return element("g", "".join(parts), transform=f"translate({x:g} {y:g})", aria_hidden="true")


def _arrows(picture: Picture, boxes: Mapping[str, _Box], narrow: bool) -> str:
    """Returns the arrows of what leads to what, and bars where a panel acts on another (in words on a phone)."""
    drawn = []
    ends: tuple[tuple[str, Callable[[Panel], tuple[str, ...]]], ...] = (
        ("leads", lambda panel: panel.leads_to),
        ("acts", lambda panel: panel.acts_on),
    )
    for panel in picture.panels:
        for css, targets in ends:
            for target in targets(panel):
                if not (narrow and css == "acts"):
                    drawn.append(_arrow(boxes[panel.id], boxes[target], css))
    return element("g", "".join(drawn), aria_hidden="true", class_="arrows")


def _arrow(start: _Box, end: _Box, css: str) -> str:
    """Returns one arrow: along the row to the right, else down the middle of the target."""
    if start.y == end.y:
        x, y, to = start.x + start.width + 3, start.y + start.height / 2, end.x - 4
        path = f"M{x:g} {y:g}H{to:g}M{to - 8:g} {y - 6:g}L{to:g} {y:g}L{to - 8:g} {y + 6:g}"
    else:
        x, y, to = end.middle, start.y + start.height + 3, end.y - 5
        bar, tip = f"M{x - 12:g} {to:g}h24", f"M{x - 6:g} {to - 8:g}l6 8l6 -8"
        head = bar if css == "acts" else tip
        path = f"M{x:g} {y:g}V{to:g}{head}"
    return element("path", d=path, class_=css, fill="none")
