"""When the tracker is red: a night or harvest that ended badly, one that is overdue, counts that differ, what waits."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from db.errors import TrackerError
from db.store.ledger.digests import record_digest
from db.store.ledger.ledger import Status
from db.store.ledger.letters import MOST_ATTEMPTS, put_failed, put_letter, waiting
from db.store.ledger.searches import put_problem
from db.store.store import Store
from harvest.app.health import OVERDUE, health
from harvest.app.night import Step, StepResult, run_night
from harvest.sync.report import EXIT_CODES
from tests.support.made_up import add_article, add_run

#: From what matters least to what matters most.
STATUSES: tuple[Status, ...] = ("done", "partial", "stopped", "postponed", "failed")


def ago(time: timedelta) -> str:
    return (datetime.now(UTC) - time).strftime("%Y-%m-%dT%H:%M:%SZ")


def runs(store: Store, **columns: Any) -> None:
    """A harvest that ended well an hour ago, but for what is said."""
    usual = {"finished_at": ago(timedelta(hours=1)), "pubmed_count": 1, "message": None}
    add_run(store.db.conn, len(list(store.db["runs"].rows)) + 1, **{**usual, **columns})


def test_a_store_of_yesterday_is_green_and_says_what_it_holds(store: Store) -> None:
    add_article(store.db.conn, 1, matched=1)
    runs(store)
    found = health(store, None, advice=["set an e-mail"])
    assert (found.colour, found.reasons) == ("green", ())
    assert found.figures["held_count"] == 1
    assert "set an e-mail" in found.as_text()
    assert health(store, None, searches=["saved search a: bad"]).reasons == ("saved search a: bad",)


@pytest.mark.parametrize(("late", "red"), [(timedelta(seconds=-30), False), (timedelta(seconds=30), True)])
def test_a_harvest_is_overdue_after_its_time_and_no_sooner(store: Store, late: timedelta, red: bool) -> None:
    add_article(store.db.conn, 1, matched=1)
    runs(store, finished_at=ago(timedelta(days=9)))
    runs(store, finished_at=ago(OVERDUE + late))
    runs(store, finished_at=ago(timedelta(0)), kind="nightly")
    found = health(store, None)
    assert found.colour == ("red" if red else "green")
    assert health(store, None, timedelta(days=3)).colour == "green"
    assert not red or "36 hours old" in found.reasons[0]


def test_without_any_harvest_it_is_red(store: Store) -> None:
    runs(store, status="partial", message="two are lost")
    reasons = health(store, None).reasons
    assert reasons == ("the last harvest (run 1) ended as partial: two are lost", reasons[1])
    assert "no harvest was ever finished" in reasons[1]


@pytest.mark.parametrize("kind", ["harvest", "nightly"])
@pytest.mark.parametrize("status", [*STATUSES, "running"])
def test_how_the_last_run_ended_decides(store: Store, kind: str, status: str) -> None:
    add_article(store.db.conn, 1, matched=1)
    runs(store, kind=kind, status="failed", message="long ago")
    runs(store)
    runs(store, kind=kind, status=status, message="words")
    reasons = health(store, None).reasons
    assert bool(reasons) == (status != "done")
    assert all("long ago" not in reason for reason in reasons)
    assert (health(store, {"pid": 1}).reasons == ()) == (status in ("done", "running"))


@pytest.mark.parametrize(("counted", "red"), [(1, False), (2, True), (0, True), (None, False)])
def test_another_number_than_pubmeds_is_red(store: Store, counted: int | None, red: bool) -> None:
    add_article(store.db.conn, 1, matched=1)
    runs(store, pubmed_count=counted)
    assert (health(store, None).colour == "red") == red


def test_a_digest_that_was_not_written_or_delivered_is_red(store: Store) -> None:
    add_article(store.db.conn, 1, matched=1)
    runs(store)
    with store.atomic():
        put_problem(store.db.conn, "burns", "no such concept")
        for number, way in enumerate(("mail", "file"), 1):
            record_digest(store.db.conn, 0, 1, 1, "hips")
            put_letter(
                store.db.conn, number, f"<{number}@x>", b"words", "mail" if way == "mail" else "file", [f"to-{way}"]
            )
        for delivery in waiting(store.db.conn):
            put_failed(store.db.conn, delivery, "2026-01-01T00:00:00Z", "refused")
    assert health(store, None).reasons == (
        "saved search burns: no such concept",
        "saved search hips: the digest for to-mail was not delivered (1 attempts, refused), tried again next time",
        "saved search hips: the file to-file was not delivered (1 attempts, refused), tried again next time",
    )
    with store.atomic():
        for _ in range(MOST_ATTEMPTS - 1):
            (file,) = (delivery for delivery in waiting(store.db.conn) if delivery.way == "file")
            put_failed(store.db.conn, file, "2026-01-01T00:00:00Z", "refused")
    said = f"saved search hips: the file to-file was not delivered ({MOST_ATTEMPTS} attempts, refused), given up"
    assert said in health(store, None).reasons


@pytest.mark.parametrize("first", STATUSES)
@pytest.mark.parametrize("second", STATUSES)
def test_the_worst_of_two_steps_names_the_night(store: Store, first: Status, second: Status) -> None:
    def ending(status: Status) -> Callable[[], StepResult]:
        return lambda: StepResult(status, "words")

    steps = [Step("a", ending(first)), Step("b", ending(second))]
    report = run_night(store.path, steps)
    assert report.status == max(first, second, key=STATUSES.index)
    assert report.exit_code == EXIT_CODES[report.status]


@pytest.mark.parametrize(("code", "status"), [(1, "failed"), (2, "partial"), (75, "postponed"), (3, "failed")])
def test_an_error_of_a_step_has_the_status_of_its_exit_code(store: Store, code: int, status: str) -> None:
    def fail() -> StepResult:
        error = TrackerError("two\nlines")
        error.exit_code = code
        raise error

    report = run_night(store.path, [Step("a", fail), Step("b", fail, lambda: False)])
    assert (report.status, report.message) == (status, f"a: {status} (two lines)")
