"""Starred and seen articles: a page that the browser fills from what it alone keeps."""

from datasette.utils.asgi import Response

from db.site.page import PageContext, page
from db.site.show.formatting import FORMAT_LABELS


@page
def kept(context: PageContext) -> Response:
    """The page, the same for everybody."""
    return context.render("kept.html", formats=FORMAT_LABELS)


ROUTES = [(r"^/kept/?$", kept)]
