"""The desk for running reviews as a page: a list in, what became of it and what to screen next out; nothing is kept."""

from collections.abc import Mapping
from typing import Any

from datasette.utils.asgi import Request, Response

from db.evidence.similar import kept_vectors
from db.per_build import PerBuild
from db.screening.brought import is_of_one_kind, read_brought
from db.screening.match import match_rows
from db.screening.read import ScreeningFileError
from db.screening.review import look_over, read_candidates
from db.site.page import PageContext, page
from db.site.serving.uploads import read_form

#: One build's vectors, decoded once.
VECTORS = PerBuild(kept_vectors)
#: As many candidates are shown, and stand in the address of their citation list.
_SHOWN = 100
_UNMATCHED_SHOWN = 50
#: As many lists are looked over at the same time; each is a second of work for the processor.
_MOST_AT_ONCE = 2
_KEPT_NOWHERE = {"cache-control": "no-store"}

#: Where a request carries what was sent, from where it is awaited to where it is read.
_BODY = "ho_tracker_body"

_running = 0


@page
def _form(context: PageContext) -> Response:
    """The form."""
    return _told(context.render("review.html", review=None))


@page
def _result(context: PageContext) -> Response:
    """What the desk says of a list that was sent."""
    fields: Mapping[str, tuple[str, bytes]] = read_form(
        context.request.headers.get("content-type", ""), context.request.scope[_BODY]
    )
    name, data = fields.get("list", ("", b""))
    pasted = fields.get("pmids", ("", b""))[1]
    if not data.strip() and not pasted.strip():
        raise ScreeningFileError("nothing was sent; choose a file, or paste PMIDs")
    rows = read_brought(name, data) if data.strip() else read_brought("the pasted list", pasted)
    asked = fields.get("since", ("", b""))[1].decode("utf-8", "replace").strip()
    since = None if asked == "all" else asked or "newest"
    review = look_over(context.conn, VECTORS.of(context.conn), match_rows(context.conn, rows), since)
    first = read_candidates(context.conn, review.candidates[:_SHOWN])
    waiting = read_candidates(context.conn, review.undecided[:_SHOWN])
    answer = context.render(
        "review.html",
        review=review,
        of_one_kind=is_of_one_kind(rows),
        lists=[
            ("undecided", waiting, review.undecided),
            ("candidates", first, review.candidates),
        ],
        unmatched=review.matched.unmatched[:_UNMATCHED_SHOWN],
    )
    return _told(answer)


async def review(datasette: Any, request: Request) -> Response:
    """The form, and its answer."""
    global _running
    if request.method != "POST":
        form: Response = await _form(datasette, request)
        return form
    if _running >= _MOST_AT_ONCE:
        busy: Response = Response.text("Two lists are being looked over. Try again in a moment.\n", status=503)
        return busy
    _running += 1
    try:
        request.scope[_BODY] = await request.post_body()
        answer: Response = await _result(datasette, request)
    finally:
        _running -= 1
    return answer


def _told(answer: Response) -> Response:
    answer.headers.update(_KEPT_NOWHERE)
    return answer


ROUTES = [(r"^/review$", review)]
