"""What all stand-in servers share: a port, a log of what was asked, faults, answers as services send them."""

import gzip
import select
import threading
import time
from datetime import UTC, date, datetime
from email.utils import format_datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from types import TracebackType
from typing import TYPE_CHECKING, Any, Generic, Protocol, Self, TypeVar
from urllib.parse import urlsplit

if TYPE_CHECKING:
    from tests.support.eutils_server.faults import Fault

#: Addresses longer than this are refused with 414, as NCBI's servers do.
_LONGEST_ADDRESS = 4096


class Request(Protocol):
    """What a fault is chosen by."""

    @property
    def endpoint(self) -> str:
        """The call, or the service."""

    @property
    def pmids(self) -> list[int]:
        """The PMIDs that are asked for."""


Asked = TypeVar("Asked", bound=Request)


class StandIn(Generic[Asked]):
    """Answers on a port of its own while the `with` block runs."""

    date_header = True
    pause = 0.0

    def __init__(self, handler: type["StandInHandler"]) -> None:
        self.faults: list[Fault] = []
        self.asked: list[Asked] = []
        self._lock = threading.Lock()
        self._http = _Http(("127.0.0.1", 0), handler)
        self._http.owner = self

    @property
    def today(self) -> date:
        """The service's day."""
        raise NotImplementedError

    @property
    def root(self) -> str:
        """The address without a path."""
        return f"http://127.0.0.1:{self._http.server_address[1]}"

    def __enter__(self) -> Self:
        threading.Thread(target=self._http.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True).start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._http.stopping = True
        self._http.shutdown()
        self._http.server_close()

    def fail(self, fault: "Fault") -> None:
        """Makes the next requests fail."""
        self.faults.append(fault)

    def count(self, endpoint: str | None = None) -> int:
        """Returns how many requests came, to one endpoint or to all."""
        return sum(endpoint in (None, asked.endpoint) for asked in self.asked)

    def forget(self) -> None:
        """Empties the log of requests, and the faults."""
        self.asked.clear()
        self.faults.clear()

    def budget(self) -> tuple[int, int]:
        """Returns how many requests a second are allowed, and how many were made in the last one."""
        return 0, 0

    def fault_for(self, asked: Asked) -> "Fault | None":
        """Takes the fault that meets a request, if any."""
        with self._lock:
            for fault in self.faults:
                if fault.times <= 0 or fault.endpoint not in (None, asked.endpoint):
                    continue
                if fault.pmid is not None and fault.pmid not in asked.pmids:
                    continue
                if fault.skip > 0:
                    fault.skip -= 1
                    continue
                fault.times -= 1
                return fault
        return None


class _Http(ThreadingHTTPServer):
    daemon_threads = True
    block_on_close = False
    request_queue_size = 64
    stopping = False
    owner: StandIn[Any]

    def handle_error(self, request: Any, client_address: Any) -> None:
        """Says nothing: broken connections are what this server is for."""


class StandInHandler(BaseHTTPRequestHandler):
    """Answers one request, rightly or as a fault has it."""

    protocol_version = "HTTP/1.1"
    server: _Http
    disable_nagle_algorithm = True

    def do_GET(self) -> None:
        """Answers a GET."""
        self._answer(urlsplit(self.path).query)

    def do_POST(self) -> None:
        """Answers a POST."""
        self._answer(self.rfile.read(int(self.headers.get("Content-Length") or 0)).decode())

    def _answer(self, form: str) -> None:
        """Answers what was asked."""
        raise NotImplementedError

    def meets(self, asked: Any) -> bool:
        """Writes a request into the log; says whether it goes on, which one with too long an address does not."""
        self.server.owner.asked.append(asked)
        if len(self.path) > _LONGEST_ADDRESS:
            self.reply(414, b"URI Too Long", "text/plain")
            return False
        time.sleep(self.server.owner.pause)
        return True

    def reply(self, code: int, body: bytes, content_type: str, headers: dict[str, str] | None = None) -> None:
        """Sends an answer as the service does: chunked, packed when the client takes gzip."""
        headers = headers or {}
        packed = "gzip" in self.headers.get("Accept-Encoding", "") and "Content-Encoding" not in headers
        self.send_response_only(code)
        if self.server.owner.date_header:
            today = self.server.owner.today
            noon = datetime(today.year, today.month, today.day, 17, tzinfo=UTC)
            self.send_header("Date", format_datetime(noon, usegmt=True))
        if content_type:
            self.send_header("Content-Type", content_type)
        if packed:
            body = gzip.compress(body, 1)
            self.send_header("Content-Encoding", "gzip")
        limit, used = self.server.owner.budget()
        self.send_header("X-RateLimit-Limit", str(limit))
        self.send_header("X-RateLimit-Remaining", str(max(0, limit - used)))
        for name, value in headers.items():
            self.send_header(name, value)
        self.send_header("Transfer-Encoding", "chunked")
        self.end_headers()
        for start in range(0, len(body), 1 << 16):
            piece = body[start : start + (1 << 16)]
            self.wfile.write(b"%X\r\n" % len(piece) + piece + b"\r\n")
        self.wfile.write(b"0\r\n\r\n")

    def wait_until_gone(self) -> None:
        """Keeps still until the client closes the connection or the server stops."""
        while not self.server.stopping:
            readable, _, _ = select.select([self.connection], [], [], 0.05)
            if readable and not self.connection.recv(1024):
                return

    def log_message(self, format: str, *args: Any) -> None:  # noqa: A002 - the base class names it so
        """Says nothing."""
