"""The curve of articles a year: bars that are links, with the same numbers as text."""

from dataclasses import dataclass, replace

from db.select.filter import ArticleFilter
from db.site.page import PageContext

_HEIGHT = 60
_BAR = 8


@dataclass(frozen=True, slots=True)
class Bar:
    """One year: its count, its place in the drawing, whether it is inside the chosen range, and its list."""

    year: int
    count: int
    x: int
    height: float
    chosen: bool
    href: str


@dataclass(frozen=True, slots=True)
class YearCurve:
    """The drawing of all years from the first to the last."""

    bars: tuple[Bar, ...]
    width: int
    height: int
    most: int

    @property
    def first(self) -> int:
        """The first year with an article."""
        return self.bars[0].year

    @property
    def last(self) -> int:
        """The last year with an article."""
        return self.bars[-1].year


def year_curve(context: PageContext, chosen: ArticleFilter) -> YearCurve | None:
    """Returns the curve of a filter's articles, counted over all filters but the years; None where there is no year."""
    counts = context.index.year_counts(context.conn, chosen)
    if not counts:
        return None
    first, most = min(counts), max(counts.values())
    bars = []
    for year in range(first, max(counts) + 1):
        inside = (chosen.year_from or year) <= year <= (chosen.year_to or year)
        count = counts.get(year, 0)
        height = round(_HEIGHT * count / most, 1) if count else 0
        href = context.url("articles", replace(chosen, year_from=year, year_to=year).query_string())
        bars.append(Bar(year, count, (year - first) * _BAR, max(height, 1.0) if count else 0, inside, href))
    return YearCurve(tuple(bars), len(bars) * _BAR, _HEIGHT, most)
