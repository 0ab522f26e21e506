"""Nights: steps that fail alone, one lock, the report, status, digest, check."""

import errno
import json
import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from db.errors import TrackerError
from db.store.ledger import Ledger
from db.store.store import open_store
from harvest.app.cli import main
from harvest.app.health import health
from harvest.app.night import Step, StepResult, run_night
from harvest.sample import sample_path
from tests.support.eutils_server import Corpus, EutilsServer


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
        ("revised", 1003),
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
    revised = {article["pmid"]: article["notices"] for article in said if article["change"] == "revised"}
    assert revised == {pmid: sorted(("CommentIn", kind)) for pmid, kind in kinds.items()}
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
