"""How it is made: the query, the search log, PRISMA numbers, how good the tags are, and what each run changed."""

import json
from dataclasses import asdict

from datasette.utils.asgi import NotFound, Response

from db.changes import CHANGE_WORDS
from db.evidence.agreement import read_agreement
from db.evidence.quality import read_quality
from db.evidence.runs import change_counts, period, prisma, query_parts, read_changes, read_run, read_runs
from db.select.facets import FACET_OF_KIND
from db.select.filter import ArticleFilter
from db.select.words import describe
from db.site.answers import json_answer, json_page, next_page, read_filter
from db.site.page import PageContext, page
from db.site.routes.evidence.concepts import path_of

_RUNS_SHOWN = 30
_CHANGES_SHOWN = 100
_LARGEST_ID = 2**31


@page
def methods(context: PageContext) -> Response:
    """The methods page."""
    runs = read_runs(context.conn, _RUNS_SHOWN)
    asked = next((run for run in runs if run["query"]), None)
    start, end = period(context.conn, context.parameter("from"), context.parameter("to"))
    concepts = context.conn.execute("SELECT kind, count(*) FROM concepts GROUP BY kind").fetchall()
    return context.render(
        "methods.html",
        runs=runs,
        asked=asked,
        query_parts=query_parts(asked["query"]) if asked else [],
        warnings=_warnings(asked["warnings"]) if asked and asked["warnings"] else [],
        numbers=prisma(context.conn, start, end),
        quality=read_quality(context.conn),
        agreement=read_agreement(context.conn),
        taggers=context.conn.execute(
            "SELECT tagger, count(*) FROM articles GROUP BY tagger ORDER BY count(*) DESC LIMIT 5"
        ).fetchall(),
        abstained=context.conn.execute("SELECT coalesce(sum(abstained), 0) FROM articles").fetchone()[0],
        decided=sum(
            context.conn.execute(f"SELECT count(*) FROM {table} WHERE decided IS NOT NULL").fetchone()[0]
            for table in ("article_tags", "findings")
        ),
        kinds=[(FACET_OF_KIND[kind], path_of(kind), count) for kind, count in concepts if kind in FACET_OF_KIND],
        default=ArticleFilter(),
        beside=ArticleFilter(topic="beside"),
        beside_count=context.index.count(context.conn, ArticleFilter(topic="beside")),
        retracted=ArticleFilter().switched("retracted", True),
        retracted_count=context.index.count(context.conn, ArticleFilter().switched("retracted", True)),
    )


@json_page
def methods_json(context: PageContext) -> Response:
    """The methods page's numbers as JSON."""
    runs = read_runs(context.conn, _RUNS_SHOWN)
    start, end = period(context.conn, context.parameter("from"), context.parameter("to"))
    return json_answer(
        {
            "prisma": prisma(context.conn, start, end).as_json(),
            "runs": runs,
            "tagger_quality": read_quality(context.conn),
            "agreement": read_agreement(context.conn),
        }
    )


@page
def new(context: PageContext) -> Response:
    """What is new: the last runs with what each changed."""
    before = context.number("before", _LARGEST_ID, _LARGEST_ID)
    runs = read_runs(context.conn, _RUNS_SHOWN, before)
    chosen, names = read_filter(context, ("before",))
    counts = change_counts(context.conn, [run["id"] for run in runs], chosen)
    latest = next((run for run in runs if any(name != "retagged" for name in counts[run["id"]])), None)
    return context.render(
        "new.html",
        runs=runs,
        counts=counts,
        words=CHANGE_WORDS,
        latest=latest,
        changes=read_changes(context.conn, _CHANGES_SHOWN, latest["id"], chosen=chosen) if latest else [],
        described=describe(chosen, names) if chosen else None,
        everything=context.url("new", "topic=all") if chosen.topic == "about" else None,
        older=context.url("new", f"before={runs[-1]['id']}") if len(runs) == _RUNS_SHOWN else None,
        shown=_CHANGES_SHOWN,
    )


@page
def run(context: PageContext) -> Response:
    """One run: what it asked, and every article that it changed."""
    number = int(context.variables["run"])
    row = context.conn.execute("SELECT 1 FROM runs WHERE id = ?", [min(number, _LARGEST_ID)]).fetchone()
    if row is None:
        raise NotFound(f"There is no run {number}. The runs stand on the page of what is new.")
    change = context.parameter("change")
    page_number = context.number("page", 1, 100_000)
    found = read_changes(context.conn, _CHANGES_SHOWN + 1, number, change, (page_number - 1) * _CHANGES_SHOWN)
    base = [("change", change)] if change else []

    def address(other: int) -> str:
        return context.url(f"runs/{number}", "&".join(f"{k}={v}" for k, v in [*base, ("page", other)]))

    return context.render(
        "run.html",
        run=read_run(context.conn, number),
        counts=change_counts(context.conn, [number])[number],
        words=CHANGE_WORDS,
        change=change,
        changes=found[:_CHANGES_SHOWN],
        previous=address(page_number - 1) if page_number > 1 else None,
        following=address(page_number + 1) if len(found) > _CHANGES_SHOWN else None,
        new_list=ArticleFilter(run=str(number)),
    )


@json_page
def changes_json(context: PageContext) -> Response:
    """Changes as JSON: `run` and `change` narrow them, `_size` and `_next` page them."""
    size = context.number("_size", _CHANGES_SHOWN, 1000)
    offset = context.number("_next", 0, _LARGEST_ID)
    number = context.number("run", 0, _LARGEST_ID) or None
    change = context.parameter("change")
    chosen, _ = read_filter(context, ("_size", "_next", "run", "change"))
    found = read_changes(context.conn, size + 1, number, change, offset, chosen)
    rows = [{**asdict(entry), "article": context.absolute(f"articles/{entry.pmid}")} for entry in found[:size]]
    following = offset + size if len(found) > size else None
    return json_answer({"rows": rows, **next_page(context, "changes.json", following)})


def _warnings(stored: str) -> list[str]:
    """Returns PubMed's warnings as lines of words, however they were stored."""
    try:
        value = json.loads(stored)
    except ValueError:
        return [stored]
    if isinstance(value, dict):
        return [f"{name}: {words}" for name, words in value.items()]
    return [str(words) for words in value] if isinstance(value, list) else [str(value)]


ROUTES = [
    (r"^/methods/?$", methods),
    (r"^/methods\.json$", methods_json),
    (r"^/new/?$", new),
    (r"^/runs/(?P<run>[0-9]{1,9})$", run),
    (r"^/changes\.json$", changes_json),
]
