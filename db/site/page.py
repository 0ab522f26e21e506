"""What a page is made from: a request answered from one snapshot of the file, with the tracker's own templates."""

import hashlib
import os
import sqlite3
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any
from urllib.parse import parse_qsl, quote, urlencode

from datasette.utils import sqlite_timelimit
from datasette.utils.asgi import NotFound, Request, Response

from db.errors import TrackerError
from db.evidence.articles import Standing, standing
from db.evidence.effects.findings_table import FINDINGS
from db.evidence.index.article_index import ARTICLE_INDEX, ArticleIndex
from db.evidence.quality import Reliability, read_reliability
from db.per_build import PerBuild, build_key
from db.publish.layout import OlderFileError, check_layout
from db.select.facets import FilterError
from db.site.served import evidence_database
from db.site.serving.desk import is_on, reviewer_of
from db.site.show.rendering import code_stamp, environment, static_files
from db.topics import current

#: What one page may take before it is given up.
_PAGE_SECONDS = 10
#: More of a query string than any form of ours makes.
MAX_QUERY_BYTES = 8_000

_STANDING = PerBuild(standing)
_RELIABILITY = PerBuild(read_reliability)


def last_standing() -> Standing | None:
    """Returns how the file stood when a page was last made, for pages that read no file; None before the first."""
    return _STANDING.newest()


@dataclass
class PageContext:
    """What a page is made from: the connection inside its transaction, the request, and helpers to answer."""

    conn: sqlite3.Connection
    datasette: Any
    request: Request
    database: str
    #: Who is signed in on the review page; None for visitors.
    reviewer: str | None = None
    pairs: list[tuple[str, str]] = field(default_factory=list)

    @property
    def variables(self) -> Mapping[str, str]:
        """The named groups of the route."""
        found: Mapping[str, str] = self.request.url_vars
        return found

    @property
    def reviewing(self) -> bool:
        """Whether the review page is on."""
        return is_on(self.datasette)

    @property
    def root(self) -> str:
        """The path that the site hangs under, with a slash at its end."""
        return str(self.datasette.setting("base_url"))

    @cached_property
    def index(self) -> ArticleIndex:
        """The counts of this build."""
        return ARTICLE_INDEX.of(self.conn)

    @cached_property
    def reliability(self) -> Reliability | None:
        """How often a machine-read finding is right, as measured; None where it was not."""
        return _RELIABILITY.of(self.conn)

    @cached_property
    def standing(self) -> Standing:
        """How the file stands, read once a build."""
        return _STANDING.of(self.conn)

    def parameter(self, name: str) -> str | None:
        """Returns the last value of a URL parameter, None where it is not given or blank."""
        values = [value.strip() for key, value in self.pairs if key == name]
        return (values[-1] or None) if values else None

    def number(self, name: str, default: int, highest: int) -> int:
        """Returns a whole number from 1 to `highest` from the URL; raises FilterError for anything else."""
        text = self.parameter(name)
        if text is None:
            return default
        if not (text.isascii() and text.isdigit() and len(text) <= len(str(highest)) and 1 <= int(text) <= highest):
            raise FilterError(f"{name} must be a whole number from 1 to {highest:,}")
        return int(text)

    def url(self, path: str, query: str = "") -> str:
        """Returns the address of a page of this site (`path` without a slash before it)."""
        return f"{self.root}{path}{'?' if query else ''}{query}"

    def absolute(self, path: str, query: str = "") -> str:
        """Returns the full address of a page, for feeds and shared links."""
        public = public_address(self.datasette)
        if public:
            return f"{public}/{path}{'?' if query else ''}{query}"
        return str(self.datasette.absolute_url(self.request, self.url(path, query)))

    def report(self, subject: str, body: str) -> str | None:
        """Returns the address that opens a report with its words filled in; None where reports go nowhere."""
        address = report_address(self.datasette)
        if address is None:
            return None
        names = ("subject", "body") if address.startswith("mailto:") else ("title", "body")
        joint = "&" if "?" in address else "?"
        return address + joint + urlencode(dict(zip(names, (subject, body), strict=True)), quote_via=quote)

    @property
    def canonical(self) -> str:
        """The one full address of this page, whatever name the site was reached by."""
        path: str = self.request.path
        return self.absolute(path.removeprefix(self.root.rstrip("/")).lstrip("/"), self.request.query_string)

    def render(self, template: str, status: int = 200, **values: Any) -> Response:
        """Returns a page of `templates/tracker/`; every page gets `context` and `standing`."""
        page = environment().get_template(f"tracker/{template}")
        body = page.render(
            context=self,
            standing=self.standing,
            reliability=self.reliability,
            root=self.root,
            static=static_files(),
            **values,
        )
        return html(body, status)


