"""One HTTP request to a service: bounded in time and size, every failure turned into a `FaultError`."""

import http.client
import queue
import ssl
import threading
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from http.cookiejar import DefaultCookiePolicy

import requests
import urllib3
from requests.adapters import HTTPAdapter

from harvest.eutils.faults import FaultError

_CHUNK = 1 << 16


@dataclass(frozen=True, slots=True)
class Limits:
    """How long and how often to try; seconds but for `attempts` and `reply_bytes`.

    `request` bounds one request from start to last byte, `call` one call with all its attempts and pauses, `outage`
    the time without any good answer after which the service counts as down.
    """

    connect: float = 10.0
    read: float = 30.0
    request: float = 60.0
    call: float = 80.0
    outage: float = 80.0
    attempts: int = 5
    backoff: float = 1.0
    reply_bytes: int = 1 << 25


@dataclass(frozen=True, slots=True)
class Reply:
    """A whole answer: status, body (unpacked), what the service calls the body, when it answered, its headers.

    `redact` takes the caller's secrets out of a text of the answer; whatever is quoted from it goes through that first.
    """

    status: int
    body: bytes
    content_type: str
    retry_after: float | None
    moment: datetime | None
    headers: Mapping[str, str] = field(default_factory=dict)
    redact: Callable[[str], str] = str


class Transport:
    """Sends requests over one session; a redirect is never followed, since it could carry secrets to another host."""

    def __init__(self, limits: Limits, user_agent: str, connections: int) -> None:
        self.limits = limits
        self._session = requests.Session()
        self._session.headers.update({"User-Agent": user_agent, "Accept-Encoding": "gzip"})
        self._session.cookies.set_policy(DefaultCookiePolicy(allowed_domains=[]))
        for scheme in ("http://", "https://"):
            self._session.mount(scheme, HTTPAdapter(pool_connections=2, pool_maxsize=connections))

    def post(self, url: str, form: Mapping[str, str], seconds: float) -> Reply:
        """Sends one form, so that keys and long id lists never stand in an address; raises FaultError."""
        return self._bounded(requests.Request("POST", url, data=form), seconds)

    def get(
        self, url: str, fields: Mapping[str, str], seconds: float, headers: Mapping[str, str] | None = None
    ) -> Reply:
        """Asks with `fields` in the address; raises FaultError."""
        return self._bounded(requests.Request("GET", url, params=fields, headers=headers), seconds)

    def _bounded(self, request: requests.Request, seconds: float) -> Reply:
        """Sends one request and returns the whole answer; raises FaultError.

        The work is done in a thread of its own, because neither a name lookup nor a trickling header can be bounded
        from inside; what is not done in `seconds` is abandoned.
        """
        seconds = min(seconds, self.limits.request)
        done: queue.SimpleQueue[Reply | FaultError] = queue.SimpleQueue()
        abandoned = threading.Event()

        def work() -> None:
            try:
                done.put(self._send(request, abandoned))
            except FaultError as fault:
                done.put(fault)
            except Exception as error:  # the waiting thread must hear of it, whatever it is
                done.put(FaultError("unexpected", f"the request failed ({type(error).__name__})"))

        threading.Thread(target=work, daemon=True, name="request").start()
        try:
            result = done.get(timeout=seconds)
        except queue.Empty:
            raise FaultError("slow reply", f"the answer was not complete after {seconds:.0f} seconds") from None
        finally:
            abandoned.set()
        if isinstance(result, FaultError):
            raise result
        return result

    def close(self) -> None:
        """Closes the kept connections."""
        self._session.close()

    def _send(self, request: requests.Request, abandoned: threading.Event) -> Reply:
        timeouts = (self.limits.connect, self.limits.read)
        try:
            prepared = self._session.prepare_request(request)
            settings = self._session.merge_environment_settings(prepared.url, {}, True, None, None)
            with self._session.send(prepared, timeout=timeouts, allow_redirects=False, **settings) as response:
                body = self._body(response.raw, abandoned)
                headers = response.headers
                moment = _http_date(headers.get("Date"))
                return Reply(
                    response.status_code,
                    body,
                    headers.get("Content-Type", ""),
                    _seconds(headers.get("Retry-After")),
                    moment,
                    headers,
                )
        except (requests.RequestException, urllib3.exceptions.HTTPError, OSError) as error:
            raise _network_fault(error) from None

    def _body(self, raw: urllib3.BaseHTTPResponse, abandoned: threading.Event) -> bytes:
        parts: list[bytes] = []
        size = 0
        while data := raw.read1(_CHUNK, decode_content=True):
            parts.append(data)
            size += len(data)
            if size > self.limits.reply_bytes:
                mebibytes = self.limits.reply_bytes / (1 << 20)
                raise FaultError("endless reply", f"the answer went on beyond {mebibytes:.3g} MiB", "content")
            if abandoned.is_set():
                break
        return b"".join(parts)


