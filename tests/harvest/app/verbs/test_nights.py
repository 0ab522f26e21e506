"""What each verb of a night hands to its step, how it ends, and that it leaves a store alone at which another works."""

import json
import shutil
import sys
from collections.abc import Iterator
from dataclasses import replace
from importlib import import_module
from pathlib import Path
from typing import Any

import click
import pytest
from click.testing import CliRunner, Result

from db.publish.publish import PublishReport
from harvest.app.cli import main
from harvest.app.night import NightReport
from harvest.app.steps.tag import TagReport
from harvest.enrich.step import STEPS, EnrichReport
from harvest.sync.plan import Options, QueryChange
from harvest.sync.reparse import ReparseReport
from harvest.sync.report import RunReport
from tests.harvest.app.test_lock import another_process
from tests.support.mail_server import mail_server
from tests.support.stores import empty_file
from tests.support.tracker import SEARCH, Tracker

VERBS = "harvest.app.verbs.nights"
ANSWERS = {
    "harvest_step": RunReport(1, "partial", 3, 2, {"new": 1}),
    "enrich_step": EnrichReport(1, "partial", [], 0.0),
    "tag_step": TagReport("v", 4, 2, 0.5),
    "publish_step": PublishReport(Path("evidence.db"), 3, 7, 100, 0.5),
    "run_night": NightReport(1, "partial", {}, 0.0, 2),
    "reparse_step": ReparseReport("v", 3, 1, 0, {7: "it is cut"}, 0.1),
}


def run(folder: Path, *words: str) -> Result:
    return CliRunner().invoke(main, ["--db", str(folder / "ho.db"), *words])


