"""Draws a forest plot of reported ratios: one line an estimate, interval on a log axis, never a pooled value.

What was compared stands in the picture itself: a column with the comparator, and a panel for each class of comparators
with reviews apart from the studies that they may contain. A narrow picture stacks label and interval for phones.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import groupby

from db.evidence.effects.estimates import ReportedEstimate
from db.site.plots.svg import INK, KIND_COLOURS, MUTED, RULE, document, element, shortened, text, title
from db.terms import DESIGNS

AS_REPORTED = "as reported in abstracts, not pooled"
_TICKS = (0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1, 2, 5, 10, 20, 50, 100, 200, 500, 1000)
_WIDEST = (0.01, 1000.0)
_HEAD, _FOOT, _PANEL = 74, 44, 26
_PANELS = {
    "none or placebo": "against nothing or placebo",
    "active": "against another treatment",
    "dose or timing": "another dose or time of the same",
    "before": "against before",
    "not read": "comparator not read",
    None: "risk factor",
}


@dataclass(frozen=True, slots=True)
class _Layout:
    """Where things stand: the columns' left edges, the ends of the axis, and the height of an estimate."""

    width: int
    line: int
    label: int
    against: int
    design: int
    plot_from: int
    plot_to: int
    numbers: int
    adjusted: int
    stacked: bool = False


_WIDE = _Layout(1220, 26, 12, 252, 432, 596, 890, 908, 1118)
_NARROW = _Layout(360, 62, 8, 8, 8, 20, 340, 8, 8, stacked=True)


@dataclass(frozen=True, slots=True)
class _Axis:
    """A logarithmic axis between two values, between two places."""

    low: float
    high: float
    start: float
    end: float

    def place(self, value: float) -> float:
        """Returns where a value stands, at the end of the axis for values beyond it."""
        inside = min(max(value, self.low), self.high)
        share = math.log(inside / self.low) / math.log(self.high / self.low)
        return self.start + share * (self.end - self.start)


def forest(estimates: Sequence[ReportedEstimate], name: str, kind: str = "risk factor", narrow: bool = False) -> str:
    """Returns the plot of estimates that are ratios, in the order given; others are left out (see `plotted`).

    `narrow` draws it 360 wide, each estimate's words above its interval.
    """
    layout = _NARROW if narrow else _WIDE
    shown = plotted(estimates)
    axis = _axis(shown, layout)
    panels = [(words, list(group)) for words, group in groupby(shown, key=panel_words)]
    height = _HEAD + layout.line * max(1, len(shown)) + _PANEL * len(panels) + _FOOT
    heading = shortened(f"{name}: {AS_REPORTED}", layout.width - 16, 17)  # bold is wider
    parts = [
        element("rect", width=layout.width, height=height, fill="#ffffff", class_="paper"),
        text(layout.label, 22, heading, font_size=15, font_weight=600),
        *_heads(layout),
        *_ticks(axis, layout, height),
    ]
    several = len({estimate.subject_id for estimate in shown}) > 1
    y: float = _HEAD
    for words, group in panels:
        parts.append(
            element("rect", x=0.0, y=y + 3, width=layout.width, height=_PANEL - 6, fill=RULE, fill_opacity=0.35)
        )
        parts.append(text(layout.label, y + 17, words, font_size=13, font_weight=600, class_="panel"))
        y += _PANEL
        for estimate in group:
            draw = _stacked if layout.stacked else _line
            parts.append(draw(estimate, axis, y, KIND_COLOURS[kind], several))
            y += layout.line
    if not shown:
        parts.append(text(layout.label, y + 17, "no ratio stated in any of these abstracts", font_size=13, fill=MUTED))
    described = (
        f"Forest plot of {len(shown)} reported ratios on a logarithmic axis from {_tick(axis.low)} to "
        f"{_tick(axis.high)}, in panels by what was compared; the table holds the same numbers. Nothing is pooled."
    )
    css = "plot forest narrow" if narrow else "plot forest"
    return document(layout.width, height, parts, f"{name}, {AS_REPORTED}", described, css)


