"""What each schema step makes of the rows that an older store holds."""

from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

import pytest
from sqlite_utils import Database

from db.store.schema import APPLICATION_ID, migrate, migrations
from db.store.store import StoreError, open_store
from db.store.tags import count_untagged
from tests.support.topics import in_force, topic_folder

Rows = Iterable[tuple[str, Mapping[str, Any]]]
NIGHT = {"kind": "nightly", "status": "done"}
HARVEST = {"kind": "harvest", "status": "done"}
ARTICLE = {"version": 1, "kind": "article", "title": "One", "authors_complete": 1, "text_hash": "0", "retracted": 0}
DECISION = {"verdict": "accept", "who": "ada", "when": "2026-01-01", "text_hash": "0"}
TIE = {"nct_id": "NCT1", "source": "registry"}


def updated(step: str, rows: Rows) -> Database:
    """A store that lacks `step` and all after it, with these rows, brought up to date."""
    db = Database(memory=True)
    db.execute(f"PRAGMA application_id = {APPLICATION_ID}")
    migrations.apply(db, stop_before=step)
    with db.atomic():
        for table, values in rows:
            names = ", ".join(f'"{name}"' for name in values)
            marks = ", ".join("?" * len(values))
            db.execute(f"INSERT INTO {table} ({names}) VALUES ({marks})", list(values.values()))
    migrate(db, "memory")
    return db


def held(db: Database, sql: str) -> list[tuple[Any, ...]]:
    return db.execute(sql).fetchall()


def test_the_first_digest_begins_after_all_that_had_begun_when_the_last_night_ended() -> None:
    rows = [
        ("runs", {**kind, "id": place, "started_at": f"2026-01-{begun:02}", "finished_at": ended})
        for place, (kind, begun, ended) in enumerate(
            (
                (NIGHT, 1, "2026-01-02"),
                (HARVEST, 3, "2026-01-03"),
                (NIGHT, 4, "2026-01-06"),
                (HARVEST, 5, "2026-01-09"),
                (HARVEST, 6, "2026-01-06"),
                (HARVEST, 7, "2026-01-08"),
                ({"kind": "nightly", "status": "running"}, 9, None),
            ),
            1,
        )
    ]
    digests = "SELECT search, after_run, last_run, articles, written_at FROM digests"
    assert held(updated("m007_order", rows), digests) == [(None, 2, 5, 0, "2026-01-06")]
    assert held(updated("m007_order", [rows[1], rows[6]]), digests) == []


def test_tags_that_were_decided_on_are_read_again_and_no_others() -> None:
    articles = [("articles", {**ARTICLE, "pmid": pmid, "tagger": "v1"}) for pmid in (1, 2, 3)]
    said = [
        ("decisions", {**DECISION, "pmid": 1, "concept_id": "ho"}),
        ("decisions", {**DECISION, "pmid": 2, "verdict": "include"}),
    ]
    db = updated("m009_review", [*articles, *said])
    assert held(db, "SELECT pmid, tagger FROM articles") == [(1, None), (2, "v1"), (3, "v1")]


def test_a_record_counts_as_named_in_the_file_that_it_came_from() -> None:
    record = {"version": 1, "xml": b"", "fetched_at": "", "run_id": 1}
    rows = [
        ("runs", {**HARVEST, "id": 1, "started_at": ""}),
        *(("articles", {**ARTICLE, "pmid": pmid}) for pmid in (1, 2)),
        ("records", {**record, "pmid": 1, "source": "26n0001"}),
        ("records", {**record, "pmid": 2}),
    ]
    told = held(updated("m010_left_out", rows), "SELECT pmid, source, named_in, medline FROM records")
    assert told == [(1, "26n0001", "26n0001", 0), (2, None, None, 0)]


@pytest.mark.parametrize(
    "row", [("runs", {**HARVEST, "started_at": ""}), ("articles", {**ARTICLE, "pmid": 1, "topic": "not_ho"})]
)
def test_a_store_that_ran_or_holds_anything_is_on_the_topic_there_was_and_an_empty_one_on_any(
    tmp_path: Path, row: tuple[str, Mapping[str, Any]]
) -> None:
    with in_force(topic_folder(tmp_path / "gout")):
        for name, rows in (("empty.db", []), ("used.db", [row])):
            copy = Database(tmp_path / name)
            updated("m011_topic", rows).conn.backup(copy.conn)
            copy.close()
        with open_store(tmp_path / "empty.db") as store:
            assert count_untagged(store, "v1") == 0
        with pytest.raises(StoreError, match="on the topic 'ho'"), open_store(tmp_path / "used.db"):
            pass


def test_what_a_trial_had_already_is_its_own_and_what_is_only_named_is_not() -> None:
    articles = [
        ("articles", {**ARTICLE, "pmid": pmid, "tagger": tagger, "retracted": int(pmid == 2)})
        for pmid, tagger in ((1, "v1"), (2, None), (3, "v1"), (4, None), (5, "v1"))
    ]
    ties = [
        ("trial_articles", {**TIE, **tie})
        for tie in (
            {"pmid": 1, "source": "text"},
            {"pmid": 2, "kind": "RESULT"},
            {"pmid": 3, "kind": "BACKGROUND"},
            {"pmid": 4, "kind": "DERIVED"},
            {"pmid": 5, "kind": "DERIVED"},
        )
    ]
    trial = ("trials", {"nct_id": "NCT1", "kind": "about HO", "title": "One", "has_results": 0, "fetched_at": ""})
    db = updated("m012_trial_searches", [*articles, trial, *ties])
    assert held(db, "SELECT pmid, retracted FROM trial_reports ORDER BY pmid") == [(1, 0), (2, 1), (5, 0)]
