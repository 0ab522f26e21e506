"""Hands mails in at a mail server, one recipient a transaction, and says of each whether the server took it."""

import smtplib
import socket
import ssl
from collections.abc import Callable
from dataclasses import dataclass
from email.utils import parseaddr
from typing import Self

from harvest.mail.address import MailServer

#: What one answer of a server may take.
SECONDS = 60.0
#: So many connections lost one after another, and the server counts as down until the next time.
_MOST_LOST = 3


@dataclass(frozen=True, slots=True)
class Refused:
    """A mail that the server did not take: why, without secrets; `server_is_down`: the next would fare no better."""

    why: str
    server_is_down: bool


class Outbox:
    """A connection to a mail server, made with the first mail; use it as a context.

    A server that answers no more ends the attempt for all that wait: `send` then says so at once.
    """

    def __init__(
        self, server: MailServer, seconds: float = SECONDS, context: Callable[[], ssl.SSLContext] | None = None
    ) -> None:
        self._server = server
        self._seconds = seconds
        self._context = context or ssl.create_default_context
        self._connection: smtplib.SMTP | None = None
        self._down: str | None = None
        self._lost_in_a_row = 0

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        if self._connection is not None:
            try:
                self._connection.quit()
            except (smtplib.SMTPException, OSError):
                self._connection.close()

    def send(self, sender: str, recipient: str, mail: bytes) -> Refused | None:
        """Hands one mail in; None where the server took it.

        Where the connection ends before the server has said so, nobody knows, and it counts as not taken: the mail is
        sent again with the same Message-ID.
        """
        if self._down is not None:
            return Refused(self._down, True)
        try:
            connection = self._connection or self._connect()
            refused = connection.sendmail(parseaddr(sender)[1], [recipient], mail)
        except (smtplib.SMTPException, OSError) as error:
            return self._refused(error, recipient)
        self._lost_in_a_row = 0
        if refused:  # with one recipient smtplib raises instead
            return Refused(self._said(refused[recipient]), False)
        return None

    def _refused(self, error: smtplib.SMTPException | OSError, recipient: str) -> Refused:
        """Returns what an error means for this mail and for those after it."""
        shown = self._server.shown
        if isinstance(error, smtplib.SMTPRecipientsRefused):
            return self._after_refusal(self._said(error.recipients[recipient]))
        if isinstance(error, smtplib.SMTPDataError):
            return self._after_refusal(self._said((error.smtp_code, error.smtp_error)))
        if isinstance(error, smtplib.SMTPResponseException):
            said = self._said((error.smtp_code, error.smtp_error))
            return self._gone(f"{shown} {_STEPS.get(type(error), 'refuses')}: {said}")
        if isinstance(error, smtplib.SMTPServerDisconnected):
            return self._lost()
        if isinstance(error, smtplib.SMTPNotSupportedError):
            return self._gone(f"{shown} offers no login or no TLS as it is set")
        if isinstance(error, smtplib.SMTPException):
            return self._gone(f"{shown}: {self._server.without_secrets(str(error))}")
        if isinstance(error, ConnectionError | TimeoutError) and self._connection is not None:
            return self._lost()
        if isinstance(error, ssl.SSLError):
            return self._gone(f"{shown}: no trusted TLS ({error.reason or error})")
        return self._gone(f"{shown} cannot be reached ({error.strerror or error})")

    def _connect(self) -> smtplib.SMTP:
        server, name = self._server, socket.gethostname().partition(".")[0] or "localhost"
        name = name if name.isascii() else "localhost"
        connection: smtplib.SMTP
        if server.implicit_tls:
            connection = smtplib.SMTP_SSL(
                server.host, server.port, name, timeout=self._seconds, context=self._context()
            )
        else:
            connection = smtplib.SMTP(server.host, server.port, name, timeout=self._seconds)
        try:
            connection.ehlo_or_helo_if_needed()
            offered = server.starttls or (server.starttls is None and connection.has_extn("starttls"))
            if offered and not server.implicit_tls:
                connection.starttls(context=self._context())
                connection.ehlo_or_helo_if_needed()
            if server.user and server.password:
                _log_in(connection, server.user, server.password)
        except BaseException:
            connection.close()
            raise
        self._connection = connection
        return connection

    def _after_refusal(self, why: str) -> Refused:
        """One mail was refused; smtplib has reset the connection, or closed it where the server is shutting down."""
        if self._connection is not None and self._connection.sock is None:
            self._connection = None
        return Refused(why, False)

    def _lost(self) -> Refused:
        """The connection ended, or no answer came, in the middle of a mail; the next mail gets a new one."""
        self._lost_in_a_row += 1
        why = f"{self._server.shown} ended the connection, or said nothing more, before it had taken the mail"
        if self._connection is None or self._lost_in_a_row >= _MOST_LOST:
            return self._gone(why)
        self._connection.close()
        self._connection = None
        return Refused(why, False)

    def _gone(self, why: str) -> Refused:
        if self._connection is not None:
            self._connection.close()
            self._connection = None
        self._down = why
        return Refused(why, True)

    def _said(self, answer: tuple[int, bytes | str]) -> str:
        code, words = answer
        text = words.decode("utf-8", "replace") if isinstance(words, bytes) else words
        shown = " ".join("".join(char if char.isprintable() else " " for char in text).split())
        return self._server.without_secrets(f"{code} {shown}".strip())[:300]


def _log_in(connection: smtplib.SMTP, user: str, password: str) -> None:
    try:
        connection.login(user, password)
    except smtplib.SMTPServerDisconnected:  # some servers hang up where a login is wrong
        raise smtplib.SMTPAuthenticationError(535, "it ended the connection") from None


_STEPS = {
    smtplib.SMTPAuthenticationError: "refuses the login",
    smtplib.SMTPConnectError: "refuses the connection",
    smtplib.SMTPHeloError: "refuses the greeting",
    smtplib.SMTPSenderRefused: "refuses the sender",
}
