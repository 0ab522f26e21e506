"""What several pages share: filters read from the address, links to lists, and answers that are no page."""

import json
from collections.abc import Awaitable, Callable, Mapping, Sequence
from functools import wraps
from typing import Any
from urllib.parse import urlencode

from datasette.utils.asgi import NotFound, Response
from markupsafe import Markup

from db.errors import TrackerError
from db.evidence.effects.balance import Balance, ClassBalance, Count
from db.evidence.effects.findings_table import Tally
from db.select.addresses.near import NearAddresses
from db.select.addresses.resolve import resolve_filter
from db.select.filter import ArticleFilter
from db.select.sought import SOUGHT_EFFECTS
from db.site.page import PageContext, page
from db.site.plots.bars import year_bars

_CACHE = {"cache-control": "max-age=60"}


def read_filter(context: PageContext, also: Sequence[str] = ()) -> tuple[ArticleFilter, dict[str, str]]:
    """Returns the filter that an address names and the names of its concepts; `also` are the page's own parameters."""
    return resolve_filter(context.conn, ArticleFilter.from_query(context.pairs, also=also))


def list_url(context: PageContext, chosen: ArticleFilter) -> str:
    """Returns the address of the list of a filter."""
    return context.url("articles", chosen.query_string())


def full_list_url(context: PageContext, chosen: ArticleFilter) -> str:
    """Returns the whole address of the list of a filter, for feeds and JSON."""
    return context.absolute("articles", chosen.query_string())


def year_curve(context: PageContext, chosen: ArticleFilter) -> Markup:
    """Returns the picture of a filter's articles a year, over all filters but the years; empty without years."""
    counts = context.index.year_counts(context.conn, chosen)
    near = NearAddresses(chosen)
    links = {year: context.url("articles", near.of_year(year)) for year in counts}
    asked = chosen.year_from, chosen.year_to
    return Markup(year_bars(counts, "Articles a year", "intervention", links, asked))  # noqa: S704 - escaped


def json_answer(value: Mapping[str, Any]) -> Response:
    """Returns a JSON object with `ok` first, as Datasette's own API has it; open to pages of other sites."""
    body = json.dumps({"ok": True, **value}, ensure_ascii=False, indent=1)
    headers = {**_CACHE, "access-control-allow-origin": "*"}
    return Response(body, content_type="application/json; charset=utf-8", headers=headers)


def json_page(make: Callable[[PageContext], Response]) -> Callable[..., Awaitable[Response]]:
    """Turns a function from a context to JSON into a Datasette view.

    What is wrong is told as JSON with status 400, what is not held as JSON with status 404.
    """

    @page
    @wraps(make)
    def told(context: PageContext) -> Response:
        try:
            return make(context)
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


def count_json(context: PageContext, count: Count) -> dict[str, Any]:
    """Returns a number of articles with the address of their list."""
    return {"articles": count.number, "list": full_list_url(context, count.chosen)}


def balance_json(context: PageContext, balance: Balance | None) -> dict[str, Any] | None:
    """Returns a balance as JSON: one object a class of comparators, reviews apart; None where there is none."""
    if balance is None:
        return None
    classes = [class_json(context, entry) for entry in balance.classes]
    return {**count_json(context, balance.total), "designs": dict(balance.designs), "by_comparator": classes}


def class_json(context: PageContext, entry: ClassBalance) -> dict[str, Any]:
    """Returns what findings with one class of comparator say; every number counts articles."""
    return {
        "comparator_class": entry.comparator_class,
        **{effect.replace(" ", "_"): entry.number(effect) for effect in SOUGHT_EFFECTS},
        "articles": entry.articles,
        "list": full_list_url(context, entry.chosen),
        "primary_studies": _tally_json(entry.primary),
        "reviews": _tally_json(entry.reviews),
    }


def _tally_json(tally: Tally) -> dict[str, Any]:
    numbers = {name.replace(" ", "_"): number for name, number in zip(SOUGHT_EFFECTS, tally.effects, strict=True)}
    return {**numbers, "articles": tally.articles, "patients": tally.patients, "articles_stating_patients": tally.sized}


def reliability_json(context: PageContext) -> dict[str, Any] | None:
    """Returns how often a machine-read finding is right and found, as measured; None where it was not."""
    measured = context.reliability
    if measured is None:
        return None
    return {"precision": measured.precision, "recall": measured.recall, "measured_on": measured.measured_on}


def next_page(context: PageContext, path: str, following: int | None) -> dict[str, Any]:
    """Returns `next` and `next_url` as Datasette's API has them."""
    if following is None:
        return {"next": None, "next_url": None}
    kept = [(name, value) for name, value in context.pairs if name != "_next"]
    return {"next": str(following), "next_url": context.absolute(path, urlencode([*kept, ("_next", following)]))}
