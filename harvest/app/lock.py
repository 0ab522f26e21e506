"""One writer at a time: a lock beside the store that ends with its process, however that ends."""

import contextlib
import json
import logging
import os
import socket
from collections.abc import Iterator
from pathlib import Path

from filelock import FileLock, Timeout

from db.errors import TrackerError
from db.store.store import utc_now

log = logging.getLogger(__name__)

#: `status` holds the lock for an instant to see whether somebody else does; a start waits for that much.
_LOOK_SECONDS = 0.5


class LockedError(TrackerError):
    """Another ho-tracker is at work on this store."""

    exit_code = 75


@contextlib.contextmanager
def locked(db: Path, command: str, wait: float = 0.0) -> Iterator[None]:
    """Holds the lock of a file while the block runs; a process that holds it already goes on.

    `wait` are the seconds to wait for another process that holds it. The operating system holds the lock, so a crash
    or a reboot leaves none behind; `DB.lock` and `DB.holder`, which says who holds it, may stay. However a store is
    named (by a link or another path), it has one lock. Raises LockedError where another process holds it for longer,
    TrackerError where its folder cannot be written.
    """
    path, words = _paths(db)
    if not path.parent.is_dir():
        raise TrackerError(f"{db}: the folder {path.parent} does not exist; create it first, or name another with --db")
    lock = _lock(path)
    if lock.is_locked:
        yield
        return
    _acquire(lock, path, words, wait)
    try:
        said = {"pid": os.getpid(), "host": socket.gethostname(), "since": utc_now(), "command": command}
        with contextlib.suppress(OSError):  # on a full disk the lock holds all the same; only its words are missing
            words.write_text(json.dumps(said), encoding="utf-8")
        yield
    finally:
        with contextlib.suppress(OSError):
            words.unlink(missing_ok=True)
        lock.release()


def holder(db: Path) -> dict[str, object] | None:
    """Returns who holds the lock of a file (pid, host, since, command), None where nobody does."""
    path, words = _paths(db)
    if not path.exists():
        return None
    lock = _lock(path)
    if lock.is_locked:
        return _said(words)
    try:
        lock.acquire(timeout=0)
    except Timeout:
        return _said(words)
    except OSError:  # who may not write here cannot lock here either
        return None
    lock.release()
    return None


def _paths(db: Path) -> tuple[Path, Path]:
    real = db.resolve()
    return real.with_name(f"{real.name}.lock"), real.with_name(f"{real.name}.holder")


def _lock(path: Path) -> FileLock:
    """Returns the process's one lock on a path, so that a night and its steps share it."""
    return FileLock(path, thread_local=False, is_singleton=True, fallback_to_soft=False)


def _acquire(lock: FileLock, path: Path, words: Path, wait: float) -> None:
    try:
        path.touch()  # filelock would wait for a folder in which no file can be made
        try:
            lock.acquire(timeout=_LOOK_SECONDS, poll_interval=0.02)
        except Timeout:
            if not wait:
                raise
            log.info("waiting: %s", _held_by(path, words))
            lock.acquire(timeout=wait, poll_interval=0.2)
    except Timeout:
        raise LockedError(f"{_held_by(path, words)}; nothing was touched, try again when it is done") from None
    except OSError as error:
        raise TrackerError(f"{path}: cannot be written ({error.strerror}); use a writable folder") from error


def _held_by(path: Path, words: Path) -> str:
    said = _said(words)
    try:
        who = f"ho-tracker {said['command']} (process {said['pid']} on {said['host']}) since {said['since']}"
    except KeyError:
        who = "another ho-tracker that has just begun"
    return f"{path}: the store is in use by {who}"


def _said(words: Path) -> dict[str, object]:
    try:
        said = json.loads(words.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return {}
    return said if isinstance(said, dict) else {}
