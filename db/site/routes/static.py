"""The style sheet, script and icon under an address of their own, whatever the plugin is registered as."""

from importlib.resources import files
from typing import Any

from datasette.utils.asgi import NotFound, Request, Response

from db.site.show.rendering import STATIC_FILES

_TYPES = {"css": "text/css; charset=utf-8", "js": "text/javascript; charset=utf-8", "svg": "image/svg+xml"}


async def static(request: Request) -> Response:
    """One static file; its address changes with its content, so that a browser may keep it."""
    name: str = request.url_vars["name"]
    if name not in STATIC_FILES:
        raise NotFound("There is no such file.")
    body = (files("db.site") / "static" / name).read_text(encoding="utf-8")
    headers = {"cache-control": "public, max-age=31536000, immutable" if request.query_string else "max-age=60"}
    return Response(body, headers=headers, content_type=_TYPES[name.rsplit(".", 1)[1]])


ROUTES: list[tuple[str, Any]] = [(r"^/-/tracker/(?P<name>[a-z.]+)$", static)]
