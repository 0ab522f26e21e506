"""A whole, checked copy of the store while it is in use, and the way back."""

import sqlite3
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from db.errors import TrackerError
from db.files import sync
from db.store.access import connect, copy_pages
from db.store.check import Parse, check_store
from db.store.ledger.ledger import Ledger
from db.store.schema import APPLICATION_ID
from db.store.store import Store, open_store, sqlite_errors

#: Gives the parser that a store is checked with, None where another version of it has read the records.
ParserFor = Callable[[Store], Parse | None]

#: What else SQLite may keep beside a database file.
_BESIDE = ("", "-wal", "-shm", "-journal")


class BackupError(TrackerError):
    """A copy that was not made, or that is not fit to be brought back."""


@dataclass(frozen=True, slots=True)
class Copied:
    """A checked copy: the file, its articles and decisions, and its size in bytes."""

    path: Path
    articles: int
    decisions: int
    size: int


def backup(db: Path, target: Path, parser_for: ParserFor) -> Copied:
    """Copies the store as it is at one moment, whoever writes meanwhile; checks the copy, then puts it in place.

    An older backup at `target` is replaced only by a whole one. Raises BackupError where the store does not pass its
    checks or `target` is something else, StoreError where a file cannot be read or written.
    """
    if target.is_dir() or not target.parent.is_dir():
        raise BackupError(f"{target}: name a file in a folder that exists")
    if target.resolve() == db.resolve():
        raise BackupError(f"{target}: this is the store itself; name another file")
    if target.exists() and target.stat().st_size and not _is_ours(target):
        raise BackupError(f"{target}: there is another file of that name; name another one")
    with open_store(db, create=False):
        pass
    return _copy(db, target, parser_for, f"{db}: the store is not as it must be, so no backup was made")


def restore(source: Path, db: Path, parser_for: ParserFor) -> Copied:
    """Brings a backup back in place of the store, after checking it; what was there stays as `DB.before-restore`.

    The caller holds the store's lock. Raises BackupError where the backup does not pass its checks: then nothing was
    changed.
    """
    if not source.is_file():
        raise BackupError(f"{source}: there is no such file; name the one that ho-tracker backup wrote")
    if source.resolve() == db.resolve():
        raise BackupError(f"{source}: this is the store itself; name the file that ho-tracker backup wrote")
    with sqlite_errors(source):
        if not _is_ours(source):
            raise BackupError(f"{source}: this is no ho-tracker store; name the file that ho-tracker backup wrote")
    arriving = db.with_name(f"{db.name}.restoring")
    copied = _copy(source, arriving, parser_for, f"{source}: this backup is not as it must be; nothing was changed")
    for suffix in _BESIDE:
        before = db.with_name(f"{db.name}{suffix}")
        kept = db.with_name(f"{db.name}.before-restore{suffix}")
        kept.unlink(missing_ok=True)
        if before.exists():
            before.replace(kept)
    arriving.replace(db)
    sync(db.parent)
    return Copied(db, copied.articles, copied.decisions, copied.size)


def _copy(source: Path, target: Path, parser_for: ParserFor, refusal: str) -> Copied:
    part = target.with_name(f"{target.name}.part")
    try:
        _remove(part)
        with sqlite_errors(source):
            copy_pages(source, part)
        with open_store(part, create=False) as store:
            problems = check_store(store, parser_for(store))
            articles = Ledger(store).figures()["articles"]
            decisions = store.db["decisions"].count
            store.db.execute("PRAGMA journal_mode = DELETE")  # one file, that can be copied as it is
        if problems:
            raise BackupError(f"{refusal}: {problems[0].words}")
        sync(part)
        part.replace(target)
        sync(target.parent)
    finally:
        _remove(part)
    return Copied(target, articles, decisions, target.stat().st_size)


def _is_ours(path: Path) -> bool:
    connection = connect(path)
    try:
        return bool(connection.execute("PRAGMA application_id").fetchone()[0] == APPLICATION_ID)
    except sqlite3.DatabaseError:
        return False
    finally:
        connection.close()


def _remove(path: Path) -> None:
    for suffix in _BESIDE:
        path.with_name(f"{path.name}{suffix}").unlink(missing_ok=True)
