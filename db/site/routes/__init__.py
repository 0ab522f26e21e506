"""The pages by address; one module a page, each with `ROUTES` (a pattern and a view)."""

from typing import Any

from db.site.routes import (
    answer,
    api,
    article,
    articles,
    concepts,
    curate,
    export,
    feeds,
    home,
    kept,
    matrix,
    methods,
    overlap,
    overview,
    plots,
    pool,
    programs,
    review,
    search_help,
    searches,
    static,
    trials,
)

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