def not_held(what: str) -> NotFound:
    """Returns the answer to whoever asks for an article or trial that is not here."""
    return NotFound(f"{what} is not held here. It may not be about {current().name}, or be newer.")


def public_address(datasette: Any) -> str | None:
    """Returns the public address of the site without a slash at its end; None where nobody set one.

    `HO_TRACKER_SITE_URL`, else `site_url` in the metadata. Ids of feeds and citations are made of it, so that they
    stay the same whatever name a request was sent to.
    """
    said = os.environ.get("HO_TRACKER_SITE_URL") or datasette.metadata("site_url")
    return str(said).rstrip("/") if said else None


def report_address(datasette: Any) -> str | None:
    """Returns where readers report a wrong reading (a mailto: or https: address); None where nobody set one.

    `HO_TRACKER_REPORT_URL`, else `report_url` in the metadata.
    """
    said = os.environ.get("HO_TRACKER_REPORT_URL") or datasette.metadata("report_url")
    return str(said) if said and str(said).startswith(("mailto:", "https://", "http://")) else None


def html(body: str, status: int = 200) -> Response:
    """Returns a page as a response that a browser may keep for a minute."""
    response: Response = Response.html(body, status=status, headers={"cache-control": "max-age=60"})
    return response


def message_page(datasette: Any, status: int, title: str, message: str) -> Response:
    """Returns a page that says something and needs nothing of the file."""
    body = (
        environment()
        .get_template("tracker/error.html")
        .render(
            context=None,
            standing=last_standing(),
            reliability=None,
            root=datasette.setting("base_url"),
            static=static_files(),
            title=title,
            message=message,
        )
    )
    return html(body, status)


def older_file(datasette: Any, request: Request, error: OlderFileError) -> Response:
    """Returns what every page says of a file that an older version published; for programs as JSON."""
    title = "This site has to be published anew"
    if request.path.endswith(".json"):
        body = {"ok": False, "error": str(error), "status": 503, "title": title}
        answer: Response = Response.json(body, status=503)
        return answer
    return message_page(datasette, 503, title, str(error))


Page = Callable[[PageContext], Response]


def page(make: Page) -> Callable[..., Awaitable[Response]]:
    """Turns a function from a context to a response into a Datasette view.

    Permissions are checked, the whole page is read in one transaction (so that a publish in between never mixes two
    builds), what has not changed is answered with 304, and a TrackerError becomes a page with status 400.
    """

    async def view(datasette: Any, request: Request) -> Response:
        database = evidence_database(datasette)
        await datasette.ensure_permissions(request.actor, [("view-database", database), "view-instance"])

        reviewer = await reviewer_of(datasette, request)

        def work(conn: sqlite3.Connection) -> Response:
            conn.execute("BEGIN")
            try:
                check_layout(conn)
                for counted in (
                    ARTICLE_INDEX,
                    FINDINGS,
                ):  # once a build; of a large one that is more than a page may take
                    counted.of(conn)
                with sqlite_timelimit(conn, _PAGE_SECONDS * 1000):
                    return _answer(make, PageContext(conn, datasette, request, database, reviewer))
            finally:
                conn.execute("ROLLBACK")

        try:
            response: Response = await datasette.get_database(database).execute_fn(work)
        except OlderFileError as error:
            return older_file(datasette, request, error)
        return response

    view.__doc__ = make.__doc__
    return view


def _answer(make: Page, context: PageContext) -> Response:
    etag = None if context.reviewer else _etag(context)  # what a reviewer sees is the store's, and nobody else's
    if etag and context.request.headers.get("if-none-match") == etag:
        return Response("", status=304, headers={"etag": etag, "cache-control": "max-age=60"})
    try:
        context.pairs = read_pairs(context.request)
        response = make(context)
    except TrackerError as error:
        return context.render("error.html", status=400, title="That cannot be shown", message=str(error))
    if context.reviewer:
        response.headers["cache-control"] = "private, no-store"
    if etag and response.status == 200:
        response.headers.setdefault("etag", etag)
    return response


def _etag(context: PageContext) -> str | None:
    key = build_key(context.conn)
    if len(key) > 2:
        return None
    told = "\n".join([*key, context.request.host, context.request.full_path, code_stamp()])
    told += f"\n{context.reviewing}"
    return f'W/"{hashlib.sha256(told.encode()).hexdigest()[:24]}"'


def read_pairs(request: Request) -> list[tuple[str, str]]:
    """Returns the URL's parameters in order; raises FilterError where there is more than any page of ours makes."""
    query: str = request.query_string
    if len(query) > MAX_QUERY_BYTES:
        raise FilterError(f"the address is longer than {MAX_QUERY_BYTES:,} characters; choose fewer filters")
    return parse_qsl(query, keep_blank_values=True, max_num_fields=None)
