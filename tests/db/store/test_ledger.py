"""The ledger: which killed runs are closed, what is said of a broken one, what is held, what is new since a run."""

from typing import Any

import pytest

from db.errors import TrackerError
from db.store.check import check_store
from db.store.ledger.digests import ToldLine, record_digest, written_digests, written_lines
from db.store.ledger.imports import ImportedFile, file_is_done, save_file
from db.store.ledger.ledger import Ledger, LedgerError, RunKind
from db.store.ledger.plans import Plan, Plans
from db.store.ledger.search_trials import ToldTrial, put_told_trials, trials_changed_after, trials_new_after
from db.store.ledger.searches import (
    ListedSearch,
    arrived_after,
    drop_unlisted,
    put_listed,
    put_told,
    retracted_after,
    retracted_of,
    tagged_of,
)
from db.store.store import Store
from tests.support.made_up import add_article, add_run

KINDS: tuple[RunKind, ...] = (
    "harvest", "import", "tag", "publish", "nightly", "reparse", "enrich", "decide", "digest", "restore",
)  # fmt: skip
#: Under one lock at most one of these is at work.
LOCKED = {"harvest", "import", "reparse", "enrich", "restore"}


@pytest.mark.parametrize("kind", KINDS)
def test_a_run_closes_what_was_killed_under_its_lock_and_nothing_else(store: Store, kind: RunKind) -> None:
    ledger = Ledger(store)
    with store.atomic():
        begun = {other: ledger.open(other, "tests") for other in KINDS}
    ledger.begin(kind, "tests")
    closed = {other for other, number in begun.items() if ledger.run(number)["status"] == "stopped"}
    assert closed == {kind} | (LOCKED if kind in LOCKED | {"nightly"} else set())
    for other in closed:
        run = ledger.run(begun[other])
        assert run["message"] == "it was interrupted"
        assert run["finished_at"] >= run["started_at"]
    assert check_store(store) == []


@pytest.mark.parametrize(
    ("error", "status", "said"),
    [
        (KeyboardInterrupt(), "stopped", "it was stopped by hand"),
        (SystemExit(1), "stopped", "it was stopped by hand"),
        (TrackerError("no room on the disk"), "failed", "no room on the disk"),
        (ValueError("https://example.org/?api_key=secret"), "failed", "ValueError"),
    ],
)
def test_what_ends_a_run_is_said_without_what_an_error_may_carry(
    store: Store, error: BaseException, status: str, said: str
) -> None:
    ledger = Ledger(store)
    number = ledger.begin("harvest", "tests")
    ledger.finish_broken(number, error, 3, 1.0)
    run = ledger.run(number)
    assert (run["status"], run["message"], run["requests"]) == (status, said, 3)


def test_held_is_what_the_query_found_and_pubmed_still_gives(store: Store) -> None:
    for pmid, matched, vanished, retracted, tagger in (
        (1, 1, 0, 0, "v1"), (2, 1, 0, 1, None), (3, 1, 1, 0, "v1"), (4, 0, 0, 0, "v1"), (5, 0, 1, 1, None),
    ):  # fmt: skip
        columns: dict[str, Any] = {"matched": matched, "vanished": vanished, "retracted": retracted, "tagger": tagger}
        add_article(store.db.conn, pmid, **columns)
    ledger = Plans(store)
    assert (ledger.held(), ledger.held_count(), ledger.vanished()) == ({1, 2}, 2, {3, 5})
    figures = {"held_count": 2, "articles": 5, "vanished": 2, "retracted": 2, "untagged": 2, "backlog": 0}
    assert ledger.figures() == figures
    with pytest.raises(LedgerError, match="no run 7"):
        ledger.run(7)


def test_the_last_runs_come_first(store: Store) -> None:
    for number, kind in enumerate(("harvest", "import", "harvest", "tag"), 1):
        add_run(
            store.db.conn,
            number,
            kind=kind,
            finished_at=f"2026-01-0{number}",
            status="done" if number < 3 else "failed",
        )
    ledger = Ledger(store)
    assert [run["id"] for run in ledger.runs()] == [4, 3, 2, 1]
    assert [run["id"] for run in ledger.runs(limit=2)] == [4, 3]
    assert [run["id"] for run in ledger.runs("harvest")] == [3, 1]
    assert ledger.last_done_at() == "2026-01-01"  # of a harvest that said done


