"""Whatever goes wrong is said on a page of ours or as JSON, with its status; only a fault of ours is a fault."""

import asyncio
import sqlite3
from typing import Any

import pytest
from datasette.database import QueryInterrupted
from datasette.utils.asgi import BadRequest, Forbidden, NotFound, Request
from datasette.views.base import DatasetteError

from db.errors import TrackerError
from db.publish.layout import OlderFileError
from db.site.serving import errors


def told(ask: Any, exception: Exception, path: str = "/articles", method: str = "GET") -> Any:
    request = Request.fake(path, method=method)
    return asyncio.run(errors.handle(ask.datasette, request, exception)())  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("exception", "method", "status", "title", "said"),
    [
        (NotFound("404"), "GET", 404, "There is no such page", "Check the address"),
        (NotFound("PMID 1 is not held"), "GET", 404, "There is no such page", "PMID 1 is not held"),
        (Forbidden("no <SQL>"), "GET", 403, "This is not open to visitors", "no &lt;SQL&gt;"),
        (Forbidden("too old"), "POST", 403, "That was not kept", "too old"),
        (Forbidden(), "POST", 403, "This is not open to visitors", ""),
        (TrackerError("no such year"), "GET", 400, "That cannot be shown", "no such year"),
        (BadRequest("at most 20"), "GET", 400, "That cannot be shown", "at most 20"),
        (DatasetteError("odd", title="Odd", status=418), "GET", 418, "Odd", "odd"),
        (DatasetteError("odd", status=418), "GET", 418, "That cannot be shown", "odd"),
        (DatasetteError("<b>", status=500, message_is_html=True), "GET", 500, "Something went wrong here", "log"),
        (AssertionError(), "POST", 405, "This page can only be read", "GET"),
        (AssertionError(), "GET", 500, "Something went wrong here", "log"),
        (QueryInterrupted(ValueError(), "SELECT", {}), "GET", 503, "That took too long", "fewer filters"),
        (sqlite3.OperationalError("interrupted"), "GET", 503, "That took too long", "fewer filters"),
        (sqlite3.OperationalError("disk I/O error"), "GET", 500, "Something went wrong here", "log"),
        (OlderFileError("publish it"), "GET", 503, "has to be published anew", "publish it"),
    ],
)
def test_what_went_wrong_is_said_on_a_page(
    ask: Any, exception: Exception, method: str, status: int, title: str, said: str
) -> None:
    answer = told(ask, exception, method=method)
    assert answer.status == status
    assert title in answer.body
    assert said.casefold() in answer.body.casefold()
    assert "disk I/O" not in answer.body


@pytest.mark.parametrize(
    ("exception", "path", "status"),
    [
        (ValueError("x"), "/evidence/articles?_sort=x", 400),
        (KeyError("x"), "/evidence/articles?_sort=x", 400),
        (DatasetteError("x", status=500), "/evidence/articles?_sort=x", 400),
        (DatasetteError("x", status=404), "/evidence/articles?_sort=x", 404),
        (ValueError("x"), "/evidence/articles", 500),
        (ValueError("x"), "/articles?q=x", 500),
        (RuntimeError("x"), "/evidence/articles?_sort=x", 500),
    ],
)
def test_only_what_a_visitor_wrote_for_datasette_is_their_fault(
    ask: Any, exception: Exception, path: str, status: int, caplog: pytest.LogCaptureFixture
) -> None:
    assert told(ask, exception, path).status == status
    assert ("failed" in caplog.text) == (status == 500)
    assert ("could not read its address" in caplog.text) == (status == 400)


def test_programs_are_told_as_json_or_left_to_datasette(ask: Any) -> None:
    missing = told(ask, NotFound("Database not found"), "/nothing.json")
    assert (missing.status, missing.content_type) == (404, "application/json; charset=utf-8")
    assert "docs/api.md" in missing.body
    assert told(ask, ValueError(), "/evidence/articles.json?_sort=x").status == 400
    older = told(ask, OlderFileError("publish it"), "/articles.json")
    assert (older.status, older.content_type) == (503, "application/json; charset=utf-8")
    assert told(ask, NotFound("Table not found"), "/evidence/nothing.json") is None
    assert told(ask, ValueError(), "/articles.json") is None
    for path, kind in (("/x.json", "application/json; charset=utf-8"), ("/x", "text/html; charset=utf-8")):
        closed = errors.forbidden(ask.datasette, Request.fake(path), "no <SQL>")
        assert (closed.status, closed.content_type) == (403, kind)
        assert "This is not open to visitors" in closed.body
