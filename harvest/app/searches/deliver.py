"""Delivers what waits: mails to each recipient once, files into a folder; what fails is tried again the next time."""

import logging
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from db.errors import TrackerError
from db.files import write_whole
from db.store.ledger.letters import Waiting, letter, put_failed, put_sent, waiting
from db.store.store import Store
from harvest.app.searches.compose import mail_sender
from harvest.app.searches.file import SearchFile
from harvest.app.searches.tell import utc
from harvest.app.settings import Settings
from harvest.mail.address import read_server
from harvest.mail.message import addressed
from harvest.mail.smtp import SECONDS, Outbox

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class DeliveryReport:
    """How many mails and files were delivered, and why others were not, a line a search and reason."""

    mails: int = 0
    files: int = 0
    failed: tuple[str, ...] = ()

    @property
    def words(self) -> str:
        """The deliveries in a line."""
        said = [f"{self.mails} sent by mail"] if self.mails else []
        said += [f"{self.files} written to the folder of digests"] if self.files else []
        return ", ".join([*said, *self.failed])


def deliver(
    store: Store, file: SearchFile, settings: Settings, now: datetime, seconds: float = SECONDS
) -> DeliveryReport:
    """Sends the mails that wait and writes the files that do; each is written down as done before the next.

    A mail goes to those alone who are still named in the file. Where an entry cannot be read its mails wait.
    """
    wanted = {(search.name, person) for search in file.searches for person in search.who}
    mine = waiting(store.db.conn)
    files = [delivery for delivery in mine if delivery.way == "file"]
    mails = [
        delivery for delivery in mine if delivery.way == "mail" and (delivery.search, delivery.recipient) in wanted
    ]
    written, wrong = _write_files(store, files, settings.digests, now)
    sent, refused = _send_mails(store, mails, settings, now, seconds) if mails else (0, [])
    return DeliveryReport(sent, written, (*wrong, *refused))


def _write_files(store: Store, deliveries: Sequence[Waiting], folder: Path, now: datetime) -> tuple[int, list[str]]:
    written, failed = 0, []
    for delivery in deliveries:
        try:
            folder.mkdir(parents=True, exist_ok=True)
            write_whole(folder / delivery.recipient, letter(store.db.conn, delivery.digest_id))
        except OSError as error:
            why = f"{folder}: {error.strerror or error}"
            failed.append(f"{delivery.search}: not written, {why}; tried again next time")
            with store.atomic():
                put_failed(store.db.conn, delivery, utc(now), why, counts=False)
            continue
        with store.atomic():
            put_sent(store.db.conn, delivery, utc(now))
        written += 1
    return written, failed


def _send_mails(
    store: Store, deliveries: Sequence[Waiting], settings: Settings, now: datetime, seconds: float
) -> tuple[int, list[str]]:
    if settings.smtp_url is None:
        return 0, [f"{len(deliveries)} mails wait for HO_TRACKER_SMTP_URL, which is no longer set"]
    try:
        server, sender = read_server(settings.smtp_url), mail_sender(settings)
    except TrackerError as error:
        return 0, [f"{len(deliveries)} mails wait: {error}"]
    sent = 0
    failed: dict[tuple[str, str], int] = {}
    with Outbox(server, seconds) as outbox:
        for delivery in deliveries:
            mail = addressed(letter(store.db.conn, delivery.digest_id), delivery.recipient)
            refused = outbox.send(sender, delivery.recipient, mail)
            with store.atomic():
                if refused is None:
                    put_sent(store.db.conn, delivery, utc(now))
                    sent += 1
                else:
                    counts = not refused.server_is_down
                    put_failed(store.db.conn, delivery, utc(now), refused.why, counts)
                    key = (delivery.search, refused.why)
                    failed[key] = failed.get(key, 0) + 1
    return sent, [f"{name}: {count} not sent, {why}; sent again next time" for (name, why), count in failed.items()]