def test_the_last_revision_is_a_whole_day_of_a_held_record_up_to_that_day(store: Store) -> None:
    for pmid, revised, columns in (
        (1, "2026-01-01", {}), (2, "2026-01-02", {}), (3, "2026-01-04", {}), (4, "2026-01", {}), (5, None, {}),
        (6, "2026-01-03", {"vanished": 1}), (7, "2026-01-03", {"matched": 0}), (8, "2026-02", {}), (9, "2027", {}),
    ):  # fmt: skip
        values: dict[str, Any] = {"revised_date": revised, "matched": 1, **columns}
        add_article(store.db.conn, pmid, **values)
    ledger = Plans(store)
    days = ("2025-12-31", "2026-01-01", "2026-01-03", "2026-01-04", "2027-02-01")
    assert [ledger.last_revision(day) for day in days] == [None, "2026-01-01", "2026-01-02", *["2026-01-04"] * 2]


@pytest.mark.parametrize(
    ("listings", "today", "day", "reread"),
    [
        ([], "2026-01-08", None, None),
        ([("2026-01-05", "2026-01-06")], "2026-01-08", "2026-01-05", "2026-01-06"),
        ([("2026-01-05", "2026-01-05")], "2026-01-05", "2026-01-05", "2026-01-05"),
        ([("2026-01-05", "2026-01-08")], "2026-01-08", "2026-01-05", "2026-01-08"),
        ([("2026-01-05", "2026-01-09")], "2026-01-08", "2026-01-05", "2026-01-05"),  # a clock was ahead
        ([("2026-01-05", "2026-01-04")], "2026-01-08", "2026-01-05", "2026-01-05"),  # and set back since
        ([("2026-01-09", "2026-01-09")], "2026-01-08", None, None),
        ([("2026-01-09", "2026-01-09"), ("2026-01-05", "2026-01-05")], "2026-01-20", "2026-01-05", "2026-01-05"),
    ],
)
def test_the_last_listing_is_the_newest_that_is_not_in_the_future(
    store: Store, listings: list[tuple[str, str]], today: str, day: str | None, reread: str | None
) -> None:
    ledger = Plans(store)
    for window_to, until in listings:
        number = ledger.begin("harvest", "tests")
        ledger.save_plan(number, Plan([], frozenset(), "2025-12-29", window_to, until, False, 0, None, ()))
    found = ledger.last_listing(today)
    assert (found.day, found.reread) == (day, reread)


def test_a_sweep_stays_one_when_the_run_plans_again(store: Store) -> None:
    ledger = Plans(store)
    number = ledger.begin("harvest", "tests")
    for full in (True, False):
        ledger.save_plan(number, Plan([(1,), (2,)], frozenset(), "2026-01-01", "2026-01-08", "x", full, 0, None, ()))
    assert ledger.run(number)["sweep"] == 1
    places = store.db.execute("SELECT position, state FROM batches ORDER BY id").fetchall()
    assert places == [(1, "replaced"), (2, "replaced"), (3, "pending"), (4, "pending")]


def test_a_file_is_done_by_its_content_and_selection_where_all_of_it_was_read(store: Store) -> None:
    ledger = Ledger(store)
    number = ledger.begin("import", "tests")
    with store.atomic():
        save_file(ledger, number, ImportedFile("a.xml", "sum", "all", 3))
        save_file(ledger, number, ImportedFile("b.xml", "broken", "all", 3, "1 record could not be read"))
    asked = [("sum", "all", None), ("sum", "all", "a.xml"), ("sum", "all", "c.xml"), ("sum", "topic", None)]
    assert [file_is_done(ledger, *one) for one in asked] == [True, True, False, False]
    assert not file_is_done(ledger, "broken", "all")


