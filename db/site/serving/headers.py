"""Security headers on every answer, and bounds on every request."""

from collections.abc import Awaitable, Callable, MutableMapping
from typing import Any

from db.site.serving.compress import compressing
from db.site.serving.uploads import FORMS

Scope = MutableMapping[str, Any]
Message = MutableMapping[str, Any]
App = Callable[[Scope, Callable[[], Awaitable[Message]], Callable[[Message], Awaitable[None]]], Awaitable[None]]

#: Our own pages: nothing inline, nothing from elsewhere.
OWN_POLICY = (
    "default-src 'none'; style-src 'self'; script-src 'self'; img-src 'self' data:; connect-src 'self'; "
    "form-action 'self'; base-uri 'none'; frame-ancestors 'none'; manifest-src 'self'"
)
#: Datasette's table pages need inline script and style.
DATASETTE_POLICY = (
    "default-src 'none'; style-src 'self' 'unsafe-inline'; script-src 'self' 'unsafe-inline'; img-src 'self' data:; "
    "connect-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
)
_ALWAYS = {
    b"x-frame-options": b"DENY",
    b"x-content-type-options": b"nosniff",
    b"referrer-policy": b"strict-origin-when-cross-origin",
    b"permissions-policy": b"camera=(), geolocation=(), microphone=()",
    b"cross-origin-opener-policy": b"same-origin",
}
#: The longest path with its query that any page of ours or of Datasette's makes.
_MAX_TARGET_BYTES = 16_000
_MAX_BODY_BYTES = 100_000
_READING = frozenset(("GET", "HEAD", "OPTIONS"))
#: Threads and databases name files of the machine; the others are Datasette's workbench.
_CLOSED = frozenset(("-/threads", "-/databases", "-/messages", "-/patterns", "-/allow-debug"))


def wrapper(datasette: Any) -> Callable[[App], App]:
    """Returns what Datasette wraps its application in."""

    def wrap(app: App) -> App:
        async def wrapped(scope: Scope, receive: Any, send: Any) -> None:
            if scope["type"] != "http":
                await app(scope, receive, send)
                return
            form = sent_form(datasette, scope)
            refusal = _refusal(scope, form)
            if not refusal and form is None and _is_not_read(datasette, scope):
                refusal = 405, "This page can only be read: use GET."
            if not refusal and scope["method"] == "OPTIONS":
                await _options(send)
                return
            if not refusal and _is_closed(datasette, scope):
                refusal = 404, "There is no such page."
            if refusal:
                await _refuse(send, *refusal)
                return

            sending = compressing(scope, send)

            async def send_with_headers(message: Message) -> None:
                if message["type"] == "http.response.start":
                    message = {**message, "headers": _headers(datasette, scope, message.get("headers", []))}
                await sending(message)

            await app(scope, receive, send_with_headers)

        return wrapped

    return wrap


def _headers(datasette: Any, scope: Scope, given: Any) -> list[tuple[bytes, bytes]]:
    headers = [(bytes(name).lower(), bytes(value)) for name, value in given]
    names = {name for name, _ in headers}
    headers = [(name, value) for name, value in headers if name not in _ALWAYS or name == b"x-frame-options"]
    headers += [(name, value) for name, value in _ALWAYS.items() if name != b"x-frame-options" or name not in names]
    if b"content-security-policy" not in names:
        policy = DATASETTE_POLICY if is_datasettes(datasette, scope) else OWN_POLICY
        headers.append((b"content-security-policy", policy.encode()))
    return headers


def is_datasettes(datasette: Any, scope: Scope) -> bool:
    """True for Datasette's own pages: its tools under /-/ and its pages of a database."""
    path = scope["path"].removeprefix(datasette.setting("base_url").rstrip("/")).lstrip("/")
    first = path.split("/")[0].split(".")[0]
    return first == "-" or first in datasette.databases


def sent_form(datasette: Any, scope: Scope) -> str | None:
    """Returns the page of ours whose form is sent; None for any other request."""
    path = scope["path"].removeprefix(datasette.setting("base_url").rstrip("/")).lstrip("/")
    return path if scope["method"] == "POST" and path in FORMS else None


def _refusal(scope: Scope, form: str | None) -> tuple[int, str] | None:
    target = len(scope.get("raw_path") or scope["path"].encode()) + len(scope.get("query_string", b""))
    if target > _MAX_TARGET_BYTES:
        return 414, f"The address is longer than {_MAX_TARGET_BYTES:,} characters. Choose fewer filters."
    if b"\0" in (scope.get("raw_path") or b"") or "\0" in scope["path"]:
        return 400, "The address holds a control character."
    headers = {bytes(name).lower(): bytes(value) for name, value in scope.get("headers", [])}
    length = headers.get(b"content-length", b"0")
    most = _MAX_BODY_BYTES if form is None else FORMS[form]
    if not length.isdigit() or len(length) > 15 or int(length) > most:
        return 413, f"The request is larger than {most:,} bytes."
    if not headers.get(b"x-csrftoken", b"").isascii():
        return 400, "The request's token is none of this site."  # Datasette's own check would fail on it
    if form is not None and headers.get(b"sec-fetch-site", b"same-origin") not in (b"same-origin", b"none"):
        return 403, "The form was sent from another site."
    if b"transfer-encoding" in headers:
        return 411, "The request does not say how long it is."
    return None


def _is_not_read(datasette: Any, scope: Scope) -> bool:
    """True for a request that is no reading: the tracker's own pages only show, Datasette's judge for themselves."""
    return scope["method"] not in _READING and not is_datasettes(datasette, scope)


def _is_closed(datasette: Any, scope: Scope) -> bool:
    """True for Datasette's pages about the running process and for trying things out, which visitors don't need."""
    path = scope["path"].removeprefix(datasette.setting("base_url").rstrip("/")).lstrip("/")
    return path.removesuffix(".json").rstrip("/") in _CLOSED


async def _options(send: Any) -> None:
    headers = [(b"allow", b"GET, HEAD, OPTIONS"), (b"content-length", b"0"), *_ALWAYS.items()]
    await send({"type": "http.response.start", "status": 204, "headers": headers})
    await send({"type": "http.response.body", "body": b""})


async def _refuse(send: Any, status: int, text: str) -> None:
    headers = [(b"content-type", b"text/plain; charset=utf-8"), (b"content-security-policy", OWN_POLICY.encode())]
    await send({"type": "http.response.start", "status": status, "headers": [*headers, *_ALWAYS.items()]})
    await send({"type": "http.response.body", "body": f"{text}\n".encode()})
