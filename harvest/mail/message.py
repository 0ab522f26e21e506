"""One mail as a message: text and HTML, or a file with a few words, with the headers that a list of mails needs."""

import hashlib
import re
from dataclasses import dataclass
from datetime import datetime
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import format_datetime, parseaddr
from urllib.parse import quote

#: Sixty-four letters of a name are enough to tell it by.
_NAME = 64
#: Headers are folded only where SMTP's own limit asks for it (RFC 5321, 4.5.3.1.6): the library folds a long address
#: by writing it as encoded words, which no mail program follows.
_HEADERS = SMTP.clone(max_line_length=990)


@dataclass(frozen=True, slots=True)
class Attached:
    """A file that comes with a mail: its name, media type (with a slash), and content."""

    name: str
    media_type: str
    content: str


@dataclass(frozen=True, slots=True)
class Envelope:
    """Who a mail is from and which list it belongs to.

    `unsubscribe` are addresses (mailto: or https:) by which a reader leaves the list; `{list}` in them is its name.
    """

    sender: str
    list_name: str
    message_id: str
    date: datetime
    unsubscribe: tuple[str, ...] = ()


def message_id(sender: str, *parts: str) -> str:
    """Returns the Message-ID of a mail: the same for the same parts, in the sender's domain (RFC 5322, 3.6.4)."""
    told = hashlib.sha256("\0".join(parts).encode()).hexdigest()[:32]
    domain = parseaddr(sender)[1].rpartition("@")[2] or "localhost"
    return f"<ho-tracker.{told}@{domain}>"


def compose(envelope: Envelope, subject: str, text: str, html: str | None, attached: Attached | None = None) -> bytes:
    """Returns a mail without its recipient as bytes with CRLF; `html` says the same as `text`.

    List-Id and List-Unsubscribe are those of RFC 2919 and 2369.
    """
    mail = EmailMessage(policy=SMTP)
    mail["From"] = envelope.sender
    mail["Subject"] = " ".join(subject.split())
    mail["Date"] = format_datetime(envelope.date)
    mail["Message-ID"] = envelope.message_id
    mail["List-Id"] = f"<{_label(envelope.list_name)}.ho-tracker.{envelope.message_id.rpartition('@')[2].rstrip('>')}>"
    ways = [way.replace("{list}", quote(envelope.list_name, safe="")) for way in envelope.unsubscribe]
    if ways:
        mail["List-Unsubscribe"] = ", ".join(f"<{way}>" for way in ways)
    mail["Auto-Submitted"] = "auto-generated"
    mail["Precedence"] = "list"
    mail.set_content(text, cte="quoted-printable")
    if html is not None:
        mail.add_alternative(html, subtype="html", cte="quoted-printable")
    if attached is not None:
        main, _, sub = attached.media_type.partition("/")
        mail.add_attachment(attached.content.encode(), maintype=main, subtype=sub, filename=attached.name)
    told = hashlib.sha256(envelope.message_id.encode()).hexdigest()[:24]
    for place, part in enumerate(part for part in mail.walk() if part.is_multipart()):
        part.set_boundary(
            f"=_{told}_{place}"
        )  # quoted-printable never writes "=_", and the same mail is the same bytes
    return mail.as_bytes(policy=_HEADERS)


def addressed(mail: bytes, *recipients: str) -> bytes:
    """Returns a mail with its recipients, as it is sent or kept as a file."""
    return b"To: " + ",\r\n ".join(recipients).encode("ascii") + b"\r\n" + mail if recipients else mail


def _label(name: str) -> str:
    """Returns a list's name as a label of a List-Id: letters, digits and dashes; others are told by their hash."""
    plain = re.sub("[^a-z0-9]+", "-", name.lower()).strip("-")[:_NAME]
    if plain == name.lower().replace(" ", "-"):
        return plain
    return f"{plain or 'list'}-{hashlib.sha256(name.encode()).hexdigest()[:8]}"
