"""The evidence map over time: articles of the most studied concepts of a kind, a bubble every few years."""

from dataclasses import replace

from db.select.facets import FACET_OF_KIND
from db.select.filter import ArticleFilter
from db.site.answers import list_url
from db.site.page import PageContext
from db.site.plots.bars import Bubble

PERIOD_YEARS = 5
_ROWS = 20
_PERIODS = 12


def evidence_over_time(
    context: PageContext, chosen: ArticleFilter, kind: str
) -> tuple[list[tuple[str, str, list[Bubble]]], list[str]]:
    """Returns rows (name, address of its page, bubbles) and the periods' names.

    The rows are the kind's top groups with most articles under the filter; everything before the first period drawn
    is left out, which the page says.
    """
    facet = FACET_OF_KIND[kind]
    index, conn = context.index, context.conn
    base = index.matching(conn, chosen)
    years = {year: mask for year, mask in index.years.items() if mask & base}
    if not years:
        return [], []
    last = max(years)
    first = max(
        min(years) // PERIOD_YEARS * PERIOD_YEARS, last // PERIOD_YEARS * PERIOD_YEARS - PERIOD_YEARS * (_PERIODS - 1)
    )
    starts = range(first, last + 1, PERIOD_YEARS)
    masks = [sum(years.get(year, 0) for year in range(start, start + PERIOD_YEARS)) & base for start in starts]
    concepts = conn.execute(
        "SELECT id, name FROM concepts WHERE kind = ? AND parent_id IS NULL ORDER BY position", [kind]
    ).fetchall()
    counted = [((index.tags.get(concept, 0) & base).bit_count(), concept, name) for concept, name in concepts]
    best = sorted((entry for entry in counted if entry[0]), key=lambda entry: -entry[0])[:_ROWS]
    rows = []
    for _, concept, name in best:
        narrowed = chosen.with_choice(facet.name, concept, "all" if chosen.chosen(facet.name) else "any")
        bubbles = [
            Bubble((index.tags[concept] & mask).bit_count(), list_url(context, _during(narrowed, start)))
            for start, mask in zip(starts, masks, strict=True)
        ]
        rows.append((name, concept, bubbles))
    return rows, [f"{start}–{(start + PERIOD_YEARS - 1) % 100:02d}" for start in starts]


def _during(chosen: ArticleFilter, start: int) -> ArticleFilter:
    """Returns a filter narrowed to one period, within the years that it already asks for."""
    year_from = max(start, chosen.year_from or start)
    year_to = min(start + PERIOD_YEARS - 1, chosen.year_to or start + PERIOD_YEARS - 1)
    return replace(chosen, year_from=year_from, year_to=max(year_from, year_to))
