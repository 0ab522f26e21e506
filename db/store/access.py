"""How a database file is opened: for writing where that can be, else as a file that nobody changes."""

import os
import sqlite3
from pathlib import Path

from db.errors import TrackerError

#: How long a writer waits for another one; the longest transaction is the import of a yearly file.
BUSY_SECONDS = 120


class ReadOnlyError(TrackerError):
    """A file in a folder that nobody may write to, with a log that was never written back."""


def is_read_only(path: Path) -> bool:
    """Says whether a file stands where it cannot be changed: a read-only file system, folder or file.

    SQLite's log needs the folder: a file that is left in WAL mode cannot even be read there but as immutable.
    """
    return not (os.access(path.resolve().parent, os.W_OK) and os.access(path, os.W_OK))


def connect(path: Path) -> sqlite3.Connection:
    """Opens a database file; one that cannot be changed as immutable. Raises sqlite3.Error, ReadOnlyError."""
    if not (path.exists() and is_read_only(path)):
        return sqlite3.connect(path, timeout=BUSY_SECONDS)
    log = path.with_name(f"{path.name}-wal")
    if log.exists() and log.stat().st_size:
        raise ReadOnlyError(
            f"{path}: its folder cannot be written, and {log.name} holds changes that are not in the file yet; "
            "open it once where it can be written, or copy both"
        )
    return sqlite3.connect(f"{path.absolute().as_uri()}?immutable=1", uri=True)


def copy_pages(source: Path, target: Path) -> None:
    """Copies a database as one moment has it, by a connection that sees nothing of what others have not committed."""
    reading, writing = connect(source), sqlite3.connect(target)
    try:
        reading.backup(writing)
    finally:
        reading.close()
        writing.close()
