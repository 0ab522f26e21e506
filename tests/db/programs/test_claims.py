"""What programs are told: each claim stands at its place, numbers equal those of the site, nothing found is said so."""

import sqlite3
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from db.evidence.effects.cards import read_cards
from db.evidence.index.article_index import ARTICLE_INDEX
from db.programs import claims
from db.programs.server import ProgramsError, build_server, reading
from db.select.facets import FilterError
from db.select.filter import ArticleFilter
from tests.support.generate_articles import make_evidence


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A published file of made-up articles."""
    path = tmp_path_factory.mktemp("programs") / "evidence.db"
    make_evidence(path, 150)
    with sqlite3.connect(path) as connection:
        connection.execute("UPDATE articles SET retracted = 1 WHERE pmid = (SELECT min(pmid) FROM findings)")
    connection.close()
    return path


@pytest.fixture
def conn(site: Path) -> Iterator[sqlite3.Connection]:
    """The file, read as the server reads it."""
    with reading(site) as connection:
        yield connection


def all_claims(value: Any) -> Iterator[dict[str, Any]]:
    """Every claim within an answer."""
    if isinstance(value, dict):
        if "sentence" in value:
            yield value
        for inner in value.values():
            yield from all_claims(inner)
    elif isinstance(value, list | tuple):
        for inner in value:
            yield from all_claims(inner)


def holds(conn: sqlite3.Connection, claim: dict[str, Any]) -> bool:
    """Whether a claim's sentence stands at its place."""
    sql = f"SELECT {claim['field']} FROM articles WHERE pmid = ?"
    text = conn.execute(sql, [claim["pmid"]]).fetchone()[0]
    return bool(claim["sentence"]) and text[claim["start"] : claim["end"]] == claim["sentence"]


def subject_and_outcome(conn: sqlite3.Connection) -> tuple[str, str]:
    """The pair of intervention and outcome with most findings."""
    found = conn.execute(
        "SELECT subject_id, outcome_id FROM findings JOIN concepts ON concepts.id = subject_id "
        "WHERE concepts.kind = 'intervention' AND outcome_id IS NOT NULL GROUP BY 1, 2 ORDER BY count(*) DESC LIMIT 1"
    ).fetchone()
    return found[0], found[1]


def test_a_search_counts_and_pages_as_the_site_does(conn: sqlite3.Connection) -> None:
    chosen = ArticleFilter(year_from=1990)
    first = claims.search(conn, [("year", "1990-")], 7, 0)
    assert first["total"] == ARTICLE_INDEX.of(conn).count(conn, chosen) > 14
    second = claims.search(conn, [("year", "1990-")], 7, 7)
    pmids = [row["pmid"] for row in (*first["articles"], *second["articles"])]
    assert pmids == ARTICLE_INDEX.of(conn).page(conn, chosen, "newest", 14, 0)
    assert len(claims.search(conn, [], 5000, 0)["articles"]) == claims.MOST_ROWS
    found = list(all_claims(first))
    assert found
    assert all(holds(conn, claim) for claim in found)


def test_an_article_has_all_its_claims_at_their_places(conn: sqlite3.Connection) -> None:
    (pmid, count) = conn.execute("SELECT pmid, count(*) FROM findings GROUP BY 1 ORDER BY 2 DESC LIMIT 1").fetchone()
    told = claims.article(conn, pmid)
    assert len(told["claims"]) == count
    assert all(holds(conn, claim) and claim["pmid"] == pmid for claim in told["claims"])
    assert {near["pmid"] for near in told["similar"]} <= set(ARTICLE_INDEX.of(conn).pmids) - {pmid}


def test_a_retracted_article_says_so(conn: sqlite3.Connection) -> None:
    (pmid,) = conn.execute("SELECT max(pmid) FROM articles WHERE retracted = 1").fetchone()
    told = claims.article(conn, pmid)
    assert told["retracted"] is True
    assert told["claims"]
    assert all(claim["retracted"] for claim in told["claims"])
    rows = claims.search(conn, [("pmids", str(pmid)), ("topic", "all"), ("vanished", "yes")], 5, 0)["articles"]
    assert [row["retracted"] for row in rows] == [True]


def test_a_card_has_the_numbers_of_the_site_and_claims_that_hold(conn: sqlite3.Connection) -> None:
    subject, _ = subject_and_outcome(conn)
    told = claims.concept_card(conn, subject)
    cards = read_cards(conn, ARTICLE_INDEX.of(conn), ArticleFilter(), subject)
    assert [entry["outcome"] for entry in told["outcomes"]] == [card.outcome for card in cards]
    for entry, card in zip(told["outcomes"], cards, strict=True):
        numbers = [by["primary_studies"]["articles"] + by["reviews"]["articles"] for by in entry["by_comparator"]]
        assert numbers == [one.balance.articles for one in card.cards]
    found = list(all_claims(told["outcomes"]))
    assert found
    assert all(holds(conn, claim) for claim in found)


def test_an_answer_is_about_one_outcome_and_nothing_found_is_no_absence_of_effect(conn: sqlite3.Connection) -> None:
    subject, outcome = subject_and_outcome(conn)
    told = claims.answer(conn, subject, outcome)
    assert [entry["outcome"] for entry in told["found"]] == [outcome]
    nothing = claims.answer(conn, subject, outcome, [("year", "-1900")])
    assert nothing["found"] == []
    assert "not evidence of no effect" in nothing["note"]


def test_what_is_not_there_is_said_in_one_line(conn: sqlite3.Connection) -> None:
    with pytest.raises(claims.NotHeldError, match="PMID 12 is not held"):
        claims.article(conn, 12)
    with pytest.raises(FilterError, match="there is no filter"):
        claims.search(conn, [("colour", "red")], 5, 0)
    with pytest.raises(FilterError, match="there is no concept"):
        claims.concept_card(conn, "moonlight")


def test_the_file_is_only_read(conn: sqlite3.Connection) -> None:
    with pytest.raises(sqlite3.OperationalError, match="readonly"):
        conn.execute("DELETE FROM articles")


def test_a_server_needs_a_published_file(tmp_path: Path) -> None:
    with pytest.raises(ProgramsError, match=r"not installed|publish first"):
        build_server(tmp_path / "none.db")
