"""One writer at a time: a lock beside the store that ends with its process, however that ends."""

import contextlib
import fcntl
import json
import os
import socket
from collections.abc import Iterator
from pathlib import Path

from db.errors import TrackerError
from db.store.store import utc_now


class LockedError(TrackerError):
    """Another ho-tracker is at work on this store."""

    exit_code = 75


#: Locks that this process holds: a night holds one over all its steps.
_HELD: set[Path] = set()


@contextlib.contextmanager
def locked(db: Path, command: str) -> Iterator[None]:
    """Holds the lock of a store while the block runs; a process that holds it already goes on.

    The operating system holds the lock for the open file, so a crash or a reboot leaves none behind; the file
    `DB.lock` stays and only says who holds it. Raises LockedError where another process does, TrackerError where the
    file cannot be written.
    """
    path = db.absolute().with_name(f"{db.name}.lock")
    if path in _HELD:
        yield
        return
    if not path.parent.is_dir():
        raise TrackerError(f"{db}: the folder {path.parent} does not exist; create it first, or name another with --db")
    try:
        descriptor = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o644)
    except OSError as error:
        raise TrackerError(f"{path}: cannot be written ({error.strerror}); use a writable folder") from error
    try:
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            raise LockedError(_held_by(path)) from None
        holder = {"pid": os.getpid(), "host": socket.gethostname(), "since": utc_now(), "command": command}
        with contextlib.suppress(OSError):  # on a full disk the lock holds all the same; only its words are missing
            os.ftruncate(descriptor, 0)
            os.pwrite(descriptor, json.dumps(holder).encode(), 0)
        _HELD.add(path)
        try:
            yield
        finally:
            _HELD.discard(path)
            with contextlib.suppress(OSError):
                os.ftruncate(descriptor, 0)
    finally:
        os.close(descriptor)


def _held_by(path: Path) -> str:
    try:
        holder = json.loads(path.read_text(encoding="utf-8"))
        who = f"ho-tracker {holder['command']} (process {holder['pid']} on {holder['host']}) since {holder['since']}"
    except (OSError, ValueError, KeyError, TypeError):
        who = "another ho-tracker that has just begun"
    return f"{path}: the store is in use by {who}; nothing was touched, try again when it is done"


def holder(db: Path) -> dict[str, object] | None:
    """Returns who holds the lock of a store (pid, host, since, command), None where nobody does."""
    path = db.absolute().with_name(f"{db.name}.lock")
    try:
        descriptor = os.open(path, os.O_RDONLY | os.O_CLOEXEC)
    except OSError:
        return None
    try:
        fcntl.flock(descriptor, fcntl.LOCK_SH | fcntl.LOCK_NB)
    except OSError:
        try:
            said: dict[str, object] = json.loads(path.read_text(encoding="utf-8"))
        except (OSError, ValueError):
            said = {}
        return said
    finally:
        os.close(descriptor)
    return None
