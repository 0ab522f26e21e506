"""Publishing: the new file is checked before readers see it, and swapped in whole."""

import sqlite3
from collections.abc import Callable
from pathlib import Path

import pytest

from db.publish.publish import PublishError, publish
from db.select.search.index import SEARCH_TABLE, build_search
from db.site.server import check_servable
from db.store.ledger.digests import ToldLine, record_digest
from db.store.ledger.searches import ListedSearch, put_listed, put_told
from db.store.schema import PUBLIC_TABLES
from db.store.store import StoreError, open_store
from tests.support.stores import fill


def ask(site: Path, sql: str) -> list[tuple[object, ...]]:
    """The answer of the published file."""
    connection = sqlite3.connect(site)
    try:
        return connection.execute(sql).fetchall()
    finally:
        connection.close()


def test_what_is_public_is_published_and_nothing_else(tmp_path: Path) -> None:
    store, site = fill(tmp_path / "ho.db", 1), tmp_path / "evidence.db"
    report = publish(store, site)
    assert (report.articles, report.tags) == (1, 4)
    tables = {row[0] for row in ask(site, "SELECT name FROM sqlite_master WHERE type = 'table'")}
    with open_store(store) as opened:
        private = set(opened.db.table_names()) - set(PUBLIC_TABLES) - {"_sqlite_migrations"}
    assert {"records", "batches", "decisions", "letters", "deliveries", "notice_claims", "readings"} <= private
    assert not tables & private
    assert set(PUBLIC_TABLES) <= tables
    assert ask(site, "SELECT pmid FROM articles_fts JOIN articles ON articles.pmid = articles_fts.rowid") == [(1,)]
    assert ask(site, "PRAGMA journal_mode") == [("wal",)]
    assert [path.name for path in tmp_path.glob("*building*")] == []


def test_readers_see_the_old_data_until_the_swap_and_the_new_after_it(tmp_path: Path) -> None:
    site = tmp_path / "evidence.db"
    publish(fill(tmp_path / "a.db", 1, 2), site)
    reader = sqlite3.connect(site)
    assert reader.execute("SELECT count(*) FROM articles").fetchone() == (2,)
    seen_before_the_swap = []
    publish(
        fill(tmp_path / "b.db", 1, 2, 3),
        site,
        lambda building: seen_before_the_swap.append(reader.execute("SELECT count(*) FROM articles").fetchone()),
    )
    assert seen_before_the_swap == [(2,)]
    assert reader.execute("SELECT count(*) FROM articles").fetchone() == (3,)
    reader.close()


def refuse(building: Path) -> None:
    """A smoke test that fails."""
    raise PublishError("no page")


def test_a_failed_smoke_test_leaves_the_old_data(tmp_path: Path) -> None:
    site = tmp_path / "evidence.db"
    publish(fill(tmp_path / "a.db", 1, 2), site)
    with pytest.raises(PublishError, match="no page"):
        publish(fill(tmp_path / "b.db", 1, 2, 3), site, refuse)
    assert ask(site, "SELECT count(*) FROM articles") == [(2,)]


def test_a_file_that_lost_many_articles_is_refused_unless_allowed(tmp_path: Path) -> None:
    site = tmp_path / "evidence.db"
    publish(fill(tmp_path / "a.db", *range(1, 41)), site)
    smaller = fill(tmp_path / "b.db", *range(1, 31))
    with pytest.raises(PublishError, match="30 articles where the served one has 40"):
        publish(smaller, site)
    publish(smaller, site, allow_shrinking=True)
    assert ask(site, "SELECT count(*) FROM articles") == [(30,)]


def test_a_mark_that_is_not_at_its_place_is_refused(tmp_path: Path) -> None:
    store = fill(tmp_path / "ho.db", 1)
    with open_store(store) as opened:
        opened.db.execute("UPDATE mentions SET start = start + 1")
    with pytest.raises(PublishError, match="does not stand at its place"):
        publish(store, tmp_path / "evidence.db")
    assert not (tmp_path / "evidence.db").exists()


def test_a_mark_in_a_text_that_is_not_there_is_refused_and_what_a_search_of_before_told_stays_at_home(
    tmp_path: Path,
) -> None:
    store, site = fill(tmp_path / "ho.db", 1), tmp_path / "evidence.db"
    with open_store(store) as opened, opened.atomic():
        put_listed(opened.db.conn, [ListedSearch("kept", "/articles?q=a", "a", 0)])
        for name in ("kept", "gone"):
            put_told(opened.db.conn, name, {1: False})
            record_digest(opened.db.conn, 0, 1, 1, name, [ToldLine("new", 1, None, {})])
    publish(store, site)
    for table, rows in (("digests", 1), ("search_articles", 1), ("digest_entries", 1)):
        assert ask(site, f"SELECT count(*) FROM {table}") == [(rows,)]
    assert ask(site, "SELECT DISTINCT search FROM digests") == [("kept",)]
    with open_store(store) as opened, opened.atomic():
        opened.db.execute("UPDATE mentions SET field = 'abstract'")
        opened.db.execute("UPDATE articles SET abstract = NULL")
    with pytest.raises(PublishError, match="does not stand at its place"):
        publish(store, site)


def test_without_a_store_there_is_nothing_to_publish(tmp_path: Path) -> None:
    with pytest.raises(StoreError, match="no such database"):
        publish(tmp_path / "none.db", tmp_path / "evidence.db")


def test_a_missing_folder_is_named(tmp_path: Path) -> None:
    with pytest.raises(StoreError, match="does not exist"):
        publish(fill(tmp_path / "ho.db", 1), tmp_path / "none" / "evidence.db")


def somebody_elses(path: Path) -> None:
    """A database with one table of its owner's."""
    with sqlite3.connect(path) as connection:
        connection.execute("CREATE TABLE precious (a)")
    connection.close()


