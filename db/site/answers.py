"""What several pages share: filters read from the address, links to lists, and answers that are no page."""

import json
from collections.abc import Awaitable, Callable, Mapping, Sequence
from functools import wraps
from typing import Any
from urllib.parse import urlencode

from datasette.utils.asgi import NotFound, Response

from db.errors import TrackerError
from db.evidence.balance import Balance, Count
from db.select.filter import ArticleFilter
from db.select.resolve import resolve_filter
from db.site.page import Visit, page

_CACHE = {"cache-control": "max-age=60"}


def read_filter(visit: Visit, also: Sequence[str] = ()) -> tuple[ArticleFilter, dict[str, str]]:
    """Returns the filter that an address names and the names of its concepts; `also` are the page's own parameters."""
    return resolve_filter(visit.conn, ArticleFilter.from_query(visit.pairs, also=also))


def list_url(visit: Visit, chosen: ArticleFilter) -> str:
    """Returns the address of the list of a filter."""
    return visit.url("articles", chosen.query_string())


def full_list_url(visit: Visit, chosen: ArticleFilter) -> str:
    """Returns the whole address of the list of a filter, for feeds and JSON."""
    return visit.absolute("articles", chosen.query_string())


def json_answer(value: Mapping[str, Any]) -> Response:
    """Returns a JSON object with `ok` first, as Datasette's own API has it; open to pages of other sites."""
    body = json.dumps({"ok": True, **value}, ensure_ascii=False, indent=1)
    headers = {**_CACHE, "access-control-allow-origin": "*"}
    return Response(body, content_type="application/json; charset=utf-8", headers=headers)


def json_page(make: Callable[[Visit], Response]) -> Callable[..., Awaitable[Response]]:
    """Turns a function from a visit to JSON into a Datasette view.

    What is wrong is told as JSON with status 400, what is not held as JSON with status 404.
    """

    @page
    @wraps(make)
    def told(visit: Visit) -> Response:
        try:
            return make(visit)
        except NotFound as error:
            return _refused(404, "There is no such page", str(error.args[0]))
        except TrackerError as error:
            return _refused(400, "That cannot be shown", str(error))

    return told


def _refused(status: int, title: str, error: str) -> Response:
    body = {"ok": False, "error": error, "status": status, "title": title}
    answer: Response = Response.json(body, status=status, headers={"access-control-allow-origin": "*"})
    return answer


def file_answer(body: str, content_type: str, name: str | None = None) -> Response:
    """Returns text of another type; with a `name` it is saved rather than shown."""
    headers = dict(_CACHE)
    if name is not None:
        headers["content-disposition"] = f'attachment; filename="{name}"'
    return Response(body, content_type=content_type, headers=headers)


def count_json(visit: Visit, count: Count) -> dict[str, Any]:
    """Returns a number of articles with the address of their list."""
    return {"articles": count.number, "list": full_list_url(visit, count.chosen)}


def balance_json(visit: Visit, balance: Balance | None) -> dict[str, Any] | None:
    """Returns a balance of findings as JSON; None where there is none."""
    if balance is None:
        return None
    groups = {group.words: count_json(visit, count) for group, count in balance.groups}
    return {"articles": balance.total.number, "list": full_list_url(visit, balance.total.chosen), **groups}


def next_page(visit: Visit, path: str, following: int | None) -> dict[str, Any]:
    """Returns `next` and `next_url` as Datasette's API has them."""
    if following is None:
        return {"next": None, "next_url": None}
    kept = [(name, value) for name, value in visit.pairs if name != "_next"]
    return {"next": str(following), "next_url": visit.absolute(path, urlencode([*kept, ("_next", following)]))}
