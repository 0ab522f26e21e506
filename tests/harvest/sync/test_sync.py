"""The harvest against a service that behaves: complete beyond the reach, careful with losses, resumable, cheap."""

import contextlib
import os
import random
import re
import signal
import sqlite3
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest

from db.store.check import check_store
from db.store.ledger.ledger import Ledger, Query
from db.store.ledger.plans import Plans
from db.store.people.decisions import record_decisions
from db.store.people.verdicts import Decision
from db.store.store import Store, StoreError, open_store
from harvest.eutils.client import Client, Identity
from harvest.sync.bulk import EVERYTHING, import_files
from harvest.sync.harvest import harvest
from harvest.sync.plan import Options, QueryChange
from harvest.sync.report import RunReport
from tests.support.eutils_server import Corpus, EutilsServer
from tests.support.eutils_server.corpus import as_set

QUERY = Query("heterotopic ossification", "test", "1", "hash-1")
DAY = timedelta(days=1)


@pytest.fixture
def server() -> Iterator[EutilsServer]:
    with EutilsServer(Corpus(date(2026, 3, 2))) as running:
        yield running


def fill(corpus: Corpus, count: int, first: int = 1000) -> None:
    """Adds records of many years; their order by PMID is not their order by date."""
    for number in range(count):
        created = date(1990, 1, 1) + timedelta(days=(number * 7919) % 12000)
        corpus.add(first + 3 * number, created=created, title=f"Title {number}")


def night(server: EutilsServer, store: Store, query: Query = QUERY, **options: object) -> RunReport:
    client = Client(server.url, limiter=None)
    server.forget()
    server.corpus.today += DAY
    options = {"reread_within": 0, **options}  # what is read again without a reason has tests of its own
    try:
        return harvest(store, client, query, Options(**options))  # type: ignore[arg-type]
    finally:
        client.close()


def outcome(report: RunReport) -> tuple[str, int | None, int, dict[str, int]]:
    return (report.status, report.pubmed_count, report.held_count, dict(report.changes))


def fetched(server: EutilsServer) -> list[int]:
    return sorted(pmid for asked in server.asked if asked.endpoint == "efetch" for pmid in asked.pmids)


def test_all_beyond_the_reach_and_a_day_that_is_larger_than_it(server: EutilsServer, store: Store) -> None:
    server.reach = 100
    fill(server.corpus, 250)
    for number in range(230):
        server.corpus.add(9000 + number, created=date(2019, 5, 5))
    report = night(server, store, reach=100)
    assert outcome(report) == ("done", 480, 480, {"new": 480})
    assert all(0 < int(asked.form["retmax"]) <= 100 for asked in server.asked if asked.endpoint == "esearch")
    again = night(server, store, reach=100)
    assert outcome(again) == ("done", 480, 480, {})
    assert fetched(server) == []


def test_a_service_that_gives_less_at_once_than_it_used_to(server: EutilsServer, store: Store) -> None:
    server.reach = 60
    fill(server.corpus, 250)
    assert outcome(night(server, store)) == ("done", 250, 250, {"new": 250})
    server.corpus.delete(1003)
    server.corpus.add(9000)
    server.corpus.revise(1006, title="Revised")
    assert outcome(night(server, store)) == ("done", 250, 250, {"new": 1, "revised": 1, "vanished": 1})


def test_records_without_the_dates_are_found_by_pmid(server: EutilsServer, store: Store) -> None:
    server.reach = 20
    fill(server.corpus, 70)
    for number in range(30):
        server.corpus.add(500 + number, created=date(1700, 1, 1))
    assert outcome(night(server, store, reach=20))[:3] == ("done", 100, 100)


def test_a_service_that_ignores_pmid_ranges(server: EutilsServer, store: Store) -> None:
    server.reach = 40
    server.ignores_uid = True
    fill(server.corpus, 100)
    assert outcome(night(server, store, reach=40))[:3] == ("done", 100, 100)
    server.corpus.delete(1003)
    server.corpus.add(7)
    assert outcome(night(server, store, reach=40)) == ("done", 100, 100, {"new": 1, "vanished": 1})
    for number in range(90):
        server.corpus.add(8000 + number, created=date(2019, 5, 5))
    report = night(server, store, reach=40)
    assert (report.status, report.exit_code) == ("partial", 2)
    assert "its answers name" in (report.message or "")
    assert report.changes["new"] > 0


