"""Answers made smaller on the wire, where the reader's program takes it; streams go out as they come."""

import gzip
from collections.abc import Awaitable, Callable, MutableMapping
from typing import Any

Message = MutableMapping[str, Any]
Send = Callable[[Message], Awaitable[None]]

_SMALLEST = 1_000
_TEXTS = (b"text/", b"application/json", b"application/xml", b"application/atom+xml", b"image/svg+xml")


def compressing(scope: MutableMapping[str, Any], send: Send) -> Send:
    """Returns what sends an answer compressed, or as it is where it is short, a stream, or not asked for."""
    wanted = any(name == b"accept-encoding" and b"gzip" in value for name, value in scope.get("headers", []))
    if not wanted:
        return send
    held: list[Message] = []

    async def sending(message: Message) -> None:
        if message["type"] == "http.response.start":
            held.append(message)
            return
        if not held:
            await send(message)
            return
        start = held.pop()
        headers = [(bytes(name).lower(), bytes(value)) for name, value in start["headers"]]
        body = message.get("body", b"")
        if not message.get("more_body") and len(body) >= _SMALLEST and _is_text(headers):
            body = gzip.compress(body, 5, mtime=0)
            kept = [(name, value) for name, value in headers if name != b"content-length"]
            more = [(b"content-encoding", b"gzip"), (b"content-length", str(len(body)).encode())]
            start = {**start, "headers": [*kept, *more, (b"vary", b"Accept-Encoding")]}
            message = {**message, "body": body}
        await send(start)
        await send(message)

    return sending


def _is_text(headers: list[tuple[bytes, bytes]]) -> bool:
    named = dict(headers)
    return named.get(b"content-type", b"").startswith(_TEXTS) and b"content-encoding" not in named
