"""A search knows the vocabulary: every name of a concept finds what the concept has, and says so."""

import sqlite3
from collections.abc import Iterator
from typing import Any

import pytest

from db.select.addresses.resolve import resolve_filter
from db.select.filter import ArticleFilter
from db.select.search.index import ensure_search
from db.store.tags import save_concepts
from harvest.app.steps.tag import concepts_of
from nlp.vocabulary.loader import load_vocabulary
from tests.support.made_up import add_article
from tests.support.stores import memory_store

#: (PMID, title, tags): each concept is named otherwise than the searches name it.
ARTICLES: tuple[tuple[int, str, list[str]], ...] = (
    (1, "Total hip arthroplasty and ectopic bone", ["total-hip-arthroplasty"]),
    (2, "THR: a cohort", ["total-hip-arthroplasty"]),
    (3, "Radiotherapy after resection", ["radiotherapy"]),
    (4, "Irradiation of the elbow", ["radiotherapy"]),
    (5, "Celecoxib against bone formation after THA", ["celecoxib", "total-hip-arthroplasty"]),
    (6, "Indomethacin in a tumour ward", ["indomethacin"]),
    (7, "BMP-2 signalling", ["bmp-2"]),
    (8, "A randomised trial", []),
    (9, "A randomized trial of nothing", []),
)


@pytest.fixture(scope="module")
def conn() -> Iterator[sqlite3.Connection]:
    store = memory_store()
    with store.atomic():
        save_concepts(store, concepts_of(load_vocabulary()))
        for pmid, title, tags in ARTICLES:
            design = "randomized controlled trial" if pmid in (5, 8) else "cohort"
            add_article(store.db.conn, pmid, tags, title=title, study_design=design, retracted=int(pmid == 6))
        ensure_search(store.db.conn)
    yield store.db.conn
    store.db.conn.close()


def resolved(conn: sqlite3.Connection, text: str) -> ArticleFilter:
    chosen, _ = resolve_filter(conn, ArticleFilter.from_query([("q", text)]))
    return chosen


def found(conn: sqlite3.Connection, text: str) -> list[int]:
    where, params = resolved(conn, text).where()
    return [row[0] for row in conn.execute(f"SELECT pmid FROM articles WHERE {where} ORDER BY pmid", params)]


@pytest.mark.parametrize(
    ("texts", "pmids"),
    [
        (["THA", "hip replacement", "total hip arthroplasty", "hip replacements", "THR"], [1, 2, 5]),
        (["radiation", "radiotherapy", "irradiation"], [3, 4]),
        (["NSAID", "NSAIDs", "nonsteroidal anti-inflammatory drugs"], [5, 6]),
        (["Celebrex", "celecoxib", "-radiotherapy celecoxib"], [5]),
        (["BMP2", "BMP-2", "bmp 2"], [7]),
        (["tumor", "tumour"], [6]),
        (["randomised", "randomized", "RANDOMISED"], [8, 9]),
        (["indometacin", "indomethacin"], [6]),
        (["RCT", "RCTs", "randomised controlled trial"], [5, 8]),
        (["celecoxib or radiotherapy", "(Celebrex OR irradiation)"], [3, 4, 5]),
        (["does celecoxib reduce HO after hip replacement?", "celecoxib after hip replacement"], [5]),
        (["hip replacement -celecoxib", "THA NOT Celebrex"], [1, 2]),
        (['"hip replacement"', "title:THA celecoxib"], []),
        (["celecoxib THA nosuchword", "celecoxib radiotherapy hip replacement"], [5]),
    ],
)
def test_every_name_finds_what_the_concept_has(conn: sqlite3.Connection, texts: list[str], pmids: list[int]) -> None:
    for text in texts:
        expected = [5] if text == "title:THA celecoxib" else pmids
        assert found(conn, text) == expected, text


def test_how_it_was_understood_is_said(conn: sqlite3.Connection) -> None:
    search = resolved(conn, "does Celebrex reduce HO after hip replacement?").search
    assert search.understood == "celecoxib [intervention] AND total hip arthroplasty [aetiology]"
    assert set(search.dropped) >= {"does", "reduce"}
    assert "at least 2 of 3" in resolved(conn, "celecoxib radiotherapy hip replacement").search.notes[-1]
    assert "did you mean indomethacin" in resolved(conn, "indomethacn").search.notes[0]


def test_a_misspelling_finds_nothing_rather_than_something_else(conn: sqlite3.Connection) -> None:
    assert found(conn, "indomethacn") == []


def test_retracted_work_comes_last(conn: sqlite3.Connection) -> None:
    from db.evidence.index.article_index import ArticleIndex

    index: Any = ArticleIndex(conn)
    assert index.page(conn, resolved(conn, "NSAIDs"), "relevance", 10, 0) == [5, 6]