def test_a_store_of_any_size_is_listed_whole_every_night(server: EutilsServer, store: Store) -> None:
    server.reach = 40
    fill(server.corpus, 300)
    night(server, store, reach=40)
    server.corpus.delete(max(server.corpus.records))
    server.corpus.add(500, created=date(2001, 1, 1))
    assert outcome(night(server, store, reach=40)) == ("done", 300, 300, {"new": 1, "vanished": 1})
    assert len(server.asked) <= 1 + -(-300 // 38) + 2 + 1


def test_everything_that_can_happen_in_a_night(server: EutilsServer, store: Store) -> None:
    fill(server.corpus, 60)
    night(server, store)
    gone = server.corpus.delete(1003)
    server.corpus.retract(1006, by=9)
    server.corpus.revise(1009, mesh=("Hip",))
    server.corpus.add(8000)
    server.corpus.add(8001, created=date(2001, 1, 1))
    assert outcome(night(server, store)) == (
        "done",
        61,
        61,
        {"new": 2, "retracted": 1, "revised": 2, "vanished": 1},
    )
    server.corpus.restore(gone)
    assert outcome(night(server, store)) == ("done", 62, 62, {"returned": 1})
    notices = store.db.execute("SELECT kind, ref_pmid FROM notices WHERE pmid = 1006").fetchall()
    assert notices == [("RetractionIn", 9)]
    assert store.db.execute("SELECT pmid FROM articles WHERE retracted = 1").fetchall() == [(1006,)]


def test_a_late_index_entry_is_found_in_the_overlap(server: EutilsServer, store: Store) -> None:
    fill(server.corpus, 20)
    night(server, store)
    night(server, store)
    late = server.corpus.today - 3 * DAY
    server.corpus.revise(1003, title="Revised", modified=late, revised=late)
    assert outcome(night(server, store))[3] == {"revised": 1}
    assert fetched(server) == [1003]
    night(server, store)
    assert fetched(server) == []


def test_nights_that_were_missed_are_made_up_for(server: EutilsServer, store: Store) -> None:
    fill(server.corpus, 20)
    night(server, store)
    server.corpus.today += 20 * DAY
    server.corpus.revise(1003, title="Revised")
    server.corpus.today += 40 * DAY
    assert outcome(night(server, store))[3] == {"revised": 1}


def test_a_clock_that_is_ahead_misses_nothing(
    server: EutilsServer, store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The day is the earlier of PubMed's and ours: the server here lives in the past of this machine."""
    fill(server.corpus, 20)
    night(server, store)
    assert Plans(store).last_listing("9999-12-31").day == "2026-03-03"
    server.corpus.revise(1003, title="Revised")
    assert outcome(night(server, store))[3] == {"revised": 1}


def test_a_great_loss_is_not_believed(server: EutilsServer, store: Store) -> None:
    fill(server.corpus, 100)
    night(server, store)
    removed = [server.corpus.delete(1000 + 3 * number) for number in range(3)]
    server.corpus.add(9999)
    report = night(server, store)
    assert outcome(report) == ("stopped", 98, 101, {"new": 1})
    assert report.exit_code == 2
    assert "3 of the 100 articles held" in (report.message or "")
    assert store.db.execute("SELECT count(*) FROM articles WHERE vanished = 1").fetchone() == (0,)
    server.corpus.restore(removed[0])
    assert outcome(night(server, store)) == ("done", 99, 99, {"vanished": 2})
    for number in range(40, 60):
        server.corpus.delete(1000 + 3 * number)
    assert night(server, store).status == "stopped"
    assert "more than 2 % of the store" in (night(server, store, dry_run=True).message or "")
    assert outcome(night(server, store, yes=True)) == ("done", 79, 79, {"vanished": 20})


def test_a_changed_query_is_asked_about_before_it_drops(server: EutilsServer, store: Store) -> None:
    fill(server.corpus, 40)
    for record in list(server.corpus.records.values())[:5]:
        server.corpus.revise(record.pmid, mesh=("Hip",))
    server.corpus.finds["hips"] = lambda record: "Hip" in record.mesh or record.pmid == 9999
    server.corpus.add(9999, on_topic=False)
    night(server, store)
    other = Query("hips", "test", "2", "hash-2")
    asked: list[QueryChange] = []
    look = night(server, store, other, dry_run=True)
    assert (look.status, look.changes["new"], look.changes["vanished"]) == ("dry-run", 1, 35)
    assert "add 1 and drop 35" in (look.message or "")

    def refuse(change: QueryChange) -> bool:
        asked.append(change)
        return False

    report = night(server, store, other, confirm=refuse)
    assert (report.status, report.exit_code, report.held_count) == ("stopped", 2, 40)
    assert asked == [QueryChange(1, 35, 40, "1", "2")]
    assert fetched(server) == []
    assert outcome(night(server, store, other, confirm=lambda change: True)) == (
        "done",
        6,
        6,
        {"new": 1, "vanished": 35},
    )
    assert outcome(night(server, store, QUERY, yes=True)) == ("done", 40, 40, {"returned": 35, "vanished": 1})


def test_a_limit_leaves_the_rest_for_the_next_run(server: EutilsServer, store: Store) -> None:
    fill(server.corpus, 30)
    report = night(server, store, limit=10)
    assert (report.status, report.exit_code, report.held_count) == ("partial", 2, 10)
    assert "20 records are left" in (report.message or "")
    assert outcome(night(server, store)) == ("done", 30, 30, {"new": 20})
    server.corpus.revise(1003, title="Revised")
    night(server, store, limit=0)
    server.corpus.today += 30 * DAY
    assert outcome(night(server, store))[3] == {"revised": 1}


class _WithGhost(Corpus):
    """Its search index still names a record that is gone."""

    def search(self, *words: Any, **limits: Any) -> list[int]:
        return [*super().search(*words, **limits), 77]


def test_what_the_search_lists_and_fetch_does_not_give_is_named(server: EutilsServer, store: Store) -> None:
    server.corpus = _WithGhost(server.corpus.today)
    fill(server.corpus, 9)
    report = night(server, store)
    assert (report.status, report.held_count, set(report.lost)) == ("partial", 9, {77})


def test_imported_articles_do_not_vanish_by_a_harvest(server: EutilsServer, store: Store, tmp_path: Path) -> None:
    other = Corpus(date(2026, 1, 1))
    fill(other, 5, first=70_000)
    path = tmp_path / "other.xml"
    path.write_bytes(as_set(record.as_xml() for record in other.records.values()))
    import_files(store, [path], EVERYTHING)
    fill(server.corpus, 5)
    assert outcome(night(server, store)) == ("done", 5, 5, {"new": 5})
    assert store.db.execute("SELECT count(*) FROM articles WHERE vanished = 0").fetchone() == (10,)


KILL = """
import sys, pathlib
from db.store.ledger.ledger import Query
from db.store.store import open_store
from harvest.eutils.client import Client
from harvest.sync.harvest import harvest
from harvest.sync.plan import Options
with open_store(pathlib.Path(sys.argv[2])) as store:
    harvest(store, Client(sys.argv[1], limiter=None), Query("heterotopic ossification", "test", "1", "hash-1"),
            Options(batch_size=5, workers=2))
"""


def batches_done(path: Path) -> set[int]:
    """Returns the PMIDs of the batches that are written down as done."""
    with contextlib.closing(sqlite3.connect(f"file:{path}?mode=ro", uri=True)) as conn:
        rows = conn.execute("SELECT pmids FROM batches WHERE state = 'done'").fetchall()
    return {pmid for (text,) in rows for pmid in map(int, text.split(","))}


@pytest.mark.parametrize("signal_number", [signal.SIGKILL, signal.SIGTERM])
def test_a_killed_first_harvest_goes_on_where_it_was(server: EutilsServer, tmp_path: Path, signal_number: int) -> None:
    fill(server.corpus, 200)
    server.pause = 0.02
    command = [sys.executable, "-c", KILL, server.url, str(tmp_path / "ho.db")]
    with subprocess.Popen(command, stderr=subprocess.DEVNULL) as process:
        while server.count("efetch") < 15:
            time.sleep(0.005)
        server.pause = 3  # from here on it gets no further than what is asked already
        while not batches_done(tmp_path / "ho.db"):
            time.sleep(0.005)
        os.kill(process.pid, signal_number)
    with open_store(tmp_path / "ho.db") as store:
        done = batches_done(tmp_path / "ho.db")
        assert 0 < len(done) < 200
        server.pause = 0
        report = night(server, store, batch_size=5)
        assert outcome(report) == ("done", 200, 200, {"new": 200 - len(done)})
        assert not done & set(fetched(server))
        assert len(fetched(server)) == 200 - len(done)
        assert check_store(store) == []


def done_pmids(path: Path) -> set[int]:
    """Returns the PMIDs of batches that the ledger calls done; none where there is no ledger yet."""
    if not path.exists():
        return set()
    with open_store(path) as store:
        texts = store.db.execute("SELECT pmids FROM batches WHERE state = 'done' AND pmids != ''").fetchall()
    return {int(pmid) for (text,) in texts for pmid in text.split(",")}


@pytest.mark.parametrize("seed", [1, 2])
def test_killed_at_random_moments_again_and_again(server: EutilsServer, tmp_path: Path, seed: int) -> None:
    fill(server.corpus, 150)
    server.pause = 0.01
    path = tmp_path / "ho.db"
    chance = random.Random(seed)
    for _ in range(5):
        before = done_pmids(path)
        server.forget()
        with subprocess.Popen(
            [sys.executable, "-c", KILL, server.url, str(path)], stderr=subprocess.DEVNULL
        ) as process:
            asked = chance.randrange(1, 12)
            while server.count() < asked and process.poll() is None:
                time.sleep(0.001)
            time.sleep(chance.random() / 50)
            process.kill()
        assert not before & set(fetched(server))
        assert before <= done_pmids(path)
    before = done_pmids(path)
    with open_store(path) as store:
        assert check_store(store) == []
        assert outcome(night(server, store))[:3] == ("done", 150, 150)
        assert not before & set(fetched(server))
        changes = store.db.execute("SELECT change, count(*), count(DISTINCT pmid) FROM changes GROUP BY 1").fetchall()
        assert changes == [("new", 150, 150)]


def test_ctrl_c_leaves_a_consistent_store_and_one_line(server: EutilsServer, tmp_path: Path) -> None:
    fill(server.corpus, 300)
    server.pause = 0.05
    command = [sys.executable, "-m", "harvest.app.cli", "--quiet", "--db", str(tmp_path / "ho.db"), "harvest"]
    environment = {**os.environ, "HO_TRACKER_EUTILS_URL": server.url}
    with subprocess.Popen(
        command,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        env=environment,
        preexec_fn=lambda: signal.signal(signal.SIGINT, signal.default_int_handler),
    ) as process:
        while server.count("efetch") < 1:
            time.sleep(0.01)
        process.send_signal(signal.SIGINT)
        out, err = process.communicate(timeout=20)
    assert process.returncode == 130
    assert out == ""
    assert len(err.strip().splitlines()) == 1, err
    assert err.strip().startswith("ho-tracker: stopped")
    with open_store(tmp_path / "ho.db") as store:
        assert Ledger(store).runs()[0]["status"] == "stopped"
        assert check_store(store) == []
        server.pause = 0
        assert outcome(night(server, store))[:3] == ("done", 300, 300)


def test_a_full_disk_ends_in_one_line(server: EutilsServer, tmp_path: Path) -> None:
    fill(server.corpus, 200)

    def harvest_on_a_small_disk() -> None:
        with open_store(tmp_path / "ho.db") as store:
            pages = store.db.execute("PRAGMA page_count").fetchone()[0]
            store.db.execute(f"PRAGMA max_page_count = {pages + 20}")
            night(server, store, batch_size=10)

    with pytest.raises(StoreError, match="full"):
        harvest_on_a_small_disk()
    with open_store(tmp_path / "ho.db") as store:
        assert check_store(store) == []
        assert outcome(night(server, store))[:3] == ("done", 200, 200)


def test_no_more_threads_than_asked_for_and_all_of_them_end(server: EutilsServer, store: Store) -> None:
    fill(server.corpus, 100)
    before = threading.active_count()
    night(server, store, batch_size=5, workers=3)
    time.sleep(0.1)
    assert threading.active_count() <= before + 20
    assert not [thread for thread in threading.enumerate() if thread.name.startswith("fetch-")]


@pytest.mark.parametrize("count", [30, 1000])
def test_the_cost_in_requests(server: EutilsServer, store: Store, count: int) -> None:
    fill(server.corpus, count)
    night(server, store)
    assert len(server.asked) <= -(-count // 200) + 10
    night(server, store)
    assert len(server.asked) <= 6
    for number in range(25):
        server.corpus.revise(1000 + 3 * number, title="Revised")
    server.corpus.delete(1000 + 3 * 26)
    server.corpus.add(999_999)
    night(server, store, yes=True)
    assert len(server.asked) <= 6 + 27 / 200 + 1


def test_who_asks_is_said_by_post_and_nowhere_else(server: EutilsServer, tmp_path: Path) -> None:
    fill(server.corpus, 5)
    server.warnings = ("your key secret-key-1234 of someone@example.org, email=someone%40example.org, is fine",)
    with open_store(tmp_path / "ho.db") as store:
        client = Client(server.url, Identity("someone@example.org", "secret-key-1234"), limiter=None)
        report = harvest(store, client, QUERY, Options())
    for asked in server.asked:
        assert asked.method == "POST"
        assert "?" not in asked.url
        assert (asked.form["tool"], asked.form["email"]) == ("ho-tracker", "someone@example.org")
        assert asked.form["api_key"] == "secret-key-1234"
    written = b"".join(path.read_bytes() for path in tmp_path.iterdir())
    for secret in ("secret-key-1234", "someone@example.org", "someone%40example.org"):
        assert secret not in str(report.as_json()) + report.as_text() + repr(client.identity)
        assert secret.encode() not in written
    assert "[api key]" in report.warnings[0]


def test_a_late_index_entry_is_found_after_a_sweep_that_listed_the_record_under_its_old_date(
    server: EutilsServer, store: Store
) -> None:
    fill(server.corpus, 20)
    night(server, store)
    server.corpus.revise(1003, title="Revised")
    server.corpus.today += 40 * DAY
    night(server, store)
    late = server.corpus.today - 2 * DAY
    server.corpus.revise(1003, title="Revised again", modified=late, revised=late)
    assert outcome(night(server, store))[3] == {"revised": 1}


def test_a_first_harvest_that_finds_nothing_says_so(server: EutilsServer, store: Store) -> None:
    report = night(server, store)
    assert outcome(report) == ("stopped", 0, 0, {})
    assert "PubMed has no article for this query" in report.as_text()
    assert outcome(night(server, store, yes=True)) == ("done", 0, 0, {})


@pytest.mark.parametrize("full", [False, True])
def test_a_change_that_moves_no_date_is_found(server: EutilsServer, store: Store, full: bool) -> None:
    fill(server.corpus, 40)
    night(server, store)
    for record in list(server.corpus.records.values())[::4]:
        server.corpus.records[record.pmid] = replace(record, title="Another title")
    assert outcome(night(server, store))[3] == {}
    if full:
        assert outcome(night(server, store, full=True))[3] == {"revised": 10}
        assert len(fetched(server)) == 40
        return
    seen: list[int] = []
    revised = 0
    for _ in range(28):
        revised += outcome(night(server, store, reread_within=28))[3].get("revised", 0)
        seen += fetched(server)
    assert revised == 10
    assert sorted(seen) == sorted(server.corpus.records)


def test_the_shares_of_missed_nights_are_made_up_for_and_twice_a_day_none_is_read_twice(
    server: EutilsServer, store: Store
) -> None:
    fill(server.corpus, 56)
    night(server, store)
    server.corpus.today += 13 * DAY
    night(server, store, reread_within=28)
    assert len(fetched(server)) == 28
    server.corpus.today -= DAY
    night(server, store, reread_within=28)
    assert fetched(server) == []


@pytest.mark.parametrize("revised", [date(2025, 1, 1), date(2026, 3, 1), None])
def test_what_pubmed_gives_live_is_the_truth_whatever_its_date(
    server: EutilsServer, store: Store, revised: date | None
) -> None:
    fill(server.corpus, 5)
    server.corpus.revise(1003, title="By mistake", revised=date(2027, 12, 1), version=2)
    night(server, store)
    xml = replace(server.corpus.records[1003], title="As it should be", version=1, revised=revised).as_xml()
    if revised is None:
        xml = re.sub(rb"<DateRevised>.*?</DateRevised>", b"", xml)
    server.corpus.revise(1003, xml=xml)
    assert outcome(night(server, store))[3] == {"revised": 1}
    assert store.db.execute("SELECT title, version FROM articles WHERE pmid = 1003").fetchone() == (
        "As it should be",
        1,
    )


@pytest.mark.parametrize("options", [{"full": True}, {"reread_within": 1}])
def test_what_is_gone_is_not_asked_for_though_its_turn_has_come(
    server: EutilsServer, store: Store, options: dict[str, Any]
) -> None:
    fill(server.corpus, 60)
    night(server, store)
    server.corpus.delete(1003)
    assert outcome(night(server, store, **options)) == ("done", 59, 59, {"vanished": 1})
    assert fetched(server) == sorted(server.corpus.records)


def test_days_of_a_clock_that_was_ahead_hide_nothing(server: EutilsServer, store: Store) -> None:
    fill(server.corpus, 20)
    night(server, store)
    with store.atomic():
        store.db.execute("UPDATE runs SET window_to = '2029-01-01', window_from = '2028-12-25'")
        store.db.execute(
            "INSERT INTO runs (kind, status, started_at, window_to) VALUES ('harvest', 'done', '2026-03-03', ?)",
            [server.corpus.today.isoformat()],
        )
    server.corpus.today += 4 * DAY
    server.corpus.revise(1003, title="Revised")
    server.corpus.today += 9 * DAY
    assert outcome(night(server, store))[3] == {"revised": 1}


def test_a_day_that_a_clock_left_behind_never_counts_again(server: EutilsServer, store: Store) -> None:
    """The clock was ahead once, then right; when it is ahead again, the day of the first time is in the past."""
    fill(server.corpus, 20)
    night(server, store)
    with store.atomic():
        store.db.execute("UPDATE runs SET window_to = '2026-06-01', window_from = '2026-05-25'")
        store.db.execute(
            "INSERT INTO runs (kind, status, started_at, window_to) VALUES ('harvest', 'done', '2026-03-03', ?)",
            [server.corpus.today.isoformat()],
        )
    server.corpus.today += 1 * DAY
    server.corpus.revise(1003, title="Revised")
    server.corpus.today = date(2026, 6, 10)
    assert outcome(night(server, store))[3] == {"revised": 1}


@pytest.mark.parametrize("ahead", [1, 2, 4, 6, 9, 30, 400])
@pytest.mark.parametrize("nights", [1, 2, 4])
def test_clocks_that_are_ahead_many_nights_running_hide_nothing(
    server: EutilsServer, store: Store, monkeypatch: pytest.MonkeyPatch, ahead: int, nights: int
) -> None:
    """PubMed's clock and ours are ahead by the same days; the records have the days on which they were changed."""
    fill(server.corpus, 30)
    night(server, store)
    right = Client.today.fget  # type: ignore[attr-defined]
    monkeypatch.setattr(Client, "today", property(lambda client: right(client) + ahead * DAY))
    for number in range(nights):
        server.corpus.revise(1003, title=f"Revised {number}")
        server.corpus.revise(1006 + 3 * number, title=f"Another {number}")
        assert outcome(night(server, store))[3] == {"revised": 2}, number
        server.corpus.revise(1030 + 3 * number, title=f"A third {number}")
        assert outcome(night(server, store))[3] == {"revised": 1}, number
    monkeypatch.setattr(Client, "today", property(right))
    server.corpus.revise(1003, title="When the clocks are right again")
    assert outcome(night(server, store))[3] == {"revised": 1}
    night(server, store)
    night(server, store)
    assert fetched(server) == []


@pytest.mark.parametrize(("first", "second"), [(400, 9), (30, 0), (400, 0)])
def test_a_first_harvest_whose_clocks_were_ahead_hides_nothing_of_the_night_after_it(
    server: EutilsServer, store: Store, monkeypatch: pytest.MonkeyPatch, first: int, second: int
) -> None:
    fill(server.corpus, 30)
    right = Client.today.fget  # type: ignore[attr-defined]
    monkeypatch.setattr(Client, "today", property(lambda client: right(client) + first * DAY))
    night(server, store)
    server.corpus.revise(1003, title="Revised")
    monkeypatch.setattr(Client, "today", property(lambda client: right(client) + second * DAY))
    assert outcome(night(server, store))[3] == {"revised": 1}


def test_a_change_on_the_first_and_last_day_of_the_overlap_is_read(server: EutilsServer, store: Store) -> None:
    fill(server.corpus, 20)
    night(server, store)
    last = server.corpus.today
    for pmid, days in ((1003, 7), (1006, 1), (1009, 0), (1012, 8)):
        server.corpus.revise(pmid, title="Late", modified=last - days * DAY, revised=last - days * DAY)
    night(server, store)
    assert fetched(server) == [1003, 1006, 1009]
    window = store.db.execute("SELECT window_from FROM runs ORDER BY id DESC").fetchone()[0]
    assert window == (last - 7 * DAY).isoformat()


@pytest.mark.parametrize(("held", "gone", "believed"), [(100, 2, True), (100, 3, False), (150, 3, True), (40, 1, True)])
def test_a_loss_is_believed_up_to_the_limit_itself(
    server: EutilsServer, store: Store, held: int, gone: int, believed: bool
) -> None:
    fill(server.corpus, held)
    night(server, store)
    for number in range(gone):
        server.corpus.delete(1000 + 3 * number)
    report = night(server, store)
    assert (report.status, report.changes.get("vanished", 0)) == (("done", gone) if believed else ("stopped", 0))


def test_what_pubmed_lists_and_never_gives_costs_itself_alone_every_night(server: EutilsServer, store: Store) -> None:
    server.corpus = _WithGhost(server.corpus.today)
    fill(server.corpus, 100)
    night(server, store)
    for _ in range(3):
        server.corpus.delete(min(server.corpus.records))
        report = night(server, store)
        assert (report.status, report.exit_code, set(report.lost)) == ("partial", 2, {77})
        assert report.changes == {"vanished": 1}


def test_a_window_whose_parts_do_not_add_up_costs_itself_and_is_read_the_next_time(
    server: EutilsServer, store: Store
) -> None:
    server.reach = 20
    fill(server.corpus, 60)
    night(server, store, reach=20)
    server.uid_ranges_are_two_ids = True
    for pmid in list(server.corpus.records):
        server.corpus.revise(pmid, title="Revised")
    server.corpus.add(9999)
    report = night(server, store, reach=20)
    assert (report.status, report.changes) == ("partial", {"new": 1})
    assert "what was changed could not be listed" in (report.message or "")
    server.uid_ranges_are_two_ids = False
    assert outcome(night(server, store, reach=20)) == ("done", 61, 61, {"revised": 60})


def test_an_accepted_query_stays_accepted_though_its_run_was_killed(server: EutilsServer, store: Store) -> None:
    fill(server.corpus, 40)
    for record in list(server.corpus.records.values())[:5]:
        server.corpus.revise(record.pmid, mesh=("Hip",))
    server.corpus.finds["hips"] = lambda record: "Hip" in record.mesh
    night(server, store)
    other = Query("hips", "test", "2", "hash-2")

    def killed(*_words: object) -> None:
        raise KeyboardInterrupt

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(Ledger, "mark_vanished", killed)
        with pytest.raises(KeyboardInterrupt):
            night(server, store, other, yes=True)
    assert outcome(night(server, store, other)) == ("done", 5, 5, {"vanished": 35})
    assert outcome(night(server, store, QUERY, yes=True))[3] == {"returned": 35}


@pytest.mark.parametrize("behind", [3, 400, 3000])
def test_a_clock_that_is_far_behind_costs_few_requests(
    server: EutilsServer, store: Store, monkeypatch: pytest.MonkeyPatch, behind: int
) -> None:
    server.reach = 20
    fill(server.corpus, 60)
    night(server, store, reach=20)
    for pmid in list(server.corpus.records):
        server.corpus.revise(pmid, title="Revised")
    today = server.corpus.today - behind * DAY
    monkeypatch.setattr(Client, "today", property(lambda _client: today))
    with store.atomic():
        store.db.execute("UPDATE runs SET window_to = ?", [today.isoformat()])
    assert outcome(night(server, store, reach=20))[3] == {"revised": 60}
    assert server.count("esearch") < 60


def test_a_record_that_is_lost_from_the_store_is_fetched_and_kept_again(server: EutilsServer, store: Store) -> None:
    fill(server.corpus, 5)
    night(server, store)
    with store.atomic():
        store.db.execute("DELETE FROM records WHERE pmid = 1003")
        store.db.execute("UPDATE records SET xml = x'00' WHERE pmid = 1006")
    assert night(server, store, full=True).status == "done"
    assert check_store(store) == []


def test_what_a_file_brought_last_is_read_again_live(server: EutilsServer, store: Store, tmp_path: Path) -> None:
    fill(server.corpus, 5)
    night(server, store)
    newer = replace(server.corpus.records[1003], title="Taken back", version=2, revised=date(2030, 1, 1))
    path = tmp_path / "pubmed26n0001.xml"
    path.write_bytes(as_set([newer.as_xml()]))
    import_files(store, [path], EVERYTHING)
    assert store.db.execute("SELECT title FROM articles WHERE pmid = 1003").fetchone() == ("Taken back",)
    assert outcome(night(server, store))[3] == {"revised": 1}
    assert fetched(server) == [1003]
    night(server, store)
    assert fetched(server) == []


def test_people_decide_while_a_harvest_is_at_work_and_neither_fails(server: EutilsServer, tmp_path: Path) -> None:
    fill(server.corpus, 120)
    path = tmp_path / "ho.db"
    with open_store(path) as store:
        night(server, store, batch_size=5)
    for pmid in list(server.corpus.records):
        server.corpus.revise(pmid, title="Revised")
    made, failed, done = 0, [], threading.Event()

    def decide() -> None:
        nonlocal made
        try:
            while not done.is_set():
                with open_store(path) as other, other.atomic():
                    now = f"2026-01-01T00:{made // 60 % 60:02}:{made % 60:02}Z"
                    record_decisions(other, [Decision(1003, "include", f"ada {made}", now)])
                made += 1
        except BaseException as error:
            failed.append(error)

    person = threading.Thread(target=decide)
    person.start()
    try:
        with open_store(path) as store:
            report = night(server, store, batch_size=2)
    finally:
        done.set()
        person.join()
    assert (report.status, report.changes, failed) == ("done", {"revised": 120}, [])
    with open_store(path) as store:
        assert made == store.db["decisions"].count > 3
        assert store.db.execute("SELECT count(*) FROM runs WHERE status = 'running'").fetchone() == (0,)
