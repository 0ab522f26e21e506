"""metadata.yml names only what the schema has, and describes all of it."""

import shutil
import sqlite3
from html import unescape
from pathlib import Path
from typing import Any

import pytest
import yaml
from sqlite_utils import Database

from db.publish.publish import publish
from db.site.server import metadata_path
from db.store.schema import PUBLIC_TABLES
from tests.support.generate_articles import FIRST_PMID
from tests.support.sites import asking
from tests.support.stores import fill

EVIDENCE: dict[str, Any] = yaml.safe_load(metadata_path().read_text(encoding="utf-8"))["databases"]["evidence"]
TABLES, QUERIES = EVIDENCE["tables"], EVIDENCE["queries"]
#: Tables that every reader of the list should find by these names.
PLAIN = ("Articles", "Authors", "MeSH headings", "Concepts", "Free full texts")


@pytest.fixture(scope="module")
def published(tmp_path_factory: pytest.TempPathFactory) -> Database:
    folder = tmp_path_factory.mktemp("published")
    publish(fill(folder / "ho.db", 1), Path(folder / "evidence.db"))
    return Database(folder / "evidence.db")


@pytest.mark.parametrize("name", [name for name in TABLES if not TABLES[name].get("hidden")])
def test_every_table_named_is_there_with_the_columns_named(published: Database, name: str) -> None:
    table = published[name]
    assert table.exists()
    columns = {column.name for column in table.columns}
    named = {*TABLES[name].get("columns", {}), TABLES[name].get("label_column"), TABLES[name].get("sort_desc")} - {None}
    facets = {facet for facet in TABLES[name].get("facets", ()) if isinstance(facet, str)}
    assert named | facets <= columns


@pytest.mark.parametrize("name", PUBLIC_TABLES)
def test_every_public_column_is_described(published: Database, name: str) -> None:
    assert {column.name for column in published[name].columns} == set(TABLES[name]["columns"])


def test_what_is_no_public_table_is_hidden(published: Database) -> None:
    shown = {name for name in published.table_names() if not TABLES.get(name, {}).get("hidden")}
    assert shown <= {*PUBLIC_TABLES, *(name for name in TABLES if "columns" in TABLES[name])}


@pytest.mark.parametrize("name", QUERIES)
def test_a_ready_made_query_is_named_and_gives_rows_of_its_own(ask: Any, evidence: Path, name: str) -> None:
    with sqlite3.connect(evidence) as conn:
        (pmid,) = conn.execute("SELECT pmid FROM findings LIMIT 1").fetchone()
    given = {"concept": "intervention:nsaids", "outcome": "outcome:ho-occurrence", "pmid": pmid}
    query = QUERIES[name]
    answer = ask(f"/evidence/{name}.json", params={key: given[key] for key in query.get("params", ())})
    told = answer.json()
    assert (answer.status_code, told.get("error")) == (200, None)
    assert len(told["rows"]) <= 1000
    assert not told["truncated"]
    page = unescape(ask("/evidence").text)
    assert query["title"] in page
    assert query["description"] in page


_SAID_OF = ("RetractionIn", "PartialRetractionIn", "RetractedandRepublishedIn", "ExpressionOfConcernIn", "ErratumIn",
            "CorrectedandRepublishedIn")  # fmt: skip
#: Rows of what the made-up articles lack, each on one edge of a query.
_EDGES: dict[str, list[tuple[Any, ...]]] = {
    "notices (pmid, position, kind, first_seen)": [
        *((FIRST_PMID + place, 0, kind, f"2026-01-{9 - place:02d}") for place, kind in enumerate(_SAID_OF)),
        (FIRST_PMID, 1, "CommentIn", "2026-02-01"),
        (FIRST_PMID, 2, "ErratumIn", "2026-01-09"),
    ],
    "trials (nct_id, kind, title, completion_date, has_results, fetched_at, vanished)": [
        ("NCT00000001", "about HO", "alone", "2020-01", 0, "2026", 0),
        ("NCT00000002", "about HO", "with two", "2021-01", 0, "2026", 0),
        ("NCT00000003", "about HO", "vanished", "2022-01", 0, "2026", 1),
    ],
    "trial_articles (nct_id, pmid, source)": [
        ("NCT00000002", FIRST_PMID + 1, "text"),
        ("NCT00000002", 1, "registry"),
        ("NCT00000003", FIRST_PMID, "text"),
    ],
    "links (pmid, url, license, source)": [
        (FIRST_PMID, "https://example.org/0", None, "pmc"),
        (FIRST_PMID + 1, "https://example.org/1", "cc by-nc", "pmc"),
        (FIRST_PMID + 2, "https://example.org/2", "cc by", "pmc"),
    ],
    "recall_candidates (pmid, cited_by, title, words, fetched_at)": [
        (1, 3, "three", "bone", "2026"), (2, 2, "two", "bone", "2026"), (3, 9, "no word", None, "2026"),
        (4, 4, "four", "bone", "2026"),
    ],
    'verdicts (pmid, target, about, verdict, "when", text_changed)': [
        (FIRST_PMID, "a", "older", "accept", "2026-01-01", 0),
        (FIRST_PMID + 1, "a", "newer", "reject", "2026-01-02", 0),
    ],
}  # fmt: skip