@pytest.mark.parametrize(
    ("make", "said"),
    [
        (lambda path: fill(path, 1, 2), "this is a store"),
        (somebody_elses, "not a ho-tracker file"),
        (lambda path: path.write_text("notes " * 1000), "not a database"),
        (lambda path: path.mkdir(), "folder"),
    ],
)
def test_only_a_published_file_is_replaced_or_served(tmp_path: Path, make: Callable[[Path], object], said: str) -> None:
    site = tmp_path / "evidence.db"
    make(site)
    before = None if site.is_dir() else site.read_bytes()
    with pytest.raises(StoreError, match=said):
        publish(fill(tmp_path / "ho.db", 1), site)
    with pytest.raises(StoreError, match=said):
        check_servable(site, "127.0.0.1", 0)
    assert before is None or site.read_bytes() == before


def test_a_store_is_never_published_into_itself(tmp_path: Path) -> None:
    store = fill(tmp_path / "ho.db", 1)
    (tmp_path / "evidence.db").symlink_to(store)
    for site in (store, tmp_path / "evidence.db"):
        with pytest.raises(StoreError, match="this is a store"):
            publish(store, site)
    assert ask(store, "SELECT count(*) FROM records") == [(1,)]


@pytest.mark.parametrize(("pmid", "sample"), [(1, "0"), (90000001, "1")])
def test_made_up_records_are_known_by_their_pmids(tmp_path: Path, pmid: int, sample: str) -> None:
    publish(fill(tmp_path / "ho.db", pmid, 2), tmp_path / "evidence.db")
    assert ask(tmp_path / "evidence.db", "SELECT value FROM properties WHERE name = 'sample'") == [(sample,)]


def test_what_the_caller_tells_readers_is_published(tmp_path: Path) -> None:
    site = tmp_path / "evidence.db"
    publish(fill(tmp_path / "ho.db", 1), site, told={"tagger_quality": "{}", "sample": "never"})
    told = dict(ask(site, "SELECT name, value FROM properties"))  # type: ignore[arg-type, var-annotated]
    assert told["tagger_quality"] == "{}"
    assert told["sample"] != "never"


def test_rows_that_name_what_is_missing_are_not_published(tmp_path: Path) -> None:
    path = fill(tmp_path / "ho.db", 1)
    with open_store(path) as store:
        store.db.execute("PRAGMA foreign_keys = OFF")
        store.db.execute("DELETE FROM concepts WHERE id = 'ho'")
        store.db.conn.commit()
    with pytest.raises(PublishError, match="missing row of concepts"):
        publish(path, tmp_path / "evidence.db")


@pytest.mark.parametrize(("left", "refused"), [(95, False), (94, True)])
def test_a_site_may_lose_one_article_in_twenty_and_no_more(tmp_path: Path, left: int, refused: bool) -> None:
    site = tmp_path / "evidence.db"
    publish(fill(tmp_path / "whole.db", *range(1, 101)), site)
    fewer = fill(tmp_path / "fewer.db", *range(1, left + 1))
    if refused:
        with pytest.raises(PublishError, match="--allow-shrinking"):
            publish(fewer, site)
    else:
        assert publish(fewer, site).articles == left


def test_a_damaged_search_is_not_published(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def build_damaged(conn: sqlite3.Connection) -> None:
        build_search(conn)
        # the leaves of the index stand above its two records of structure
        conn.execute(f"UPDATE {SEARCH_TABLE}_data SET block = zeroblob(4) WHERE id > 10")

    monkeypatch.setattr("db.publish.publish.build_search", build_damaged)
    with pytest.raises(PublishError, match="not published, the old data stay: full-text search"):
        publish(fill(tmp_path / "ho.db", 1), tmp_path / "evidence.db")
    assert not (tmp_path / "evidence.db").exists()


def test_a_damaged_file_is_not_published(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def build_damaged(conn: sqlite3.Connection) -> None:
        build_search(conn)
        conn.execute("PRAGMA ignore_check_constraints = ON")
        conn.execute("UPDATE articles SET vanished = 7")

    monkeypatch.setattr("db.publish.publish.build_search", build_damaged)
    with pytest.raises(PublishError, match="integrity check: CHECK constraint failed in articles"):
        publish(fill(tmp_path / "ho.db", 1), tmp_path / "evidence.db")
    assert not (tmp_path / "evidence.db").exists()


def test_a_site_on_another_topic_is_not_overwritten(tmp_path: Path) -> None:
    site = tmp_path / "evidence.db"
    publish(fill(tmp_path / "a.db", 1), site)
    with sqlite3.connect(site) as conn:
        conn.execute("UPDATE properties SET value = 'gout' WHERE name = 'topic'")
    with pytest.raises(StoreError, match="on the topic 'gout'"):
        publish(fill(tmp_path / "b.db", 1, 2), site)
    assert ask(site, "SELECT count(*) FROM articles") == [(1,)]


def test_who_decided_stands_in_no_published_run(tmp_path: Path) -> None:
    """Older versions wrote the name into the run's message."""
    store, site = fill(tmp_path / "ho.db", 1), tmp_path / "evidence.db"
    with sqlite3.connect(store) as conn:
        columns = "kind, status, started_at, message"
        conn.execute(f"INSERT INTO runs ({columns}) VALUES ('decide', 'done', '2026-01-01T00:00:00Z', 'by Jo')")
    publish(store, site)
    assert ask(site, "SELECT message FROM runs WHERE kind = 'decide'") == [("decisions of people",)]


def test_an_empty_file_is_as_none(tmp_path: Path) -> None:
    (tmp_path / "site.db").touch()
    assert publish(fill(tmp_path / "ho.db", 1), tmp_path / "site.db").articles == 1
