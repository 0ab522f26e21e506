"""A search's digest as it is sent or filed: the mail with text and HTML, the document in its format, their names."""

import re
from dataclasses import dataclass
from datetime import datetime
from email.utils import formataddr, parseaddr
from html import escape
from urllib.parse import quote, urlsplit

from db.evidence.digests.formats import FORMATS
from db.evidence.digests.lines import Links
from db.evidence.digests.model import Digest
from db.select.addresses.list_address import address_to_save
from db.topics import current
from harvest.app.searches.file import SavedSearch
from harvest.app.settings import Settings
from harvest.mail.address import MailAddressError, check_email
from harvest.mail.message import Attached, Envelope, addressed, compose, message_id

#: The writers of the formats that a file of searches names, apart from the mail.
_WRITERS = {"markdown": "md", "json": "json", "atom": "atom"}
_MOST_SUBJECT = 180


@dataclass(frozen=True, slots=True)
class Letter:
    """What is sent or filed of a digest: the mail, or the document with the end of its file's name."""

    message_id: str
    mail: bytes
    document: bytes
    ending: str


def write_letter(search: SavedSearch, digest: Digest, settings: Settings, now: datetime) -> Letter:
    """Returns a digest as it is sent and as it is filed.

    The Message-ID follows from the search, the runs that it tells of, and what it tells. Raises MailAddressError for a
    sender or an address for leaving that cannot be used.
    """
    sender = mail_sender(settings)
    links = Links(settings.site_url)
    told = FORMATS["json"](digest)
    number = message_id(sender, search.name, str(digest.after_run), str(digest.last_run), told)
    envelope = Envelope(sender, search.name, number, now, leaving(settings, sender))
    subject = f"{current().title}, {search.name}: {digest.summary}"
    subject = subject if len(subject) <= _MOST_SUBJECT else f"{subject[:_MOST_SUBJECT].rsplit(' ', 1)[0]} ..."
    foot = _foot(search, envelope, links)
    if search.form == "mail":
        text = FORMATS["text"](digest, links) + "\n-- \n" + "\n".join(foot) + "\n"
        html = _with_foot(FORMATS["html"](digest, links), foot)
        mail = compose(envelope, subject, text, html)
        return Letter(number, mail, addressed(mail, *search.who), "eml")
    form = FORMATS[_WRITERS[search.form]]
    document = form(digest, links)
    attached = Attached(f"{file_stem(search.name)}.{form.ending}", form.media_type, document)
    text = "\n".join([digest.title, digest.summary, "", "-- ", *foot]) + "\n"
    return Letter(number, compose(envelope, subject, text, None, attached), document.encode(), form.ending)


def mail_sender(settings: Settings) -> str:
    """Returns who mails are from; raises MailAddressError where mails are sent and nobody is named."""
    said = settings.mail_from or settings.email
    if said is None:
        if settings.smtp_url:
            raise MailAddressError("mails have no sender; set HO_TRACKER_MAIL_FROM, or mail_from in ho-tracker.toml")
        return formataddr((_sender_name(), "ho-tracker@localhost.localdomain"))
    name, address = parseaddr(said)
    if not said.isascii() or not said.isprintable():
        raise MailAddressError("the sender of mails may have ASCII letters alone; correct HO_TRACKER_MAIL_FROM")
    return formataddr((name or _sender_name(), check_email(address)))


def _sender_name() -> str:
    """The name of the tracker, in the letters that a sender may have."""
    title = current().title
    return title if title.isascii() else "ho-tracker"


def leaving(settings: Settings, sender: str) -> tuple[str, ...]:
    """Returns the addresses by which a reader leaves a search; by default a mail to the sender."""
    said = settings.unsubscribe or f"mailto:{parseaddr(sender)[1]}?subject=unsubscribe%20{{list}}"
    ways = tuple(said.split())
    for way in ways:
        parts = urlsplit(way)
        if parts.scheme not in ("mailto", "https") or not way.isascii() or any(char in way for char in '<>,"'):
            raise MailAddressError(
                "an address for leaving a search must begin with mailto: or https:; correct HO_TRACKER_UNSUBSCRIBE"
            )
    return ways


def file_stem(name: str) -> str:
    """Returns a search's name as the beginning of a file's name."""
    return re.sub(r"[^\w.-]+", "-", name).strip("-.") or "search"


def _foot(search: SavedSearch, envelope: Envelope, links: Links) -> list[str]:
    """Returns the last lines of a mail: where the search stands, how to leave it."""
    ways = " or ".join(way.replace("{list}", quote(search.name, safe="")) for way in envelope.unsubscribe)
    page = links.page(f"searches/{quote(search.name, safe='')}")
    listed = links.page(address_to_save(search.chosen).lstrip("/"))
    lines = [f"You get this for the saved search “{search.name}”, {search.when.words}."]
    lines += [f"The search: {page}", f"Its list: {listed}"] if page else []
    return [*lines, f"To get no more of it: {ways}"]


def _with_foot(page: str, foot: list[str]) -> str:
    lines = "<br>\n".join(map(escape, foot))
    head, body, end = page.rpartition("</body>")
    return f'{head}<hr>\n<p style="color:#444;font-size:90%">{lines}</p>\n{body}{end}'
