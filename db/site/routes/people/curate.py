"""The review page: queues, one item, one article, for those who are signed in; every decision is a form."""

import asyncio
import sqlite3
from collections.abc import Callable, Mapping
from typing import Any, TypeVar
from urllib.parse import urlencode

from datasette.utils.asgi import NotFound, Request, Response

from db.curation.forms import decide, mark_words, undo
from db.curation.items import ItemError, finding_items, look_at, place_key, read_item, tag_items
from db.curation.queues import QUEUES, Queue, find_position, keep_place, kept_place
from db.errors import TrackerError
from db.site.page import html, last_standing
from db.site.routes.people.curate_show import article_values, item_values
from db.site.serving.desk import ReviewDesk, SignInError, TooOftenError, desk_of, limit_writes, reviewer_of
from db.site.serving.sessions import read_fields, safe_return, sign_in, sign_out
from db.site.show.rendering import environment, static_files
from db.store.people.verdicts import Standing, last_words
from db.store.store import Store, StoreError, open_store

#: So long a decision waits for a night that is writing.
_WAIT_MS = 20_000
_PRIVATE = {"cache-control": "private, no-store"}
Made = TypeVar("Made")


async def _in_store(desk: ReviewDesk, work: Callable[[Store], Made], write: bool = False) -> Made:
    """Runs a short piece of work over the store in a thread, in one transaction."""

    def run() -> Made:
        with open_store(desk.store, create=False, update=False) as store:
            store.db.execute(f"PRAGMA busy_timeout = {_WAIT_MS}")
            if write:
                with store.atomic():
                    return work(store)
            store.db.conn.execute("BEGIN")
            try:
                return work(store)
            finally:
                store.db.conn.rollback()

    return await asyncio.to_thread(run)


def _render(datasette: Any, request: Request, template: str, status: int = 200, **values: Any) -> Response:
    root = str(datasette.setting("base_url"))
    body = environment().get_template(f"tracker/{template}").render(
        context=None, standing=last_standing(), reliability=None, root=root, static=static_files(),
        token=request.scope["csrftoken"](), queues=QUEUES, **values,
    )  # fmt: skip
    answer = html(body, status)
    answer.headers.update(_PRIVATE)
    return answer


def _redirect(datasette: Any, path: str, query: Mapping[str, Any] | None = None) -> Response:
    asked = urlencode({name: value for name, value in (query or {}).items() if value is not None})
    address = f"{datasette.setting('base_url')}{path}{'?' if asked else ''}{asked}"
    response: Response = Response.redirect(address, status=303, headers=dict(_PRIVATE))
    return response


async def _signed_in(datasette: Any, request: Request) -> tuple[ReviewDesk, str | None]:
    desk = desk_of(datasette)
    return desk, await reviewer_of(datasette, request)


def _to_sign_in(datasette: Any, request: Request) -> Response:
    back = request.full_path if request.method == "GET" else None
    return _redirect(datasette, "curate/login", {"next": back})


async def login(datasette: Any, request: Request) -> Response:
    """The form to sign in, and its answer."""
    desk, who = await _signed_in(datasette, request)
    root = str(datasette.setting("base_url"))
    if request.method != "POST":
        if who:
            return _redirect(datasette, "curate")
        back = safe_return(request.args.get("next") or "", root)
        return _render(datasette, request, "curate_login.html", back=back, problem=None, name="", who=None)
    fields = await read_fields(request)
    name, back = fields.get("name", "").strip()[:80], safe_return(fields.get("next", ""), root)
    try:
        await desk.check(name, fields.get("password", ""), request.scope.get("client", ("",))[0] or "")
    except SignInError as error:
        values = {"back": back, "problem": str(error), "name": name, "who": None}
        return _render(datasette, request, "curate_login.html", 403, **values)
    answer = _redirect(datasette, (back or f"{root}curate").removeprefix(root))
    sign_in(datasette, request, answer, name)
    return answer