def test_what_came_in_a_later_run_is_new_since_a_run(store: Store) -> None:
    conn = store.db.conn
    articles: tuple[dict[str, Any], ...] = (
        {}, {"retracted": 1}, {"retracted": 1, "tagger": "v1", "topic": None}, {"topic": None}, {"topic": "ho"},
    )  # fmt: skip
    for pmid, values in enumerate(articles, 1):
        add_article(conn, pmid, **values)
    for run, changes in {
        1: ((1, "new"),),
        2: ((2, "new"), (2, "retracted"), (4, "revised")),
        3: ((3, "returned"),),
    }.items():
        add_run(conn, run)
        for pmid, change in changes:
            conn.execute("INSERT INTO changes (run_id, pmid, change, at) VALUES (?, ?, ?, '')", [run, pmid, change])
    assert [arrived_after(conn, run) for run in range(4)] == [{1, 2, 3}, {2, 3}, {3}, set()]
    assert [retracted_after(conn, run) for run in range(3)] == [{2}, {2}, set()]
    assert retracted_of(conn, [1, 2]) == {2}
    assert tagged_of(conn, [1, 3, 4]) == {1, 3}
    for nct_id in ("NCT1", "NCT2", "NCT3"):
        conn.execute(
            "INSERT INTO trials (nct_id, kind, title, has_results, fetched_at) VALUES (?, 'about HO', 'T', 0, '')",
            [nct_id],
        )
    for run, nct_id, change in ((1, "NCT1", "new"), (2, "NCT2", "returned"), (3, "NCT3", "status")):
        conn.execute(
            "INSERT INTO trial_changes (run_id, nct_id, change, at) VALUES (?, ?, ?, '')", [run, nct_id, change]
        )
    assert [trials_new_after(conn, run) for run in range(3)] == [{"NCT1", "NCT2"}, {"NCT2"}, set()]
    assert [trials_changed_after(conn, run) for run in (0, 1, 3)] == [{"NCT1", "NCT2", "NCT3"}, {"NCT2", "NCT3"}, set()]


def test_a_search_that_is_no_longer_listed_leaves_nothing_and_the_others_all(store: Store) -> None:
    conn = store.db.conn
    add_article(conn, 1)
    conn.execute(
        "INSERT INTO trials (nct_id, kind, title, has_results, fetched_at) VALUES ('NCT1', 'about HO', 'T', 0, '')"
    )
    for search in (None, "kept", "gone"):
        lines = [
            ToldLine("new", 1, None, {"a": 1}),
            ToldLine("new", None, "NCT1", {}),
            ToldLine("status", None, "NCT1", {}),
        ]
        record_digest(conn, 0, 1, 1, search, lines, "2026-01-01T00:00:00Z")
        if search:
            put_told(conn, search, {1: False})
            put_told_trials(conn, search, {"NCT1": ToldTrial(1, True)})
    put_listed(conn, [ListedSearch("kept", "?q=x", "x", 0)])
    drop_unlisted(conn)
    for table in ("digests", "search_articles", "search_trials"):
        named = {search for (search,) in conn.execute(f"SELECT search FROM {table}")}
        assert named - {None} == {"kept"}, table
    assert conn.execute("SELECT digest_id, count(*) FROM digest_entries GROUP BY 1").fetchall() == [(1, 3), (2, 3)]
    (digest,) = written_digests(conn, "kept")
    assert (digest.id, digest.articles, digest.trials) == (2, 1, 1)
    assert written_lines(conn, 2) == lines


def test_earlier_digests_are_those_before_a_number(store: Store) -> None:
    conn = store.db.conn
    numbers = [record_digest(conn, run, run + 1, 0, "kept") for run in range(4)]
    assert [digest.id for digest in written_digests(conn, "kept", 9, numbers[2])] == [numbers[1], numbers[0]]
    assert [digest.id for digest in written_digests(conn, "kept", 1, numbers[2])] == [numbers[1]]
    assert written_digests(conn, "kept", 9, numbers[0]) == []
