"""Everything that goes wrong with E-utilities, as functions that answer one request wrongly."""

import gzip
import re
import socket
import struct
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from tests.support.stand_in import StandInHandler

#: How a fault answers: it gets the handler and the good body.
Answer = Callable[["StandInHandler", bytes], None]


@dataclass(slots=True)
class Fault:
    """A fault that answers the next `times` requests to an endpoint (`esearch`, `efetch`; None for any).

    `pmid` limits it to requests that ask for that PMID, `skip` lets so many requests through first.
    """

    answer: Answer
    endpoint: str | None = None
    times: int = 1
    pmid: int | None = None
    skip: int = 0


def status(code: int, body: bytes = b"", content_type: str = "text/plain", **headers: str) -> Answer:
    """Answers with a status."""

    def answer(handler: "StandInHandler", _body: bytes) -> None:
        handler.reply(code, body, content_type, {name.replace("_", "-"): value for name, value in headers.items()})

    return answer


def instead(body: bytes, content_type: str = "text/xml") -> Answer:
    """Answers with another body and status 200."""
    return status(200, body, content_type)


def changed(change: Callable[[bytes], bytes], content_type: str = "text/xml", **headers: str) -> Answer:
    """Answers with the good body changed."""

    def answer(handler: "StandInHandler", body: bytes) -> None:
        handler.reply(
            200, change(body), content_type, {name.replace("_", "-"): value for name, value in headers.items()}
        )

    return answer


