"""Nights: steps that fail alone, one lock, the report, status, digest, check."""

import errno
import json
import os
import sqlite3
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

from db.errors import TrackerError
from db.select.filter import ArticleFilter
from db.store.ledger.ledger import Ledger
from db.store.store import open_store
from harvest.app.cli import main
from harvest.app.health import health
from harvest.app.night import Step, StepResult, run_night
from harvest.app.settings import Settings
from harvest.app.steps.tag import TagReport
from harvest.app.verbs.nights.nightly import night_steps
from harvest.sample import sample_path
from harvest.sync.plan import Options
from tests.support.eutils_server import FAULTS, Corpus, EutilsServer, Fault
from tests.support.histories import tag_night


def settings_of(server: EutilsServer, tmp_path: Path) -> Settings:
    return Settings(db=tmp_path / "ho.db", site=tmp_path / "evidence.db", eutils_url=server.url)


@contextmanager
def monkeypatched_kill(name: str) -> Iterator[None]:
    """Lets a function be the moment at which the process is killed."""

    def kill(*_words: object) -> None:
        raise KeyboardInterrupt

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(name, kill)
        yield


def done(message: str = "fine") -> Callable[[], StepResult]:
    return lambda: StepResult("done", message)


def failing(error: BaseException) -> Callable[[], StepResult]:
    def run() -> StepResult:
        raise error

    return run


@pytest.fixture
def server(monkeypatch: pytest.MonkeyPatch) -> Iterator[EutilsServer]:
    corpus = Corpus(date(2026, 3, 2))
    for number in range(12):
        corpus.add(1000 + number, created=date(2020, 1, 1 + number), title=f"Title <{number}> & more")
    with EutilsServer(corpus) as running:
        monkeypatch.setenv("HO_TRACKER_EUTILS_URL", running.url)
        yield running


def run(tmp_path: Path, *words: str) -> Result:
    return CliRunner().invoke(main, ["--db", str(tmp_path / "ho.db"), "--site", str(tmp_path / "evidence.db"), *words])


def test_a_step_fails_alone(tmp_path: Path) -> None:
    steps = [Step("one", done()), Step("two", failing(TypeError("oops"))), Step("three", done())]
    report = run_night(tmp_path / "ho.db", steps)
    assert [result.status for result in report.steps.values()] == ["done", "failed", "done"]
    assert "oops" in report.steps["two"].message
    assert (report.status, report.exit_code) == ("failed", 1)