@pytest.fixture
def given(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> list[tuple[Any, ...]]:
    """What the steps are given; each only answers."""
    calls: list[tuple[Any, ...]] = []

    def noted(name: str) -> Any:
        def step(_settings: Any, *arguments: Any) -> Any:
            calls.append((name, *arguments))
            return ANSWERS.get(name)

        return step

    for verb in ("harvest", "enrich", "tag", "publish", "nightly", "reparse"):
        module = import_module(f"{VERBS}.{verb}")
        for name in (*ANSWERS, "reparse_after_update"):
            if name in vars(module):
                monkeypatch.setattr(module, name, noted(name))
    nightly = import_module(f"{VERBS}.nightly")
    monkeypatch.setattr(nightly, "night_steps", lambda _settings, options: options)
    empty_file(tmp_path / "ho.db")
    return calls


_EVERY = ("--full", "--limit", "5", "--dry-run", "--yes", "--query", "bone")


@pytest.mark.parametrize(
    ("words", "expected", "code"),
    [
        (("harvest",), [("harvest_step", Options(), None)], 2),
        (("harvest", *_EVERY), [("harvest_step", Options(full=True, limit=5, dry_run=True, yes=True), "bone")], 2),
        (("harvest", "--limit", "0"), [("harvest_step", Options(limit=0), None)], 2),
        (("harvest", "--query", " "), [], 1),
        (("enrich",), [("enrich_step", STEPS, False)], 2),
        (("enrich", "--full", "--only", "trials"), [("enrich_step", ("trials",), True)], 2),
        (("tag", "--processes", "3"), [("reparse_after_update",), ("tag_step", False, 3)], 0),
        (("tag", "--all", "--processes", "1"), [("reparse_after_update",), ("tag_step", True, 1)], 0),
        (("publish",), [("reparse_after_update",), ("publish_step", False)], 0),
        (("publish", "--allow-shrinking"), [("reparse_after_update",), ("publish_step", True)], 0),
        (("nightly",), [("run_night", Options())], 2),
        (("nightly", "--yes"), [("run_night", Options(yes=True))], 2),
        (("reparse",), [("reparse_step",)], 2),
    ],
    ids=lambda each: " ".join(each) if isinstance(each, tuple) else "",
)
def test_options_reach_the_step_and_its_end_is_the_verbs(
    tmp_path: Path, given: list[tuple[Any, ...]], words: tuple[str, ...], expected: list[tuple[Any, ...]], code: int
) -> None:
    result = run(tmp_path, *words)
    usual = Options()
    told = [
        tuple(replace(one, confirm=usual.confirm) if isinstance(one, Options) else one for one in call)
        for call in given
    ]
    assert (told, result.exit_code) == (expected, code), result.output
    assert bool(result.stdout) == (code != 1)
    if code != 1:
        as_json = run(tmp_path, *words, "--json")
        assert (isinstance(json.loads(as_json.stdout), dict), as_json.exit_code) == (True, code)
        quiet = CliRunner().invoke(main, ["--quiet", "--db", str(tmp_path / "ho.db"), *words])
        assert bool(quiet.stdout) == (code != 0)


@pytest.mark.parametrize(("stdin", "stderr", "asked"), [(True, True, True), (True, False, False), (False, True, False)])
def test_a_changed_query_is_asked_about_where_somebody_sits_there_alone(
    tmp_path: Path,
    given: list[tuple[Any, ...]],
    monkeypatch: pytest.MonkeyPatch,
    stdin: bool,
    stderr: bool,
    asked: bool,
) -> None:
    run(tmp_path, "harvest")
    confirm = given[0][1].confirm
    questions: list[str] = []
    monkeypatch.setattr(sys, "stdin", type("In", (), {"isatty": lambda _self: stdin})())
    monkeypatch.setattr(sys, "stderr", type("Out", (), {"isatty": lambda _self: stderr})())

    def ask(text: str, err: bool) -> bool:
        questions.append(text)
        return err

    monkeypatch.setattr(click, "confirm", ask)
    assert confirm(QueryChange(added=3, dropped=2, held=9, version_before="1", version_now="2")) is asked
    assert len(questions) == asked
    assert not asked or "3 articles would be added and 2 of 9 marked as vanished" in questions[0]


@pytest.fixture
def busy(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Tracker]:
    """A tracker at whose store another process is at work."""
    monkeypatch.setattr("harvest.app.lock._LOOK_SECONDS", 0.02)
    tracker = Tracker(tmp_path)
    tracker.file(SEARCH)
    shutil.copy(tracker.settings.db, tmp_path / "copy.db")
    with another_process(tracker.settings.db):
        yield tracker


def test_whoever_writes_leaves_a_store_alone_at_which_another_works(busy: Tracker, tmp_path: Path) -> None:
    records = tmp_path / "list.nbib"
    records.write_text("PMID- 1\nTI  - One\n", encoding="utf-8")
    lake = ("--workers", "0", "--lake", str(tmp_path / "lake"))
    assert run(tmp_path, "lake", "build", *lake, str(records)).exit_code == 0  # it has a lock of its own
    before = busy.settings.db.read_bytes()
    for words in (
        ("harvest",), ("nightly",), ("enrich",), ("reparse",), ("import", str(records)), ("lake", "subset", *lake),
        ("restore", str(tmp_path / "copy.db")), ("digest", "--mail"), ("digest", "--search", "cox", "--mark"),
        ("digest", "--search", "cox", "--mail"),
    ):  # fmt: skip
        result = run(tmp_path, *words)
        assert (result.exit_code, "the store is in use by ho-tracker nightly" in result.stderr) == (75, True), words
    assert busy.settings.db.read_bytes() == before
    assert not busy.settings.digests.exists()


def test_a_search_begins_when_it_is_added(tmp_path: Path) -> None:
    tracker = Tracker(tmp_path)
    run(tmp_path, "digest", "--mark")
    assert run(tmp_path, "searches", "add", "cox", "/articles?intervention=celecoxib").exit_code == 0
    tracker.save(2)
    tracker.tag(2, "celecoxib")
    run(tmp_path, "digest", "--mark")  # what is told of all articles is still new to the search
    assert "New (1)" in run(tmp_path, "digest", "--search", "cox").stdout


def test_a_search_may_be_saved_before_there_is_a_store(tmp_path: Path) -> None:
    assert run(tmp_path, "searches", "add", "all", "/articles").exit_code == 0
    assert not (tmp_path / "ho.db").exists()
    listed = run(tmp_path, "searches", "list")
    assert (listed.exit_code, "(" in listed.stdout.partition("\n")[2]) == (0, False)  # nothing is counted


def test_what_was_not_delivered_is_said_with_the_exit_code(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    tracker = Tracker(tmp_path)
    tracker.file(f'{SEARCH}who = ["ada@example.org", "grace@example.org"]\nquiet = "once"\n')
    with mail_server() as world:
        world.always = {"grace@example.org": "rcpt 550"}
        monkeypatch.setenv("HO_TRACKER_SMTP_URL", world.url)
        monkeypatch.setenv("HO_TRACKER_MAIL_FROM", "ho@example.org")
        shown = run(tmp_path, "searches", "test", "cox").stdout
        assert f"daily, mail, by {world.url.rstrip('/')} to ada@example.org, grace@example.org; Message-ID <" in shown
        sent = run(tmp_path, "digest", "--search", "cox", "--mail")
        assert (sent.exit_code, "1 sent by mail, cox: 1 not sent" in sent.stdout) == (2, True)
        monkeypatch.delenv("HO_TRACKER_SMTP_URL")
        waits = run(tmp_path, "digest", "--mail")
        assert (waits.exit_code, "1 mails wait for HO_TRACKER_SMTP_URL, which is no longer set" in waits.stdout) == (
            2,
            True,
        )
        monkeypatch.setenv("HO_TRACKER_SMTP_URL", world.url)
        world.always = {}
        assert run(tmp_path, "digest", "--mail").exit_code == 0
    assert [taken.recipient for taken in world.taken] == ["ada@example.org", "grace@example.org"]
