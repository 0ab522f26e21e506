"""What is served, shown and taken along: of the right topic, at the right address, with the right files."""

import json
from collections.abc import Callable
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

from db.errors import TrackerError
from db.publish.publish import publish
from db.store.people.decisions import record_decisions
from db.store.people.verdicts import Decision
from db.store.store import open_store
from db.topics import current
from harvest.app.cli import main
from harvest.app.settings import Settings
from harvest.app.steps import serve as serve_module
from harvest.app.steps.serve import serve_step
from harvest.app.verbs.reading import demo
from harvest.app.verbs.reading.export import _read_pmids
from harvest.app.verbs.reading.trials import _cell
from tests.support.stores import AT, fill


@pytest.fixture(scope="module")
def published(tmp_path_factory: pytest.TempPathFactory) -> Settings:
    """A store with one tagged article, and its site."""
    folder = tmp_path_factory.mktemp("published")
    publish(fill(folder / "ho.db", 1), folder / "evidence.db")
    return Settings(folder / "ho.db", folder / "evidence.db")


def run(settings: Settings, *words: str) -> Result:
    return CliRunner().invoke(main, ["--db", str(settings.db), "--site", str(settings.site), *words])


@pytest.fixture
def served(monkeypatch: pytest.MonkeyPatch) -> list[tuple[Any, ...]]:
    """What would be served: `serve` only notes it."""
    calls: list[tuple[Any, ...]] = []
    monkeypatch.setattr(serve_module, "serve", lambda *given: calls.append(given))
    return calls


@pytest.mark.parametrize(
    ("host", "path", "address"),
    [
        ("127.0.0.1", (), "http://127.0.0.1:8765/"),
        ("::1", (), "http://[::1]:8765/"),
        ("127.0.0.1", ("--base-url", "tracker/ho"), "http://127.0.0.1:8765/tracker/ho/"),
        ("127.0.0.1", ("--base-url", "//"), None),
        ("127.0.0.1", ("--base-url", "/x?y"), None),
        ("127.0.0.1", ("--base-url", "https://x/"), None),
    ],
)
def test_the_site_is_served_where_it_says(
    published: Settings,
    served: list[tuple[Any, ...]],
    monkeypatch: pytest.MonkeyPatch,
    host: str,
    path: tuple[str, ...],
    address: str | None,
) -> None:
    monkeypatch.setattr(serve_module, "check_servable", lambda *_: None)
    monkeypatch.setenv("HO_TRACKER_SITE_URL", "https://ho.example.org/")
    result = run(published, "serve", "--host", host, "--port", "8765", *path)
    if address is None:
        assert (result.exit_code, served) == (1, [])
        assert "is no path; write one such as /tracker/" in result.stderr
        return
    assert f"Serving {published.site} at {address} (Ctrl-C stops it)" in result.stdout
    (given,) = served
    base = "/tracker/ho/" if path else "/"
    said = {"site_url": "https://ho.example.org/", "report_url": None}
    assert given == (published.site, host, 8765, base, said, None)


def test_only_looking_at_a_port_serves_nothing(published: Settings, served: list[tuple[Any, ...]]) -> None:
    result = run(published, "serve", "--check-port", "--port", "65432")
    assert (result.exit_code, result.output, served) == (0, "", [])