def test_a_step_without_room_on_the_disk_is_said_in_words(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    error = OSError(errno.ENOSPC, os.strerror(errno.ENOSPC), "evidence-digest.txt")
    report = run_night(tmp_path / "ho.db", [Step("digest", failing(error))])
    assert report.steps["digest"].message == "evidence-digest.txt: No space left on device; correct it and try again"
    assert "Traceback" not in caplog.text


def test_a_night_whose_harvest_fails_has_every_figure(tmp_path: Path) -> None:
    report = run_night(tmp_path / "ho.db", [Step("harvest", failing(_DownError("PubMed is down")))]).as_json()
    for name in ("new", "revised", "retracted", "vanished", "returned", "requests", "held_count"):
        assert report[name] == 0
    assert (report["status"], report["pubmed_count"], report["run_id"]) == ("postponed", None, 1)


class _DownError(TrackerError):
    exit_code = 75


def test_the_worst_step_names_the_night(tmp_path: Path) -> None:
    steps = [Step("one", failing(_DownError("PubMed is down"))), Step("two", lambda: StepResult("partial", "some"))]
    report = run_night(tmp_path / "ho.db", steps)
    assert (report.status, report.exit_code) == ("postponed", 75)
    with open_store(tmp_path / "ho.db") as store:
        row = Ledger(store).run(report.run_id)
    assert row["status"] == "postponed"
    assert "PubMed is down" in row["message"]


def test_an_interrupted_night_is_closed_in_the_ledger(tmp_path: Path) -> None:
    with pytest.raises(KeyboardInterrupt):
        run_night(tmp_path / "ho.db", [Step("one", failing(KeyboardInterrupt()))])
    with open_store(tmp_path / "ho.db") as store:
        assert Ledger(store).runs("nightly")[0]["status"] == "stopped"


def test_a_second_process_is_told_who_holds_the_lock(server: EutilsServer, tmp_path: Path) -> None:
    script = (
        "import sys, pathlib; from harvest.app.lock import locked\n"
        "with locked(pathlib.Path(sys.argv[1]), 'nightly'):\n    print('held', flush=True); sys.stdin.read()\n"
    )
    command = [sys.executable, "-c", script, str(tmp_path / "ho.db")]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as other:
        assert other.stdout is not None
        assert other.stdout.readline() == "held\n"
        for words in (["nightly"], ["harvest"], ["import", str(sample_path())]):
            result = run(tmp_path, *words)
            assert result.exit_code == 75, words
            assert f"nightly (process {other.pid} on " in result.stderr
            assert "since 20" in result.stderr
        assert not (tmp_path / "ho.db").exists()
        assert server.count() == 0
        other.kill()
    assert run(tmp_path, "harvest").exit_code == 0


def test_status_is_green_after_a_harvest_and_red_when_a_night_was_missed(server: EutilsServer, tmp_path: Path) -> None:
    assert run(tmp_path, "status").exit_code == 1
    assert run(tmp_path, "harvest").exit_code == 0
    green = run(tmp_path, "status", "--json")
    assert green.exit_code == 0
    assert json.loads(green.stdout)["status"] == "green"
    with open_store(tmp_path / "ho.db") as store:
        old = (datetime.now(UTC) - timedelta(hours=40)).strftime("%Y-%m-%dT%H:%M:%SZ")
        with store.atomic():
            store.db.execute("UPDATE runs SET finished_at = ?", [old])
    red = run(tmp_path, "status")
    assert red.exit_code == 1
    assert red.stdout.startswith("red\n")
    assert "40 hours old" in red.stdout


def test_who_only_looks_updates_no_older_store(server: EutilsServer, tmp_path: Path) -> None:
    """They hold no lock; a night may be at work on the store."""
    assert run(tmp_path, "harvest").exit_code == 0
    with sqlite3.connect(tmp_path / "ho.db") as older:
        older.execute("DROP TABLE seals")
        older.execute("DELETE FROM _sqlite_migrations WHERE name = 'm006_seals'")
        older.execute("PRAGMA journal_mode = DELETE")
    older.close()
    before = (tmp_path / "ho.db").read_bytes()
    for words in (("status",), ("harvest", "--dry-run")):
        result = run(tmp_path, *words)
        assert result.exit_code == 1, words
        assert "written by an older ho-tracker" in result.stderr
        assert "ho-tracker reparse" in result.stderr
        assert (tmp_path / "ho.db").read_bytes() == before
    assert run(tmp_path, "reparse").exit_code == 0
    assert (tmp_path / "ho.db.before-m006_seals").exists()
    assert run(tmp_path, "status").exit_code == 0


def test_status_says_that_pubmed_was_not_reached_and_no_e_mail_is_set(server: EutilsServer, tmp_path: Path) -> None:
    server.fail(Fault(FAULTS["redirect"], "esearch", times=1000))
    assert run(tmp_path, "harvest").exit_code == 75
    said = run(tmp_path, "status").stdout
    assert "PubMed was not reached, the store holds 0" in said
    assert said.count("NCBI_EMAIL is not set") == 1


def test_quiet_says_nothing_of_a_good_night(server: EutilsServer, tmp_path: Path) -> None:
    server.warnings = ("a warning",)
    for words in (("harvest",), ("check",), ("status",), ("reparse",)):
        result = run(tmp_path, "--quiet", *words)
        assert (result.exit_code, result.output) == (0, ""), words


def test_status_is_red_after_a_killed_or_failed_run(tmp_path: Path) -> None:
    with open_store(tmp_path / "ho.db") as store:
        ledger = Ledger(store)
        ledger.finish(ledger.begin("harvest", "test"), "done", None, 1, 1.0)
        night = ledger.begin("nightly", "test")
        assert health(store, {"pid": 1}).colour == "green"
        assert "was killed" in health(store, None).reasons[0]
        ledger.finish(night, "failed", "the disk is full", 1, 1.0)
        assert "the disk is full" in health(store, None).reasons[0]


def test_the_digest_says_what_is_different_now(server: EutilsServer, tmp_path: Path) -> None:
    first = json.loads(run(tmp_path, "harvest", "--json").stdout)["run_id"]
    server.corpus.today = date(2026, 3, 3)
    server.corpus.add(2000, title="New <one>")
    server.corpus.retract(1003, by=2000)
    server.corpus.revise(1004, title="Another title")
    assert run(tmp_path, "harvest").exit_code == 0
    server.corpus.today = date(2026, 3, 4)
    server.corpus.delete(1005)
    server.corpus.revise(2000, title="New <one>, corrected")
    assert run(tmp_path, "harvest").exit_code == 0
    said = json.loads(run(tmp_path, "digest", "--since", str(first), "--format", "json").stdout)
    assert {(article["change"], article["pmid"]) for article in said["articles"]} == {
        ("new", 2000),
        ("retracted", 1003),
        ("revised", 1004),
        ("vanished", 1005),
    }
    page = run(tmp_path, "digest", "--since", str(first), "--format", "html").stdout
    assert "New &lt;one&gt;, corrected" in page
    assert "Retracted (1)" in page
    assert "New \\<one\\>" in run(tmp_path, "digest", "--since", "2026-01-01", "--format", "md").stdout
    assert run(tmp_path, "digest", "--since", "99").exit_code == 1
    assert run(tmp_path, "digest", "--since", "yesterday").exit_code == 1


def test_notices_are_told_apart_the_night_they_come(server: EutilsServer, tmp_path: Path) -> None:
    first = json.loads(run(tmp_path, "harvest", "--json").stdout)["run_id"]
    server.corpus.today = date(2026, 3, 3)
    kinds = {
        1001: "RetractionIn",
        1002: "PartialRetractionIn",
        1003: "ExpressionOfConcernIn",
        1004: "CorrectedandRepublishedIn",
        1005: "RetractionOf",
        1006: "ErratumFor",
    }
    for pmid, kind in kinds.items():
        server.corpus.revise(pmid, notices=((kind, 2000 + pmid), ("CommentIn", 7)))
    report = json.loads(run(tmp_path, "harvest", "--json").stdout)
    assert (report["revised"], report["retracted"]) == (6, 1)
    with open_store(tmp_path / "ho.db") as store:
        kept = store.db.execute("SELECT pmid, kind, ref_pmid FROM notices ORDER BY pmid, position").fetchall()
        retracted = store.db.execute("SELECT pmid FROM articles WHERE retracted = 1").fetchall()
    assert kept == [row for pmid, kind in kinds.items() for row in ((pmid, kind, 2000 + pmid), (pmid, "CommentIn", 7))]
    assert retracted == [(1001,)]
    said = json.loads(run(tmp_path, "digest", "--since", str(first), "--format", "json").stdout)["articles"]
    assert [article["pmid"] for article in said if article["change"] == "retracted"] == [1001]
    assert {article["pmid"]: article["notices"] for article in said} == {
        pmid: sorted(("CommentIn", kind)) for pmid, kind in kinds.items()
    }
    text = run(tmp_path, "digest", "--since", str(first)).stdout
    assert "1002  PARTIALLY RETRACTED. " in text
    assert "1003  EXPRESSION OF CONCERN. " in text
    assert "1004  CORRECTED. " in text
    assert "1005  Title" in text


def test_check_finds_what_must_not_be(server: EutilsServer, tmp_path: Path) -> None:
    assert run(tmp_path, "harvest").exit_code == 0
    assert run(tmp_path, "check").exit_code == 0
    with open_store(tmp_path / "ho.db") as store, store.atomic():
        store.db.execute("UPDATE articles SET title = 'changed' WHERE pmid = 1001")
        store.db.execute("UPDATE articles SET retracted = 1 WHERE pmid = 1002")
        store.db.execute("UPDATE records SET xml = x'00' WHERE pmid = 1003")
    result = run(tmp_path, "check", "--json")
    assert result.exit_code == 1
    problems = {problem["check"]: problem["examples"][0] for problem in json.loads(result.stdout)["problems"]}
    assert set(problems) == {"raw records", "text hashes", "retractions", "what the records say"}
    assert "1003" in problems["raw records"]


def night(tmp_path: Path) -> dict[str, Any]:
    """One night by the command; its digest's counts."""
    report: dict[str, Any] = json.loads(run(tmp_path, "nightly", "--json").stdout)
    return report


def counts(report: dict[str, Any]) -> dict[str, int]:
    (digest,) = [step for step in report["steps"] if step["name"] == "digest"]
    return {change: count for change, count in digest["counts"].items() if count}


@pytest.fixture
def untagged(monkeypatch: pytest.MonkeyPatch) -> None:
    """Leaves the tagger out, which has tests of its own."""
    monkeypatch.setattr("harvest.app.verbs.nights.nightly.tag_step", lambda settings: TagReport("none", 0, 0, 0.0))


def new_on_the_site(tmp_path: Path) -> set[int]:
    with sqlite3.connect(tmp_path / "evidence.db") as connection:
        condition, params = ArticleFilter.from_query([("run", "last"), ("topic", "all")]).where()
        return {pmid for (pmid,) in connection.execute(f"SELECT pmid FROM articles WHERE {condition}", params)}


@pytest.mark.usefixtures("untagged")
def test_nothing_falls_between_two_digests(server: EutilsServer, tmp_path: Path) -> None:
    corpus = server.corpus
    assert counts(night(tmp_path)) == {"new": 12}
    assert counts(night(tmp_path)) == {}
    corpus.today = date(2026, 3, 3)
    corpus.add(2000)
    corpus.retract(1003, by=2000)
    assert run(tmp_path, "harvest").exit_code == 0  # by hand
    said = json.loads(run(tmp_path, "digest", "--format", "json").stdout)["counts"]
    assert (said["new"], said["retracted"]) == (1, 1)
    corpus.today = date(2026, 3, 4)
    corpus.add(2001)
    with monkeypatched_kill("harvest.app.verbs.nights.nightly.digest_step"), pytest.raises(KeyboardInterrupt):
        run_night(tmp_path / "ho.db", night_steps(settings_of(server, tmp_path), Options()))
    corpus.today = date(2026, 3, 5)
    corpus.add(2002)
    assert counts(night(tmp_path)) == {"new": 3, "retracted": 1}
    assert new_on_the_site(tmp_path) == {2000, 2001, 2002}
    assert run(tmp_path, "publish").exit_code == 0
    assert new_on_the_site(tmp_path) == {2000, 2001, 2002}
    assert "2002" in (tmp_path / "evidence-digest.txt").read_text()
    assert counts(night(tmp_path)) == {}
    assert (tmp_path / "evidence-digest.txt").read_text() == "Since the last digest: nothing changed\n"


@pytest.mark.usefixtures("untagged")
def test_a_run_that_is_still_at_work_is_told_of_when_it_ended(server: EutilsServer, tmp_path: Path) -> None:
    night(tmp_path)
    with open_store(tmp_path / "ho.db") as store, store.atomic():
        at_work = Ledger(store).open("tag", "test")
        store.db.execute("INSERT INTO changes VALUES (?, 1001, 'retagged', '2026-01-01', NULL)", [at_work])
    server.corpus.today = date(2026, 3, 3)
    server.corpus.add(2000)
    assert counts(night(tmp_path)) == {}
    with open_store(tmp_path / "ho.db") as store:
        Ledger(store).finish(at_work, "done", None, 0, 0)
    assert counts(night(tmp_path)) == {"new": 1, "retagged": 1}


@pytest.mark.usefixtures("untagged")
def test_a_killed_import_holds_back_no_digest(server: EutilsServer, tmp_path: Path) -> None:
    night(tmp_path)
    with open_store(tmp_path / "ho.db") as store, store.atomic():
        Ledger(store).open("import", "test")  # and killed
    server.corpus.today = date(2026, 3, 3)
    server.corpus.add(2000)
    assert counts(night(tmp_path)) == {"new": 1}


@pytest.mark.usefixtures("untagged")
def test_a_night_begins_searches_first_and_fails_none_for_their_file(server: EutilsServer, tmp_path: Path) -> None:
    night(tmp_path)
    (tmp_path / "searches.toml").write_text(
        '[[search]]\nname = "all"\naddress = "/articles?topic=all"\nwhen = "daily"\n[[search]]\nname = "bad"\n'
    )
    server.corpus.today = date(2026, 3, 3)
    server.corpus.add(2000)
    server.corpus.retract(1003, by=2000)
    report = night(tmp_path)
    assert report["steps"][0]["name"] == "searches"
    digest = report["steps"][-1]
    assert digest["status"] == "partial"
    assert {search["name"]: search["problem"] for search in digest["searches"]} == {
        "all": None,
        "bad": "it has no address",
    }
    (told,) = (tmp_path / "digests").iterdir()  # what is not tagged waits; a retraction does not
    assert "Retracted (1)" in told.read_text()
    assert "New (" not in told.read_text()
    (tmp_path / "searches.toml").write_bytes(b"\xff")
    report = night(tmp_path)
    assert report["status"] == "partial"
    assert "file of saved searches cannot be used" in report["message"]
    assert "not UTF-8" in run(tmp_path, "status").stdout


@pytest.mark.usefixtures("untagged")
@pytest.mark.parametrize("kind", ["import", "harvest", "reparse", "enrich", "nightly"])
def test_a_run_that_was_killed_holds_no_digest_back(server: EutilsServer, tmp_path: Path, kind: str) -> None:
    settings = settings_of(server, tmp_path)
    steps = night_steps(settings, Options())
    run_night(settings.db, steps)
    with open_store(settings.db) as store, store.atomic():
        Ledger(store).open(kind, "killed")  # type: ignore[arg-type]
    server.corpus.today += timedelta(days=1)
    server.corpus.retract(1003, by=7)
    run_night(settings.db, steps)
    assert "1003  RETRACTED" in (tmp_path / "evidence-digest.txt").read_text(encoding="utf-8")
    with open_store(settings.db) as store:
        assert store.db.execute("SELECT kind FROM runs WHERE status = 'running'").fetchall() == []


def test_a_tagging_that_was_killed_is_closed_though_nothing_waits_for_tags(tmp_path: Path) -> None:
    with open_store(tmp_path / "ho.db") as store, store.atomic():
        Ledger(store).open("tag", "killed")
    tag_night(tmp_path / "ho.db", None)
    with open_store(tmp_path / "ho.db") as store:
        assert [run["status"] for run in Ledger(store).runs("tag")] == ["stopped"]


@pytest.mark.usefixtures("untagged")
def test_a_digest_without_a_night_tells_all_and_begins_anew_where_it_was_marked(
    server: EutilsServer, tmp_path: Path
) -> None:
    assert run(tmp_path, "harvest").exit_code == 0
    for _ in range(2):
        assert json.loads(run(tmp_path, "digest", "--format", "json").stdout)["counts"]["new"] == 12
    assert "New (12)" in run(tmp_path, "digest", "--mark").stdout
    assert run(tmp_path, "digest").stdout == "Since the last digest: nothing changed\n"
    assert run(tmp_path, "digest", "--mark", "--since", "1").exit_code == 1


@pytest.mark.usefixtures("untagged")
def test_a_full_disk_leaves_yesterdays_digest(
    server: EutilsServer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    night(tmp_path)
    yesterday = (tmp_path / "evidence-digest.txt").read_text()
    server.corpus.today = date(2026, 3, 3)
    server.corpus.add(2000)

    def full(_descriptor: int) -> None:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC), "evidence-digest.txt")

    with monkeypatch.context() as patch:
        patch.setattr("db.files.os.fsync", full)
        assert night(tmp_path)["status"] == "failed"
    assert (tmp_path / "evidence-digest.txt").read_text() == yesterday
    assert not list(tmp_path.glob("*.part"))
    assert counts(night(tmp_path)) == {"new": 1}