async def logout(datasette: Any, request: Request) -> Response:
    """Ends the session."""
    desk_of(datasette)
    await read_fields(request)
    answer = _redirect(datasette, "")
    sign_out(datasette, request, answer)
    return answer


async def overview(datasette: Any, request: Request) -> Response:
    """The queues with their numbers."""
    desk, who = await _signed_in(datasette, request)
    if not who:
        return _to_sign_in(datasette, request)

    def work(store: Store) -> dict[str, Any]:
        numbers = {name: len(queue.read(store)) for name, queue in QUEUES.items()}
        mine = [one for one in last_words(store) if one.who == who]
        newest = sorted(mine, key=lambda one: (one.when, one.id), reverse=True)[:20]
        names = dict(store.db.execute("SELECT id, name FROM concepts").fetchall())
        return {"numbers": numbers, "mine": [(one, one.about(names)) for one in newest], "total": len(mine)}

    return await _answer(datasette, request, "curate.html", lambda: _in_store(desk, work), who)


async def queue_page(datasette: Any, request: Request) -> Response:
    """One item of a queue: where the reviewer stopped, or where the address says."""
    desk, who = await _signed_in(datasette, request)
    if not who:
        return _to_sign_in(datasette, request)
    queue = QUEUES[request.url_vars["queue"]]

    def work(store: Store) -> dict[str, Any]:
        at, after = _number(request, "at"), _number(request, "after")
        places = queue.read(store)
        found = find_position(queue, places, after if after is not None else kept_place(store, who, queue), at)
        values: dict[str, Any] = {
            "queue": queue, "position": found, "done": _done(store, request, who), "done_place": after,
            "item": None, "problem": None,
        }  # fmt: skip
        if found.place is None:
            return values
        try:
            pmid, key = place_key(store, queue, found.place)
            seen, item = read_item(store, pmid, key)
        except ItemError as error:
            return {**values, "problem": str(error)}
        return {**values, **item_values(store, seen, item, str(datasette.setting("base_url")))}

    return await _answer(datasette, request, "curate_item.html", lambda: _in_store(desk, work), who)


async def find_article(datasette: Any, request: Request) -> Response:
    """The article of a PMID that was typed."""
    desk_of(datasette)
    typed = (request.args.get("pmid") or "").strip()
    known = typed.isascii() and typed.isdigit() and len(typed) <= 12
    return _redirect(datasette, f"curate/articles/{typed}" if known else "curate")


async def article_page(datasette: Any, request: Request) -> Response:
    """One article with all its findings, tags and decisions; `item` opens one of them."""
    desk, who = await _signed_in(datasette, request)
    if not who:
        return _to_sign_in(datasette, request)
    pmid, asked = int(request.url_vars["pmid"]), request.args.get("item")

    def work(store: Store) -> dict[str, Any]:
        root = str(datasette.setting("base_url"))
        done = _done(store, request, who)
        if asked:
            seen, item = read_item(store, pmid, asked)
            values = {"queue": None, "position": None, "done": done, "done_place": None, "problem": None}
            return {**values, **item_values(store, seen, item, root), "template": "curate_item.html"}
        seen = look_at(store, pmid)
        values = article_values(store, seen, finding_items(store, seen), tag_items(store, seen), root)
        return {**values, "queue": None, "done": done, "done_place": None, "template": "curate_article.html"}

    return await _answer(datasette, request, None, lambda: _in_store(desk, work), who)


async def _answer(datasette: Any, request: Request, template: str | None, work: Any, who: str) -> Response:
    """Makes a page of what a piece of work gives; what goes wrong is one line of a page."""
    try:
        values = await work()
    except (TrackerError, sqlite3.OperationalError) as error:
        return _refused(datasette, request, error, who)
    name = template or values.pop("template")
    return _render(datasette, request, name, who=who, **values)