@pytest.fixture(scope="module")
def edges(tmp_path_factory: pytest.TempPathFactory, evidence: Path) -> Any:
    """The made-up articles with rows on the edges of every query, a retracted one among those with findings."""
    path = tmp_path_factory.mktemp("edges") / "evidence.db"
    shutil.copy(evidence, path)
    with sqlite3.connect(path) as conn:
        for place, rows in _EDGES.items():
            marks = ", ".join("?" * len(rows[0]))
            conn.executemany(f"INSERT INTO {place} VALUES ({marks})", rows)
        conn.execute("UPDATE articles SET retracted = 1 WHERE pmid IN (SELECT pmid FROM findings WHERE pmid % 3 = 0)")
        conn.execute("UPDATE findings SET conflict = NULL WHERE pmid % 2")
        conn.execute("UPDATE findings SET conflict = 'words' WHERE pmid % 2 = 0")
    conn.close()

    def asked(ask: Any) -> Any:
        return lambda name, **given: ask(f"/evidence/{name}.json", params=given).json()["rows"]

    for ask in asking(path):
        yield asked(ask), Database(path)


@pytest.mark.parametrize(("name", "role"), [("findings_of", "subject_id"), ("findings_on", "outcome_id")])
def test_findings_of_a_concept_take_in_what_is_narrower_and_leave_retracted_work_out(
    edges: Any, name: str, role: str
) -> None:
    ask, held = edges
    asked = "intervention:nsaids" if role == "subject_id" else "outcome:ho-occurrence"
    if role == "outcome_id":  # no outcome of the made-up vocabulary that has findings is narrower than another
        held.conn.execute("UPDATE concepts SET parent_id = ? WHERE id = 'outcome:pain'", [asked])
        held.conn.commit()
    below = {asked}
    while more := {row["id"] for row in held["concepts"].rows if row["parent_id"] in below} - below:
        below |= more
    articles = {row["pmid"]: row for row in held["articles"].rows}
    wanted = [
        (articles[row["pmid"]]["year"], row["pmid"], row["id"])
        for row in held["findings"].rows
        if row[role] in below and not articles[row["pmid"]]["retracted"]
    ]
    assert len({row[role] for row in held["findings"].rows} & below) > 1
    assert len(wanted) < len([1 for row in held["findings"].rows if row[role] in below])
    wanted.sort(key=lambda row: (-row[0], *row[1:]))
    told = ask(name, **{"concept" if role == "subject_id" else "outcome": asked})
    assert [(row[1], row[0]) for row in told] == [row[:2] for row in wanted[:1000]]
    texts = {finding["id"]: finding for finding in held["findings"].rows}
    for row, (_, pmid, number) in zip(told, wanted, strict=True):
        said = texts[number]
        whole = articles[pmid]["title" if said["field"] == "title" else "abstract"]
        assert row[-1] == whole[said["sentence_start"] : said["sentence_end"]]
        assert row[4:8] == [said[part] for part in ("subject_text", "comparator_text", "outcome_text", "effect")]


def test_the_other_queries_give_what_their_titles_say(edges: Any) -> None:
    ask, held = edges
    conflicts = [(row["pmid"], row["id"]) for row in held["findings"].rows if row["conflict"]]
    assert [row[0] for row in ask("conflicts")] == [pmid for pmid, _ in sorted(conflicts)]
    first = FIRST_PMID
    assert [tuple(row[:1] + row[2:4]) for row in ask("retractions")] == [
        ("2026-01-09", _SAID_OF[0], first), ("2026-01-09", "ErratumIn", first),
        *((f"2026-01-{9 - place:02d}", kind, first + place) for place, kind in enumerate(_SAID_OF) if place),
    ]  # fmt: skip
    assert [(row[0], row[5], row[4]) for row in ask("trials_and_articles")] == [
        ("NCT00000002", 1, "registry"), ("NCT00000002", first + 1, "text"), ("NCT00000001", None, None)
    ]  # fmt: skip
    assert [row[0] for row in ask("free_full_texts")] == ["cc by", "cc by-nc", None]
    assert [row[1] for row in ask("query_misses")] == [4, 1]
    assert [row[3] for row in ask("decided_by_people")] == ["newer", "older"]


def test_raw_pages_say_what_they_are_and_lead_back(ask: Any) -> None:
    for address in ("/evidence", "/evidence/articles", "/evidence/conflicts"):
        page = ask(address).text
        assert "These are the raw tables" in page
        assert page.index("</header>") < page.index("These are the raw tables")
    assert "The article as the tracker shows it" in ask(f"/evidence/articles/{FIRST_PMID}").text
    tables = ask("/evidence").text
    assert all(told["title"] in tables for told in TABLES.values() if "title" in told and told["title"] in PLAIN)
