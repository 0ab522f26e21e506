"""The store: revisions, idempotence, what a changed text does to tags, and errors about the file itself."""

import sqlite3
import zlib
from pathlib import Path

import pytest

from db.model import Author, Notice
from db.store.records.revisions import LIVE, Origin
from db.store.records.save import save_articles, to_reparse
from db.store.schema import TAGGER_COLUMNS, SchemaError
from db.store.store import Store, StoreError, open_store, sqlite_errors
from tests.support.made_up import add_run
from tests.support.stores import AT, article, run, save


def dump(store: Store) -> list[str]:
    """Every row of every table but the runs."""
    return [line for line in store.db.conn.iterdump() if '"runs"' not in line and "changes" not in line]


def test_every_part_is_written(store: Store) -> None:
    assert save(store, article()) == [(1, "new")]
    row = next(store.db["articles"].rows)
    assert row["authors"] == "van der Meulen JP Jr, HO Group"
    assert row["first_author"] == "van der Meulen JP Jr"
    assert [r["label"] for r in store.db["sections"].rows] == ["BACKGROUND", "RESULTS"]
    assert next(store.db["mesh_headings"].rows)["qualifiers"] == '[{"ui": "Q1", "term": "surgery", "major": true}]'
    assert [(pmid, zlib.decompress(xml)) for pmid, xml in to_reparse(store, "another")] == [
        (1, b"<PubmedArticle>1</PubmedArticle>")
    ]


def test_saving_twice_changes_nothing(store: Store) -> None:
    save(store, article())
    before = dump(store)
    assert save(store, article()) == []
    assert dump(store) == before


def test_a_newer_revision_replaces_and_an_older_one_never_does(store: Store) -> None:
    save(store, article())
    newer = article(title="Newer", xml=b"<b/>", revised_date="2021-01-01", authors=(Author("Solo"),))
    assert save(store, newer) == [(1, "revised")]
    assert save(store, article(title="Older", xml=b"<a/>", revised_date="2019-01-01")) == []
    assert next(store.db["articles"].rows)["title"] == "Newer"
    assert [r["last_name"] for r in store.db["authors"].rows] == ["Solo"]
    assert save(store, article(title="Version 2", xml=b"<v/>", version=2, revised_date="2018-01-01")) == [
        (1, "revised")
    ]


def test_the_newest_of_one_call_wins_whatever_the_order(store: Store) -> None:
    old, new = article(title="Old", revised_date="2019"), article(title="New", xml=b"<n/>", revised_date="2022")
    save(store, new, old)
    assert next(store.db["articles"].rows)["title"] == "New"


def test_a_retraction_is_a_change_of_its_own(store: Store) -> None:
    save(store, article())
    retracted = article(xml=b"<r/>", revised_date="2021", notices=(Notice("RetractionIn", 9, "J. 2021"),))
    assert save(store, retracted) == [(1, "revised"), (1, "retracted")]
    assert next(store.db["articles"].rows)["retracted"] == 1


def test_what_pubmed_gives_again_has_returned_but_an_old_file_brings_nothing_back(store: Store) -> None:
    save(store, article())
    store.db.execute("UPDATE articles SET vanished = 1")
    assert save(store, article()) == []
    assert next(store.db["articles"].rows)["vanished"] == 1
    assert save(store, article(), origin=LIVE) == [(1, "returned")]
    assert next(store.db["articles"].rows)["vanished"] == 0


def test_a_record_that_pubmed_itself_gives_is_its_own_from_then_on(store: Store) -> None:
    def kept() -> tuple[object, ...]:
        found: tuple[object, ...] = store.db.execute(
            "SELECT run_id, source, named_in, fetched_at FROM records"
        ).fetchone()
        return found

    def live(number: int, at: str) -> None:
        add_run(store.db.conn, number)
        with store.atomic():
            assert save_articles(store, number, [article()], at, LIVE) == []

    save(store, article(), origin=Origin(live=False, source="26n00001"))
    for source in ("26n00003", "26n00002"):  # the same record stands in later files too
        save(store, article(), origin=Origin(live=False, source=source))
    assert kept() == (1, "26n00003", "26n00003", AT)
    live(10, "2026-02-02")
    assert kept() == (10, None, None, "2026-02-02")
    live(11, "2026-03-03")
    assert kept() == (10, None, None, "2026-02-02")
    more = article(xml=b"<x/>", notices=(Notice("ErratumIn", 5, None, None),))
    assert save(store, more, origin=Origin(live=False, source="26n00009")) == []
    assert kept() == (10, None, "26n00009", "2026-02-02")


def test_an_article_new_in_a_run_is_not_also_revised_in_it(store: Store) -> None:
    with store.atomic():
        number = run(store)
        save_articles(store, number, [article()], AT)
        assert save_articles(store, number, [article(title="B", xml=b"<b/>", revised_date="2022")], AT) == []


