"""What is worked out once a build of the file and kept in memory: one cache for all that pages share."""

import sqlite3
import threading
from collections import OrderedDict
from collections.abc import Callable
from typing import Any, Generic, TypeVar

#: The property that is new with every build of a published file.
STAMP = "build"

Kept = TypeVar("Kept")
_KEPT_BUILDS = 2


class PerBuild(Generic[Kept]):
    """Something that depends on nothing but the build: made when it is first asked for, shared by threads.

    The two builds asked for last are kept, so that a publish in between never mixes them. It must be asked for inside
    a transaction that sees one build.
    """

    def __init__(self, make: Callable[[sqlite3.Connection], Kept]) -> None:
        self._make = make
        self._kept: OrderedDict[tuple[str, ...], Kept] = OrderedDict()
        self._lock = threading.RLock()

    def of(self, conn: sqlite3.Connection) -> Kept:
        """Returns what belongs to the build that this connection's transaction sees."""
        key = build_key(conn)
        with self._lock:
            if key not in self._kept:
                self._kept[key] = self._make(conn)
                while len(self._kept) > _KEPT_BUILDS:
                    self._kept.popitem(last=False)
            self._kept.move_to_end(key)
            return self._kept[key]

    def newest(self) -> Kept | None:
        """Returns what was asked for last, for pages that read no file; None before the first."""
        with self._lock:
            return next(reversed(self._kept.values()), None)


def build_key(conn: sqlite3.Connection) -> tuple[str, ...]:
    """Returns what tells one state of a file from the next: its path and build stamp.

    A file without a stamp (not made by `publish`) is told by the connection and what this saw of others' writing.
    """
    path = next((str(row[2]) for row in conn.execute("PRAGMA database_list") if row[1] == "main"), "")
    stamp: Any = conn.execute("SELECT value FROM properties WHERE name = ?", [STAMP]).fetchone()
    if stamp:
        return path, str(stamp[0])
    version = conn.execute("PRAGMA data_version").fetchone()[0]
    return path, str(id(conn)), str(version), str(conn.total_changes)
