"""The store (`TOPIC.db`): opens it, brings its tables up to date, and gives transactions over it."""

import logging
import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path

from sqlite_utils import Database

from db.errors import TrackerError
from db.store.access import connect, copy_pages, is_read_only
from db.store.schema import migrate, pending_steps, refuse_foreign
from db.store.seals import seal_everything
from db.topics import current

log = logging.getLogger(__name__)

#: SQLite's errors about the file, by the beginning of their names (https://sqlite.org/rescode.html), and what to do.
_ADVICE = {
    "SQLITE_READONLY": "make the file and its folder writable",
    "SQLITE_CANTOPEN": "make the folder writable",
    "SQLITE_PERM": "make the file and its folder writable",
    "SQLITE_FULL": "free some space; nothing half-written was kept",
    "SQLITE_NOTADB": "name a ho-tracker database with --db",
    "SQLITE_BUSY": "another ho-tracker is writing; try again when it is done",
    "SQLITE_LOCKED": "another ho-tracker is writing; try again when it is done",
    "SQLITE_IOERR": "the disk cannot be read or written; look at it, then run: ho-tracker check",
    "SQLITE_CORRUPT": "the file is damaged; bring a backup back with: ho-tracker restore FILE",
}


class StoreError(TrackerError):
    """The database file cannot be opened, read or written."""


def utc_now() -> str:
    """Returns the time now in UTC, ISO 8601 to the second."""
    return datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


@contextmanager
def open_store(path: str | Path, create: bool = True, update: bool = True) -> Iterator["Store"]:
    """Opens the store, creates or migrates it, and closes it at the end.

    A file with data is copied to `PATH.before-STEP` before a migration touches it. Raises StoreError where the file
    is missing (and `create` is false), of an older version (and `update` is false: who only looks holds no lock),
    unreadable or unwritable, SchemaError where it is not ours or newer than us.
    """
    path = Path(path)
    if not create and not path.exists():
        raise StoreError(f"{path}: there is no such database; run 'ho-tracker harvest' or 'ho-tracker import' first")
    if not create and not path.stat().st_size:
        raise StoreError(f"{path}: this file is empty, no store; bring a backup back with: ho-tracker restore FILE")
    if path.is_dir():
        raise StoreError(f"{path}: this is a folder; name a database file with --db")
    if not path.parent.is_dir():
        raise StoreError(f"{path}: the folder {path.parent} does not exist; create it first")
    try:
        connection = connect(path)
    except sqlite3.Error as error:
        raise StoreError(f"{path}: cannot be opened ({error}); check the folder's permissions") from error
    try:
        db = Database(connection)
        with sqlite_errors(path):
            _prepare(db, path, update)
            yield Store(db, path)
    finally:
        connection.close()


def is_older(path: Path) -> bool:
    """Says whether a file is a store of an older version that can be brought up to date."""
    if not path.is_file() or not path.stat().st_size or is_read_only(path):
        return False
    connection = connect(path)
    try:
        db = Database(connection)
        return bool(pending_steps(db)) and db["articles"].exists()
    except sqlite3.DatabaseError:
        return False  # whoever opens it says why
    finally:
        connection.close()


@contextmanager
def sqlite_errors(path: str | Path) -> Iterator[None]:
    """Turns SQLite's errors about the file itself into a StoreError of one line; an error in our own SQL stays one."""
    try:
        yield
    except sqlite3.DatabaseError as error:
        name = getattr(error, "sqlite_errorname", "")
        advice = next((words for start, words in _ADVICE.items() if name.startswith(start)), None)
        if advice is None:
            raise
        raise StoreError(f"{path}: {error}; {advice}") from error


def _prepare(db: Database, path: Path, update: bool) -> None:
    steps = pending_steps(db)
    if is_read_only(path):
        if steps:
            raise StoreError(f"{path}: an older store, in a folder that cannot be written; copy it where it can be")
        return
    if "published_at" in _properties(db):
        raise StoreError(f"{path}: this is a published site, no store; name the store with --db")
    older = bool(steps) and db["articles"].exists()
    refuse_foreign(db, str(path))
    if older and not update:
        raise StoreError(
            f"{path}: written by an older ho-tracker, its tables are to be updated first; the next nightly does it, or "
            "now: ho-tracker reparse (a copy is kept)"
        )
    if steps:
        _update(db, path)
    _keep_to_the_topic(db, path)
    db.enable_wal()
    db.execute("PRAGMA foreign_keys = ON")
    db.execute("PRAGMA synchronous = FULL")
    db.execute("PRAGMA cache_size = -32000")


def _keep_to_the_topic(db: Database, path: Path) -> None:
    """Writes the topic in force into a new store; raises StoreError for a store of another one."""
    row = db.execute("SELECT value FROM properties WHERE name = 'topic'").fetchone()
    wanted = current().id
    if row is None:
        db.execute("INSERT OR IGNORE INTO properties (name, value) VALUES ('topic', ?)", [wanted])
        db.conn.commit()
    elif row[0] != wanted:
        raise StoreError(
            f"{path}: this store is on the topic {row[0]!r}, and the topic in force is {wanted!r}; name the store's "
            "own with --topic, or another file with --db"
        )


def _update(db: Database, path: Path) -> None:
    """Brings the tables up to date, all steps or none; who comes second waits and finds nothing left to do."""
    db.execute("BEGIN IMMEDIATE")  # what fails is undone when the file is closed
    steps = pending_steps(db)
    if steps and db["articles"].exists():
        backup = path.with_name(f"{path.name}.before-{steps[0]}")
        log.info("backing up %s to %s before a migration", path, backup.name)
        copy_pages(path, backup)
    if "m006_seals" in migrate(db, str(path)):
        seal_everything(db.conn)
    db.execute("COMMIT")


def _properties(db: Database) -> set[str]:
    if not db["properties"].exists():
        return set()
    return {name for (name,) in db.execute("SELECT name FROM properties")}


class Store:
    """The open store; every write belongs into `with store.atomic():` of the caller."""

    def __init__(self, db: Database, path: Path) -> None:
        self.db = db
        self.path = path

    @contextmanager
    def atomic(self) -> Iterator[None]:
        """Returns a context in which all writes commit together or not at all.

        It takes the right to write at once and waits for it: a transaction that begins by reading and wants to write
        later is refused by SQLite, without any waiting, where somebody else has written meanwhile. Inside another one
        it is a savepoint of that.
        """
        conn = self.db.conn
        inner = conn.in_transaction
        conn.execute("SAVEPOINT atomic" if inner else "BEGIN IMMEDIATE")
        try:
            yield
        except BaseException:
            if inner:
                conn.execute("ROLLBACK TO atomic")
                conn.execute("RELEASE atomic")
            else:
                conn.rollback()
            raise
        conn.execute("RELEASE atomic" if inner else "COMMIT")
