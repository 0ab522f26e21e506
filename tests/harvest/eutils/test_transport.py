"""One request: bounded in time, and nothing of one answer goes along with the next request."""

import threading
import time
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import ClassVar

import pytest

from harvest.eutils.faults import FaultError
from harvest.eutils.transport import Limits, Transport


class Handler(BaseHTTPRequestHandler):
    """Sets a cookie with every answer, tells which came back, and never ends the answer to /slow."""

    cookies: ClassVar[list[str | None]] = []

    def do_GET(self) -> None:
        self.cookies.append(self.headers.get("Cookie"))
        if self.path.startswith("/slow"):
            time.sleep(3)
            return
        self.send_response(200)
        self.send_header("Set-Cookie", "who=reader; Path=/")
        self.send_header("Content-Length", "2")
        self.end_headers()
        self.wfile.write(b"ok")

    def log_message(self, *_: object) -> None:
        pass


@pytest.fixture(scope="module")
def address() -> Iterator[str]:
    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()


def test_a_service_gets_none_of_its_cookies_back(address: str) -> None:
    transport = Transport(Limits(), "test", 1)
    Handler.cookies.clear()
    for _ in range(2):
        assert transport.get(address, {}, 5).body == b"ok"
    assert Handler.cookies == [None, None]


def test_a_request_takes_no_longer_than_the_limit_of_one_whatever_the_call_may_take(address: str) -> None:
    with pytest.raises(FaultError, match="not complete after 0 seconds"):
        Transport(Limits(request=0.3), "test", 1).get(f"{address}/slow", {}, 60)