#: What a network error is called, by the first kind that stands among its causes.
_NETWORK_FAULTS: tuple[tuple[tuple[type[BaseException], ...], FaultError], ...] = (
    (
        (urllib3.exceptions.NameResolutionError,),
        FaultError("no address", "the service's name could not be resolved; is there a network?"),
    ),
    ((ConnectionRefusedError,), FaultError("refused connection", "the connection was refused")),
    ((urllib3.exceptions.ConnectTimeoutError,), FaultError("no connection", "no connection in time")),
    (
        (urllib3.exceptions.ReadTimeoutError, TimeoutError),
        FaultError("timeout", "the service stopped answering"),
    ),
    (
        (http.client.IncompleteRead, urllib3.exceptions.InvalidChunkLength),
        FaultError("broken-off body", "the answer broke off in the middle", "content"),
    ),
    (
        (urllib3.exceptions.DecodeError,),
        FaultError("garbage", "the answer could not be unpacked", "content"),
    ),
    (
        (urllib3.exceptions.SSLError, ssl.SSLError),
        FaultError("no secure connection", "no secure connection could be made (certificate or proxy)"),
    ),
    ((ConnectionError,), FaultError("connection reset", "the connection was closed by the other side")),
    ((http.client.BadStatusLine,), FaultError("garbage", "the answer is no HTTP")),
)


def _network_fault(error: Exception) -> FaultError:
    """Names a network error by the types among its causes; its own text is left out because it carries addresses."""
    causes = list(_causes(error))
    for kinds, fault in _NETWORK_FAULTS:
        if any(isinstance(cause, kinds) for cause in causes):
            return FaultError(fault.kind, fault.words, fault.side)
    return FaultError("network error", f"the network failed ({type(error).__name__})")


def _causes(error: BaseException) -> Iterator[BaseException]:
    """Yields an error with everything that it wraps: causes, contexts, and what requests and urllib3 put inside."""
    waiting, seen = [error], set[int]()
    while waiting:
        cause = waiting.pop()
        if id(cause) in seen:
            continue
        seen.add(id(cause))
        yield cause
        inside = (cause.__cause__, cause.__context__, getattr(cause, "reason", None), *cause.args)
        waiting.extend(item for item in inside if isinstance(item, BaseException))


def _http_date(value: str | None) -> datetime | None:
    try:
        moment = parsedate_to_datetime(value or "")
    except (TypeError, ValueError):
        return None
    return moment.astimezone(UTC) if moment.tzinfo else moment.replace(tzinfo=UTC)


def _seconds(retry_after: str | None) -> float | None:
    """Reads Retry-After, which is a number of seconds or a date."""
    if not retry_after:
        return None
    try:
        return max(0.0, float(retry_after))
    except ValueError:
        moment = _http_date(retry_after)
        return max(0.0, (moment - datetime.now(UTC)).total_seconds()) if moment else None
