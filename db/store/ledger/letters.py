"""What is sent of digests, and who got it: kept with the digest, so that no failure loses or doubles anything."""

import sqlite3
from collections.abc import Collection, Iterable
from dataclasses import dataclass
from typing import Literal

Way = Literal["mail", "file"]
#: So many failed attempts, one a night, and a recipient is given up for this digest.
MOST_ATTEMPTS = 30


@dataclass(frozen=True, slots=True)
class Waiting:
    """One delivery that is still to be made: a mail to `recipient`, or a file of that name."""

    digest_id: int
    search: str
    way: Way
    recipient: str
    message_id: str
    attempts: int


def put_letter(
    conn: sqlite3.Connection, digest_id: int, message_id: str, content: bytes, way: Way, recipients: Iterable[str]
) -> None:
    """Keeps what is to be sent of a digest, and to whom (`way` file: under which name). The caller's transaction."""
    conn.execute(
        "INSERT INTO letters (digest_id, message_id, content) VALUES (?, ?, ?)", [digest_id, message_id, content]
    )
    conn.executemany(
        "INSERT INTO deliveries (digest_id, way, recipient, state) VALUES (?, ?, ?, 'waiting')",
        [(digest_id, way, recipient) for recipient in dict.fromkeys(recipients)],
    )


def waiting(conn: sqlite3.Connection) -> list[Waiting]:
    """Returns the deliveries that are still to be made: those that failed least first, so that none bars the way."""
    sql = (
        "SELECT digest_id, digests.search, way, recipient, message_id, attempts FROM deliveries "
        "JOIN letters USING (digest_id) JOIN digests ON digests.id = digest_id WHERE state = 'waiting' "
        "ORDER BY attempts, digest_id, recipient"
    )
    return [Waiting(*row) for row in conn.execute(sql)]


def letter(conn: sqlite3.Connection, digest_id: int) -> bytes:
    """Returns what is to be sent of a digest, as it was made."""
    content: bytes = conn.execute("SELECT content FROM letters WHERE digest_id = ?", [digest_id]).fetchone()[0]
    return content


def put_sent(conn: sqlite3.Connection, delivery: Waiting, at: str) -> None:
    """Writes down that a delivery was made. The caller's transaction."""
    _set(conn, delivery, "sent", at, None, delivery.attempts + 1)


def put_failed(conn: sqlite3.Connection, delivery: Waiting, at: str, answer: str, counts: bool = True) -> None:
    """Writes down why a delivery failed; it waits for the next time, or is given up. The caller's transaction.

    What was no fault of this delivery (a server that is down) does not count among its attempts.
    """
    attempts = delivery.attempts + counts
    _set(conn, delivery, "waiting" if attempts < MOST_ATTEMPTS else "given up", at, answer, attempts)


def drop_deliveries(conn: sqlite3.Connection, search: str, kept: Collection[str] = ()) -> None:
    """Lets nobody but `kept` wait for mails of a search any more. The caller's transaction."""
    for delivery in waiting(conn):
        if delivery.search == search and delivery.way == "mail" and delivery.recipient not in kept:
            _set(conn, delivery, "dropped", None, None, delivery.attempts)


def undelivered(conn: sqlite3.Connection) -> list[tuple[str, str, str, str, int, str | None]]:
    """Returns what was tried and did not arrive, or was given up of the last digest.

    Each as search, way, recipient, state, attempts, and why.
    """
    sql = (
        "SELECT digests.search, way, recipient, state, attempts, answer FROM deliveries "
        "JOIN digests ON digests.id = digest_id WHERE (state = 'waiting' AND answer IS NOT NULL) "
        "OR (state = 'given up' "
        "AND digest_id = (SELECT max(id) FROM digests AS later WHERE later.search IS digests.search)) "
        "ORDER BY digest_id, recipient"
    )
    return conn.execute(sql).fetchall()


def _set(
    conn: sqlite3.Connection, delivery: Waiting, state: str, at: str | None, answer: str | None, attempts: int
) -> None:
    conn.execute(
        "UPDATE deliveries SET state = ?, attempts = ?, tried_at = coalesce(?, tried_at), answer = ? "
        "WHERE digest_id = ? AND recipient = ?",
        [state, attempts, at, answer, delivery.digest_id, delivery.recipient],
    )
    conn.execute(
        "UPDATE letters SET content = NULL WHERE digest_id = ? AND NOT EXISTS (SELECT 1 FROM deliveries "
        "WHERE deliveries.digest_id = letters.digest_id AND state = 'waiting')",
        [delivery.digest_id],
    )
