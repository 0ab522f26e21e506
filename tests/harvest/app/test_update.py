"""Verbs without a lock of their own bring an older store up to date under the store's, or leave it alone."""

from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from db.store.store import is_older
from harvest.app.cli import main
from tests.harvest.app.test_lock import another_process
from tests.support.stores import OLDER_STEP, older_store

WORDS = (
    ("tag",),
    ("publish",),
    ("decide", "1", "--add", "celecoxib", "--who", "Ada"),
    ("decisions", "export"),
    ("check",),
    ("digest",),
    ("trials",),
    ("explain", "1"),
    ("export", "--format", "ris"),
    ("backup", "copy.db"),
)


def run(folder: Path, *words: str) -> Result:
    return CliRunner().invoke(main, ["--db", str(folder / "ho.db"), "--site", str(folder / "evidence.db"), *words])


@pytest.mark.parametrize("words", WORDS, ids=lambda words: str(words[0]))
def test_an_older_store_is_left_alone_while_somebody_is_at_work_on_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, words: tuple[str, ...]
) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr("harvest.app.steps.update._WAIT_SECONDS", 0.1)
    path = older_store(tmp_path / "ho.db")
    with another_process(path):
        result = run(tmp_path, *words)
        assert result.exit_code == 75, result.output
        assert "the store is in use by ho-tracker nightly" in result.stderr
        assert is_older(path)
    result = run(tmp_path, *words)
    assert "Traceback" not in result.output
    assert not is_older(path)
    assert is_older(tmp_path / f"ho.db.before-{OLDER_STEP}")


def test_help_updates_nothing(tmp_path: Path) -> None:
    path = older_store(tmp_path / "ho.db")
    assert run(tmp_path, "tag", "--help").exit_code == 0
    assert is_older(path)
