"""A search knows the vocabulary: every name of a concept finds what the concept has, and says so."""

import sqlite3
from collections.abc import Iterator
from typing import Any

import pytest

from db.select.addresses.resolve import resolve_filter
from db.select.filter import ArticleFilter
from db.select.questions.lexicon import key_of, spelling, spellings
from db.select.questions.understand import is_question
from db.select.search.index import ensure_search
from db.select.search.parser import parse_search, split_words
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
    (7, "BMP-2 signalling in a tumor", ["bmp-2"]),
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
        (["tumor", "tumour"], [6, 7]),
        (["randomised", "randomized", "RANDOMISED"], [8, 9]),
        (["indometacin", "indomethacin"], [6]),
        (["RCT", "RCTs", "randomised controlled trial"], [5, 8]),
        (["celecoxib or radiotherapy", "(Celebrex OR irradiation)"], [3, 4, 5]),
        (["does celecoxib reduce HO after hip replacement?", "celecoxib after hip replacement"], [5]),
        (["hip replacement -celecoxib", "THA NOT Celebrex"], [1, 2]),
        (['"hip replacement"', "title:THA celecoxib"], []),
        (["celecoxib THA nosuchword", "celecoxib radiotherapy hip replacement"], [5]),
        (["(hip replacement celecoxib) OR radiotherapy", "(THA Celebrex) OR irradiation"], [3, 4, 5]),
        (["(hip replacement -celecoxib) OR irradiation"], [1, 2, 3, 4]),
        (["radiotherapy celecoxib hip replacement -celecoxib"], [1, 2, 3, 4]),
        (["HO celecoxib", "heterotopic ossification Celebrex", "celecoxib and the HO"], [5]),
        (["nosuchword nosuchword2"], []),
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


@pytest.mark.parametrize(
    ("text", "asks"),
    [
        ("does celecoxib help", True), ("Does it", False), ("celecoxib?", True), ("celecoxib does help", False),
        ("what prevents HO", True), ("HO prevention trial", False),
    ],
)  # fmt: skip
def test_what_is_a_question(text: str, asks: bool) -> None:
    assert is_question(parse_search(text)) == asks


@pytest.mark.parametrize(
    ("text", "advice"),
    [
        ("indomethacn", True), ("radiotherapi", True), ("celecoxb -bone", True), ("indomethacin", False),
        ("irradiat", False), ("zzzzzz", False), ("hpi", False), ("20166", False), ('"indomethacn"', False),
    ],
)  # fmt: skip
def test_advice_is_for_words_that_stand_nowhere(conn: sqlite3.Connection, text: str, advice: bool) -> None:
    assert any("did you mean" in note for note in resolved(conn, text).search.notes) == advice


def test_what_all_is_about_is_left_out_beside_other_words_alone(conn: sqlite3.Connection) -> None:
    assert resolved(conn, "HO celecoxib").search.dropped == ("HO",)
    assert resolved(conn, "HO").search.dropped == ()
    assert resolved(conn, '"heterotopic ossification" celecoxib').search.dropped == ()
    assert not any("No article has all" in note for note in resolved(conn, "nosuchword nosuchword2").search.notes)
    assert not any("No article has all" in note for note in resolved(conn, "celecoxib THA").search.notes)


@pytest.mark.parametrize(
    ("british", "american"),
    [
        ("immobilisation", "immobilization"), ("randomised", "randomized"), ("mobilise", "mobilize"),
        ("mobilising", "mobilizing"), ("tumour", "tumor"), ("tumours", "tumors"), ("haemorrhage", "hemorrhage"),
        ("oedema", "edema"), ("foetal", "fetal"), ("paediatric", "pediatric"), ("aetiology", "etiology"),
        ("behavioural", "behavioral"),
    ],
)  # fmt: skip
def test_both_spellings_of_english_are_one_word(british: str, american: str) -> None:
    assert british in spellings(american)
    assert american in spellings(british)
    assert spelling(british) == spelling(american)


@pytest.mark.parametrize("word", ["hour", "flour", "rise", "wise", "does", "shoe", "bone"])
def test_a_word_of_one_spelling_keeps_it(word: str) -> None:
    assert spelling(word) == word


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        ("BMP-2", "BMP2", True), ("bmp 2", "BMP2", True), ("risk of bleeding", "risk bleeding", True),
        ("therapies", "therapy", True), ("hips", "hip", True), ("stress", "stres", False),
        ("analysis", "analysi", False), ("virus", "viru", False), ("ties", "ty", False), ("Müller", "muller", True),
        ("of", "in", False), ("2 mg", "2mg", False),
    ],
)  # fmt: skip
def test_equal_names_have_one_key(one: str, other: str, same: bool) -> None:
    assert (key_of(split_words(one)) == key_of(split_words(other))) == same


def test_a_misspelling_finds_nothing_rather_than_something_else(conn: sqlite3.Connection) -> None:
    assert found(conn, "indomethacn") == []


def test_retracted_work_comes_last(conn: sqlite3.Connection) -> None:
    from db.evidence.index.article_index import ArticleIndex

    index: Any = ArticleIndex(conn)
    assert index.page(conn, resolved(conn, "NSAIDs"), "relevance", 10, 0) == [5, 6]
