"""metadata.yml names only what the schema has, and describes all of it."""

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
    if name in ("findings_of", "findings_on"):
        column = "subject_id" if name == "findings_of" else "outcome_id"
        concept = given["concept" if name == "findings_of" else "outcome"]
        with sqlite3.connect(evidence) as conn:
            (own,) = conn.execute(
                f"SELECT count(*) FROM findings JOIN articles USING (pmid) WHERE NOT retracted AND {column} = ?",
                [concept],
            ).fetchone()
        assert len(told["rows"]) >= min(own, 1000) > 0
        assert all(row[-1] for row in told["rows"])
    page = unescape(ask("/evidence").text)
    assert query["title"] in page
    assert query["description"] in page


def test_raw_pages_say_what_they_are_and_lead_back(ask: Any) -> None:
    for address in ("/evidence", "/evidence/articles", "/evidence/conflicts"):
        page = ask(address).text
        assert "These are the raw tables" in page
        assert page.index("</header>") < page.index("These are the raw tables")
    assert "The article as the tracker shows it" in ask(f"/evidence/articles/{FIRST_PMID}").text
    tables = ask("/evidence").text
    assert all(told["title"] in tables for told in TABLES.values() if "title" in told and told["title"] in PLAIN)
