"""Files come into place whole, or what was there stays."""

import os
from pathlib import Path

import pytest

from db.files import write_whole


def test_the_new_content_takes_the_place_of_the_old(tmp_path: Path) -> None:
    path = tmp_path / "file"
    path.write_text("a longer old content")
    write_whole(path, b"new")
    assert path.read_bytes() == b"new"
    assert list(tmp_path.iterdir()) == [path]


def test_a_failure_leaves_what_was_there_and_nothing_beside(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "file"
    path.write_text("old")

    def full_disk(_descriptor: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", full_disk)
    with pytest.raises(OSError, match="No space left"):
        write_whole(path, b"new")
    assert path.read_text() == "old"
    assert list(tmp_path.iterdir()) == [path]


def test_a_private_file_is_private_though_a_killed_writer_left_an_open_one_beside(tmp_path: Path) -> None:
    path = tmp_path / "file"
    left = tmp_path / "file.part"
    left.write_text("half of")
    left.chmod(0o666)
    write_whole(path, b"secret", 0o600)
    assert path.stat().st_mode & 0o777 == 0o600
