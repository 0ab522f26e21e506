"""Sessions of reviewers: the cookie's bounds, what a form may hold, where one may be sent back to, who may review."""

import time
from pathlib import Path
from types import SimpleNamespace
from typing import Any
from urllib.parse import urlencode

import pytest
from datasette.utils import baseconv
from datasette.utils.asgi import Forbidden, NotFound, Request, Response

from db.site.server import build_datasette
from db.site.serving.accounts import Accounts
from db.site.serving.desk import ReviewDesk, may_review, reviewer_of
from db.site.serving.permissions import permission_allowed, safe_settings
from db.site.serving.sessions import read_fields, safe_return, sign_in, sign_out

HASH = "scrypt:" + "A" * 24 + ":" + "A" * 44


@pytest.fixture
def desk(tmp_path: Path) -> ReviewDesk:
    people = tmp_path / "people"
    people.write_text(f"ada:{HASH}\n")
    return ReviewDesk(tmp_path / "ho.db", "a secret that is long enough", people)


def request(scheme: str = "http") -> Request:
    made: Request = Request.fake("/base/curate/login")
    made.scope["scheme"] = scheme
    return made


@pytest.mark.parametrize(
    ("scheme", "public", "secure"),
    [("http", None, False), ("https", None, True), ("http", "https://ho.example", True), ("http", "http://ho", False)],
)
def test_a_cookie_is_of_this_site_hidden_and_ends_by_itself(
    tmp_path: Path, desk: ReviewDesk, scheme: str, public: str | None, secure: bool
) -> None:
    datasette = build_datasette(tmp_path / "evidence.db", "/base/", {"site_url": public}, desk)
    answer = Response("")
    sign_in(datasette, request(scheme), answer, "ada")
    (cookie,) = answer._set_cookie_headers
    parts = {part.strip().lower() for part in cookie.split(";")[1:]}
    assert ("secure" in parts) == secure
    assert {"path=/base/", "httponly", "max-age=43200", "samesite=lax"} <= parts
    signed = datasette.unsign(cookie.split(";")[0].partition("=")[2].strip('"'), "actor")
    assert signed["a"] == {"id": "ada", "reviewer": desk.accounts().stamp("ada")}
    assert abs(baseconv.base62.decode(signed["e"]) - time.time() - 12 * 3600) < 60
    gone = Response("")
    sign_out(datasette, request(scheme), gone)
    (cookie,) = gone._set_cookie_headers
    assert cookie.startswith('ds_actor=""')
    assert "max-age=0" in cookie.lower()


@pytest.mark.parametrize(
    ("text", "kept"),
    [
        ("/base/curate", True), ("/base/curate/findings?at=1&done=2", True), ("/curate", False),
        ("/base/articles", False),
        ("//evil/base/curate", False), ("https://evil/base/curate", False), ("/base/curate\\x", False),
        ("/base/curate x", False), ("/base/curate\tx", False), ("/base/curate!", True), ("", False),
    ],
)  # fmt: skip
def test_one_is_sent_back_to_the_review_page_alone(text: str, kept: bool) -> None:
    assert safe_return(text, "/base/") == (text if kept else None)


def form(body: bytes, kind: str = "application/x-www-form-urlencoded") -> Any:
    async def post_body() -> bytes:
        return body

    return SimpleNamespace(headers={"content-type": kind}, post_body=post_body, scope={"csrftoken": lambda: "t"})


async def test_a_form_has_so_many_fields_and_no_nulls() -> None:
    fields = {"csrftoken": "t", **{f"f{n}": "a\0b" for n in range(29)}}
    told = await read_fields(form(urlencode(fields).encode(), kind="Application/X-WWW-Form-Urlencoded; charset=utf-8"))
    assert told == {**dict.fromkeys(fields, "ab"), "csrftoken": "t"}
    with pytest.raises(Forbidden, match="could not be read"):
        await read_fields(form(urlencode({**fields, "one": "more"}).encode()))
    with pytest.raises(Forbidden, match="could not be read"):
        await read_fields(form(b"csrftoken=t&a=\xff"))
    assert await read_fields(form(b"csrftoken=t&empty=")) == {"csrftoken": "t", "empty": ""}


