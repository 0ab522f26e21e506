"""The evidence site as a Datasette plugin: the hooks, and nothing else."""

from collections.abc import Awaitable, Callable
from importlib.resources import files
from typing import Any

from datasette.hookspecs import hookimpl
from jinja2 import FileSystemLoader

from db.site.routes import ROUTES
from db.site.served import find_evidence_database, holds_sample
from db.site.serving import desk, errors, headers, permissions
from db.site.show.rendering import static_files
from db.site.tag_facet import TagFacet
from db.site.tag_facet import filters_from_request as table_filters
from db.topics import current


@hookimpl
def get_metadata(datasette: Any) -> dict[str, Any]:
    """Titles by the topic of the file, where the metadata name none."""
    topic = current()
    named = {
        "title": topic.title,
        "description": f"The literature on {topic.name} from PubMed, with the sentence behind every tag",
    }
    database = getattr(datasette, "_ho_tracker_database", None)
    return {**named, "databases": {database: {"title": f"Evidence on {topic.name}"}}} if database else named


@hookimpl
def register_routes() -> list[tuple[str, Any]]:
    """The tracker's pages."""
    return ROUTES


@hookimpl
def register_facet_classes() -> list[type]:
    """`- tag: intervention` in the metadata of the articles table."""
    return [TagFacet]


@hookimpl
def filters_from_request(request: Any, table: str) -> Any:
    """`?_intervention=...` on Datasette's own page of the articles table."""
    return table_filters(request, table)


@hookimpl
def prepare_jinja2_environment(env: Any) -> None:
    """Our frame around Datasette's own pages: it looks for templates beside packages only, and this is a module."""
    env.loader.loaders.insert(0, FileSystemLoader(str(files("db.site") / "templates")))
    env.globals["ho_tracker_static"] = static_files()


@hookimpl
def startup(datasette: Any) -> Callable[[], Awaitable[None]]:
    """Finds the published file, and sets what a plain `datasette evidence.db` would leave open or slow."""

    async def start() -> None:
        permissions.safe_settings(datasette)
        await find_evidence_database(datasette)

    return start


@hookimpl
def extra_template_vars(datasette: Any) -> Callable[[], Awaitable[dict[str, bool]]]:
    """Whether the file holds the made-up sample, for Datasette's own pages."""

    async def look() -> dict[str, bool]:
        return {"ho_tracker_sample": await holds_sample(datasette)}

    return look


@hookimpl
def permission_allowed(datasette: Any, actor: Any, action: str, resource: Any) -> bool | None:
    """SQL is closed to visitors unless the metadata opens it; the review page is open to its people."""
    if action == desk.PERMISSION:
        return desk.may_review(datasette, actor)
    return permissions.permission_allowed(datasette, action, resource)


@hookimpl
def skip_csrf(datasette: Any, scope: Any) -> bool:
    """Forms that change nothing need no token; one from another site is refused by its headers."""
    return headers.sent_form(datasette, scope) is not None


@hookimpl
def asgi_wrapper(datasette: Any) -> Callable[[Any], Any]:
    """Security headers on every answer, bounds on every request."""
    return headers.wrapper(datasette)


@hookimpl
def handle_exception(datasette: Any, request: Any, exception: Exception) -> Any:
    """The tracker's own page for what is missing or wrong."""
    return errors.handle(datasette, request, exception)


@hookimpl
def forbidden(datasette: Any, request: Any, message: str) -> Any:
    """What is closed is said on a page of ours, or as JSON."""
    return errors.forbidden(datasette, request, message)