def test_the_review_page_needs_a_store_that_can_be_written(
    published: Settings, served: list[tuple[Any, ...]], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(serve_module, "check_servable", lambda *_: None)
    reviewing = replace(published, review_secret="s" * 32, reviewers=tmp_path / "reviewers.txt")
    reviewing.reviewers.write_text(f"ada:scrypt:{'s' * 22}:{'h' * 40}\n", encoding="utf-8")
    serve_step(reviewing, "127.0.0.1", 8765)
    desk = served[0][-1]
    assert (desk.store, desk.secret, list(desk.accounts().hashes)) == (published.db, "s" * 32, ["ada"])
    with pytest.raises(TrackerError, match="no such database"):
        serve_step(replace(reviewing, db=tmp_path / "none.db"), "127.0.0.1", 8765)
    assert len(served) == 1


@pytest.mark.parametrize("verb", ["serve", "mcp"])
def test_a_site_of_another_topic_is_refused_where_one_is_named(
    published: Settings, served: list[tuple[Any, ...]], monkeypatch: pytest.MonkeyPatch, verb: str
) -> None:
    monkeypatch.setattr(serve_module, "check_servable", lambda *_: None)
    started: list[Path] = []
    server = type("Server", (), {"run": lambda _self, kind: started.append(Path(kind))})
    monkeypatch.setattr("harvest.app.verbs.reading.mcp.build_server", lambda _site: server())
    monkeypatch.setattr("db.publish.publish.current", lambda: replace(current(), id="gout"))
    result = run(published, "--topic", "ho", verb)
    assert result.exit_code == 1
    assert "this site is on the topic 'ho', and the topic in force is 'gout'" in result.stderr
    assert (served, started) == ([], [])
    assert run(published, verb).exit_code == 0  # without a name the site's own topic is shown
    assert len(served) + len(started) == 1


def test_a_snapshot_is_told_in_words_and_as_json(published: Settings, tmp_path: Path) -> None:
    (tmp_path / "one").mkdir()
    (tmp_path / "two").mkdir()
    words = run(published, "snapshot", str(tmp_path / "one"))
    told = json.loads(run(published, "snapshot", str(tmp_path / "two"), "--json").stdout)
    folder = Path(told["folder"])
    assert (folder.parent, folder.name) == (tmp_path / "two", f"ho-tracker-{told['date']}")
    assert told["articles"] == 1
    same = tmp_path / "one" / folder.name
    assert words.stdout == f"{same}: 1 articles of {told['date']}, SHA-256 {told['sha256']}\n"
    assert {path.name for path in same.iterdir()} == {path.name for path in folder.iterdir()}
    assert run(published, "snapshot", str(tmp_path / "one")).exit_code == 1


def test_the_demonstration_goes_from_records_to_the_served_site(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, served: list[tuple[Any, ...]]
) -> None:
    monkeypatch.chdir(tmp_path)
    done: list[tuple[Any, ...]] = []

    def noted(name: str) -> Callable[..., None]:
        return lambda *given, **named: done.append((name, *given, *named.items()))

    for name in ("tag_step", "publish_step", "serve_step"):
        monkeypatch.setattr(demo, name, noted(name))
    called = partial(CliRunner().invoke, main)
    assert called(["demo", "--no-serve"]).exit_code == 0
    folder = Path("ho-tracker-demo")
    settings = Settings(folder / "ho.db", folder / "evidence.db")
    assert done == [("tag_step", settings), ("publish_step", settings, ("allow_shrinking", True))]
    with open_store(settings.db) as store:
        held = [store.db[table].count for table in ("articles", "trials", "citations", "trial_tags")]
    assert all(held), held
    for name in ("import_files", "load_sample", "tag_trials_step"):
        monkeypatch.setattr(demo, name, lambda *_: None)
    assert called(["demo", "--port", "8765"]).exit_code == 0
    assert done[2:] == [*done[:2], ("serve_step", settings, "127.0.0.1", 8765)]
    assert called(["--site", "mine.db", "demo", "--no-serve"]).exit_code == 1
    monkeypatch.setattr(demo, "current", lambda: replace(current(), id="gout"))
    assert called(["demo", "--no-serve"]).exit_code == 0
    assert Path("ho-tracker-demo-gout", "gout.db").exists()


def test_explaining_names_who_rejected_a_tag_and_no_other_decision_as_one(tmp_path: Path) -> None:
    settings = Settings(fill(tmp_path / "ho.db", 1), tmp_path / "evidence.db")
    with open_store(settings.db) as store, store.atomic():
        record_decisions(
            store, [Decision(1, "accept", "ada", AT, "indomethacin"), Decision(1, "reject", "grace", AT, "ho")]
        )
    said = run(settings, "explain", "1").stdout
    assert "rejected by ada" not in said
    assert "decisions: 2\n" in said
    assert {line for line in said.splitlines() if line.startswith("- PMID")} == {
        "- PMID 1: accept indomethacin, ada, 2026-01-01", "- PMID 1: reject ho, grace, 2026-01-01",
    }  # fmt: skip


@pytest.mark.parametrize("begin", ["=", "+", "-", "@", "\t", "\r"])
def test_no_cell_of_a_table_begins_as_a_formula(begin: str) -> None:
    assert _cell(f"{begin}1") == f"'{begin}1"
    assert _cell([f"{begin}1", "x"]) == f"'{begin}1; x"
    assert [_cell(value) for value in (f"a{begin}", -1, None, "")] == [f"a{begin}", -1, None, ""]


def test_a_file_of_numbers_that_is_no_text_is_said(tmp_path: Path) -> None:
    path = tmp_path / "pmids.txt"
    path.write_bytes(b"\xff\xfe1")
    with pytest.raises(TrackerError, match="not a text file; write one PMID a line"):
        _read_pmids(path)
    path.write_bytes(b"\xef\xbb\xbf3, 1; 3\n2 # my own")
    assert _read_pmids(path) == (1, 2, 3)
