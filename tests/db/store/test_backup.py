"""A copy of the store is one whole file, on the disk before it takes its place, and no log of another is left by it."""

import os
import sqlite3
from collections.abc import Callable
from pathlib import Path

import pytest

from db.files import write_whole
from db.store.access import BUSY_SECONDS
from db.store.backup import BackupError, backup, restore
from db.store.store import open_store
from tests.support.stores import fill


def titles(path: Path) -> list[str]:
    connection = sqlite3.connect(path)
    try:
        return [title for (title,) in connection.execute("SELECT title FROM articles ORDER BY pmid")]
    finally:
        connection.close()


def name_all(path: Path, title: str) -> sqlite3.Connection:
    """Names all articles of a store and leaves that in its log, as a writer does who is killed."""
    connection = sqlite3.connect(path, isolation_level=None)
    connection.execute("PRAGMA wal_autocheckpoint = 0")
    connection.execute("UPDATE articles SET title = ?", [title])
    return connection


def unchecked(_store: object) -> None:
    """Of articles that are written by hand the record says nothing."""


def test_a_copy_is_one_file_with_what_is_still_in_the_log(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    store = fill(tmp_path / "ho.db", 2)
    monkeypatch.setattr("db.store.backup.check_store", lambda *_: [])
    writer = name_all(store, "logged")
    made = backup(store, tmp_path / "copy.db", unchecked)
    writer.close()
    assert (made.articles, made.decisions, made.size) == (1, 0, (tmp_path / "copy.db").stat().st_size)
    assert titles(tmp_path / "copy.db") == ["logged"]
    connection = sqlite3.connect(tmp_path / "copy.db")
    assert connection.execute("PRAGMA journal_mode").fetchone() == ("delete",)
    connection.close()


def test_the_store_itself_is_no_place_for_its_backup_whatever_it_is_called(tmp_path: Path) -> None:
    store = fill(tmp_path / "ho.db", 2)
    (tmp_path / "link.db").symlink_to(store)
    (tmp_path / "sub").mkdir()
    for name in ("ho.db", "link.db", "sub/../ho.db"):
        with pytest.raises(BackupError, match="this is the store itself"):
            backup(store, tmp_path / name, unchecked)
        with pytest.raises(BackupError, match="this is the store itself"):
            restore(tmp_path / name, store, unchecked)


def test_no_log_of_the_old_store_is_read_with_the_new_one(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("db.store.backup.check_store", lambda *_: [])
    store, copy = fill(tmp_path / "ho.db", 2, title="good"), tmp_path / "copy.db"
    backup(store, copy, unchecked)
    old = tmp_path / "ho.db.before-restore"
    for title in ("killed", "killed again"):
        writer = name_all(store, title)
        restore(copy, store, unchecked)
        assert titles(store) == ["good"]
        writer.close()
        assert titles(old) == [title]
    backup(store, copy, unchecked)
    with sqlite3.connect(store) as connection:
        connection.execute("PRAGMA journal_mode = DELETE")
    connection.close()
    log = tmp_path / "ho.db.before-restore-wal"
    log.write_bytes(b"of an older store of that name")
    restore(copy, store, unchecked)
    assert not log.exists()
    assert titles(old) == titles(store) == ["good"]


def test_a_store_that_is_not_well_takes_no_backup_and_an_empty_file_is_no_hindrance(tmp_path: Path) -> None:
    store, copy = fill(tmp_path / "ho.db", 2), tmp_path / "copy.db"
    copy.touch()
    with pytest.raises(BackupError, match="no backup was made: raw records"):  # these name no PMID
        backup(store, copy, unchecked)
    assert copy.stat().st_size == 0
    assert {path.name for path in tmp_path.iterdir() if "copy" in path.name} == {"copy.db"}


def bring_back(folder: Path) -> None:
    copy = folder / "copy.db"
    backup(folder / "ho.db", copy, unchecked)
    restore(copy, folder / "ho.db", unchecked)


@pytest.mark.parametrize(
    ("put", "moved"),
    [
        (lambda folder: write_whole(folder / "list.txt", b"words"), [("list.txt", True)]),
        (
            bring_back,
            [("copy.db", True), ("ho.db.restoring", True), ("ho.db.before-restore", False), ("ho.db", True)],
        ),
    ],
)
def test_what_takes_its_place_is_on_the_disk_before(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, put: Callable[[Path], None], moved: list[tuple[str, bool]]
) -> None:
    monkeypatch.setattr("db.store.backup.check_store", lambda *_: [])
    fill(tmp_path / "ho.db", 2)
    synced: list[int] = []
    done: list[tuple[str, bool]] = []
    before: list[int] = []
    fsync, replace = os.fsync, Path.replace

    def noted_fsync(descriptor: int) -> None:
        synced.append(os.fstat(descriptor).st_ino)
        fsync(descriptor)

    def noted_replace(self: Path, target: Path) -> Path:
        done.append((target.name, self.stat().st_ino in synced))
        before.append(len(synced))
        return replace(self, target)

    monkeypatch.setattr(os, "fsync", noted_fsync)
    monkeypatch.setattr(Path, "replace", noted_replace)
    put(tmp_path)
    assert done == moved
    if len(moved) > 1:
        assert tmp_path.stat().st_ino in synced[before[-1] :]  # and the folder that names it


def test_a_writer_loses_nothing_of_what_it_said_is_done(tmp_path: Path) -> None:
    """SQLite's own settings: the log, its syncing at each commit, waiting for others, and no row of a missing one."""
    with open_store(tmp_path / "ho.db") as store:
        wanted = {"journal_mode": "wal", "synchronous": 2, "busy_timeout": BUSY_SECONDS * 1000}
        assert {name: store.db.execute(f"PRAGMA {name}").fetchone()[0] for name in wanted} == wanted
        with pytest.raises(sqlite3.IntegrityError):
            store.db.execute("INSERT INTO notices (pmid, position, kind) VALUES (7, 0, 'RetractionIn')")
