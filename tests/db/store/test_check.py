"""`check` sees every kind of damage that a store can have: one example each, on a store that is otherwise well."""

import shutil
import zlib
from collections.abc import Callable
from pathlib import Path

import pytest

from db.enriched import Trial, TrialReference
from db.errors import TrackerError
from db.model import Article, Notice, Term
from db.store.check import check_store
from db.store.ledger.plans import Batch, Plan, Plans
from db.store.ledger.search_trials import ToldTrial, put_told_trials
from db.store.people.decisions import record_decisions
from db.store.people.verdicts import Decision
from db.store.records.save import save_articles
from db.store.services.trial_reports import note_reports
from db.store.services.trials import save_trials, tie_trials
from db.store.store import Store, StoreError, open_store
from db.store.tags import save_concepts, save_tags
from tests.support.stores import AT, CONCEPTS, article, load, tagged

#: The articles of the store by the XML that stands for them here: what a parser would read of it.
RECORDS = {
    made.xml: made
    for made in (
        article(1, xml=b"<PubmedArticle><PMID>1</PMID></PubmedArticle>", doi="10.5555/one", pmcid="PMC1"),
        article(
            2,
            xml=b"<PubmedArticle><PMID>2</PMID></PubmedArticle>",
            publication_types=(Term("D016441", "Retracted Publication"),),
            notices=(Notice("RetractionIn", 3, "Made-up J."),),
        ),
        article(3, xml=b"<PubmedArticle><PMID>3</PMID></PubmedArticle>"),
    )
}


class BrokenRecordError(TrackerError):
    """What a parser raises."""


def parse(xml: bytes) -> Article:
    """Stands for harvest's parser."""
    if xml not in RECORDS:
        raise BrokenRecordError("no record")
    return RECORDS[xml]


