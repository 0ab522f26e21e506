"""Reviews and the studies that they cite, with their overlap; and what the query may be missing."""

from datasette.utils.asgi import Response

from db.evidence.articles import titles
from db.evidence.services.overlap import read_overlap
from db.select.words import describe
from db.site.answers import json_answer, json_page, list_url, read_filter
from db.site.page import PageContext, page

_PAIRS = 50
_REVIEWS = 200
_MISSES = 200


@page
def overlap(context: PageContext) -> Response:
    """The reviews of a filter, how many held studies each cites, and which two rest on the same ones."""
    chosen, names = read_filter(context)
    found = read_overlap(context.conn, chosen)
    shown = sorted(found.reviews, key=lambda pmid: (-len(found.reviews[pmid]), pmid))[:_REVIEWS]
    pairs = found.pairs()
    named = titles(context.conn, [*shown, *(pmid for pair in pairs[:_PAIRS] for pmid in pair[:2])])
    return context.render(
        "overlap.html",
        described=describe(chosen, names),
        list_href=list_url(context, chosen),
        rows=[(named[pmid], len(found.reviews[pmid])) for pmid in shown],
        count=len(found.reviews),
        studies=len(found.studies),
        area=found.covered_area,
        pairs=[(named[one], named[other], shared, area) for one, other, shared, area in pairs[:_PAIRS]],
        pair_count=len(pairs),
        misses=_misses(context),
    )


@json_page
def overlap_json(context: PageContext) -> Response:
    """The same as JSON, whole."""
    chosen, _ = read_filter(context)
    found = read_overlap(context.conn, chosen)
    pairs = [{"reviews": [one, other], "shared": n, "corrected_covered_area": a} for one, other, n, a in found.pairs()]
    return json_answer(
        {
            "reviews": {str(pmid): sorted(studies) for pmid, studies in sorted(found.reviews.items())},
            "studies": len(found.studies),
            "corrected_covered_area": found.covered_area,
            "pairs": pairs,
        }
    )


def _misses(context: PageContext) -> list[tuple[object, ...]]:
    sql = (
        "SELECT pmid, title, year, cited_by, words FROM recall_candidates WHERE words IS NOT NULL AND cited_by >= 3 "
        f"ORDER BY cited_by DESC, pmid DESC LIMIT {_MISSES}"
    )
    return [tuple(row) for row in context.conn.execute(sql)]


ROUTES = [(r"^/overlap/?$", overlap), (r"^/overlap\.json$", overlap_json)]
