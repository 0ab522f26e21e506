"""Backup and restore: a whole, checked copy while the store is in use, and the way back from a damaged one."""

import asyncio
import json
import shutil
import sqlite3
import subprocess
import sys
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from db.publish.publish import check_published, publish
from db.site.server import build_datasette
from db.store.check import check_store
from db.store.store import open_store
from harvest.app.cli import main
from harvest.pubmed.xml import parse_article
from tests.harvest.app.conftest import TaggedSample


@pytest.fixture
def folder(tmp_path: Path, tagged_sample: TaggedSample, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder of its own with a copy of the tagged sample."""
    shutil.copy(tagged_sample.path, tmp_path / "ho.db")
    monkeypatch.chdir(tmp_path)
    return tmp_path


def call(*words: str) -> Result:
    return CliRunner().invoke(main, words, prog_name="ho-tracker")


def content(path: Path) -> dict[str, list[tuple[object, ...]]]:
    with sqlite3.connect(path) as connection:
        tables = [name for (name,) in connection.execute("SELECT name FROM sqlite_master WHERE type = 'table'")]
        return {name: sorted(connection.execute(f"SELECT * FROM {name}").fetchall(), key=repr) for name in tables}


def test_a_backup_made_while_somebody_writes_is_whole_and_comes_back(folder: Path) -> None:
    assert call("decide", "90000001", "--add", "celecoxib", "--who", "ada").exit_code == 0
    before = content(folder / "ho.db")
    with open_store(folder / "ho.db") as store, store.atomic():
        store.db.execute("UPDATE articles SET title = 'half written'")
        said = json.loads(call("backup", "copy.db", "--json").stdout)
        assert (said["articles"], said["decisions"]) == (before["articles"].__len__(), 1)
    assert content(folder / "copy.db") == before
    assert not [path.name for path in folder.iterdir() if "copy.db" in path.name and path.name != "copy.db"]
    (folder / "ho.db").write_bytes(b"\x00" * 8192)
    result = call("restore", "copy.db")
    assert (result.exit_code, result.stderr) == (0, "")
    assert "1 decisions" in result.stdout
    after = content(folder / "ho.db")
    assert {name: rows for name, rows in after.items() if name not in ("runs", "seals")} == {
        name: rows for name, rows in before.items() if name not in ("runs", "seals")
    }
    assert (folder / "ho.db.before-restore").read_bytes() == b"\x00" * 8192
    with open_store(folder / "ho.db") as store:
        assert check_store(store, parse_article) == []


def test_a_damaged_store_is_said_with_the_way_back_and_takes_no_good_backup_away(folder: Path) -> None:
    assert call("backup", "copy.db").exit_code == 0
    good = (folder / "copy.db").read_bytes()
    with (folder / "ho.db").open("r+b") as file:
        for page in range(20, 120):
            file.seek(page * 4096)
            file.write(b"\xff" * 4096)
    for words in (("backup", "copy.db"), ("check",), ("export",)):
        result = call(*words)
        assert result.exit_code == 1, words
        assert "Traceback" not in result.output
    assert "restore" in call("backup", "copy.db").stderr + call("export").stderr
    assert "red" in call("status").output + call("status").stderr or "restore" in call("status").stderr
    assert (folder / "copy.db").read_bytes() == good
    assert call("restore", "copy.db").exit_code == 0
    assert call("check").exit_code == 0


def test_a_backup_that_was_changed_is_refused_and_nothing_is_touched(folder: Path) -> None:
    assert call("backup", "copy.db").exit_code == 0
    with sqlite3.connect("copy.db") as connection:
        connection.execute("UPDATE articles SET title = 'forged' WHERE pmid = 90000001")
    before = (folder / "ho.db").read_bytes()
    result = call("restore", "copy.db")
    assert result.exit_code == 1
    assert "this backup is not as it must be; nothing was changed" in result.stderr
    assert (folder / "ho.db").read_bytes() == before
    assert not (folder / "ho.db.before-restore").exists()


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("backup", "ho.db"), "this is the store itself"),
        (("backup", "."), "name a file"),
        (("backup", "none/copy.db"), "in a folder that exists"),
        (("backup", "other.txt"), "another file of that name"),
        (("restore", "none.db"), "no such file"),
        (("restore", "ho.db"), "this is the store itself"),
        (("restore", "other.txt"), "no ho-tracker store"),
        (("--db", "none.db", "backup", "copy.db"), "no such database"),
    ],
)
def test_wrong_use_is_one_line(folder: Path, words: tuple[str, ...], said: str) -> None:
    (folder / "other.txt").write_text("mine")
    result = call(*words)
    assert result.exit_code == 1
    assert said in result.stderr
    assert len(result.stderr.strip().splitlines()) == 1
    assert (folder / "other.txt").read_text() == "mine"


def test_restore_waits_for_nobody_who_is_at_work(folder: Path) -> None:
    assert call("backup", "copy.db").exit_code == 0
    hold = (
        "import sys, pathlib; from harvest.app.lock import locked\n"
        "with locked(pathlib.Path('ho.db'), 'nightly'):\n    print(1, flush=True); sys.stdin.read()"
    )
    with subprocess.Popen([sys.executable, "-c", hold], stdin=subprocess.PIPE, stdout=subprocess.PIPE) as other:
        assert other.stdout is not None
        other.stdout.readline()
        assert call("restore", "copy.db").exit_code == 75
        other.kill()


def test_a_published_file_is_no_store(folder: Path) -> None:
    publish(folder / "ho.db", folder / "evidence.db")
    for verb in ("nightly", "tag", "check", "status"):
        result = call("--db", "evidence.db", verb)
        assert result.exit_code == 1
        assert "this is a published site, no store" in result.output + result.stderr
    assert content(folder / "evidence.db")["articles"]


def test_everything_that_reads_works_in_a_folder_that_nobody_may_write_to(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The tests may run as root, who may write everywhere: what the system would say is said here."""
    publish(folder / "ho.db", folder / "evidence.db")
    before = {path.name: path.read_bytes() for path in folder.iterdir()}
    monkeypatch.setattr("os.access", lambda _path, _mode: False)
    for words in (("check",), ("digest",), ("export",), ("decisions", "export"), ("explain", "90000001"), ("status",)):
        result = call(*words)
        assert result.exit_code == (1 if words == ("status",) else 0), result.output
        assert not result.stderr
    result = call("tag", "--all", "--processes", "1")
    assert result.exit_code == 1
    assert "make the file and its folder writable" in result.stderr
    check_published(folder / "evidence.db")

    async def ask() -> None:
        datasette = build_datasette(folder / "evidence.db", "/ho/")
        await datasette.invoke_startup()
        assert not datasette.databases["evidence"].is_mutable
        for path in ("/", "/articles", "/articles/90000001"):  # the client puts the prefix before them
            response = await datasette.client.get(path, follow_redirects=False)
            assert response.status_code == 200, path
            assert 'href="/articles' not in response.text

    asyncio.run(ask())
    assert {path.name: path.read_bytes() for path in folder.iterdir() if ".lock" not in path.name} == before


def test_a_log_that_cannot_be_written_back_is_said(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (folder / "ho.db-wal").write_bytes(b"x")
    monkeypatch.setattr("os.access", lambda _path, _mode: False)
    result = call("check")
    assert result.exit_code == 1
    assert "holds changes that are not in the file yet" in result.stderr
