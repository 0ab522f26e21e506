"""What each digest told: the next one begins where the last one ended, so that nothing falls between."""

import sqlite3

from db.store.store import utc_now


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


def record_digest(conn: sqlite3.Connection, after_run: int, last_run: int, articles: int, search: str | None) -> None:
    """Writes down that a digest of so many articles was written about the runs after one and up to another.

    The caller's transaction.
    """
    conn.execute(
        "INSERT INTO digests (search, after_run, last_run, articles, written_at) VALUES (?, ?, ?, ?, ?)",
        [search, after_run, last_run, articles, utc_now()],
    )