@pytest.fixture(scope="module")
def sound(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A store with fetched, tagged, decided, retracted and vanished articles, closed."""
    path = tmp_path_factory.mktemp("sound") / "ho.db"
    with open_store(path) as store:
        ledger = Plans(store)
        number = ledger.begin("harvest", "tests")
        plan = Plan([[1, 2, 3]], frozenset(), "2026-01-01", "2026-01-02", "2026-01-02", True, 3, None, ())
        (batch,) = ledger.save_plan(number, plan)
        ledger.save_batch(number, Batch(batch.id, batch.pmids), RECORDS.values(), {})
        ledger.mark_vanished(number, [3], "deleted")
        ledger.finish(number, "done", None, 3, 1.0)
        tagging = ledger.begin("tag", "tests")
        with store.atomic():
            save_concepts(store, CONCEPTS)
            save_tags(store, tagging, [tagged(store)], AT)
            record_decisions(store, [Decision(2, "add", "ada", AT, "nsaids"), Decision(2, "include", "bea", AT)])
            save_trials(store, tagging, [Trial("NCT00000001", "about HO", "One", status="RECRUITING")], AT)
            paper = (TrialReference(1, "RESULT"),)
            ended = Trial("NCT00000001", "about HO", "One", status="COMPLETED", references=paper)
            later = ledger.open("enrich", "tests")
            save_trials(store, later, [ended], AT)
            tie_trials(store)
            note_reports(store, later, AT)
            put_told_trials(store.db.conn, "one", {"NCT00000001": ToldTrial(later, True)})
        ledger.finish(later, "done", None, 0, 1.0)
        ledger.finish(tagging, "done", None, 0, 1.0)
        assert check_store(store, parse) == []
        store.db.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    return path


OUTSIDE = "outside its sentence"
#: Each kind of damage by SQL, and the words of the check that must see it.
DAMAGE = {
    "title": ("UPDATE articles SET title = 'x' WHERE pmid = 1", "title"),
    "abstract": ("UPDATE articles SET abstract = 'x' WHERE pmid = 1", "abstract"),
    "abstract cut": ("UPDATE articles SET abstract = NULL WHERE pmid = 3", "abstract"),
    "doi": ("UPDATE articles SET doi = '10.5555/two' WHERE pmid = 1", "doi"),
    "doi of a preprint": ("UPDATE articles SET source = 'europe pmc', doi = '10.5555/two' WHERE pmid = 1", "doi"),
    "pmcid": ("UPDATE articles SET pmcid = NULL WHERE pmid = 1", "pmcid"),
    "year": ("UPDATE articles SET year = 1999 WHERE pmid = 1", "year"),
    "journal": ("UPDATE articles SET journal = 'Other' WHERE pmid = 1", "journal"),
    "version": ("UPDATE articles SET version = 7 WHERE pmid = 1", "version"),
    "revised": ("UPDATE articles SET revised_date = '2030-01-01' WHERE pmid = 1", "revised_date"),
    "language": ("UPDATE articles SET language = 'ger' WHERE pmid = 1", "language"),
    "shown authors": ("UPDATE articles SET authors = 'Nobody' WHERE pmid = 1", "authors"),
    "first author": ("UPDATE articles SET first_author = 'Nobody' WHERE pmid = 1", "first_author"),
    "text hash": ("UPDATE articles SET text_hash = '0' WHERE pmid = 1", "text_hash"),
    "an author": ("UPDATE authors SET last_name = 'Nobody' WHERE pmid = 1 AND position = 0", "authors"),
    "authors gone": ("DELETE FROM authors WHERE pmid = 1", "authors"),
    "MeSH rows gone": ("DELETE FROM mesh_headings WHERE pmid = 1", "mesh_headings"),
    "a MeSH term": ("UPDATE mesh_headings SET term = 'Other' WHERE pmid = 1", "mesh_headings"),
    "keywords gone": ("DELETE FROM keywords WHERE pmid = 1", "keywords"),
    "sections": ("UPDATE sections SET start = 1 WHERE pmid = 1 AND position = 0", "sections"),
    "types gone": ("DELETE FROM publication_types WHERE pmid = 2", "publication_types"),
    "notices gone": ("DELETE FROM notices WHERE pmid = 2", "notices"),
    "retracted flag": ("UPDATE articles SET retracted = 0 WHERE pmid = 2", "retract"),
    "not retracted": ("UPDATE articles SET retracted = 1 WHERE pmid = 1", "retract"),
    "retraction gone with type and notice": (
        "UPDATE articles SET retracted = 0 WHERE pmid = 2; DELETE FROM notices WHERE pmid = 2; "
        "DELETE FROM publication_types WHERE pmid = 2",
        "publication_types",
    ),
    "vanished": ("UPDATE articles SET vanished = 1 WHERE pmid = 1", "vanished"),
    "not vanished": ("UPDATE articles SET vanished = 0 WHERE pmid = 3", "vanished"),
    "not matched": ("UPDATE articles SET matched = 0 WHERE pmid = 1", "for the query"),
    "record gone": ("DELETE FROM records WHERE pmid = 1", "no record"),
    "records swapped": (
        "UPDATE records SET xml = (SELECT xml FROM records WHERE pmid = 2) WHERE pmid = 1",
        "another article",
    ),
    "record of no article": (
        "PRAGMA foreign_keys = OFF; UPDATE records SET pmid = 9 WHERE pmid = 1",
        "the record of PMID 9 has no article",
    ),
    "record cut": ("UPDATE records SET xml = substr(xml, 1, 9) WHERE pmid = 1", "cannot be unpacked"),
    "mention moved": ('UPDATE mentions SET start = start + 1, "end" = "end" + 1 WHERE pmid = 1', "mention"),
    "mention before its sentence": ("UPDATE mentions SET sentence_start = start + 1 WHERE pmid = 1", OUTSIDE),
    "mention behind its sentence": ('UPDATE mentions SET sentence_end = "end" - 1 WHERE pmid = 1', OUTSIDE),
    "sentence a letter behind its text": ("UPDATE mentions SET sentence_end = 40 WHERE pmid = 1", OUTSIDE),
    "sentence behind its text": ("UPDATE mentions SET sentence_end = 9999 WHERE pmid = 1", "outside its sentence"),
    "sentence before its text": ("UPDATE mentions SET sentence_start = -1 WHERE pmid = 1", "outside its sentence"),
    "concept of a mention": ("UPDATE mentions SET concept_id = 'nsaids' WHERE concept_id = 'indomethacin'", "PMID 1"),
    "assertion of a mention": ("UPDATE mentions SET assertion = 'negated' WHERE pmid = 1", "PMID 1"),
    "mention gone": ("DELETE FROM mentions WHERE id = (SELECT min(id) FROM mentions)", "PMID 1"),
    "a tag gone": ("DELETE FROM article_tags WHERE concept_id = 'indomethacin'", "PMID 1"),
    "a tag more": (
        "INSERT INTO article_tags (pmid, concept_id, kind, direct, mentions, assertion) "
        "VALUES (2, 'ho', 'outcome', 1, 1, 'affirmed'); UPDATE articles SET tagger = 'v1' WHERE pmid = 2",
        "PMID 2",
    ),
    "direction": ("UPDATE findings SET direction = 'increases'", "PMID 1"),
    "estimate": ("UPDATE findings SET value = 7.6", "PMID 1"),
    "finding gone": ("DELETE FROM findings", "PMID 1"),
    "finding outside its text": ("UPDATE findings SET sentence_end = 9999", "outside its text"),
    "finding before its text": ("UPDATE findings SET sentence_start = -1", "outside its text"),
    "finding without a sentence": ("UPDATE findings SET sentence_start = sentence_end", "outside its text"),
    "study design": ("UPDATE articles SET study_design = 'case report' WHERE pmid = 1", "PMID 1"),
    "sample size": ("UPDATE articles SET sample_size = 1 WHERE pmid = 1", "PMID 1"),
    "another tagger": ("UPDATE articles SET tagger = 'v0' WHERE pmid = 1", "another tagger"),
    "a result of another tagger": (
        "INSERT INTO results (pmid, arm_text, field, sentence_start, sentence_end, tagger) "
        "VALUES (1, 'a', 'title', 0, 1, 'v0')",
        "results of another tagger",
    ),
    "a finding of another tagger": ("UPDATE findings SET tagger = 'v0'", "findings of another tagger"),
    "decision gone": ("DELETE FROM decisions WHERE who = 'ada'", "decision 1"),
    "decision flipped": ("UPDATE decisions SET verdict = 'reject' WHERE who = 'ada'", "decision 1"),
    "decision forged": (
        "INSERT INTO decisions (pmid, verdict, who, \"when\", text_hash) VALUES (1, 'exclude', 'eve', 'x', 'y')",
        "decision 3",
    ),
    "run's count": ("UPDATE runs SET new = 99 WHERE kind = 'harvest'", "run 1"),
    "run gone": (
        "DELETE FROM changes; DELETE FROM batches; UPDATE records SET run_id = 2; DELETE FROM runs WHERE id = 1",
        "run 1",
    ),
    "another change than there was": ("UPDATE changes SET detail = '{}' WHERE change = 'vanished'", "run 1"),
    "run forged": (
        "INSERT INTO runs (kind, status, started_at) VALUES ('harvest', 'partial', 'x')",
        "written by something else",
    ),
    "change gone": ("DELETE FROM changes WHERE pmid = 1", "run 1"),
    "status of a trial": ("UPDATE trials SET status = 'TERMINATED'", "another status"),
    "trial's change gone": ("DELETE FROM trial_changes WHERE change = 'status'", "another status"),
    "trial's paper gone": ("DELETE FROM trial_reports", "not known as its own"),
    "a search ahead of the ledger": ("UPDATE search_trials SET run_id = 99", "a run that there is not"),
    "details of a change": ("UPDATE changes SET detail = '{' WHERE change = 'vanished'", "no readable detail"),
    "article of a finished batch gone": (
        "PRAGMA foreign_keys = OFF; DELETE FROM articles WHERE pmid = 1",
        "not stored",
    ),
    "dangling rows": ("PRAGMA foreign_keys = OFF; DELETE FROM concepts WHERE id = 'ho'", "names a missing"),
}  # fmt: skip


@pytest.mark.parametrize("kind", DAMAGE)
def test_damage_is_seen(kind: str, sound: Path, tmp_path: Path) -> None:
    script, words = DAMAGE[kind]
    path = tmp_path / "ho.db"
    shutil.copy(sound, path)
    with open_store(path, create=False) as store:
        store.db.conn.executescript(script)
        said = " | ".join(problem.words for problem in check_store(store, parse))
    assert words in said


def _noise(path: Path) -> None:
    content = bytearray(path.read_bytes())
    for start in range(3 * 4096, len(content), 7 * 4096):
        content[start : start + 64] = b"\x5a" * 64
    path.write_bytes(content)


def _cut(path: Path) -> None:
    path.write_bytes(path.read_bytes()[: -10 * 4096])


def _header(path: Path) -> None:
    path.write_bytes(b"\0" * 100 + path.read_bytes()[100:])


def _emptied(path: Path) -> None:
    path.write_bytes(b"")


@pytest.mark.parametrize("damage", [_noise, _cut, _header, _emptied])
def test_a_damaged_file_is_no_store_that_is_well(damage: Callable[[Path], None], sound: Path, tmp_path: Path) -> None:
    path = tmp_path / "ho.db"
    shutil.copy(sound, path)
    damage(path)
    said = ""
    try:
        with open_store(path, create=False) as store:
            said = " | ".join(problem.words for problem in check_store(store, parse))
    except StoreError as error:
        said = str(error)
    assert said
    assert "\n" not in said


def test_a_record_that_cannot_be_read_is_named(sound: Path, tmp_path: Path) -> None:
    path = tmp_path / "ho.db"
    shutil.copy(sound, path)
    with open_store(path, create=False) as store, store.atomic():
        xml = zlib.compress(b"<PubmedArticle><PMID>1</PMID><Cut/></PubmedArticle>")
        store.db.execute("UPDATE records SET xml = ? WHERE pmid = 1", [xml])
        assert "cannot be read" in " ".join(problem.words for problem in check_store(store, parse))


def test_much_damage_of_one_kind_is_counted_and_its_first_examples_are_named(store: Store) -> None:
    load(store, [article(pmid) for pmid in range(2, 9)])  # their records name no PMID
    problem = next(problem for problem in check_store(store) if problem.check == "raw records")
    assert problem.count == 7
    assert problem.words.count("PMID") == 5


def test_an_older_store_is_sealed_as_it_stands(store: Store, sound: Path, tmp_path: Path) -> None:
    path = tmp_path / "ho.db"
    shutil.copy(sound, path)
    with open_store(path) as older:
        older.db.execute("DROP TABLE seals")
        older.db.execute("DELETE FROM _sqlite_migrations WHERE name = 'm006_seals'")
        older.db.conn.commit()
    with open_store(path) as newer:
        assert check_store(newer, parse) == []
        assert newer.db["seals"].count == 6


def test_a_text_that_changed_leaves_no_seal_of_its_tags(sound: Path, tmp_path: Path) -> None:
    path = tmp_path / "ho.db"
    shutil.copy(sound, path)
    changed = article(1, title="Another title", xml=b"<PubmedArticle><PMID>1</PMID>new</PubmedArticle>")
    with open_store(path, create=False) as store:
        ledger = Plans(store)
        number = ledger.begin("import", "tests")
        with store.atomic():
            save_articles(store, number, [changed], AT)
        ledger.finish(number, "done", None, 0, 0.1)
        assert [problem.words for problem in check_store(store)] == []


def test_a_column_that_a_later_version_adds_breaks_no_seal(sound: Path, tmp_path: Path) -> None:
    path = tmp_path / "ho.db"
    shutil.copy(sound, path)
    with open_store(path, create=False) as store:
        for table in ("decisions", "runs", "mentions"):
            store.db.execute(f"ALTER TABLE {table} ADD COLUMN added_later TEXT")
        assert check_store(store, parse) == []
