"""Draws a forest plot of reported ratios: one line an estimate, interval on a log axis, never a pooled value."""

import math
from collections.abc import Sequence
from dataclasses import dataclass

from db.evidence.estimates import ReportedEstimate
from db.site.plots.svg import INK, KIND_COLOURS, MUTED, RULE, document, element, shortened, text, title
from db.terms import DESIGNS

AS_REPORTED = "as reported in abstracts, not pooled"
_WIDTH, _LINE, _HEAD, _FOOT = 1060, 26, 74, 44
_LABEL, _DESIGN, _PLOT_FROM, _PLOT_TO, _NUMBERS = 12, 316, 500, 806, 824
_ADJUSTED = 980
_TICKS = (0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1, 2, 5, 10, 20, 50, 100, 200, 500, 1000)
_WIDEST = (0.01, 1000.0)
#: Names of designs that are longer are written short.
_LONGEST_DESIGN = 16


@dataclass(frozen=True, slots=True)
class _Axis:
    """A logarithmic axis between two values."""

    low: float
    high: float

    def place(self, value: float) -> float:
        """Returns where a value stands, at the end of the axis for values beyond it."""
        inside = min(max(value, self.low), self.high)
        share = math.log(inside / self.low) / math.log(self.high / self.low)
        return _PLOT_FROM + share * (_PLOT_TO - _PLOT_FROM)


def forest(estimates: Sequence[ReportedEstimate], name: str, kind: str = "risk factor") -> str:
    """Returns the plot of estimates that are ratios, in the order given; others are left out (see `plotted`)."""
    shown = plotted(estimates)
    axis = _axis(shown)
    height = _HEAD + _LINE * max(1, len(shown)) + _FOOT
    parts = [
        element("rect", width=_WIDTH, height=height, fill="#ffffff", class_="paper"),
        text(_LABEL, 22, f"{name}: {AS_REPORTED}", font_size=15, font_weight=600),
        *_heads(),
        *_ticks(axis, height),
    ]
    several = len({estimate.subject_id for estimate in shown}) > 1
    for place, estimate in enumerate(shown):
        parts.append(_line(estimate, axis, _HEAD + _LINE * (place + 0.5), KIND_COLOURS[kind], several))
    if not shown:
        parts.append(text(_LABEL, _HEAD + 17, "no ratio stated in any of these abstracts", font_size=13, fill=MUTED))
    described = (
        f"Forest plot of {len(shown)} reported ratios on a logarithmic axis from {_tick(axis.low)} to "
        f"{_tick(axis.high)}; the table below holds the same numbers. Nothing is pooled."
    )
    return document(_WIDTH, height, parts, f"{name}, {AS_REPORTED}", described, "plot forest")


def plotted(estimates: Sequence[ReportedEstimate]) -> list[ReportedEstimate]:
    """Returns the estimates that a logarithmic axis can show."""
    return [estimate for estimate in estimates if estimate.ratio]


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
    return f"{value:.3g}" if abs(value) < 0.1 else f"{value:,.2f}".replace(",", "\u202f").replace("-", "−")


def _axis(shown: Sequence[ReportedEstimate]) -> _Axis:
    values = [1.0]
    for estimate in shown:
        values += [estimate.value, *(estimate.interval or ())]
    low, high = max(min(values), _WIDEST[0]), min(max(values), _WIDEST[1])
    return _Axis(
        max((tick for tick in _TICKS if tick <= low and tick < 1), default=0.01) if low < 0.5 else 0.5,
        min((tick for tick in _TICKS if tick >= high and tick > 1), default=1000) if high > 2 else 2.0,
    )


def _heads() -> list[str]:
    heads = [(_LABEL, "study"), (_DESIGN, "design, n"), (_NUMBERS, "as reported"), (_ADJUSTED, "adjusted")]
    found = [text(x, 58, words, font_size=12, fill=MUTED, class_="muted") for x, words in heads]
    found.append(text(_PLOT_FROM, 40, "◄ less", font_size=12, fill=MUTED, class_="muted"))
    found.append(text(_PLOT_TO, 40, "more ►", font_size=12, fill=MUTED, class_="muted", text_anchor="end"))
    return found


def _ticks(axis: _Axis, height: float) -> list[str]:
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
    middle = (_PLOT_FROM + _PLOT_TO) / 2
    found.append(text(middle, bottom + 33, "ratio, log scale", font_size=12, text_anchor="middle", class_="muted"))
    return found


def _tick(value: float) -> str:
    return f"{value:g}"


def _line(estimate: ReportedEstimate, axis: _Axis, y: float, colour: str, several: bool) -> str:
    label = f"{'RETRACTED: ' if estimate.retracted else ''}{estimate.study}"
    label += f", {estimate.subject}" if several else ""
    design = estimate.study_design or "design not stated"
    if len(design) > _LONGEST_DESIGN and design in DESIGNS:
        design = DESIGNS[design].short
    size = ", n " + f"{estimate.sample_size:,}".replace(",", "\u202f") if estimate.sample_size else ""
    words = f"{estimate.measure} {interval_words(estimate)}"
    parts = [
        title(f"{label}: {words}, {adjusted_words(estimate)}; {estimate.study_design or 'design not stated'}"),
        text(_LABEL, y + 4, shortened(label, _DESIGN - _LABEL - 8, 13), font_size=13),
        text(_DESIGN, y + 4, shortened(design + size, _PLOT_FROM - _DESIGN - 8, 12), font_size=12, class_="muted"),
        *_mark(estimate, axis, y, colour),
        text(_NUMBERS, y + 4, words, font_size=13),
        text(_ADJUSTED, y + 4, adjusted_words(estimate), font_size=12, fill=MUTED, class_="muted"),
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
    side = 8.0
    square = {"x": x - side / 2, "y": y - side / 2, "width": side, "height": side}
    css = "mark fill" if estimate.interval is not None else "mark hollow"
    parts.append(element("rect", **square, fill=filled, stroke=colour, stroke_width=1.6, class_=css))
    return parts


def _end(x: float, y: float, beyond: bool, way: int, stroke: dict[str, object]) -> str:
    """Returns the end of an interval: a bar, or an arrow where it goes on beyond the axis."""
    if not beyond:
        return element("line", x1=float(x), y1=y - 4.0, x2=float(x), y2=y + 4.0, **stroke)
    corner = x - 5.0 * way
    path = f"M{corner:.1f} {y - 4:.1f}L{x:.1f} {y:.1f}L{corner:.1f} {y + 4:.1f}"
    return element("path", d=path, fill="none", **stroke)
