"""Whole lists as files: `/export/{format}` streams every article of a filter, never a page of it."""

import asyncio
import itertools
import logging
import re
import sqlite3
import unicodedata
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, get_args
from urllib.parse import quote

from datasette.utils.asgi import AsgiStream, NotFound, Request, Response

from db.citations import FORMATS, Format, Options
from db.citations.formats.common import Markup, citation_key
from db.citations.manifest import list_date, provenance
from db.citations.records import read_records
from db.citations.selection import Selection, select, write_list
from db.errors import TrackerError
from db.evidence.index.article_index import ARTICLE_INDEX
from db.evidence.index.orders import SORTS
from db.publish.layout import check_layout
from db.select.addresses.resolve import resolve_filter
from db.select.facets import FilterError
from db.select.filter import ArticleFilter
from db.select.suggest import nearest, shown
from db.site.page import read_pairs
from db.site.served import evidence_database
from db.site.serving import errors
from db.topics import current

log = logging.getLogger(__name__)

#: Parameters of the address that are no filters; `page` and `find` are those of the list that the reader came from.
_OWN_PARAMETERS = ("tags", "markup", "sort", "page", "find")
#: The order in which `pmids` names the records: that of a list put in order elsewhere, as a review's candidates.
_AS_NAMED = "named"
#: As many lists stream at the same time: small ones have places of their own, so that they never wait for large ones,
#: and one reader never has all of the large ones.
_SMALL, _MOST_SMALL, _MOST_LARGE, _MOST_OF_A_READER = 200, 16, 8, 3
_RETRY_SECONDS = 30
_STALLED_SECONDS = 60
_BLOCK_OF_PIECES = 100
_LONGEST_SLUG = 80

_running: Counter[str] = Counter()


@dataclass(frozen=True, slots=True)
class _Prepared:
    """One list, ready to stream: the connection with its snapshot, the text's pieces, and how it is announced."""

    connection: sqlite3.Connection
    selection: Selection
    pieces: Iterator[str]
    file_name: str


async def export(datasette: Any, request: Request) -> Any:
    """Streams a list in one format; the first record goes out at once, memory stays the same for any length."""
    name = request.url_vars["format"]
    if name not in FORMATS:
        raise NotFound(f"There is no format {shown(name)}; {nearest(name, FORMATS)}")
    database = evidence_database(datasette)
    await datasette.ensure_permissions(request.actor, [("view-database", database), "view-instance"])
    wanted = FORMATS[name]
    served = datasette.get_database(database)
    try:
        pairs = read_pairs(request)
        options = _options(pairs)
        prepared = await asyncio.to_thread(_prepare, Path(served.path), served.is_mutable, pairs, wanted, options)
    except TrackerError as error:
        return await errors.handle(datasette, request, error)()
    headers = {
        "content-disposition": _disposition(prepared.file_name),
        "x-article-count": str(len(prepared.selection.pmids)),
        "cache-control": "no-store",
    }
    place = _place(request, len(prepared.selection.pmids))
    if place is None:
        prepared.connection.close()
        return _busy(request)
    if request.method == "HEAD":
        prepared.connection.close()
        return Response("", headers=headers, content_type=wanted.media_type_for(options))

    async def stream(writer: Any) -> None:
        await _stream(prepared, writer, request, place)

    return AsgiStream(stream, headers=headers, content_type=wanted.media_type_for(options))


def _place(request: Request, count: int) -> tuple[str, ...] | None:
    """Returns what a list of so many records takes a place of; None where all places are taken."""
    if count <= _SMALL:
        return ("small",) if _running["small"] < _MOST_SMALL else None
    reader = f"reader {(request.scope.get('client') or ('',))[0]}"
    if _running["large"] >= _MOST_LARGE or _running[reader] >= _MOST_OF_A_READER:
        return None
    return "large", reader


def _busy(request: Request) -> Response:
    """Returns that all places are taken, in words, and when to come back."""
    text = "Too many long lists are being written. Lists of up to 200 records are always free; try again in a minute.\n"
    answer: Response = Response.text(text, status=503, headers={"retry-after": str(_RETRY_SECONDS)})
    log.info("%s was asked to come back", request.path)
    return answer