def raw(*parts: bytes, pause: float = 0.0, hang: bool = False, reset: bool = False) -> Answer:
    """Writes bytes as they are, with pauses; then hangs until the client goes, resets, or closes."""

    def answer(handler: "StandInHandler", body: bytes) -> None:
        handler.close_connection = True
        for part in parts:
            handler.wfile.write(
                part.replace(b"BODY", body[: len(body) // 2]).replace(b"LENGTH", str(len(body)).encode())
            )
            handler.wfile.flush()
            if pause:
                time.sleep(pause)
        if hang:
            handler.wait_until_gone()
        if reset:
            handler.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
            handler.connection.close()

    return answer


def endless(head: bytes, piece: bytes, pause: float = 0.0) -> Answer:
    """Writes a head, and then pieces for ever."""

    def answer(handler: "StandInHandler", _body: bytes) -> None:
        handler.close_connection = True
        handler.wfile.write(head)
        while not handler.server.stopping:
            handler.wfile.write(piece)
            handler.wfile.flush()
            time.sleep(pause)

    return answer


#: The ids of a search, or the records of a fetch.
_ITEMS = rb"<Id>\d+</Id>|<PubmedArticle>.*?</PubmedArticle>|<PubmedBookArticle>.*?</PubmedBookArticle>"


def _first_half(body: bytes) -> bytes:
    """Leaves out every second record or id, but keeps the frame."""
    count = iter(range(10**9))
    return re.sub(_ITEMS, lambda found: found[0] if next(count) % 2 else b"", body, flags=re.DOTALL)


def _disordered(body: bytes) -> bytes:
    """Turns the order of ids or records round, and gives the first record once more at the end."""
    found = re.findall(_ITEMS, body, flags=re.DOTALL)
    if not found:
        return body
    doubled = [] if found[0].startswith(b"<Id>") else found[:1]
    turned = b"".join([*reversed(found), *doubled])
    pieces = re.split(_ITEMS, body, flags=re.DOTALL)
    return pieces[0] + turned + pieces[-1]


def _none(body: bytes) -> bytes:
    return re.sub(_ITEMS, b"", body, flags=re.DOTALL)


def _others(body: bytes) -> bytes:
    """Changes the PMIDs and ids to ones that nobody asked for; a count then promises what is not there."""
    return re.sub(rb'(<PMID Version="1">|<Id>)(\d+)', rb"\g<1>999\2", body).replace(b"<Count>", b"<Count>9")


def _bomb(body: bytes) -> bytes:
    lines = b"".join(b'<!ENTITY l%d "&l%d;&l%d;">' % (n, n - 1, n - 1) for n in range(1, 30))
    root = re.search(rb"<(\w+)[\s>]", re.sub(rb"<[?!][^>]*>", b"", body))
    name = root[1] if root else b"x"
    head = b'<?xml version="1.0"?><!DOCTYPE %s [<!ENTITY l0 "x">%s]>' % (name, lines)
    return head + b"<%s>&l29;</%s>" % (name, name)


def _with_error(body: bytes) -> bytes:
    """Puts an ERROR inside the root that was expected."""
    root = rb"(<(?:eSearchResult|PubmedArticleSet)>)"
    return re.sub(root, rb"\1<ERROR>Search Backend failed</ERROR>", body)


_HEAD = b"HTTP/1.1 200 OK\r\nContent-Type: text/xml\r\n"
_RATE = b'{"error":"API rate limit exceeded","api-key":"secret-key-1234","count":"4","limit":"3"}'
_HTML = b"<!DOCTYPE html><html><head><title>Scheduled maintenance</title></head><body>Back soon.</body></html>"
_JSON = b'{"error":"Search Backend failed","esearchresult":{"ERROR":"down\n"}}'
_EFETCH_ERROR = (
    b'<?xml version="1.0" encoding="UTF-8" ?>\n<!DOCTYPE eEfetchResult PUBLIC "-//NLM//DTD efetch 20131226//EN" '
    b'"https://eutils.ncbi.nlm.nih.gov/eutils/dtd/20131226/efetch.dtd">\n<eFetchResult><ERROR>%s</ERROR></eFetchResult>'
)

#: Every fault by name. Those in STALLING keep the client waiting for its own timeout.
FAULTS: dict[str, Answer] = {
    "429": status(429, _RATE, "application/json"),
    "429 with Retry-After": status(429, _RATE, "application/json", Retry_After="0"),
    "429 with a date": status(429, _RATE, "application/json", Retry_After="Thu, 01 Jan 2026 00:00:00 GMT"),
    "rate limit with status 200": instead(_RATE, "application/json"),
    "500": status(500, b"oops"),
    "502 with HTML": status(502, _HTML, "text/html"),
    "503": status(503),
    "503 with Retry-After": status(503, Retry_After="0"),
    "504": status(504),
    "400 proxy_stream": status(400, _EFETCH_ERROR % b"Failed to proxy_stream() the request", "text/xml"),
    "400 expired WebEnv": status(
        400, _EFETCH_ERROR % b"Cannot retrieve history data. query_key: 1, WebEnv: MCID_1", "text/xml"
    ),
    "400 no ids": status(400, _EFETCH_ERROR % b"ID list is empty! Possibly it has no correct IDs.", "text/xml"),
    "400": status(400),
    "reset before the answer": raw(reset=True),
    "closed before the answer": raw(),
    "reset in the body": raw(_HEAD + b"Content-Length: LENGTH\r\n\r\nBODY", reset=True),
    "body shorter than its length": raw(_HEAD + b"Content-Length: LENGTH\r\n\r\nBODY"),
    "cut in a chunk": raw(_HEAD + b"Transfer-Encoding: chunked\r\n\r\nFFFFFF\r\nBODY"),
    "bad chunk size": raw(_HEAD + b"Transfer-Encoding: chunked\r\n\r\nzz\r\nBODY"),
    "no status line": raw(b"\x00\x01nonsense\r\n\r\n"),
    "truncated XML": changed(lambda body: body[: len(body) * 2 // 3]),
    "empty body": instead(b""),
    "HTML with status 200": instead(_HTML, "text/html"),
    "HTML called XML": instead(_HTML),
    "JSON error with status 200": instead(_JSON, "application/json"),
    "JSON without error": instead(b'{"header":{"type":"esearch"},"result":[]}', "application/json"),
    "ERROR in another root": instead(_EFETCH_ERROR % b"Search Backend failed: Database is not supported: pubmed"),
    "ERROR inside the answer": changed(_with_error),
    "empty set": changed(_none),
    "fewer than asked": changed(_first_half),
    "others than asked": changed(_others),
    "garbage bytes": instead(bytes(range(256)) * 20, "application/octet-stream"),
    "not the gzip it says": changed(lambda body: body, Content_Encoding="gzip"),
    "gzip cut off": changed(lambda body: gzip.compress(body)[:-20], Content_Encoding="gzip"),
    "another XML": instead(b"<?xml version='1.0'?><rss version='2.0'><channel/></rss>"),
    "entity bomb": changed(_bomb),
    "404": status(404, b"not found"),
    "413": status(413, b"too large"),
    "403": status(403, b"blocked"),
    "redirect": status(302, Location="http://127.0.0.1:1/elsewhere"),
}
#: Faults in which the client waits for its own timeouts.
STALLING: dict[str, Answer] = {
    "silence": raw(hang=True),
    "silence in the head": raw(b"HTTP/1.1 200 OK\r\n", hang=True),
    "silence in the body": raw(_HEAD + b"Content-Length: LENGTH\r\n\r\nBODY", hang=True),
    "trickling head": endless(b"HTTP/1.1 200 OK\r\nX-Long: ", b"x", 0.05),
    "trickling body": endless(_HEAD + b"Content-Length: 900000\r\n\r\n", b" ", 0.05),
    "endless body": endless(_HEAD + b"\r\n", b" " * 65536),
}
#: Oddities that are no faults: the answer is right and must be taken.
HARMLESS: dict[str, Answer] = {
    "wrong Content-Type": changed(lambda body: body, "text/html; charset=iso-8859-1"),
    "no Content-Type": changed(lambda body: body, ""),
    "packed": changed(gzip.compress, Content_Encoding="gzip"),
    "another order, a record twice": changed(_disordered),
    "byte order mark": changed(lambda body: b"\xef\xbb\xbf" + body),
    "leading newlines": changed(lambda body: b"\n\n" + body if not body.startswith(b"<?xml") else body),
}