def plotted(estimates: Sequence[ReportedEstimate]) -> list[ReportedEstimate]:
    """Returns the estimates that a logarithmic axis can show."""
    return [estimate for estimate in estimates if estimate.ratio]


def panel_words(estimate: ReportedEstimate) -> str:
    """Returns the heading of the panel that an estimate stands in: what was compared, reviews apart."""
    words = _PANELS[estimate.comparator_class]
    return f"Reviews, {words}" if estimate.review else f"Studies, {words}"


def interval_words(estimate: ReportedEstimate) -> str:
    """Returns an estimate as readers write it: "0.46 (0.29–0.72)"."""
    shown = _figure(estimate.value)
    if estimate.interval is None:
        return shown
    low, high = estimate.interval
    joint = "–" if low >= 0 else " to "
    return f"{shown} ({_figure(low)}{joint}{_figure(high)})"


def adjusted_words(estimate: ReportedEstimate) -> str:
    """Returns whether an estimate was adjusted, "not stated" where the abstract does not say."""
    return {True: "adjusted", False: "unadjusted", None: "not stated"}[estimate.adjusted]


def _figure(value: float) -> str:
    shown = f"{value:.3g}" if abs(value) < 0.1 else f"{value:,.2f}".replace(",", "\u202f")
    return shown.replace("-", "−")


def _axis(shown: Sequence[ReportedEstimate], layout: _Layout) -> _Axis:
    values = [1.0]
    for estimate in shown:
        values += [estimate.value, *(estimate.interval or ())]
    low, high = max(min(values), _WIDEST[0]), min(max(values), _WIDEST[1])
    return _Axis(
        max((tick for tick in _TICKS if tick <= low and tick < 1), default=0.01) if low < 0.5 else 0.5,
        min((tick for tick in _TICKS if tick >= high and tick > 1), default=1000) if high > 2 else 2.0,
        layout.plot_from,
        layout.plot_to,
    )


def _heads(layout: _Layout) -> list[str]:
    muted = {"font_size": 12, "fill": MUTED, "class_": "muted"}
    heads = [(layout.label, "study"), (layout.against, "against"), (layout.design, "design, n")]
    heads += [(layout.numbers, "as reported"), (layout.adjusted, "adjusted")]
    found = [] if layout.stacked else [text(x, 58, words, **muted) for x, words in heads]
    found.append(text(layout.plot_from, 40, "◄ less", **muted))
    found.append(text(layout.plot_to, 40, "more ►", **muted, text_anchor="end"))
    return found


def _ticks(axis: _Axis, layout: _Layout, height: float) -> list[str]:
    bottom = height - _FOOT + 4
    every = [tick for tick in _TICKS if axis.low <= tick <= axis.high]
    step = 1 + len(every) // 9
    found = []
    for tick in every:
        x = axis.place(tick)
        line = (
            {"stroke": INK, "stroke_width": 1.2, "class_": "one"} if tick == 1 else {"stroke": RULE, "class_": "rule"}
        )
        found.append(element("line", x1=x, y1=_HEAD - 10, x2=x, y2=bottom, **line))
        if tick == 1 or (every.index(tick) - every.index(1)) % step == 0:
            words = {"font_size": 12, "text_anchor": "middle", "fill": MUTED, "class_": "muted"}
            found.append(text(x, bottom + 16, _tick(tick), **words))
            found.append(text(x, _HEAD - 14, _tick(tick), **words))
    middle = (layout.plot_from + layout.plot_to) / 2
    found.append(text(middle, bottom + 33, "ratio, log scale", font_size=12, text_anchor="middle", class_="muted"))
    return found


def _tick(value: float) -> str:
    return f"{value:g}"


