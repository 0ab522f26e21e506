"""An older store is brought up to date once, whoever opens it and however many do at once."""

import sqlite3
import threading
from pathlib import Path
from typing import get_args

import pytest
from sqlite_utils import Database

import db.store.store as store_module
from db.changes import CHANGES
from db.enriched import Trial
from db.store.check import check_store
from db.store.ledger.ledger import RunKind
from db.store.people.verdicts import Verdict
from db.store.schema import SchemaError, pending_steps
from db.store.services.trial_reports import note_reports
from db.store.services.trials import save_trials
from db.store.store import is_older, open_store
from tests.support.made_up import add_article
from tests.support.stores import OLDER_STEP, fill, older_store

TRIAL_CHANGES = (
    *("new", "status", "results posted", "vanished", "returned", "dates"),
    *("published", "paper retracted", "paper reinstated"),
)


def steps_of(path: Path) -> list[str]:
    db = Database(path)
    try:
        return pending_steps(db)
    finally:
        db.close()


def test_two_that_saw_the_older_store_both_succeed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = older_store(tmp_path / "ho.db")

    def another_was_faster(db: Database) -> list[str]:
        seen = pending_steps(db)
        monkeypatch.setattr(store_module, "pending_steps", pending_steps)
        with open_store(path):
            pass
        return seen

    monkeypatch.setattr(store_module, "pending_steps", another_was_faster)
    with open_store(path) as store:
        assert check_store(store) == []
    assert steps_of(path) == []
    assert steps_of(tmp_path / f"ho.db.before-{OLDER_STEP}")[0] == OLDER_STEP


