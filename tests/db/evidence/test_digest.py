"""The digest's lines: a retracted article is marked once, whatever its title begins with."""

from pathlib import Path

import pytest

from db.evidence.digests.build import make_digest, write_digest
from db.evidence.digests.model import Digest, Entry
from db.evidence.digests.plain import as_text
from db.notices import says_mark
from db.store.records.changes import record_changes
from db.store.records.revisions import Change
from db.store.store import open_store
from tests.support.stores import AT, fill, run


def entry(title: str) -> Entry:
    return Entry("retracted", 7, title, None, None, 2020, "cohort", True, (), ("RetractionIn",))


@pytest.mark.parametrize(
    ("title", "said"),
    [
        ("RETRACTED: Indomethacin after hip replacement", True),
        ("Retracted Article: Indomethacin after hip replacement", True),
        ("[Retracted.] Indomethacin after hip replacement", True),
        ("Retracted tendon ends and ossification after repair", False),
    ],
)
def test_a_mark_is_one_only_where_the_title_sets_it_apart(title: str, said: bool) -> None:
    assert says_mark(title, "RETRACTED") == said


def test_a_title_about_retracted_tendons_is_marked_too() -> None:
    digest = Digest("run 1", 2, (entry("Retracted tendon ends and ossification after repair"),))
    assert "RETRACTED. Retracted tendon ends" in as_text(digest)


@pytest.mark.parametrize("change", ["retagged", "reparsed", "revised"])
def test_an_article_that_was_gone_before_does_not_vanish_again(change: str, tmp_path: Path) -> None:
    with open_store(fill(tmp_path / "ho.db", 1)) as store:
        with store.atomic():
            gone = run(store)
            store.db.execute("UPDATE articles SET vanished = 1")
            record_changes(store, gone, [Change(1, "vanished")], AT)
            record_changes(store, run(store), [Change(1, change)], AT)
        assert [entry.change for entry in make_digest(store, str(gone - 1)).entries] == ["vanished"]
        assert make_digest(store, str(gone)).entries == ()


def test_a_retraction_that_came_and_went_and_came_is_told_once(tmp_path: Path) -> None:
    with open_store(fill(tmp_path / "ho.db", 1)) as store:
        with store.atomic():
            told = run(store)
            record_changes(store, told, [Change(1, "retracted")], AT)
            store.db.execute("UPDATE articles SET retracted = 1")
            for change in ("reinstated", "retracted"):
                record_changes(store, run(store), [Change(1, "revised"), Change(1, change)], AT)
        assert [entry.change for entry in make_digest(store, str(told - 1)).entries] == ["retracted"]
        assert [entry.change for entry in make_digest(store, str(told)).entries] == ["revised"]
        assert [entry.change for entry in make_digest(store, str(told + 1)).entries] == ["retracted"]


@pytest.mark.parametrize("later", ["retracted", "vanished"])
def test_what_a_run_at_work_did_already_is_left_to_the_next_digest(later: str, tmp_path: Path) -> None:
    with open_store(fill(tmp_path / "ho.db", 1)) as store:
        with store.atomic():
            store.db.execute("UPDATE runs SET status = 'done'")
            (came,) = store.db.execute("SELECT max(id) FROM runs").fetchone()
            record_changes(store, run(store), [Change(1, later)], AT)
            store.db.execute(f"UPDATE articles SET {later} = 1")
        digest = make_digest(store, None)
        assert [(entry.change, digest.last_run) for entry in digest.entries] == [("new", came)]
        assert digest.entries[0].retracted == (later == "retracted")
        with store.atomic():
            write_digest(store.db.conn, digest)
            store.db.execute("UPDATE runs SET status = 'done'")
        assert [entry.change for entry in make_digest(store, None).entries] == [later]


def test_a_retraction_that_was_taken_back_before_the_digest_is_no_retraction(tmp_path: Path) -> None:
    with open_store(fill(tmp_path / "ho.db", 1)) as store:
        with store.atomic():
            store.db.execute("UPDATE runs SET status = 'done'")
            write_digest(store.db.conn, make_digest(store, None))
            for change in ("retracted", "reinstated"):
                record_changes(store, run(store), [Change(1, change)], AT)
            store.db.execute("UPDATE runs SET status = 'done'")
        assert [entry.change for entry in make_digest(store, None).entries] == []
