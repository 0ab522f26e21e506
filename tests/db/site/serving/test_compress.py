"""What is made smaller on the wire, and from which length on."""

import gzip
from typing import Any

import pytest

from db.site.serving.compress import compressing


async def sent(body: bytes, headers: list[tuple[bytes, bytes]], asked: bytes = b"gzip") -> list[Any]:
    out: list[Any] = []

    async def send(message: Any) -> None:
        out.append(message)

    sending = compressing({"headers": [(b"accept-encoding", asked)]}, send)
    await sending({"type": "http.response.start", "status": 200, "headers": headers})
    await sending({"type": "http.response.body", "body": body})
    return out


@pytest.mark.parametrize(
    ("kind", "packed"),
    [
        (b"text/html; charset=utf-8", True), (b"text/css", True), (b"application/json", True),
        (b"application/xml", True), (b"application/atom+xml; charset=utf-8", True), (b"image/svg+xml", True),
        (b"application/octet-stream", False), (b"image/png", False), (b"", False),
    ],
)  # fmt: skip
@pytest.mark.parametrize("length", [999, 1000])
async def test_texts_from_a_thousand_bytes_on_are_packed(kind: bytes, packed: bool, length: int) -> None:
    start, body = await sent(b"x" * length, [(b"Content-Type", kind), (b"Content-Length", b"%d" % length)])
    told = dict(start["headers"])
    if packed and length == 1000:
        assert gzip.decompress(body["body"]) == b"x" * length
        assert (told[b"content-encoding"], told[b"vary"]) == (b"gzip", b"Accept-Encoding")
        assert [value for name, value in start["headers"] if name.lower() == b"content-length"] == [
            b"%d" % len(body["body"])
        ]
    else:
        assert body["body"] == b"x" * length
        assert start["headers"] == [(b"Content-Type", kind), (b"Content-Length", b"%d" % length)]
    assert start["status"] == 200


async def test_what_is_sent_twice_is_sent_once_packed() -> None:
    first = await sent(b"x" * 2000, [(b"content-type", b"text/plain")])
    assert [message["type"] for message in first] == ["http.response.start", "http.response.body"]
    assert first == await sent(b"x" * 2000, [(b"content-type", b"text/plain")])