def test_a_failed_write_leaves_nothing(store: Store) -> None:
    broken = article(2, languages=(1,))
    with pytest.raises(TypeError), store.atomic():
        save_articles(store, run(store), [article(1), broken], AT)
    assert store.db["articles"].count == 0
    assert store.db["runs"].count == 0


def test_a_file_of_somebody_else_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "other.db"
    with sqlite3.connect(path) as connection:
        connection.execute("CREATE TABLE t (a)")
    with pytest.raises(SchemaError, match="not a ho-tracker database"), open_store(path):
        pass


def test_a_file_of_a_newer_version_is_refused_untouched(tmp_path: Path) -> None:
    path = tmp_path / "ho.db"
    with open_store(path) as store:
        store.db.execute(
            "INSERT INTO _sqlite_migrations (migration_set, name, applied_at) VALUES ('ho-tracker', 'm999_new', '')"
        )
    with pytest.raises(SchemaError, match="newer ho-tracker"), open_store(path):
        pass


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (lambda path: path.mkdir(), "folder"),
        (lambda path: path.write_bytes(b"no database " * 100), "not a database"),
    ],
)
def test_a_path_that_is_no_database_is_named(tmp_path: Path, make: object, message: str) -> None:
    path = tmp_path / "ho.db"
    make(path)  # type: ignore[operator]
    with pytest.raises(StoreError, match=message), open_store(path):
        pass


def test_a_published_site_is_not_taken_for_a_store(tmp_path: Path) -> None:
    path = tmp_path / "evidence.db"
    with open_store(path) as store:
        store.db.execute("INSERT INTO properties (name, value) VALUES ('published_at', '2026-01-01T00:00:00Z')")
    with pytest.raises(StoreError, match="published site"), open_store(path):
        pass


def test_an_error_in_our_own_sql_is_no_fault_of_the_file(store: Store) -> None:
    with pytest.raises(sqlite3.OperationalError, match="no such table"), sqlite_errors(store.path):
        store.db.execute("SELECT * FROM nowhere")


def test_a_missing_folder_is_named(tmp_path: Path) -> None:
    with pytest.raises(StoreError, match="does not exist"), open_store(tmp_path / "none" / "ho.db"):
        pass


def test_what_the_tagger_said_of_the_study_goes_with_its_text(store: Store) -> None:
    save(store, article())
    store.db.execute(
        "UPDATE articles SET topic = 'ho', study_design = 'meta-analysis', sample_size = 1295, species = 'human', "
        "evidence_level = '1', follow_up = '2 years', tagger = 'v1'"
    )
    save(store, article(title="Letter: bone in one dog", xml=b"<PubmedArticle>2</PubmedArticle>"))
    row = next(store.db["articles"].rows)
    assert {row[column] for column in TAGGER_COLUMNS} == {None}


def test_a_store_of_the_first_schema_takes_what_later_versions_write(store: Store) -> None:
    save(store, article())
    run_id = run(store)
    store.db.execute("INSERT INTO changes (run_id, pmid, change, at) VALUES (?, 1, 'reparsed', ?)", [run_id, AT])
    store.db.execute("INSERT INTO runs (kind, status, started_at) VALUES ('reparse', 'done', ?)", [AT])
    with pytest.raises(sqlite3.IntegrityError):
        store.db.execute("INSERT INTO runs (kind, status, started_at) VALUES ('party', 'done', ?)", [AT])
    assert store.db.execute("PRAGMA integrity_check").fetchone() == ("ok",)


def _fails_after_a_write(store: Store) -> None:
    with store.atomic():
        store.db.execute("INSERT INTO properties (name, value) VALUES ('inner', '1')")
        raise RuntimeError


def test_what_fails_inside_a_transaction_is_undone_alone(store: Store) -> None:
    with store.atomic():
        store.db.execute("INSERT INTO properties (name, value) VALUES ('outer', '1')")
        with pytest.raises(RuntimeError):
            _fails_after_a_write(store)
    names = store.db.execute("SELECT name FROM properties WHERE name IN ('inner', 'outer')").fetchall()
    assert names == [("outer",)]


def test_a_writer_takes_its_right_at_once(store: Store) -> None:
    save(store, article())
    other = sqlite3.connect(store.path, timeout=0.05)
    with store.atomic():
        store.db.execute("SELECT count(*) FROM articles").fetchone()
        with pytest.raises(sqlite3.OperationalError, match="locked"):
            other.execute("BEGIN IMMEDIATE")
        store.db.execute("UPDATE articles SET year = 1999")
    other.execute("BEGIN IMMEDIATE")
    assert other.execute("SELECT min(year) FROM articles").fetchone() == (1999,)
    other.close()


def test_what_is_no_longer_retracted_is_a_change_of_its_own(store: Store) -> None:
    save(store, article(notices=(Notice("RetractionIn", 9, "J. 2021"),)))
    assert save(store, article(xml=b"<u/>", revised_date="2021")) == [(1, "revised"), (1, "reinstated")]
    assert next(store.db["articles"].rows)["retracted"] == 0