def test_many_that_open_an_older_store_at_once_all_succeed(tmp_path: Path) -> None:
    for number in range(3):
        path = older_store(tmp_path / f"{number}.db")
        together = threading.Barrier(6)
        failed: list[str] = []

        def open_it(path: Path = path, together: threading.Barrier = together, failed: list[str] = failed) -> None:
            together.wait()
            try:
                with open_store(path) as store, store.atomic():
                    store.db.execute("INSERT OR REPLACE INTO properties VALUES ('opened', '1')")
            except Exception as error:
                failed.append(repr(error))

        threads = [threading.Thread(target=open_it) for _ in range(6)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert failed == []
        assert steps_of(path) == []
        assert steps_of(path.with_name(f"{path.name}.before-{OLDER_STEP}"))[0] == OLDER_STEP


def test_an_update_that_fails_leaves_the_older_store(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = older_store(tmp_path / "ho.db")
    with monkeypatch.context() as patch:
        patch.setattr(store_module, "seal_everything", lambda _conn: 1 / 0)
        with pytest.raises(ZeroDivisionError), open_store(path):
            pass
    assert steps_of(path)[0] == OLDER_STEP
    with open_store(path) as store:
        assert check_store(store) == []


def test_an_update_takes_the_right_to_write_before_it_looks(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = older_store(tmp_path / "ho.db")
    refused = []

    def try_to_write(db: Database) -> list[str]:
        other = sqlite3.connect(path, timeout=0)
        try:
            other.execute("BEGIN IMMEDIATE")
        except sqlite3.OperationalError:
            refused.append(db.conn.in_transaction)
        other.close()
        return pending_steps(db)

    monkeypatch.setattr(store_module, "pending_steps", try_to_write)
    with open_store(path):
        pass
    assert refused == [True]


def test_a_table_that_somebody_changed_is_not_brought_up_to_date(tmp_path: Path) -> None:
    path = older_store(tmp_path / "ho.db")
    with sqlite3.connect(path) as connection:
        connection.execute("PRAGMA writable_schema = ON")
        connection.execute("UPDATE sqlite_schema SET sql = replace(sql, 'retagged', 'tagged') WHERE name = 'changes'")
    connection.close()
    with pytest.raises(SchemaError, match="table changes is not as ho-tracker made it"), open_store(path):
        pass
    assert steps_of(path)[0] == OLDER_STEP


def test_the_words_that_a_step_adds_are_taken_at_once_by_whoever_has_the_file_open(tmp_path: Path) -> None:
    path = older_store(tmp_path / "ho.db")
    before = sqlite3.connect(path)
    assert before.execute("SELECT count(*) FROM runs, changes").fetchone() == (0,)
    words = {
        "INSERT INTO runs (kind, status, started_at) VALUES (?, 'done', 'x')": get_args(RunKind),
        "INSERT OR REPLACE INTO changes (run_id, pmid, change, at) VALUES (1, 1, ?, 'x')": CHANGES,
        "INSERT INTO decisions (pmid, verdict, who, \"when\", text_hash) VALUES (1, ?, 'ada', 'x', 'x')": get_args(
            Verdict
        ),
        "INSERT OR REPLACE INTO trial_changes (run_id, nct_id, change, at) VALUES (1, 'NCT1', ?, 'x')": TRIAL_CHANGES,
    }
    with open_store(path) as store, store.atomic():
        add_article(store.db.conn, 1)
        columns = "nct_id, kind, title, has_results, fetched_at"
        store.db.execute(f"INSERT INTO trials ({columns}) VALUES ('NCT1', 'about HO', 'One', 0, 'x')")
        for sql, values in words.items():
            store.db.conn.executemany(sql, [(value,) for value in values])
    for sql, values in words.items():
        before.executemany(sql, [(value,) for value in values])
        with pytest.raises(sqlite3.IntegrityError):
            before.execute(sql, ["party"])
    before.close()


def test_somebody_elses_file_is_not_even_copied(tmp_path: Path) -> None:
    path = tmp_path / "other.db"
    with sqlite3.connect(path) as other:
        other.execute("CREATE TABLE articles (a)")
    other.close()
    with pytest.raises(SchemaError), open_store(path):
        pass
    assert [file.name for file in tmp_path.iterdir() if "before" in file.name] == []


def test_what_is_no_older_store_needs_no_update(tmp_path: Path) -> None:
    assert not is_older(tmp_path / "none.db")
    (tmp_path / "empty.db").touch()
    (tmp_path / "text.db").write_bytes(b"no database " * 100)
    assert not is_older(tmp_path / "empty.db")
    assert not is_older(tmp_path / "text.db")
    assert is_older(older_store(tmp_path / "ho.db"))
    with open_store(tmp_path / "ho.db"):
        pass
    assert not is_older(tmp_path / "ho.db")


def test_what_an_older_store_holds_of_trials_is_no_news(tmp_path: Path) -> None:
    path = fill(tmp_path / "ho.db", 1, 2, 3)
    with open_store(path) as store, store.atomic():
        store.db.execute("UPDATE articles SET tagger = 'v1', retracted = pmid = 2 WHERE pmid < 3")
        save_trials(store, 1, [Trial("NCT00000001", "about HO", "One")], "2026-01-01T00:00:00Z")
        ties = [(1, "databank", None), (2, "registry", "RESULT"), (3, "text", None), (99, "registry", "DERIVED")]
        store.db.conn.executemany("INSERT INTO trial_articles VALUES ('NCT00000001', ?, ?, ?)", ties)
    with open_store(path) as store:
        for step in ("m012_trial_searches", "m013_retracted_reports"):
            store.db.execute("DELETE FROM _sqlite_migrations WHERE name = ?", [step])
        for table in ("search_trials", "trial_reports"):
            store.db.execute(f"DROP TABLE {table}")
        store.db.execute("PRAGMA writable_schema = ON")
        store.db.execute(
            "UPDATE sqlite_schema SET sql = replace(sql, ?, ?) WHERE name = 'trial_changes'",
            ["'returned', 'dates', 'published', 'paper retracted', 'paper reinstated')", "'returned')"],
        )
        store.db.conn.commit()
    with open_store(path) as store:
        known = store.db.execute("SELECT pmid, retracted FROM trial_reports ORDER BY pmid").fetchall()
        assert known == [(1, 0), (2, 1), (99, 0)]
        with store.atomic():
            assert note_reports(store, 1, "2026-01-01T00:00:00Z") == 0
            store.db.execute("UPDATE articles SET tagger = 'v1', retracted = 0")
            ledger = store.db.execute("INSERT INTO runs (kind, status, started_at) VALUES ('tag', 'done', 'x')")
            assert (
                note_reports(store, ledger.lastrowid or 0, "2026-01-01T00:00:00Z") == 2
            )  # 3 is read now, 2 is no longer
        told = store.db.execute("SELECT change, detail FROM trial_changes ORDER BY run_id, change").fetchall()
        assert told[1:] == [("paper reinstated", '{"pmids": [2]}'), ("published", '{"pmids": [3]}')]


def test_a_store_from_before_there_were_topics_is_on_the_usual_one(tmp_path: Path) -> None:
    path = fill(tmp_path / "ho.db", 2)
    with open_store(path) as store:
        store.db.execute("DELETE FROM properties WHERE name = 'topic'")
        store.db.execute("DELETE FROM _sqlite_migrations WHERE name = 'm011_topic'")
        store.db.conn.commit()
    with open_store(path) as store:
        assert store.db.execute("SELECT value FROM properties WHERE name = 'topic'").fetchone() == ("ho",)
        store.db.execute("UPDATE articles SET topic = 'gout'")  # no closed list any more
        assert store.db.execute("PRAGMA integrity_check").fetchone() == ("ok",)
