"""How a file is opened where nobody may write: as one that cannot change, if nothing is left to be written back."""

import os
from pathlib import Path

import pytest

from db.store import access
from db.store.access import ReadOnlyError, connect, is_read_only
from tests.support.stores import empty_file


@pytest.mark.parametrize("closed", ["folder", "file", None])
def test_a_file_cannot_be_changed_where_itself_or_its_folder_is_closed(
    closed: str | None, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = empty_file(tmp_path / "ho.db")
    barred = {"folder": tmp_path, "file": path}.get(closed or "")
    monkeypatch.setattr(os, "access", lambda asked, mode: not (mode == os.W_OK and Path(asked) == barred))
    assert is_read_only(path) == (closed is not None)
    link = tmp_path / "link" / "ho.db"
    link.parent.mkdir()
    link.symlink_to(path)
    assert is_read_only(link) == (closed == "folder")  # the folder that counts is the file's own


@pytest.mark.parametrize(("log", "opens"), [(None, True), (b"", True), (b"changes", False)])
def test_a_log_that_holds_changes_is_not_passed_over(
    log: bytes | None, opens: bool, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = empty_file(tmp_path / "ho.db")
    if log is not None:
        (tmp_path / "ho.db-wal").write_bytes(log)
    monkeypatch.setattr(access, "is_read_only", lambda _: True)
    if opens:
        conn = connect(path)
        assert conn.execute("SELECT count(*) FROM articles").fetchone() == (0,)
        conn.close()
    else:
        with pytest.raises(ReadOnlyError, match=r"ho\.db-wal holds changes"):
            connect(path)
