"""Who cites what was retracted is marked while it is so, and told once."""

import pytest

from db.enriched import CitationRecord
from db.store.services.citations import join_citations, mark_citing_retracted, save_citations
from db.store.store import Store
from tests.support.made_up import add_article
from tests.support.stores import AT, run


@pytest.fixture
def cited(store: Store) -> Store:
    """Articles 1 and 2 cite 3, which was not retracted yet; 2 cites itself too."""
    with store.atomic():
        for pmid in (1, 2, 3):
            add_article(store.db.conn, pmid)
        save_citations(store, [CitationRecord(1, references=(3,)), CitationRecord(2, references=(2, 3, 99))], AT)
        join_citations(store)
    return store


def edges(store: Store) -> list[tuple[int, int]]:
    return store.db.execute("SELECT citing, cited FROM citation_edges ORDER BY 1, 2").fetchall()


def marked(store: Store, retracted: int) -> tuple[int, list[int], list[int]]:
    """How many are told anew, who is marked, and who was told so far, once article 3 is retracted or no more."""
    with store.atomic():
        store.db.execute("UPDATE articles SET retracted = ? WHERE pmid = 3", [retracted])
        fresh = mark_citing_retracted(store, run(store), AT)
    now = [pmid for (pmid,) in store.db.execute("SELECT pmid FROM articles WHERE cites_retracted = 1 ORDER BY 1")]
    told = [
        pmid for (pmid,) in store.db.execute("SELECT pmid FROM changes WHERE change = 'cites retracted' ORDER BY 1")
    ]
    return fresh, now, told


def test_a_citation_of_something_retracted_is_told_once_though_it_goes_and_comes_again(cited: Store) -> None:
    assert marked(cited, 0) == (0, [], [])
    assert marked(cited, 1) == (2, [1, 2], [1, 2])
    assert marked(cited, 1) == (0, [1, 2], [1, 2])
    assert marked(cited, 0) == (0, [], [1, 2])
    assert marked(cited, 1) == (0, [1, 2], [1, 2])


def test_only_citations_between_two_held_articles_count_and_none_of_itself(cited: Store) -> None:
    assert edges(cited) == [(1, 3), (2, 3)]


def test_what_a_service_no_longer_says_goes(cited: Store) -> None:
    with cited.atomic():
        save_citations(cited, [CitationRecord(1, references=())], AT)
        join_citations(cited)
    assert edges(cited) == [(2, 3)]


@pytest.mark.parametrize(
    "sql",
    [
        "INSERT INTO publication_types (pmid, position, ui, term) VALUES (2, 0, 'D016440', 'Retraction')",
        "INSERT INTO notices (pmid, position, kind, ref_pmid) VALUES (2, 0, 'RetractionOf', 3)",
    ],
)
def test_the_notice_of_a_retraction_does_not_rest_on_what_it_retracts(cited: Store, sql: str) -> None:
    cited.db.execute(sql)
    cited.db.conn.commit()
    assert marked(cited, 1) == (1, [1], [1])
