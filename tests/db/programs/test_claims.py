"""What programs are told: each claim stands at its place, numbers equal those of the site, nothing found is said so."""

import sqlite3
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from db.evidence.effects.cards import read_cards
from db.evidence.index.article_index import ARTICLE_INDEX
from db.programs import claims
from db.programs.server import ProgramsError, _tools, build_server, reading
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
        (last,) = connection.execute("SELECT max(pmid) FROM articles").fetchone()
        connection.execute("UPDATE articles SET vanished = 1, topic = 'not_ho' WHERE pmid = ?", [last])
        for place, kind in enumerate(("ErratumIn", "RetractionIn", "CommentOn")):
            connection.execute("INSERT INTO notices (pmid, position, kind) VALUES (?, ?, ?)", [last, place, kind])
        (drug,) = connection.execute("SELECT id FROM concepts WHERE kind = 'intervention' ORDER BY id").fetchone()
        for number, status in enumerate(("RECRUITING", "COMPLETED"), 1):
            values = [f"NCT0000000{number}", f"Trial {number}", status, "PHASE3", 70, "2024-01", "2027-02", "2026-03"]
            connection.execute(
                "INSERT INTO trials (nct_id, title, status, phase, enrollment, start_date, completion_date, "
                "last_update, kind, has_results, fetched_at) VALUES (?, ?, ?, ?, ?, ?, ?, ?, 'about HO', 0, '')",
                values,
            )
            connection.execute("INSERT INTO trial_tags VALUES (?, ?, 'intervention', 1)", [values[0], drug])
        connection.execute("INSERT INTO trial_articles VALUES ('NCT00000001', ?, 'text', NULL)", [last])
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


CLAIMED = (
    "kind", "subject_id", "subject_text", "comparator_text", "comparator_class", "outcome_id", "outcome_text",
    "direction", "effect", "conflict", "measure", "value", "ci_low", "ci_high", "p_value", "adjusted", "field", "pmid",
)  # fmt: skip
FACTS = (
    "pmid", "title", "authors", "journal", "year", "doi", "abstract", "study_design", "sample_size", "species",
    "evidence_level", "pmcid", "language", "tagger",
)  # fmt: skip


def test_every_field_is_the_articles_own(conn: sqlite3.Connection) -> None:
    cursor = conn.cursor()
    cursor.row_factory = sqlite3.Row
    for row in cursor.execute("SELECT * FROM articles ORDER BY pmid DESC LIMIT 30").fetchall():
        told = claims.article(conn, row["pmid"])
        assert {name: told[name] for name in FACTS} == {name: row[name] for name in FACTS}
        assert (told["retracted"], told["no_longer_in_pubmed"]) == (bool(row["retracted"]), bool(row["vanished"]))
        assert told["about_heterotopic_ossification"] == (row["topic"] != "not_ho")
        tags = cursor.execute(
            "SELECT concept_id, kind, assertion FROM article_tags WHERE pmid = ? AND direct", [row["pmid"]]
        )
        assert {(tag["id"], tag["kind"], tag["assertion"]) for tag in told["tags"]} == {tuple(tag) for tag in tags}
        found = cursor.execute("SELECT * FROM findings WHERE pmid = ?", [row["pmid"]]).fetchall()
        own = sorted([[finding[name] for name in CLAIMED] for finding in found], key=repr)
        assert sorted([[claim[name] for name in CLAIMED] for claim in told["claims"]], key=repr) == own


def test_notices_and_what_pubmed_gives_no_more_are_said(conn: sqlite3.Connection) -> None:
    (pmid,) = conn.execute("SELECT pmid FROM articles WHERE vanished").fetchone()
    told = claims.article(conn, pmid)
    assert told["notices"] == ["Retracted", "Corrected", "This comments on"]
    assert (told["no_longer_in_pubmed"], told["about_heterotopic_ossification"]) == (True, False)


def test_trials_under_way_are_told_with_their_facts(conn: sqlite3.Connection) -> None:
    (drug, last) = conn.execute("SELECT DISTINCT concept_id, pmid FROM trial_tags, trial_articles").fetchone()
    told = claims.trials(conn, drug)
    assert told["concept"] == drug
    assert told["under_way"] == [
        {
            "nct_id": "NCT00000001", "title": "Trial 1", "status": "RECRUITING", "phase": "PHASE3", "enrollment": 70,
            "start_date": "2024-01", "completion_date": "2027-02", "last_update": "2026-03",
            "articles": (last,),
        }
    ]  # fmt: skip


def test_what_is_typed_is_ranked_and_a_page_begins_where_it_is_asked(conn: sqlite3.Connection) -> None:
    index = ARTICLE_INDEX.of(conn)
    told = claims.search(conn, [("q", "ossification")], 5, 2)
    chosen = ArticleFilter.from_query([("q", "ossification")])
    assert [row["pmid"] for row in told["articles"]] == index.page(conn, chosen, "relevance", 5, 2)
    assert (told["offset"], told["total"]) == (2, index.count(conn, chosen))
    assert told["filter_parameters"] == chosen.query_string()


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


def test_the_tools_ask_for_what_can_be_and_hand_everything_on(site: Path, conn: sqlite3.Connection) -> None:
    tools = {tool.__name__: tool for tool in _tools(site)}
    assert list(tools) == ["search", "article", "concept_card", "answer", "trials", "about"]
    for limit, offset, rows, begins in ((3, 2, 3, 2), (0, 0, 1, 0), (-5, -7, 1, 0), (999, 0, claims.MOST_ROWS, 0)):
        found = tools["search"]("ossification", {"year": "1990-"}, limit, offset)
        assert (len(found["articles"]), found["offset"]) == (rows, begins)
        assert "year=1990" in found["filter_parameters"]
    subject, outcome = subject_and_outcome(conn)
    none = {"year": "-1900"}
    assert tools["concept_card"](subject) == claims.concept_card(conn, subject)
    assert tools["concept_card"](subject, none)["articles"] == 0
    assert tools["answer"](subject, outcome) == claims.answer(conn, subject, outcome)
    assert tools["answer"](subject, outcome, none)["found"] == []
    about = tools["about"]()
    held, listed = conn.execute(
        "SELECT count(*), count(*) FILTER (WHERE vanished = 0 AND topic = 'ho') FROM articles"
    ).fetchone()
    assert about["records_held"] == held
    assert about["articles"] == listed
    assert {"year", "intervention", "retracted"} <= set(about["filters"])


def test_a_question_that_takes_too_long_is_ended(site: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("db.programs.server._SECONDS", -1)
    with pytest.raises(ProgramsError, match="could not be answered"), reading(site) as slow:
        slow.execute(
            "WITH RECURSIVE n(x) AS (SELECT 1 UNION ALL SELECT x + 1 FROM n LIMIT 1000000) SELECT sum(x) FROM n"
        )


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
