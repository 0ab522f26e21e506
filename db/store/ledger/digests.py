"""What each digest told: the next one begins where the last one ended, so that nothing falls between."""

import json
import sqlite3
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from db.store.store import utc_now


@dataclass(frozen=True, slots=True)
class ToldLine:
    """One line of a digest: what changed, of which article or trial, and what more there is to say (JSON)."""

    change: str
    pmid: int | None
    nct_id: str | None
    detail: dict[str, Any]


@dataclass(frozen=True, slots=True)
class WrittenDigest:
    """A digest that was written: of which search (None: of all), about which runs, when, how many articles, trials."""

    id: int
    search: str | None
    after_run: int
    last_run: int
    articles: int
    written_at: str
    trials: int = 0


def told_until(conn: sqlite3.Connection, search: str | None = None) -> int:
    """Returns the last run that a written digest told of, 0 where none was written.

    `search` names a saved search that has digests of its own, None is the digest of the whole store.
    """
    sql = "SELECT coalesce(max(last_run), 0) FROM digests WHERE search IS ?"
    return int(conn.execute(sql, [search]).fetchone()[0])


def last_finished(conn: sqlite3.Connection) -> int:
    """Returns the last run up to which all changes are in: a run that is at work may still add some.

    A night is at work while its digest is written, and makes no changes of its own.
    """
    sql = (
        "SELECT coalesce((SELECT min(id) - 1 FROM runs WHERE status = 'running' AND kind <> 'nightly'), "
        "(SELECT max(id) FROM runs), 0)"
    )
    return int(conn.execute(sql).fetchone()[0])


def last_begun(conn: sqlite3.Connection) -> int:
    """Returns the last run, 0 where there is none."""
    return int(conn.execute("SELECT coalesce(max(id), 0) FROM runs").fetchone()[0])


def record_digest(
    conn: sqlite3.Connection,
    after_run: int,
    last_run: int,
    articles: int,
    search: str | None,
    lines: Iterable[ToldLine] = (),
    at: str | None = None,
) -> int:
    """Writes down that a digest of so many articles was written about the runs after one and up to another.

    `lines` are what it said, `at` is the moment (UTC; now). Returns the digest's number. The caller's transaction.
    """
    cursor = conn.execute(
        "INSERT INTO digests (search, after_run, last_run, articles, written_at) VALUES (?, ?, ?, ?, ?)",
        [search, after_run, last_run, articles, at or utc_now()],
    )
    number = int(cursor.lastrowid or 0)
    conn.executemany(
        "INSERT INTO digest_entries (digest_id, position, change, pmid, nct_id, detail) VALUES (?, ?, ?, ?, ?, ?)",
        [
            (number, place, line.change, line.pmid, line.nct_id, _packed(line.detail))
            for place, line in enumerate(lines)
        ],
    )
    return number


def written_digests(
    conn: sqlite3.Connection, search: str | None, limit: int = 1, before: int | None = None
) -> list[WrittenDigest]:
    """Returns the digests of a search (None: of the whole store), the newest first; `before` is a digest's number."""
    rows = conn.execute(
        "SELECT id, search, after_run, last_run, articles, written_at, "
        "(SELECT count(DISTINCT nct_id) FROM digest_entries WHERE digest_id = digests.id) "
        "FROM digests WHERE search IS :search "
        "AND (:before IS NULL OR id < :before) ORDER BY id DESC LIMIT :limit",
        {"search": search, "before": before, "limit": limit},
    )
    return [WrittenDigest(*row) for row in rows]


def written_lines(conn: sqlite3.Connection, digest: int) -> list[ToldLine]:
    """Returns the lines of a digest, in order."""
    sql = "SELECT change, pmid, nct_id, detail FROM digest_entries WHERE digest_id = ? ORDER BY position"
    return [
        ToldLine(change, pmid, nct_id, json.loads(detail) if detail else {})
        for change, pmid, nct_id, detail in conn.execute(sql, [digest])
    ]


def _packed(detail: dict[str, Any]) -> str | None:
    return json.dumps(detail, ensure_ascii=False, sort_keys=True) if detail else None
