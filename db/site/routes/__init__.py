"""The pages by address; one module a page, each with `ROUTES` (a pattern and a view)."""

from typing import Any

from db.site.routes import article, home, methods, programs, static
from db.site.routes.evidence import answer, concepts, matrix, overlap, overview, plots, pool, trials
from db.site.routes.lists import api, articles, export, feeds, search_help, searches
from db.site.routes.people import curate, kept, review

#: Order matters only where two patterns match the same path.
ROUTES: list[tuple[str, Any]] = [
    *home.ROUTES,
    *search_help.ROUTES,
    *kept.ROUTES,
    *answer.ROUTES,
    *articles.ROUTES,
    *article.ROUTES,
    *export.ROUTES,
    *static.ROUTES,
    *trials.ROUTES,
    *overlap.ROUTES,
    *concepts.ROUTES,
    *overview.ROUTES,
    *matrix.ROUTES,
    *plots.ROUTES,
    *feeds.ROUTES,
    *searches.ROUTES,
    *methods.ROUTES,
    *api.ROUTES,
    *review.ROUTES,
    *curate.ROUTES,
    *pool.ROUTES,
    *programs.ROUTES,
]