def _refused(datasette: Any, request: Request, error: Exception, who: str) -> Response:
    status = 429 if isinstance(error, TooOftenError) else 503 if isinstance(error, StoreError) else 400
    if isinstance(error, ItemError) and request.method == "GET":
        status = 404
    said = str(error) if isinstance(error, TrackerError) else f"the store cannot be used now ({error}); try again"
    back = safe_return(request.headers.get("referer", "").partition(request.host)[2], datasette.setting("base_url"))
    return _render(datasette, request, "curate_error.html", status, problem=said, back=back, who=who)


def _done(store: Store, request: Request, who: str) -> tuple[Standing, str] | None:
    """The decision that the reviewer made just now, with its words."""
    number = _number(request, "done")
    row = store.db.execute("SELECT pmid FROM decisions WHERE id = ? AND who = ?", [number, who]).fetchone()
    one = next((one for one in last_words(store, row[0]) if one.id == number), None) if row else None
    if one is None:
        return None
    return one, one.about(dict(store.db.execute("SELECT id, name FROM concepts").fetchall()))


def _number(request: Request, name: str) -> int | None:
    text = request.args.get(name) or ""
    return int(text) if text.isascii() and text.isdigit() and len(text) <= 18 else None


async def write(datasette: Any, request: Request) -> Response:
    """Keeps what a form decides, in one short transaction, and goes on to the next item."""
    desk, who = await _signed_in(datasette, request)
    if request.method != "POST":
        raise NotFound("404")
    fields = await read_fields(request)
    if not who:
        return _to_sign_in(datasette, request)
    what, queue = request.url_vars["what"], QUEUES.get(fields.get("queue", ""))
    place = int(fields["place"]) if fields.get("place", "").isdigit() and len(fields["place"]) <= 18 else None
    verdict, _, choice = fields.get("verdict", "").partition(":")
    fields = {**fields, "verdict": verdict, **({_CHOICES.get(fields.get("sort", ""), ""): choice} if choice else {})}

    def work(store: Store) -> Standing | None:
        made = _WORK[what](store, who, fields, desk.software)
        if queue is not None and place is not None and what in ("decide", "skip"):
            keep_place(store, who, queue, place)
        return made

    try:
        limit_writes(desk, who)
        made = await _in_store(desk, work, write=True)
    except (TrackerError, sqlite3.OperationalError) as error:
        return _refused(datasette, request, error, who)
    done = made.id if made is not None and what in ("decide", "mark") else None
    return _next(datasette, fields, queue, place, what, done)


def _next(
    datasette: Any, fields: Mapping[str, str], queue: Queue | None, place: int | None, what: str, done: int | None
) -> Response:
    """Where a reviewer goes after a form: on in the queue, back to what was undone, or to the article."""
    if queue is not None:
        return _redirect(datasette, f"curate/{queue.name}", {"at" if what == "undo" else "after": place, "done": done})
    pmid = fields.get("pmid", "")
    if pmid.isascii() and pmid.isdigit() and len(pmid) <= 12:
        return _redirect(datasette, f"curate/articles/{pmid}", {"done": done})
    return _redirect(datasette, "curate")


def _skip(store: Store, who: str, fields: Mapping[str, str], software: str) -> None:
    """Decides nothing; the place alone is kept."""


#: What a button of directions or assertions says besides its verdict, by the sort of item.
_CHOICES = {"finding": "direction", "tag": "assertion"}
_WORK: Mapping[str, Callable[..., Standing | None]] = {
    "decide": decide, "mark": mark_words, "undo": undo, "skip": _skip,
}  # fmt: skip

ROUTES = [
    (r"^/curate/?$", overview),
    (r"^/curate/login$", login),
    (r"^/curate/logout$", logout),
    (rf"^/curate/(?P<queue>{'|'.join(QUEUES)})$", queue_page),
    (r"^/curate/articles/?$", find_article),
    (r"^/curate/articles/(?P<pmid>[0-9]{1,12})$", article_page),
    (r"^/curate/(?P<what>decide|mark|undo|skip)$", write),
]
