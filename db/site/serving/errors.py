"""The page for what is missing or wrong: what happened, and what to do."""

import logging
import sqlite3
from collections.abc import Awaitable, Callable
from typing import Any

from datasette.database import QueryInterrupted
from datasette.utils.asgi import Base400, Forbidden, NotFound, Response
from datasette.views.base import DatasetteError

from db.errors import TrackerError
from db.publish.layout import OlderFileError
from db.site.page import message_page, older_file
from db.site.serving.headers import is_datasettes

log = logging.getLogger(__name__)

_WRONG_VALUE = "The address holds a value that this page cannot read. Start from the table and choose again."
_NO_DATABASE = "Database not found"
_NO_TWIN = (
    "There is nothing for programs at this address. docs/api.md names what there is; raw tables are below /evidence."
)


def handle(datasette: Any, request: Any, exception: Exception) -> Callable[[], Awaitable[Response | None]]:
    """Returns Datasette's hook: our page for people, nothing for programs, which get Datasette's own JSON."""

    async def answer() -> Response | None:
        if isinstance(exception, OlderFileError):
            return older_file(datasette, request, exception)
        wrong_value = _is_wrong_value(datasette, request, exception)
        if wrong_value:
            log.warning("%s could not read its address: %r", request.path, exception)
        if request.path.split("?")[0].endswith(".json"):
            return _wrong_value_json() if wrong_value else _no_twin(exception)
        status, title, message = (
            (400, "That cannot be shown", _WRONG_VALUE) if wrong_value else _said(exception, request.method)
        )
        if status == 500:
            log.error("%s failed", request.path, exc_info=exception)
        return message_page(datasette, status, title, message)

    return answer


def forbidden(datasette: Any, request: Any, message: str) -> Response:
    """Returns the answer where Datasette refuses: our page for people, JSON for programs."""
    title = "This is not open to visitors"
    if request.path.split("?")[0].endswith(".json"):
        return _json(403, title, message)
    return message_page(datasette, 403, title, message)


def _no_twin(exception: Exception) -> Response | None:
    """Returns what a page without a twin for programs says, which Datasette takes for the name of a database."""
    if not isinstance(exception, NotFound) or str(exception.args[0] if exception.args else "") != _NO_DATABASE:
        return None
    return _json(404, "There is no such page", _NO_TWIN)


def _is_wrong_value(datasette: Any, request: Any, exception: Exception) -> bool:
    """True where Datasette's own page fails on what a visitor wrote into its address, which it answers with 500."""
    if not request.query_string or not is_datasettes(datasette, request.scope):
        return False
    if isinstance(exception, DatasetteError):
        return bool(exception.status == 500)
    return isinstance(exception, (LookupError, TypeError, ValueError, AttributeError, sqlite3.ProgrammingError))


def _wrong_value_json() -> Response:
    return _json(400, "That cannot be shown", _WRONG_VALUE)


def _json(status: int, title: str, error: str) -> Response:
    answer: Response = Response.json({"ok": False, "error": error, "status": status, "title": title}, status=status)
    return answer


def _said(exception: Exception, method: str) -> tuple[int, str, str]:
    if isinstance(exception, NotFound):
        text = str(exception.args[0]) if exception.args and str(exception.args[0]) != "404" else ""
        return 404, "There is no such page", text or "Check the address, or search above."
    if isinstance(exception, Forbidden) and method == "POST" and exception.args:
        return 403, "That was not kept", str(exception.args[0])
    if isinstance(exception, Forbidden):
        return 403, "This is not open to visitors", str(exception.args[0] if exception.args else "")
    if isinstance(exception, TrackerError):
        return 400, "That cannot be shown", str(exception)
    if isinstance(exception, Base400):
        return exception.status, "That cannot be shown", str(exception.args[0] if exception.args else "")
    if isinstance(exception, DatasetteError) and not exception.message_is_html:
        return exception.status, exception.title or "That cannot be shown", str(exception.message)
    if isinstance(exception, AssertionError) and method == "POST":  # how Datasette refuses it where nothing is written
        return 405, "This page can only be read", "Open it with GET, as a link does."
    if isinstance(exception, QueryInterrupted) or str(exception) == "interrupted":
        return 503, "That took too long", "Narrow the search or choose fewer filters, then try again."
    return 500, "Something went wrong here", "It has been written to the log. Try again, or start from the first page."