def _options(pairs: list[tuple[str, str]]) -> Options:
    given = dict(pairs)
    markup = given.get("markup") or "text"
    if markup not in get_args(Markup):
        raise FilterError(f"markup cannot be {shown(markup)}; it is one of {', '.join(get_args(Markup))}")
    if given.get("tags", "yes") not in ("yes", "no"):
        raise FilterError(f"tags cannot be {shown(given['tags'])}; it is yes or no")
    return Options(tags=given.get("tags", "yes") == "yes", markup=markup)  # type: ignore[arg-type]


def _prepare(path: Path, is_mutable: bool, pairs: list[tuple[str, str]], wanted: Format, options: Options) -> _Prepared:
    """Opens a connection of the list's own, so that a publish in between never mixes two builds."""
    mode = "mode=ro" if is_mutable else "immutable=1"
    connection = sqlite3.connect(f"{path.absolute().as_uri()}?{mode}", uri=True, check_same_thread=False)
    try:
        connection.execute("BEGIN")
        check_layout(connection)
        asked = ArticleFilter.from_query(pairs, also=_OWN_PARAMETERS)
        chosen, _ = resolve_filter(connection, asked)
        selection = _sorted(connection, select(connection, chosen, wanted.order), pairs)
        file_name = f"{_slug(connection, selection)}.{wanted.extension_for(options)}"
        return _Prepared(connection, selection, write_list(connection, selection, wanted, options), file_name)
    except BaseException:
        connection.close()
        raise


def _sorted(connection: sqlite3.Connection, selection: Selection, pairs: list[tuple[str, str]]) -> Selection:
    """Returns the selection in the order of the page that it was asked from."""
    sort = dict(pairs).get("sort")
    if not sort:
        return selection
    if sort == _AS_NAMED and selection.chosen.pmids is not None:
        named = re.findall(r"\d+", " ".join(value for name, value in pairs if name == "pmids"))
        places = {pmid: place for place, pmid in reversed(list(enumerate(map(int, named))))}
        return replace(selection, pmids=tuple(sorted(selection.pmids, key=places.__getitem__)))
    if sort not in SORTS:
        raise FilterError(f"a list cannot be sorted by {shown(sort)}; sort is one of {', '.join(SORTS)}")
    index = ARTICLE_INDEX.of(connection)
    pmids = index.page(connection, selection.chosen, sort, len(selection.pmids), 0)
    return replace(selection, pmids=tuple(pmids))


def _slug(connection: sqlite3.Connection, selection: Selection) -> str:
    """Returns the name of the file without its ending: topic, filter, date of the data."""
    query = provenance(connection)["query"] or {}
    if len(selection.pmids) == 1:
        words = citation_key(next(read_records(connection, selection.pmids)))
    else:
        words = _plain(selection.words)[:_LONGEST_SLUG].strip("-")
    return "_".join((_plain(query.get("name") or current().name), words, list_date(connection)))


def _plain(text: str) -> str:
    ascii_text = unicodedata.normalize("NFKD", text.replace("–", "-")).encode("ascii", "ignore").decode().lower()
    return re.sub("[^a-z0-9]+", "-", ascii_text).strip("-") or "list"


def _disposition(file_name: str) -> str:
    return f"attachment; filename=\"{file_name}\"; filename*=UTF-8''{quote(file_name)}"


async def _stream(prepared: _Prepared, writer: Any, request: Request, place: tuple[str, ...]) -> None:
    """Sends the list in blocks, the first one small; stops where the reader has gone or takes nothing any more."""
    _running.update(place)
    gone = asyncio.create_task(_reader_gone(request))
    try:
        size = 1
        while not gone.done():
            block = await asyncio.to_thread(_block, prepared.pieces, size)
            if block is None:
                return
            await asyncio.wait_for(writer.write(block), _STALLED_SECONDS)
            size = _BLOCK_OF_PIECES
        log.info("the reader of %s left before its end", prepared.file_name)
    finally:
        _running.subtract(place)
        gone.cancel()
        await asyncio.to_thread(prepared.connection.close)


def _block(pieces: Iterator[str], size: int) -> str | None:
    found = list(itertools.islice(pieces, size))
    return "".join(found) if found else None


async def _reader_gone(request: Request) -> None:
    while (await request.receive())["type"] != "http.disconnect":
        pass


ROUTES = [(r"^/export/(?P<format>[A-Za-z0-9_.-]{1,40})$", export)]
