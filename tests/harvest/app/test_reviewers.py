"""The commands of the review page: people, secrets, undoing, and what the site is served with."""

import shutil
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import click
import pytest
from click.testing import CliRunner

from db.site.serving.accounts import read_accounts
from db.store.people.decisions import decisions
from db.store.store import open_store
from harvest.app.cli import main
from harvest.app.settings import SettingsError, load_settings
from harvest.app.verbs.store import reviewers

SECRET = "0123456789abcdef0123456789abcdef"  # noqa: S105


@pytest.fixture
def call(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Any:
    """Runs the command in a folder of its own."""
    monkeypatch.chdir(tmp_path)
    for variable in ("HO_TRACKER_DB", "HO_TRACKER_SITE", "HO_TRACKER_REVIEWERS"):
        monkeypatch.delenv(variable, raising=False)

    def run(*words: str, **options: Any) -> Any:
        return CliRunner().invoke(main, words, prog_name="ho-tracker", **options)

    return run


def test_on_a_terminal_a_password_is_asked_for_twice_and_not_shown(call: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[dict[str, bool]] = []

    def prompt(_words: str, **how: bool) -> str:
        asked.append(how)
        return "correct horse battery"

    monkeypatch.setattr(click, "prompt", prompt)
    monkeypatch.setattr(reviewers, "sys", SimpleNamespace(stdin=SimpleNamespace(isatty=lambda: True)))
    assert call("reviewers", "add", "Ada").exit_code == 0
    assert asked == [{"hide_input": True, "confirmation_prompt": True}]
    assert read_accounts(Path("reviewers.txt")).matches("Ada", "correct horse battery")


def test_reviewers_are_added_listed_and_removed(call: Any) -> None:
    added = call("reviewers", "add", "Ada Lovelace", input="correct horse battery\n")
    assert (added.exit_code, "Added Ada Lovelace" in added.output) == (0, True)
    assert "correct horse" not in added.output
    assert "Changed the password" in call("reviewers", "add", "Ada Lovelace", input="another long password\n").output
    assert call("reviewers", "list").stdout == "Ada Lovelace\n"
    assert read_accounts(Path("reviewers.txt")).matches("Ada Lovelace", "another long password")
    assert call("reviewers", "remove", "Ada Lovelace").exit_code == 0
    assert call("reviewers", "list").stdout == ""


@pytest.mark.parametrize(
    ("words", "given", "said"),
    [
        (("add", "ada"), "short\n", "12 to 200 characters"),
        (("add", "a:b"), "correct horse battery\n", "is no name"),
        (("remove", "bea"), "", "there is no reviewer 'bea'"),
    ],
)
def test_wrong_use_is_one_line(call: Any, words: tuple[str, ...], given: str, said: str) -> None:
    result = call("reviewers", *words, input=given)
    assert result.exit_code == 1
    assert said in result.stderr
    assert result.stderr.count("\n") == 1
    assert not Path("reviewers.txt").exists()


def test_a_secret_that_could_be_guessed_is_refused_without_repeating_it(tmp_path: Path) -> None:
    with pytest.raises(SettingsError, match="shorter than 32") as refused:
        load_settings(environment={"HO_TRACKER_REVIEW_SECRET": "hunter2"}, folder=tmp_path)
    assert "hunter2" not in str(refused.value)
    with pytest.raises(SettingsError, match="neither yes nor no"):
        load_settings(environment={"HO_TRACKER_SHOW_REVIEWERS": "maybe"}, folder=tmp_path)
    settings = load_settings(environment={"HO_TRACKER_REVIEW_SECRET": SECRET}, folder=tmp_path)
    assert settings.review_secret == SECRET
    assert SECRET not in repr(settings)
    assert not settings.show_reviewers


def test_a_decision_is_undone_from_the_command_line(call: Any, tmp_path: Path, tagged_sample: Any) -> None:
    shutil.copy(tagged_sample.path, tmp_path / "ho.db")
    words = ("decide", "90000001", "--who", "ada")
    assert call(*words, "--reject", "placebo").exit_code == 0
    assert call(*words, "--undo", "placebo").exit_code == 0
    with open_store("ho.db") as store:
        assert [one.verdict for one in decisions(store)] == ["reject", "withdraw"]
        tags = "SELECT decided FROM article_tags WHERE pmid = 90000001 AND concept_id LIKE '%placebo%'"
        assert store.db.execute(tags).fetchall() == [(None,)]
        runs = store.db.execute("SELECT message FROM runs WHERE kind = 'decide'").fetchall()
    assert runs == [("decisions of people",)] * 2
