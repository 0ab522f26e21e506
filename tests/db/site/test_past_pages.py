"""Lists, facets, cards, exports and feeds of an earlier day hold what the ledger says was held then."""

import sqlite3
from pathlib import Path

import pytest

from tests.support.sites import Ask

DAY = "2026-01-01"


@pytest.fixture
def then(evidence: Path) -> set[int]:
    """The articles of the default list that had arrived by the day, counted from the rows themselves."""
    with sqlite3.connect(evidence) as conn:
        rows = conn.execute(
            "SELECT pmid FROM changes JOIN runs ON runs.id = run_id JOIN articles USING (pmid) "
            "WHERE change = 'new' AND substr(started_at, 1, 10) <= ? AND topic IS NOT 'not_ho'",
            [DAY],
        ).fetchall()
        later = conn.execute("SELECT count(*) FROM changes WHERE change = 'new' AND run_id = 2").fetchone()[0]
    conn.close()
    assert rows
    assert later
    return {row[0] for row in rows}


def test_a_list_its_export_and_its_facets_are_those_of_the_day(ask: Ask, then: set[int]) -> None:
    told = ask(f"/articles.json?as_of={DAY}&_facets=on&_size=200").json()
    assert told["filtered_table_rows_count"] == len(then)
    assert sum(told["facet_results"]["study_design"].values()) == len(then)
    exported = ask(f"/export/csv?as_of={DAY}&vanished=no")
    assert int(exported.headers["x-article-count"]) == len(then)
    page = ask(f"/articles?as_of={DAY}")
    assert f"as held at the end of {DAY}" in page.text


def test_a_card_counts_the_articles_of_the_day(ask: Ask, evidence: Path, then: set[int]) -> None:
    with sqlite3.connect(evidence) as conn:
        concept, _ = conn.execute(
            "SELECT concept_id, count(*) FROM article_tags WHERE kind = 'intervention' "
            "GROUP BY 1 ORDER BY 2 DESC LIMIT 1"
        ).fetchone()
        tagged = {row[0] for row in conn.execute("SELECT pmid FROM article_tags WHERE concept_id = ?", [concept])}
    conn.close()
    told = ask(f"/concepts/{concept}.json?as_of={DAY}").json()
    assert told["concept"]["articles"] == len(tagged & then)
    assert len(tagged & then) < ask(f"/concepts/{concept}.json").json()["concept"]["articles"]


def test_a_day_that_is_none_is_refused(ask: Ask) -> None:
    for address in ("/articles", "/articles.json", "/export/ris", "/feed.atom"):
        assert ask(f"{address}?as_of=tomorrow").status_code == 400, address