@pytest.mark.usefixtures("untagged")
def test_an_update_reads_the_records_again_in_the_next_night_and_not_after(
    server: EutilsServer, tmp_path: Path
) -> None:
    names = [step["name"] for step in night(tmp_path)["steps"]]
    assert names == ["harvest", "enrich", "tag", "publish", "digest"]
    with open_store(tmp_path / "ho.db") as store, store.atomic():
        store.db.execute("UPDATE records SET parser = 'older'")
        store.db.execute("UPDATE articles SET journal = NULL WHERE pmid = 1001")
    steps = night(tmp_path)["steps"]
    assert [step["name"] for step in steps] == ["reparse", *names]
    assert steps[0]["reparsed"] == 1
    assert [step["name"] for step in night(tmp_path)["steps"]] == names
    with open_store(tmp_path / "ho.db") as store, store.atomic():
        store.db.execute("UPDATE records SET parser = 'older'")
    assert run(tmp_path, "--quiet", "publish").exit_code == 0
    assert json.loads(run(tmp_path, "reparse", "--json").stdout)["records"] == 0


@pytest.mark.usefixtures("untagged")
def test_a_night_says_its_way_out_of_stopped(server: EutilsServer, tmp_path: Path) -> None:
    night(tmp_path)
    server.corpus.today = date(2026, 3, 3)
    for pmid in (1001, 1002):
        server.corpus.delete(pmid)
    report = night(tmp_path)
    assert (report["status"], report["vanished"]) == ("stopped", 0)
    assert "nightly --yes" in report["message"]
    assert json.loads(run(tmp_path, "nightly", "--yes", "--json").stdout)["vanished"] == 2
