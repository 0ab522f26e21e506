"""Markup in any text of the file stays text on every page, feed, picture and file."""

import sqlite3
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import pytest

from db.store.schema import ARTICLE_PARTS, PUBLIC_TABLES
from tests.support.generate_articles import FIRST_PMID, make_evidence
from tests.support.sites import asking

HOSTILE = "<img src=x onerror=alert(1)>'\"]]>\u202e=1+1</script></title>"
#: Columns that hold keys, dates or closed lists, which no record can fill with text of its own.
CLOSED = {
    "articles": {"kind", "topic", "text_hash", "publication_date", "entrez_date", "electronic_date", "source"},
    "notices": {"said_by"},
    "mentions": {"field", "kind", "concept_id", "assertion"},
    "findings": {
        "kind", "subject_id", "outcome_id", "direction", "field", "comparator_id", "comparator_class", "effect"
    },
    "article_tags": {"concept_id", "kind", "assertion", "decided"},
    "concepts": {"id", "kind", "parent_id", "synonyms", "polarity"},
    "runs": {"kind", "status", "started_at", "finished_at"},
    "changes": {"change", "at", "detail"},
    "properties": {"name", "value"},
    "mesh_headings": {"qualifiers"},
    "contributors": {"role"},
}  # fmt: skip
PAGES = [
    "/", "/articles", "/articles?q=img", f"/articles/{FIRST_PMID}", f"/articles/{FIRST_PMID + 3}",
    "/articles/values/journal", "/articles/values/intervention", "/overview", "/matrix", "/matrix?view=risks",
    "/interventions", "/outcomes", "/concepts/intervention%3Ansaids", "/concepts/outcome%3Aho-occurrence",
    "/concepts/site%3Ahip", "/plots", "/plots/risk/all", "/plots/effect?intervention=intervention:nsaids",
    "/plots/time", "/methods", "/new", "/runs/2", "/articles/1", "/nothing",
]  # fmt: skip
XML = ["/feed.atom", "/changes.atom", "/plots/risk/all.svg", "/plots/time.svg", "/sitemap.xml", "/opensearch.xml",
       "/export/endnote"]  # fmt: skip
JSON = ["/articles.json", f"/articles/{FIRST_PMID}.json", "/concepts/intervention%3Ansaids.json", "/overview.json",
        "/matrix.json", "/plots/risk/all.json", "/changes.json", "/methods.json"]  # fmt: skip


def fill_every_text(path: Path) -> None:
    """Puts the hostile text into every text column that a record or the vocabulary can fill."""
    with sqlite3.connect(path) as conn:
        pmids = [row[0] for row in conn.execute("SELECT pmid FROM articles")]
        for table in PUBLIC_TABLES:
            columns = list(conn.execute(f"PRAGMA table_info({table})"))
            open_text = [
                column[1] for column in columns if column[2] == "TEXT" and column[1] not in CLOSED.get(table, ())
            ]
            if table in ARTICLE_PARTS and not conn.execute(f"SELECT 1 FROM {table}").fetchone():
                _add_rows(conn, table, columns, pmids)
            for name in open_text:
                kept = f" || {name}" if (table, name) in (("articles", "abstract"), ("concepts", "name")) else ""
                with suppress(sqlite3.IntegrityError):  # a list that the schema itself closes
                    conn.execute(f'UPDATE {table} SET "{name}" = ?{kept}', [HOSTILE])
        # a mark, and the sentence of a finding, over the markup itself
        for table, first, last in (("mentions", "start", '"end"'), ("findings", "sentence_start", "sentence_end")):
            firsts = f"SELECT min(id) FROM {table} GROUP BY pmid"
            conn.execute(f"UPDATE {table} SET {first} = 0, {last} = {len(HOSTILE)} WHERE id IN ({firsts})")
    conn.close()


def _add_rows(conn: sqlite3.Connection, table: str, columns: list[Any], pmids: list[int]) -> None:
    values = {"kind": "ErratumIn", "role": "editor", "ref_pmid": 7}
    for pmid in pmids:
        row = {}
        for _, name, kind, required, default, key in columns:
            if name == "pmid":
                row[name] = pmid
            elif name in values:
                row[name] = values[name]  # type: ignore[assignment]
            elif (required and default is None) or key:
                row[name] = 0 if kind == "INTEGER" else HOSTILE  # type: ignore[assignment]
        names = ", ".join(f'"{name}"' for name in row)
        conn.execute(f"INSERT INTO {table} ({names}) VALUES ({', '.join('?' * len(row))})", list(row.values()))


@pytest.fixture(scope="module")
def ask(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Any]:
    path = tmp_path_factory.mktemp("hostile") / "evidence.db"
    make_evidence(path, 60)
    fill_every_text(path)
    yield from asking(path)


@pytest.mark.parametrize("address", PAGES)
def test_markup_stays_text_on_every_page(ask: Any, address: str) -> None:
    answer = ask(address)
    assert answer.status_code in (200, 404)
    assert "<img" not in answer.text
    assert "onerror=alert(1)>" not in answer.text


@pytest.mark.parametrize("address", XML)
def test_xml_stays_well_formed(ask: Any, address: str) -> None:
    answer = ask(address)
    assert answer.status_code == 200
    assert "<img" not in answer.text
    ElementTree.fromstring(answer.content)  # noqa: S314 - our own answer


@pytest.mark.parametrize("address", JSON)
def test_json_is_json_and_said_to_be(ask: Any, address: str) -> None:
    answer = ask(address)
    assert answer.status_code == 200
    assert answer.headers["content-type"].startswith("application/json")
    assert answer.headers["x-content-type-options"] == "nosniff"
    assert answer.json()["ok"] is True


def test_every_place_of_an_article_page_shows_the_text_as_text(ask: Any) -> None:
    pmid = next(pmid for pmid in range(FIRST_PMID, FIRST_PMID + 60) if "<mark" in ask(f"/articles/{pmid}").text)
    text = ask(f"/articles/{pmid}").text
    for start in ('<div class="reading">', "<h3>", 'title="', '<p class="authors">', "<cite>", "Keywords:", "MeSH:"):
        place = text.index(start)
        assert "&lt;img" in text[place : place + 6000], start
