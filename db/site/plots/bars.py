"""Draws counts: a curve of years as bars, and evidence over time as bubbles."""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from db.site.plots.svg import KIND_COLOURS, MUTED, RULE, document, element, shortened, text, title

_BAR_WIDTH, _BAR_HEIGHT = 640, 120


def year_bars(
    years: Mapping[int, int],
    name: str,
    kind: str,
    links: Mapping[int, str] | None = None,
    chosen: tuple[int | None, int | None] = (None, None),
) -> str:
    """Returns articles a year as bars, from the first year to the last; `links` makes bars open a list.

    Bars outside of the `chosen` years (first and last, None for open) are drawn pale.
    """
    if not years:
        return ""
    first, last = min(years), max(years)
    most = max(years.values())
    step = _BAR_WIDTH / max(last - first + 1, 12)
    bars: dict[bool, list[str]] = {True: [], False: []}
    for year, count in sorted(years.items()):
        tall = max(1.5, 92 * count / most)
        inside = (chosen[0] or year) <= year <= (chosen[1] or year)
        said = title(f"{year}: {count} article{'' if count == 1 else 's'}")
        x, wide = (year - first) * step, max(1.0, step - 1)
        bar = element("rect", said, x=x, y=99 - tall, width=wide, height=tall)
        # the table twin carries the same links for keyboards, so that hundreds of bars are no tab stops
        bars[inside].append(element("a", bar, href=links[year], tabindex="-1") if links and year in links else bar)
    parts = [element("line", x1=0.0, y1=99.5, x2=float(_BAR_WIDTH), y2=99.5, stroke=RULE, class_="rule")]
    for inside, drawn in bars.items():  # what they share is said once
        if drawn:
            pale = None if inside else 0.35
            parts.append(element("g", "".join(drawn), fill=KIND_COLOURS[kind], class_="mark fill", fill_opacity=pale))
    muted = {"font_size": 12, "fill": MUTED, "class_": "muted"}
    parts.append(text(0, 116, str(first), **muted))
    if last > first:
        parts.append(text((last - first + 1) * step, 116, str(last), text_anchor="end", **muted))
    described = f"Articles a year from {first} to {last}, at most {most} in one year."
    return document(_BAR_WIDTH, _BAR_HEIGHT, parts, name, described, "plot years")


@dataclass(frozen=True, slots=True)
class Bubble:
    """Articles of one row in one stretch of years, and the address of their list."""

    number: int
    link: str


def evidence_map(
    rows: Sequence[tuple[str, str, Sequence[Bubble]]], periods: Sequence[str], name: str, kind: str
) -> str:
    """Returns rows (label, link, one bubble a period) by periods; the area of a bubble is its number of articles."""
    left, column, line, head = 250, 58, 34, 40
    width, height = left + column * len(periods) + 10, head + line * max(1, len(rows)) + 10
    most = max((bubble.number for _, _, bubbles in rows for bubble in bubbles), default=1)
    parts = [element("rect", width=width, height=height, fill="#ffffff", class_="paper")]
    muted = {"font_size": 11, "fill": MUTED, "class_": "muted", "text_anchor": "middle"}
    parts += [text(left + column * (place + 0.5), 24, words, **muted) for place, words in enumerate(periods)]
    for number, (label, _, bubbles) in enumerate(rows):
        y = head + line * (number + 0.5)
        edge = head + line * (number + 1.0)
        parts.append(element("line", x1=0.0, y1=edge, x2=float(width), y2=edge, stroke=RULE, class_="rule"))
        parts.append(text(8, y + 4, shortened(label, left - 16, 13), font_size=13))
        for place, bubble in enumerate(bubbles):
            if bubble.number:
                parts.append(_bubble(label, periods[place], bubble, left + column * (place + 0.5), y, most, kind))
    described = f"Articles by {kind} and period; the largest bubble is {most} articles. The table holds the numbers."
    return document(width, height, parts, name, described, "plot map")


def _bubble(label: str, period: str, bubble: Bubble, x: float, y: float, most: int, kind: str) -> str:
    radius = max(2.0, 15 * math.sqrt(bubble.number / most))
    circle = element(
        "circle",
        title(f"{label}, {period}: {bubble.number} article{'' if bubble.number == 1 else 's'}"),
        cx=x,
        cy=y,
        r=radius,
        fill=KIND_COLOURS[kind],
        fill_opacity=0.25,
        stroke=KIND_COLOURS[kind],
        class_="mark bubble",
    )
    words = ""
    if radius > 8:
        words = text(x, y + 4, str(bubble.number), font_size=11, text_anchor="middle", pointer_events="none")
    return element("a", circle + words, href=bubble.link, tabindex="-1") if bubble.link else circle + words
