"""The bundled made-up world: every page of the demonstration shows something, and all of it says that it is made up."""

from datetime import UTC, datetime

from db.evidence.services.overlap import read_overlap
from db.evidence.services.trials import all_trials, unpublished_trials
from db.select.filter import ArticleFilter
from db.store.check import check_store
from db.store.store import Store
from harvest.enrich.sample import load_sample
from harvest.sample import sample_path
from harvest.sync.bulk import EVERYTHING, import_files
from tests.harvest.enrich.conftest import rows

NOW = datetime(2026, 3, 2, tzinfo=UTC)


def test_the_made_up_world_fills_every_table_and_loads_twice(store: Store) -> None:
    import_files(store, [sample_path()], EVERYTHING)
    load_sample(store, NOW)
    tables = ("trials", "trial_articles", "citations", "citation_edges", "links", "notice_claims", "preprints")
    first = {table: rows(store, f"SELECT * FROM {table}") for table in tables}
    assert all(first.values())
    assert check_store(store) == []
    load_sample(store, NOW)
    assert {table: rows(store, f"SELECT * FROM {table}") for table in tables} == first
    assert rows(store, "SELECT count(*) FROM trial_changes") == [(5,)]
    assert rows(store, "SELECT count(*) > 0 FROM articles WHERE cites_retracted = 1") == [(1,)]


def test_it_shows_a_trial_without_publication_and_says_that_all_is_made_up(store: Store) -> None:
    import_files(store, [sample_path()], EVERYTHING)
    load_sample(store, NOW)
    trials = all_trials(store.db.conn)
    assert {trial.kind for trial in trials} == {"about HO", "measures HO"}
    assert all("made-up" in f"{trial.official_title} {trial.summary}" for trial in trials)
    assert [trial.nct_id for trial in unpublished_trials(store.db.conn, NOW.date())] == ["NCT99000002"]
    assert read_overlap(store.db.conn, ArticleFilter()).reviews == {}  # designs come with the tags


def test_reviews_share_studies_and_a_miss_of_the_query_is_shown(store: Store) -> None:
    import_files(store, [sample_path()], EVERYTHING)
    load_sample(store, NOW)
    shared = (
        "SELECT count(*) FROM citation_edges a JOIN citation_edges b ON a.cited = b.cited "
        "WHERE a.citing = ? AND b.citing = ?"
    )
    assert store.db.execute(shared, [90000002, 90000226]).fetchone()[0] >= 2
    years = dict(rows(store, "SELECT pmid, year FROM articles"))
    edges = rows(store, "SELECT citing, cited FROM citation_edges")
    assert [(citing, cited) for citing, cited in edges if years[citing] < years[cited]] == []
    misses = rows(store, "SELECT pmid, cited_by, words FROM recall_candidates")
    assert [(pmid, cited) for pmid, cited, words in misses if words] == [(90009001, 3)]
