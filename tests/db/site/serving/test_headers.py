"""What every answer carries, and what is refused before any page sees it: each bound lets its last byte through."""

from typing import Any

import pytest

from db.screening.brought import MAX_BYTES
from db.site import plugin
from db.site.serving.headers import wrapper
from db.site.serving.uploads import FORMS, MOST_BYTES

OWN = {
    "default-src": ["'none'"], "style-src": ["'self'"], "script-src": ["'self'"], "img-src": ["'self'", "data:"],
    "connect-src": ["'self'"], "form-action": ["'self'"], "base-uri": ["'none'"], "frame-ancestors": ["'none'"],
    "manifest-src": ["'self'"],
}  # fmt: skip
INLINE = {name: ["'self'", "'unsafe-inline'"] for name in ("style-src", "script-src")}


def policy(answer: Any) -> dict[str, list[str]]:
    (told,) = answer.headers.get_list("content-security-policy")
    return {part.split()[0]: part.split()[1:] for part in told.split(";")}


@pytest.mark.parametrize("address", ["/", "/articles.json", "/feed.atom", "/export/ris?year=1801", "/nothing"])
def test_a_page_of_ours_loads_nothing_from_elsewhere_and_runs_nothing_inline(ask: Any, address: str) -> None:
    assert policy(ask(address)) == OWN


@pytest.mark.parametrize("address", ["/evidence", "/evidence/articles", "/-/versions.json"])
def test_a_page_of_datasettes_may_be_inline_and_no_more(ask: Any, address: str) -> None:
    told = {**OWN, **INLINE}
    del told["manifest-src"]
    assert policy(ask(address)) == told


@pytest.mark.parametrize(
    ("method", "address", "status"),
    [("GET", "/", 200), ("GET", "/evidence/articles", 200), ("GET", "/nothing", 404), ("POST", "/", 405),
     ("OPTIONS", "/", 204), ("GET", "/-/threads", 404), ("GET", "/articles?q=" + "x" * 17_000, 414)],
)  # fmt: skip
def test_every_answer_has_each_security_header_once(ask: Any, method: str, address: str, status: int) -> None:
    answer = ask.request(method, address)
    assert answer.status_code == status
    for name, value in {
        "x-frame-options": "DENY",
        "x-content-type-options": "nosniff",
        "referrer-policy": "strict-origin-when-cross-origin",
        "permissions-policy": "camera=(), geolocation=(), microphone=()",
        "cross-origin-opener-policy": "same-origin",
    }.items():
        assert answer.headers.get_list(name) == [value]


@pytest.mark.parametrize(("length", "refused"), [(16_000, False), (16_001, True)])
def test_an_address_may_be_so_long(ask: Any, length: int, refused: bool) -> None:
    address = "/articles?utm_x="
    assert (ask(address + "x" * (length - len(address) + 1)).status_code == 414) == refused


@pytest.mark.parametrize(
    ("path", "length", "refused"),
    [
        ("/articles", "100000", False), ("/articles", "100001", True), ("/articles", "x", True),
        ("/articles", "-1", True),
        ("/articles", "0" * 15, False), ("/articles", "0" * 16, True),
        ("/curate/decide", str(MOST_BYTES), False), ("/curate/decide", str(MOST_BYTES + 1), True),
        ("/review", str(FORMS["review"]), False), ("/review", str(FORMS["review"] + 1), True),
    ],
)  # fmt: skip
def test_a_body_may_be_so_long(ask: Any, path: str, length: str, refused: bool) -> None:
    answer = ask.request("POST", path, headers={"content-length": length}, content=b"")
    assert (answer.status_code == 413) == refused


def test_a_form_holds_the_largest_file_and_what_stands_around_it() -> None:
    assert FORMS["review"] - MAX_BYTES == 100_000
    assert {size for form, size in FORMS.items() if form != "review"} == {20_000}


@pytest.mark.parametrize("form", FORMS)
@pytest.mark.parametrize(
    ("site", "refused"),
    [("cross-site", True), ("same-site", True), ("same-origin", False), ("none", False), (None, False)],
)
def test_a_form_is_taken_from_this_site_alone(ask: Any, form: str, site: str | None, refused: bool) -> None:
    headers = {"sec-fetch-site": site} if site else {}
    answer = ask.request("POST", f"/{form}", headers=headers, content=b"")
    assert (answer.status_code == 403 and "sent from another site" in answer.text) == refused
    assert "sent from another site" not in ask("/review", headers=headers).text


@pytest.mark.parametrize("path", ["threads", "databases", "messages", "patterns", "allow-debug"])
@pytest.mark.parametrize("end", ["", "/", ".json"])
def test_what_tells_of_the_running_process_is_closed(ask: Any, path: str, end: str) -> None:
    answer = ask(f"/-/{path}{end}")
    assert (answer.status_code, answer.text) == (404, "There is no such page.\n")
    assert ask("/-/versions.json").status_code == 200


def test_only_our_own_forms_answer_for_their_token_themselves(ask: Any) -> None:
    """Whatever else is sent with a visitor's cookies has to bring Datasette's token."""
    scope = {"type": "http", "method": "POST"}
    for path, ours in (("/-/logout", False), ("/evidence/articles/-/insert", False), ("/articles", False),
                       ("/review", True), ("/curate/decide", True), ("/curate/decide/x", False)):  # fmt: skip
        assert plugin.skip_csrf(ask.datasette, {**scope, "path": path}) is ours, path
        assert plugin.skip_csrf(ask.datasette, {**scope, "method": "GET", "path": path}) is False
    answer = ask.request("POST", "/-/logout", headers={"cookie": "ds_actor=x; ds_csrftoken=y"}, data={"a": "b"})
    assert answer.status_code == 403


def test_a_path_with_a_null_is_refused(ask: Any) -> None:
    answer = ask("/articles/%00")
    assert (answer.status_code, answer.text) == (400, "The address holds a control character.\n")


async def test_what_is_no_request_goes_through() -> None:
    seen: list[Any] = []

    async def app(*given: Any) -> None:
        seen.append(given)

    given: Any = ({"type": "lifespan"}, "receive", "send")
    await wrapper(None)(app)(*given)
    assert seen == [given]


@pytest.mark.parametrize(
    ("method", "address", "status"),
    [("HEAD", "/articles", 200), ("PUT", "/articles", 405), ("DELETE", "/", 405), ("PATCH", "/review", 405),
     ("POST", "/review/", 405), ("POST", "/curate", 405)],
)  # fmt: skip
def test_pages_of_ours_are_read_but_for_their_forms(ask: Any, method: str, address: str, status: int) -> None:
    assert ask.request(method, address).status_code == status
