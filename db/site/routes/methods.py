"""How it is made: the query, the search log, PRISMA numbers, how good the tags are, and what each run changed."""

import json
from collections.abc import Mapping
from dataclasses import asdict
from typing import Any

from datasette.utils.asgi import NotFound, Response

from db.evidence.runs import CHANGES, change_counts, period, prisma, query_parts, read_changes, read_run, read_runs
from db.select.facets import FACET_OF_KIND
from db.select.filter import ArticleFilter
from db.site.answers import json_answer, json_page, next_page
from db.site.page import Visit, page

#: The property that holds the tagger's measured quality: {"tagger", "date", "kinds": {name: {figures}}}.
QUALITY = "tagger_quality"
_RUNS_SHOWN = 30
_CHANGES_SHOWN = 100
_LARGEST_ID = 2**31


@page
def methods(visit: Visit) -> Response:
    """The methods page."""
    runs = read_runs(visit.conn, _RUNS_SHOWN)
    asked = next((run for run in runs if run["query"]), None)
    start, end = period(visit.conn, visit.parameter("from"), visit.parameter("to"))
    concepts = visit.conn.execute("SELECT kind, count(*) FROM concepts GROUP BY kind").fetchall()
    return visit.render(
        "methods.html",
        runs=runs,
        asked=asked,
        query_parts=query_parts(asked["query"]) if asked else [],
        numbers=prisma(visit.conn, start, end),
        quality=read_quality(visit),
        taggers=visit.conn.execute(
            "SELECT tagger, count(*) FROM articles GROUP BY tagger ORDER BY count(*) DESC LIMIT 5"
        ).fetchall(),
        abstained=visit.conn.execute("SELECT coalesce(sum(abstained), 0) FROM articles").fetchone()[0],
        decided=visit.conn.execute("SELECT count(*) FROM article_tags WHERE decided IS NOT NULL").fetchone()[0],
        kinds=[(FACET_OF_KIND[kind], count) for kind, count in concepts if kind in FACET_OF_KIND],
        default=ArticleFilter(),
        not_ho=ArticleFilter(topic="not_ho"),
        not_ho_count=visit.census.count(visit.conn, ArticleFilter(topic="not_ho")),
        retracted=ArticleFilter().switched("retracted", True),
        retracted_count=visit.census.count(visit.conn, ArticleFilter().switched("retracted", True)),
    )


@json_page
def methods_json(visit: Visit) -> Response:
    """The methods page's numbers as JSON."""
    runs = read_runs(visit.conn, _RUNS_SHOWN)
    start, end = period(visit.conn, visit.parameter("from"), visit.parameter("to"))
    return json_answer(
        {"prisma": asdict(prisma(visit.conn, start, end)), "runs": runs, "tagger_quality": read_quality(visit)}
    )


@page
def new(visit: Visit) -> Response:
    """What is new: the last runs with what each changed."""
    before = visit.number("before", _LARGEST_ID, _LARGEST_ID)
    runs = read_runs(visit.conn, _RUNS_SHOWN, before)
    counts = change_counts(visit.conn, [run["id"] for run in runs])
    latest = next((run for run in runs if any(name != "retagged" for name in counts[run["id"]])), None)
    return visit.render(
        "new.html",
        runs=runs,
        counts=counts,
        words=CHANGES,
        latest=latest,
        changes=read_changes(visit.conn, _CHANGES_SHOWN, latest["id"]) if latest else [],
        older=visit.url("new", f"before={runs[-1]['id']}") if len(runs) == _RUNS_SHOWN else None,
        shown=_CHANGES_SHOWN,
    )


@page
def run(visit: Visit) -> Response:
    """One run: what it asked, and every article that it changed."""
    number = int(visit.variables["run"])
    row = visit.conn.execute("SELECT 1 FROM runs WHERE id = ?", [min(number, _LARGEST_ID)]).fetchone()
    if row is None:
        raise NotFound(f"There is no run {number}. The runs stand on the page of what is new.")
    change = visit.parameter("change")
    page_number = visit.number("page", 1, 100_000)
    found = read_changes(visit.conn, _CHANGES_SHOWN + 1, number, change, (page_number - 1) * _CHANGES_SHOWN)
    base = [("change", change)] if change else []

    def address(other: int) -> str:
        return visit.url(f"runs/{number}", "&".join(f"{k}={v}" for k, v in [*base, ("page", other)]))

    return visit.render(
        "run.html",
        run=read_run(visit.conn, number),
        counts=change_counts(visit.conn, [number])[number],
        words=CHANGES,
        change=change,
        changes=found[:_CHANGES_SHOWN],
        previous=address(page_number - 1) if page_number > 1 else None,
        following=address(page_number + 1) if len(found) > _CHANGES_SHOWN else None,
        new_list=ArticleFilter(run=str(number)),
    )


@json_page
def changes_json(visit: Visit) -> Response:
    """Changes as JSON: `run` and `change` narrow them, `_size` and `_next` page them."""
    size = visit.number("_size", _CHANGES_SHOWN, 1000)
    offset = visit.number("_next", 0, _LARGEST_ID)
    number = visit.number("run", 0, _LARGEST_ID) or None
    change = visit.parameter("change")
    found = read_changes(visit.conn, size + 1, number, change, offset)
    rows = [{**asdict(entry), "article": visit.absolute(f"articles/{entry.pmid}")} for entry in found[:size]]
    following = offset + size if len(found) > size else None
    return json_answer({"rows": rows, **next_page(visit, "changes.json", following)})


def read_quality(visit: Visit) -> Mapping[str, Any] | None:
    """Returns the tagger's measured quality as the pipeline wrote it; None where it was not stored or is no object."""
    row = visit.conn.execute("SELECT value FROM properties WHERE name = ?", [QUALITY]).fetchone()
    if row is None:
        return None
    try:
        value = json.loads(row[0])
    except ValueError:
        return None
    return value if isinstance(value, dict) and value else None


ROUTES = [
    (r"^/methods/?$", methods),
    (r"^/methods\.json$", methods_json),
    (r"^/new/?$", new),
    (r"^/runs/(?P<run>[0-9]{1,9})$", run),
    (r"^/changes\.json$", changes_json),
]
