"""The address of a mail server, and e-mail addresses: read from settings, never repeated with a password in it."""

import re
from base64 import b64encode
from dataclasses import dataclass, field
from urllib.parse import parse_qsl, unquote, urlsplit

from db.errors import TrackerError

#: An e-mail address as it is written in a settings file; whether it exists only its server knows.
EMAIL = re.compile(r"[A-Za-z0-9.!#$%&'*+/=?^_`{|}~-]{1,64}@[A-Za-z0-9](?:[A-Za-z0-9.-]{0,250}[A-Za-z0-9])?")
_LOOPBACK = ("127.0.0.1", "localhost", "::1")
_PORTS = {"smtp": 587, "smtps": 465}
_STARTTLS = {"yes": True, "no": False}


class MailAddressError(TrackerError):
    """A mail server's address, or an e-mail address, that cannot be used."""


@dataclass(frozen=True, slots=True)
class MailServer:
    """Where mails are handed in.

    `implicit_tls`: TLS from the first byte (smtps); `starttls`: it must be taken up before anything is said (True),
    must not (False), or is where the server offers it (None). User and password never appear in its printed form.
    """

    host: str
    port: int
    implicit_tls: bool
    starttls: bool | None
    user: str | None = field(default=None, repr=False)
    password: str | None = field(default=None, repr=False)

    @property
    def shown(self) -> str:
        """The server without its secrets."""
        return f"{'smtps' if self.implicit_tls else 'smtp'}://{self.host}:{self.port}"

    def without_secrets(self, words: str) -> str:
        """Returns a server's words without user and password, in whatever form it may repeat them."""
        if not (self.user and self.password):
            return words
        plain = (self.password, self.user, f"\0{self.user}\0{self.password}")
        coded = (b64encode(secret.encode()).decode() for secret in plain)
        for secret in sorted((*plain, *coded), key=len, reverse=True):
            words = re.sub(re.escape(secret), "…", words, flags=re.IGNORECASE)
        return words


def read_server(url: str) -> MailServer:
    """Reads `smtp://[USER:PASSWORD@]HOST[:PORT][?starttls=yes|no]` or `smtps://...`.

    A password is only sent over TLS, but to this machine. Raises MailAddressError, which repeats no part of the
    address.
    """
    try:
        parts = urlsplit(url)
        port = parts.port
        options = dict(parse_qsl(parts.query, keep_blank_values=True, strict_parsing=bool(parts.query)))
    except ValueError:
        raise _unusable("it cannot be read") from None
    if parts.scheme not in _PORTS:
        raise _unusable("it must begin with smtp:// or smtps://")
    if not parts.hostname or parts.path not in ("", "/") or parts.fragment or port == 0:
        raise _unusable("it must be smtp://USER:PASSWORD@HOST:PORT, with / ? # @ and : in a password as %2F and so on")
    starttls = options.pop("starttls", None)
    if options or starttls not in (None, *_STARTTLS):
        raise _unusable("after the ? only starttls=yes or starttls=no is known")
    if parts.scheme == "smtps" and starttls is not None:
        raise _unusable("smtps is TLS from the beginning; leave starttls out")
    user, password = (unquote(part) if part else None for part in (parts.username, parts.password))
    if bool(user) != bool(password):
        raise _unusable("a user needs a password, and a password a user")
    if password and starttls == "no" and parts.hostname not in _LOOPBACK:
        raise _unusable("a password is not sent without TLS, where others can read it; leave starttls=no out")
    wanted = _STARTTLS[starttls] if starttls else (True if password and parts.hostname not in _LOOPBACK else None)
    return MailServer(parts.hostname, port or _PORTS[parts.scheme], parts.scheme == "smtps", wanted, user, password)


def check_email(address: str) -> str:
    """Returns an e-mail address that can be written to; raises MailAddressError for what is none."""
    text = address.strip()
    if not EMAIL.fullmatch(text) or ".." in text or len(text) > 254:
        raise MailAddressError(f"“{text[:60]}” is no e-mail address; write one as ada@example.org")
    return text


def _unusable(why: str) -> MailAddressError:
    return MailAddressError(
        f"the address of the mail server is not usable: {why}; correct HO_TRACKER_SMTP_URL or smtp_url in "
        "ho-tracker.toml"
    )