def _words(estimate: ReportedEstimate, several: bool) -> tuple[str, str, str, str]:
    """Returns an estimate's label, comparator, design with size, and numbers."""
    label = f"{'RETRACTED: ' if estimate.retracted else ''}{estimate.study}"
    label += f", {estimate.subject}" if several else ""
    against = "" if estimate.comparator_class is None else f"v {estimate.comparator or '(not read)'}"
    known = DESIGNS.get(estimate.study_design or "")
    design = known.short if known else "design not stated"
    size = ", n " + f"{estimate.sample_size:,}".replace(",", "\u202f") if estimate.sample_size else ""
    return label, against, design + size, f"{estimate.measure} {interval_words(estimate)}"


def _title(estimate: ReportedEstimate, several: bool) -> str:
    label, against, _, numbers = _words(estimate, several)
    design = estimate.study_design or "design not stated"
    return title(f"{label}{f' {against}' if against else ''}: {numbers}, {adjusted_words(estimate)}; {design}")


def _line(estimate: ReportedEstimate, axis: _Axis, top: float, colour: str, several: bool) -> str:
    label, against, design, numbers = _words(estimate, several)
    y, at = top + _WIDE.line / 2, _WIDE
    small = {"font_size": 12, "class_": "muted"}
    parts = [
        _title(estimate, several),
        text(at.label, y + 4, shortened(label, at.against - at.label - 8, 13), font_size=13),
        text(at.against, y + 4, shortened(against, at.design - at.against - 8, 12), font_size=12),
        text(at.design, y + 4, shortened(design, at.plot_from - at.design - 8, 12), **small),
        *_mark(estimate, axis, y, colour),
        text(at.numbers, y + 4, numbers, font_size=13),
        text(at.adjusted, y + 4, adjusted_words(estimate), fill=MUTED, **small),
    ]
    return element("g", "".join(parts))


def _stacked(estimate: ReportedEstimate, axis: _Axis, top: float, colour: str, several: bool) -> str:
    label, against, design, numbers = _words(estimate, several)
    at = _NARROW
    parts = [
        _title(estimate, several),
        text(at.label, top + 14, shortened(f"{label} {against}", at.width - 16, 13), font_size=13),
        text(at.label, top + 30, shortened(f"{numbers} · {design}", at.width - 16, 12), font_size=12, class_="muted"),
        *_mark(estimate, axis, top + 46, colour),
    ]
    return element("g", "".join(parts))


def _mark(estimate: ReportedEstimate, axis: _Axis, y: float, colour: str) -> list[str]:
    x = axis.place(estimate.value)
    stroke = {"stroke": colour, "stroke_width": 1.6, "class_": "mark"}
    parts = []
    if estimate.interval is not None:
        low, high = estimate.interval
        left, right = axis.place(low), axis.place(high)
        parts.append(element("line", x1=left, y1=float(y), x2=right, y2=float(y), **stroke))
        parts += [_end(left, y, low < axis.low, -1, stroke), _end(right, y, high > axis.high, 1, stroke)]
    filled = colour if estimate.interval is not None else "#ffffff"
    side = _side(estimate)
    square = {"x": x - side / 2, "y": y - side / 2, "width": side, "height": side}
    css = "mark fill" if estimate.interval is not None else "mark hollow"
    parts.append(element("rect", **square, fill=filled, stroke=colour, stroke_width=1.6, class_=css))
    return parts


def _side(estimate: ReportedEstimate) -> float:
    """Returns the side of an estimate's square: the larger, the narrower its interval on the log axis."""
    if estimate.interval is None or estimate.interval[0] <= 0:
        return 6.0
    width = math.log(estimate.interval[1] / estimate.interval[0])
    return round(min(13.0, max(5.0, 5 + 4 / (width + 0.3))), 1)


def _end(x: float, y: float, beyond: bool, way: int, stroke: dict[str, object]) -> str:
    """Returns the end of an interval: a bar, or an arrow where it goes on beyond the axis."""
    if not beyond:
        return element("line", x1=float(x), y1=y - 4.0, x2=float(x), y2=y + 4.0, **stroke)
    corner = x - 5.0 * way
    path = f"M{corner:.1f} {y - 4:.1f}L{x:.1f} {y:.1f}L{corner:.1f} {y + 4:.1f}"
    return element("path", d=path, fill="none", **stroke)
