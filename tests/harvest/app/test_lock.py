"""The lock: one writer, who is named; it ends with its block and with its process, and a link has the same one."""

import errno
import os
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from db.errors import TrackerError
from harvest.app.lock import LockedError, holder, locked

HOLD = (
    "import sys, pathlib; from harvest.app.lock import locked\n"
    "with locked(pathlib.Path(sys.argv[1]), 'nightly'):\n    print('held', flush=True); sys.stdin.readline()\n"
    "print('released', flush=True); sys.stdin.readline()\n"
)


@contextmanager
def another_process(db: Path) -> Iterator[subprocess.Popen[str]]:
    """A process that holds the lock until it is sent a line, and then says that it released it and lives on."""
    command = [sys.executable, "-c", HOLD, str(db)]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == "held\n"
        try:
            yield process
        finally:
            process.kill()


def test_another_process_is_named(tmp_path: Path) -> None:
    db = tmp_path / "ho.db"
    with another_process(db) as other:
        who = holder(db)
        assert who is not None
        assert (who["pid"], who["command"]) == (other.pid, "nightly")
        said = rf"ho-tracker nightly \(process {other.pid} on .* since 20"
        with pytest.raises(LockedError, match=said), locked(db, "harvest"):
            pass


def test_the_lock_ends_with_its_block_though_the_process_lives_on(tmp_path: Path) -> None:
    db = tmp_path / "ho.db"
    with another_process(db) as other:
        assert other.stdin is not None
        assert other.stdout is not None
        other.stdin.write("\n")
        other.stdin.flush()
        assert other.stdout.readline() == "released\n"
        assert holder(db) is None
        with locked(db, "harvest"):
            pass
        assert other.poll() is None


def test_the_lock_ends_with_a_process_that_is_killed(tmp_path: Path) -> None:
    db = tmp_path / "ho.db"
    with another_process(db) as other:
        other.kill()
        other.wait()
        assert holder(db) is None
        with locked(db, "harvest"):
            assert (holder(db) or {})["pid"] == os.getpid()


def test_an_error_in_the_block_ends_the_lock(tmp_path: Path) -> None:
    db = tmp_path / "ho.db"
    with pytest.raises(ZeroDivisionError), locked(db, "harvest"):
        raise ZeroDivisionError
    assert holder(db) is None


def test_a_step_of_a_night_goes_on_and_leaves_the_nights_lock_alone(tmp_path: Path) -> None:
    db = tmp_path / "ho.db"
    with locked(db, "nightly"):
        with locked(db, "harvest"):
            assert (holder(db) or {})["command"] == "nightly"
        assert (holder(db) or {})["command"] == "nightly"
    assert holder(db) is None


def test_a_link_to_a_store_has_the_same_lock(tmp_path: Path) -> None:
    (tmp_path / "elsewhere").mkdir()
    db, link = tmp_path / "ho.db", tmp_path / "elsewhere" / "link.db"
    link.symlink_to(db)
    with another_process(db):
        assert holder(link) is not None
        with pytest.raises(LockedError), locked(link, "harvest"):
            pass


def test_who_waits_gets_it_when_the_other_is_done(tmp_path: Path) -> None:
    db = tmp_path / "ho.db"
    with another_process(db) as other:
        assert other.stdin is not None
        began = time.monotonic()
        with pytest.raises(LockedError), locked(db, "publish", wait=0.3):
            pass
        other.stdin.write("\n")
        other.stdin.flush()
        with locked(db, "publish", wait=30):
            assert time.monotonic() - began < 20


def test_looking_refuses_no_start(tmp_path: Path) -> None:
    db = tmp_path / "ho.db"
    with locked(db, "harvest"):
        pass
    look = (
        "import sys, pathlib; from harvest.app.lock import holder\n"
        "print(flush=True)\nwhile True: holder(pathlib.Path(sys.argv[1]))"
    )
    with subprocess.Popen([sys.executable, "-c", look, str(db)], stdout=subprocess.PIPE) as looking:
        assert looking.stdout is not None
        looking.stdout.readline()
        try:
            for _ in range(50):
                with locked(db, "harvest"):
                    pass
        finally:
            looking.kill()


def test_a_lock_without_room_for_its_words_locks_all_the_same(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(*_words: object, **_more: object) -> int:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    monkeypatch.setattr(Path, "write_text", full)
    with locked(tmp_path / "ho.db", "harvest"):
        assert holder(tmp_path / "ho.db") == {}


def test_words_that_cannot_be_read_lock_all_the_same(tmp_path: Path) -> None:
    db = tmp_path / "ho.db"
    with another_process(db):
        (tmp_path / "ho.db.holder").write_text("[1]")
        with pytest.raises(LockedError, match="another ho-tracker that has just begun"), locked(db, "harvest"):
            pass


def test_a_folder_that_is_not_there_is_one_line(tmp_path: Path) -> None:
    with pytest.raises(TrackerError, match="does not exist"), locked(tmp_path / "none" / "ho.db", "harvest"):
        pass