@pytest.mark.parametrize("body", [b"", b"csrftoken=", b"csrftoken=T", b"csrftoken=tt", b"x=t"])
async def test_a_form_needs_the_visitors_own_token(body: bytes) -> None:
    with pytest.raises(Forbidden, match="not sent from this site"):
        await read_fields(form(body))


async def test_a_reviewer_is_who_has_a_session_of_the_present_password(tmp_path: Path, desk: ReviewDesk) -> None:
    datasette = build_datasette(tmp_path / "evidence.db", desk=desk)
    stamp = Accounts({"ada": HASH}).stamp("ada")
    for actor, may in (
        (None, None), ({"id": "root"}, None), ({"id": "ada"}, None), ("ada", None),
        ({"id": "ada", "reviewer": "old"}, False), ({"id": "bea", "reviewer": stamp}, False),
        ({"id": "ada", "reviewer": stamp}, True), ({"id": "ada", "reviewer": "é"}, False),
    ):  # fmt: skip
        assert may_review(datasette, actor) is may, actor
        asked = request()
        asked.scope["actor"] = actor
        if not isinstance(actor, str):
            assert await reviewer_of(datasette, asked) == ("ada" if may else None)
    off = build_datasette(tmp_path / "evidence.db")
    assert may_review(off, {"id": "ada", "reviewer": stamp}) is None
    asked.scope["actor"] = {"id": "ada", "reviewer": stamp}
    assert await reviewer_of(off, asked) is None


async def test_without_a_desk_signing_in_is_no_page(tmp_path: Path) -> None:
    with pytest.raises(NotFound):
        sign_in(build_datasette(tmp_path / "evidence.db"), request(), Response(""), "ada")


@pytest.mark.parametrize(
    ("name", "default", "safe"),
    [("suggest_facets", True, False), ("facet_time_limit_ms", 200, 1000), ("truncate_cells_html", 2048, 600),
     ("allow_csv_stream", True, False)],
)  # fmt: skip
def test_a_setting_of_datasettes_is_made_safe_unless_somebody_chose_it(name: str, default: int, safe: int) -> None:
    made = SimpleNamespace(_settings={name: default})
    safe_settings(made)
    assert made._settings == {name: safe}
    chosen = SimpleNamespace(_settings={name: 77})
    safe_settings(chosen)
    assert chosen._settings == {name: 77}


def test_the_site_is_served_with_settings_that_keep_strangers_from_its_machine(tmp_path: Path) -> None:
    datasette = build_datasette(tmp_path / "evidence.db")
    told = {name: datasette.setting(name) for name in (
        "suggest_facets", "default_allow_sql", "facet_time_limit_ms", "sql_time_limit_ms", "default_page_size",
        "default_facet_size", "truncate_cells_html", "allow_download", "allow_csv_stream", "base_url",
    )}  # fmt: skip
    assert told == {
        "suggest_facets": False, "default_allow_sql": False, "facet_time_limit_ms": 1000, "sql_time_limit_ms": 2000,
        "default_page_size": 50, "default_facet_size": 30, "truncate_cells_html": 600, "allow_download": False,
        "allow_csv_stream": False, "base_url": "/",
    }  # fmt: skip


@pytest.mark.parametrize("table", ["articles_fts_data", "ARTICLES_FTS_IDX", "search_words", "vector", "_sqlite_x",
                                   "sqlite_stat1"])  # fmt: skip
def test_inner_tables_are_closed_in_any_spelling(ask: Any, table: str) -> None:
    assert permission_allowed(ask.datasette, "view-table", ("evidence", table)) is False
    assert permission_allowed(ask.datasette, "view-table", ("evidence", "articles")) is None
    assert permission_allowed(ask.datasette, "execute-sql", "evidence") is False
    assert permission_allowed(ask.datasette, "view-database", "evidence") is None
