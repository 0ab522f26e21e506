"""A mail server on this machine that keeps what it took, with the faults that mail servers have."""

import asyncio
import socket
import ssl
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, AuthResult, Envelope, LoginPassword, Session

#: What may go wrong with one mail: the server says no for now or for good, to the recipient or to the mail; it drops
#: the connection in the middle of the mail, or after it has taken it but before it says so; it is slow.
FAULTS = ("rcpt 450", "rcpt 550", "data 451", "data 554", "drop in data", "drop after data", "slow")


@dataclass(frozen=True, slots=True)
class Taken:
    """A mail that the server took: from, to, and its bytes."""

    sender: str
    recipient: str
    content: bytes


@dataclass
class MailWorld:
    """What a mail server took, and its faults: the next ones in order, and those that a recipient always has."""

    taken: list[Taken] = field(default_factory=list)
    faults: list[str | None] = field(default_factory=list)
    always: dict[str, str] = field(default_factory=dict)
    connections: int = 0
    slow_seconds: float = 0.0
    url: str = ""

    def next_fault(self, recipient: str) -> str | None:
        """Returns what goes wrong with the next mail, None where nothing does."""
        return self.always.get(recipient) or (self.faults.pop(0) if self.faults else None)


class _Handler:
    def __init__(self, world: MailWorld) -> None:
        self.world = world
        self.fault: str | None = None

    async def handle_RCPT(  # noqa: N802 - the names are aiosmtpd's
        self, server: SMTP, session: Session, envelope: Envelope, address: str, options: list[str]
    ) -> str:
        self.fault = self.world.next_fault(address)
        if self.fault == "rcpt 450":
            return "450 4.2.1 mailbox busy"
        if self.fault == "rcpt 550":
            return "550 5.1.1 no such user here"
        if self.fault == "rcpt 551":
            return f"551 5.1.6 {address} is not here"
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:  # noqa: N802
        if self.fault == "data 451":
            return "451 4.3.0 try again later"
        if self.fault == "data 554":
            return "554 5.7.1 not wanted"
        if self.fault == "slow":
            await asyncio.sleep(self.world.slow_seconds)
        content = envelope.original_content or b""
        self.world.taken.append(Taken(envelope.mail_from or "", envelope.rcpt_tos[0], content))
        if self.fault == "drop after data":
            server.transport.abort()  # type: ignore[union-attr]
        return "250 OK"


class _Server(SMTP):
    def __init__(self, handler: _Handler, *args: Any, **options: Any) -> None:
        super().__init__(handler, *args, **options)
        self._faulty = handler

    def connection_made(self, transport: Any) -> None:
        self._faulty.world.connections += 1
        super().connection_made(transport)

    async def smtp_DATA(self, arg: str) -> None:  # noqa: N802
        if self._faulty.fault == "drop in data":
            await self.push("354 go on")
            self.transport.abort()  # type: ignore[union-attr]
            return
        await super().smtp_DATA(arg)


class _Controller(Controller):
    def factory(self) -> SMTP:
        return _Server(self.handler, **self.SMTP_kwargs)


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@contextmanager
def mail_server(
    tls: ssl.SSLContext | None = None, login: tuple[str, str] | None = None, implicit: bool = False
) -> Iterator[MailWorld]:
    """Runs a mail server that offers `tls` by STARTTLS, or speaks it from the beginning (`implicit`).

    `login` is the user and password that it asks for.
    """
    world = MailWorld()
    options: dict[str, Any] = {}
    if tls is not None and not implicit:
        options.update(tls_context=tls, require_starttls=True)
    if login is not None:

        def authenticate(_server: object, _session: object, _envelope: object, _way: str, data: Any) -> AuthResult:
            known = isinstance(data, LoginPassword) and (data.login.decode(), data.password.decode()) == login
            return AuthResult(success=known)

        options.update(authenticator=authenticate, auth_required=True, auth_require_tls=not implicit)
    context = tls if implicit else None
    controller = _Controller(_Handler(world), hostname="127.0.0.1", port=_free_port(), ssl_context=context, **options)
    controller.start()
    world.connections = 0  # the controller looks whether it answers
    user = f"{login[0]}:{login[1]}@" if login else ""
    world.url = f"{'smtps' if implicit else 'smtp'}://{user}127.0.0.1:{controller.port}"
    try:
        yield world
    finally:
        controller.stop()
