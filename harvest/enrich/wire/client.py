"""One way into every service beside E-utilities: identity, limiter, bounded retries, faults told apart.

An answer is a fault when it is HTML, breaks off, is no JSON where JSON is due, or sends us to another host: a redirect
is followed on the service's own host alone, since the request may carry the caller's e-mail.
"""

import json
import threading
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, field, replace
from typing import Any, TypeVar
from urllib.parse import urljoin, urlsplit

from harvest.eutils.calls import Caller
from harvest.eutils.client import TOOL, Identity
from harvest.eutils.faults import FaultError
from harvest.eutils.limiter import Limiter
from harvest.eutils.replies import shown
from harvest.eutils.transport import Limits, Reply, Transport

Value = TypeVar("Value")

#: One limiter a host and process, so that two modules that ask one host share its rate.
_limiters: dict[str, Limiter] = {}
_guard = threading.Lock()
_REDIRECTS = (301, 302, 303, 307, 308)


@dataclass(frozen=True, slots=True)
class Service:
    """How one service is asked: its name in words, base address, requests a second, and who is told by which field.

    `identity` maps the caller's `email` and `tool` to the names of the service's own fields.
    """

    name: str
    url: str
    rate: int = 1
    identity: Mapping[str, str] = field(default_factory=dict)
    setting: str = ""


class ServiceClient:
    """Asks one service; counts its requests. `limiter` None switches the limiter off, for servers on this machine."""

    def __init__(
        self, service: Service, identity: Identity | None = None, limits: Limits | None = None, limited: bool = True
    ) -> None:
        self.service = service
        self.identity = identity or Identity()
        self.limits = limits or Limits()
        self.requests = 0
        self._limiter = _limiter_of(service.url) if limited else None
        self._transport = Transport(self.limits, f"{TOOL} (literature tracker)", connections=2)
        self._caller = Caller(self.limits, self._limiter)

    def close(self) -> None:
        """Closes the kept connections."""
        self._transport.close()

    def ask(
        self,
        path: str,
        read: Callable[[Reply], Value],
        fields: Mapping[str, str] | None = None,
        form: Mapping[str, str] | None = None,
        headers: Mapping[str, str] | None = None,
        allowed: Collection[int] = (),
    ) -> Value:
        """Sends a GET with `fields` (or a POST with `form`) and returns what `read` makes of the answer.

        `path` is relative to the base address and may hold a query of its own. Statuses in `allowed` are answers too.
        Raises CallFailedError, ServiceDownError.
        """
        who = {"email": self.identity.email, "tool": TOOL}
        told = {name: value for kind, name in self.service.identity.items() if (value := who[kind])}

        def send(seconds: float) -> Reply:
            reply = self._send(self._address(path), fields, form, told, headers, seconds)
            if reply.status in _REDIRECTS and form is None:
                target = urljoin(self._address(path), reply.headers.get("Location", ""))
                if _place(target) == _place(self.service.url):
                    reply = self._send(target, None, None, {}, headers, seconds)
            self._check(reply, allowed)
            return reply

        return self._caller.call(self.service.name, send, read, self.identity.redacted)

    def _address(self, path: str) -> str:
        base = self.service.url.rstrip("/")
        return f"{base}/{path}" if path else self.service.url

    def _send(
        self,
        url: str,
        fields: Mapping[str, str] | None,
        form: Mapping[str, str] | None,
        told: Mapping[str, str],
        headers: Mapping[str, str] | None,
        seconds: float,
    ) -> Reply:
        if self._limiter:
            self._limiter.wait(self.service.rate)
        self.requests += 1
        if form is not None:
            reply = self._transport.post(url, {**form, **told}, seconds)
        else:
            reply = self._transport.get(url, {**(fields or {}), **told}, seconds, headers)
        return replace(reply, redact=self.identity.redacted)

    def _check(self, reply: Reply, allowed: Collection[int]) -> None:
        """Raises FaultError for every answer that is none."""
        status = reply.status
        if status == 429:
            words = "the service says that requests come too fast (429)"
            raise FaultError("rate limit", words, retry_after=reply.retry_after)
        if status in _REDIRECTS:
            words = f"HTTP {status}: it sends us to another address; check {self.service.setting}"
            raise FaultError(f"HTTP {status}", words, "refused")
        if status != 200 and status not in allowed:
            passing = status >= 500 or status in (403, 408, 425)
            words = f"HTTP {status}" if passing else f"HTTP {status}: {_said(reply)}"
            raise FaultError(f"HTTP {status}", words, "service" if passing else "refused", reply.retry_after)
        beginning = reply.body[:2048].lstrip().lower()
        if beginning.startswith((b"<!doctype html", b"<html")):
            raise FaultError("HTML page", "an HTML page instead of an answer (maintenance?)", "service")


def read_json(reply: Reply) -> dict[str, Any]:
    """Returns an answer's JSON object; raises FaultError where it is none, or not whole."""
    try:
        value = json.loads(reply.body, strict=False)
    except (ValueError, RecursionError):
        empty = not reply.body.strip()
        words = "the answer was empty" if empty else "the answer is no whole JSON; it broke off, or is something else"
        raise FaultError("empty reply" if empty else "broken-off body", words, "content") from None
    if not isinstance(value, dict):
        raise FaultError("garbage", "the answer is JSON of another kind", "content")
    return value


def read_text(reply: Reply) -> str:
    """Returns an answer as text."""
    return reply.body.decode("utf-8", "replace")


def _said(reply: Reply) -> str:
    return shown(reply.redact(read_text(reply))) or "no words"


def _place(url: str) -> tuple[str, str | None, int | None]:
    parts = urlsplit(url)
    return parts.scheme, parts.hostname, parts.port


def _limiter_of(url: str) -> Limiter:
    with _guard:
        return _limiters.setdefault(urlsplit(url).netloc, Limiter())
