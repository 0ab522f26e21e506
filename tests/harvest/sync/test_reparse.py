"""Reparse: a better parser reaches what is stored by the save path of every record, and goes on where it was killed."""

import ast
import importlib
import zlib
from pathlib import Path

import pytest

import harvest.sync.reparse
from db.store.check import check_store
from db.store.ledger.ledger import Ledger
from db.store.records.save import count_to_reparse
from db.store.seals import seal_everything
from db.store.store import Store
from harvest.pubmed.version import DECIDED_BY, code_of, parser_version
from harvest.sample import sample_path
from harvest.sync.bulk import EVERYTHING, import_files
from harvest.sync.reparse import records_wait, reparse

RETITLED, UNREADABLE, RETRACTED = 90000001, 90000002, 90000003


@pytest.fixture
def sample(store: Store) -> Store:
    """A store of the sample, tagged so far that every article has a tag of its own."""
    import_files(store, [sample_path()], EVERYTHING)
    with store.atomic():
        columns = "id, kind, name, synonyms, depth, position"
        store.db.execute(f"INSERT INTO concepts ({columns}) VALUES ('x', 'site', 'x', '[]', 0, 0)")
        store.db.execute("INSERT INTO article_tags SELECT pmid, 'x', 'site', 1, 1, 'affirmed', NULL FROM articles")
        store.db.execute("UPDATE articles SET tagger = 'v1', topic = 'ho'")
        seal_everything(store.db.conn)
    return store


def as_by_another_parser(store: Store) -> None:
    """Makes the store what an older parser would have left: its version, a wrong title, a missing part and column."""
    with store.atomic():
        store.db.execute("UPDATE records SET parser = 'older'")
        store.db.execute("UPDATE articles SET title = 'Misread', text_hash = 'x' WHERE pmid = ?", [RETITLED])
        store.db.execute("UPDATE articles SET doi = NULL WHERE pmid = 90000029")
        store.db.execute("DELETE FROM authors WHERE pmid = 90000032")


def tags(store: Store) -> set[int]:
    return {pmid for (pmid,) in store.db.execute("SELECT pmid FROM article_tags")}


def dump(store: Store) -> dict[str, list[tuple[object, ...]]]:
    """Every row of what a parser fills."""
    return {
        table: store.db.execute(f"SELECT * FROM {table} ORDER BY 1, 2, 3").fetchall()
        for table in ("authors", "notices", "mesh_headings", "sections", "keywords", "article_ids")
    }


def test_what_is_imported_is_known_to_be_read_by_this_parser(sample: Store) -> None:
    assert not records_wait(sample)
    assert sample.db.execute("SELECT DISTINCT parser FROM records").fetchall() == [(parser_version(),)]


def test_a_better_parser_reaches_what_is_stored_and_touches_nothing_else(sample: Store) -> None:
    before = dump(sample)
    titles = dict(sample.db.execute("SELECT pmid, title FROM articles").fetchall())
    records = sample.db.execute("SELECT pmid, xml, fetched_at, run_id FROM records").fetchall()
    as_by_another_parser(sample)
    assert records_wait(sample)
    report = reparse(sample)
    assert (report.records, report.reparsed, report.retracted, report.unreadable) == (len(titles), 3, 0, {})
    assert dump(sample) == before
    assert dict(sample.db.execute("SELECT pmid, title FROM articles").fetchall()) == titles
    assert sample.db.execute("SELECT pmid, xml, fetched_at, run_id FROM records").fetchall() == records
    changes = sample.db.execute("SELECT pmid FROM changes WHERE change = 'reparsed' ORDER BY 1").fetchall()
    assert changes == [(RETITLED,), (90000029,), (90000032,)]
    assert tags(sample) == set(titles) - {RETITLED}
    assert sample.db.execute("SELECT pmid FROM articles WHERE topic IS NULL").fetchall() == [(RETITLED,)]
    assert not records_wait(sample)
    assert Ledger(sample).runs("reparse")[0]["reparsed"] == 3
    assert check_store(sample) == []


def test_it_goes_on_where_it_was_killed(sample: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    as_by_another_parser(sample)
    monkeypatch.setattr(harvest.sync.reparse, "_RECORDS_A_COMMIT", 20)
    done: list[int] = []

    def kill(count: int, _total: int) -> None:
        done.append(count)
        if len(done) == 2:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        reparse(sample, kill)
    assert Ledger(sample).runs("reparse")[0]["status"] == "stopped"
    left = count_to_reparse(sample, parser_version())
    total = sample.db["records"].count
    assert left == total - 40
    assert reparse(sample).records == left
    changes = sample.db.execute("SELECT count(*) FROM changes WHERE change = 'reparsed'").fetchone()[0]
    assert changes == 3


def test_a_retraction_that_an_older_parser_missed_is_a_change_of_its_own(sample: Store) -> None:
    with sample.atomic():
        sample.db.execute("UPDATE records SET parser = 'older'")
        sample.db.execute("UPDATE articles SET retracted = 0 WHERE pmid = 90000032")
    report = reparse(sample)
    assert (report.reparsed, report.retracted) == (1, 1)
    kinds = sample.db.execute("SELECT change FROM changes WHERE run_id = (SELECT max(id) FROM runs)").fetchall()
    assert kinds == [("reparsed",), ("retracted",)]


def test_what_cannot_be_read_stays_as_it_was_and_is_named_once(sample: Store) -> None:
    title = sample.db.execute("SELECT title FROM articles WHERE pmid = ?", [UNREADABLE]).fetchone()
    other = sample.db.execute("SELECT xml FROM records WHERE pmid = ?", [RETITLED]).fetchone()[0]
    with sample.atomic():
        sample.db.execute("UPDATE records SET parser = NULL")
        sample.db.execute("UPDATE records SET xml = ? WHERE pmid = ?", [zlib.compress(b"<PubmedArticle/>"), UNREADABLE])
        sample.db.execute("UPDATE records SET xml = x'00' WHERE pmid = ?", [RETRACTED])
        sample.db.execute("UPDATE records SET xml = ? WHERE pmid = 90000004", [other])
    report = reparse(sample)
    assert set(report.unreadable) == {UNREADABLE, RETRACTED, 90000004}
    assert report.unreadable[90000004] == f"the kept record is that of PMID {RETITLED}"
    assert Ledger(sample).runs("reparse")[0]["status"] == "partial"
    assert sample.db.execute("SELECT title FROM articles WHERE pmid = ?", [UNREADABLE]).fetchone() == title
    assert not records_wait(sample)


def test_every_module_that_reads_a_record_is_part_of_the_version() -> None:
    counted = {name.replace("/", ".").removesuffix(".py") for name in DECIDED_BY}
    waiting, seen = ["harvest.pubmed.xml", "db.store.records.article_rows"], set[str]()
    while waiting:
        name = waiting.pop()
        if name in seen or not name.startswith(("harvest.", "db.")):
            continue
        seen.add(name)
        tree = ast.parse(Path(str(importlib.import_module(name).__file__)).read_text(encoding="utf-8"))
        waiting.extend(str(node.module) for node in ast.walk(tree) if isinstance(node, ast.ImportFrom))
    assert seen - {"db.errors", "harvest.pubmed.errors"} <= counted


def test_a_comment_is_no_other_parser() -> None:
    assert code_of("x = 1  # one\n\n# more\n") == code_of("x  =  1\n")
    assert code_of("x = 1") != code_of("x = 2")
