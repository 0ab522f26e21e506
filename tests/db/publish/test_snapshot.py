"""A dated snapshot: whole, checkable with sha256sum, the same bytes again, never half-written."""

import hashlib
import json
import sqlite3
from pathlib import Path

import pytest
import yaml
from sqlite_utils import Database

from db.publish.publish import publish
from db.publish.snapshot import SnapshotError, make_snapshot
from db.store.store import StoreError, open_store
from tests.support.stores import fill


@pytest.fixture
def site(tmp_path: Path) -> Path:
    """A published file of three articles, one of them retracted, after a harvest."""
    store = fill(tmp_path / "ho.db", 1)
    with open_store(store) as opened:
        opened.db.execute(
            "INSERT INTO runs (kind, status, started_at, finished_at, query, query_name, query_version, query_hash, "
            "pubmed_translation, pubmed_count, held_count) VALUES ('harvest', 'done', '2026-03-01T02:00:00Z', "
            "'2026-03-01T02:10:00Z', 'ossification', 'ho', '7', 'abc', '\"ossification\"[All Fields]', 1, 1)"
        )
        opened.db.execute(
            "INSERT INTO runs (kind, status, started_at, finished_at, query, query_name, query_version, query_hash) "
            "VALUES ('harvest', 'failed', '2026-03-02T02:00:00Z', '2026-03-02T02:10:00Z', 'another', 'ho', '8', 'abd')"
        )
        opened.db.execute("UPDATE articles SET retracted = 1")
        opened.db.conn.commit()
    publish(store, tmp_path / "site.db")
    return tmp_path / "site.db"


def test_a_snapshot_is_whole_and_its_sums_hold(site: Path, tmp_path: Path) -> None:
    made = make_snapshot(site, tmp_path, "https://example.org/")
    assert made.folder == tmp_path / "ho-tracker-2026-03-01"
    assert {path.name for path in made.folder.iterdir()} == {
        "evidence.db",
        "manifest.json",
        "CITATION.cff",
        "SHA256SUMS",
    }
    for line in (made.folder / "SHA256SUMS").read_text(encoding="utf-8").splitlines():
        digest, name = line.split("  ")
        assert hashlib.sha256((made.folder / name).read_bytes()).hexdigest() == digest
    told = json.loads((made.folder / "manifest.json").read_text(encoding="utf-8"))
    assert (told["query_text"], told["query"]["version"], told["tagger"]) == ("ossification", "7", ["v1"])
    assert (told["counts"]["articles"], told["counts"]["retracted"]) == (1, 1)
    assert told["database"]["sha256"] == made.sha256
    cited = yaml.safe_load((made.folder / "CITATION.cff").read_text(encoding="utf-8"))
    assert (cited["cff-version"], cited["version"], cited["url"]) == ("1.2.0", "2026-03-01", "https://example.org/")
    assert made.sha256 in cited["identifiers"][0]["value"]


def test_a_harvest_that_was_partial_is_named_with_its_query(site: Path, tmp_path: Path) -> None:
    with sqlite3.connect(site) as conn:
        conn.execute("UPDATE runs SET status = 'partial' WHERE query = 'another'")
    made = make_snapshot(site, tmp_path)
    told = json.loads((made.folder / "manifest.json").read_text(encoding="utf-8"))
    assert (told["date"], told["query_text"], told["query"]["version"]) == ("2026-03-02", "another", "8")


def test_the_manifest_counts_what_the_file_holds(site: Path, tmp_path: Path) -> None:
    with sqlite3.connect(site) as conn:
        conn.execute("UPDATE articles SET topic = 'not_ho', vanished = 1")
        conn.execute("UPDATE properties SET value = '1' WHERE name = 'sample'")
        (published,) = conn.execute("SELECT value FROM properties WHERE name = 'published_at'").fetchone()
        tables = ("articles", "concepts", "article_tags", "mentions", "findings", "changes", "runs")
        held = {table: conn.execute(f"SELECT count(*) FROM {table}").fetchone()[0] for table in tables}
    conn.close()
    made = make_snapshot(site, tmp_path)
    told = json.loads((made.folder / "manifest.json").read_text(encoding="utf-8"))
    assert told["counts"] == {**held, "retracted": 1, "vanished": 1, "not_about_ho": 1}
    assert (told["made_up_sample"], told["published_at"], told["date"]) == (True, published, made.date)
    assert told["pubmed_translation"] == '"ossification"[All Fields]'
    assert told["database"]["bytes"] == (made.folder / "evidence.db").stat().st_size
    assert "url" not in yaml.safe_load((made.folder / "CITATION.cff").read_text(encoding="utf-8"))


def test_its_database_is_a_published_file_with_nothing_private(site: Path, tmp_path: Path) -> None:
    made = make_snapshot(site, tmp_path)
    with sqlite3.connect(made.folder / "evidence.db") as conn:
        tables = set(Database(conn).table_names())
        assert conn.execute("PRAGMA integrity_check").fetchone() == ("ok",)
    conn.close()
    assert not tables & {"decisions", "records", "batches"}
    assert "articles_fts" in tables


def test_the_same_file_gives_the_same_bytes(site: Path, tmp_path: Path) -> None:
    folders = [tmp_path / "a", tmp_path / "b"]
    for folder in folders:
        folder.mkdir()
    first, second = (make_snapshot(site, folder) for folder in folders)
    for path in first.folder.iterdir():
        assert path.read_bytes() == (second.folder / path.name).read_bytes(), path.name


def test_what_cannot_be_done_is_said_and_leaves_nothing(site: Path, tmp_path: Path) -> None:
    make_snapshot(site, tmp_path)
    before = sorted(path.name for path in tmp_path.glob("*ho-tracker*"))
    with pytest.raises(SnapshotError, match="there already"):
        make_snapshot(site, tmp_path)
    with pytest.raises(SnapshotError, match="no such folder"):
        make_snapshot(site, tmp_path / "none")
    with pytest.raises(SnapshotError, match="publish first"):
        make_snapshot(tmp_path / "none.db", tmp_path)
    with pytest.raises(StoreError, match="a store"):
        make_snapshot(tmp_path / "ho.db", tmp_path)
    assert sorted(path.name for path in tmp_path.glob("*ho-tracker*")) == before == ["ho-tracker-2026-03-01"]
