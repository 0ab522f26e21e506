"""Markup in any text of the file stays text on every page, feed, picture and file."""

import json
import re
import sqlite3
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any
from urllib.parse import quote, unquote
from xml.etree import ElementTree

import pytest

from db.site.routes import ROUTES
from db.store.schema import ARTICLE_PARTS, PUBLIC_TABLES
from tests.support.empties import empties
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
    "trials": {
        "nct_id", "kind", "start_date", "primary_completion_date", "completion_date", "first_posted", "results_posted",
        "last_update", "data_date", "fetched_at",
    },
    "trial_articles": {"nct_id", "source", "kind"},
    "trial_tags": {"nct_id", "concept_id", "kind"},
    "trial_changes": {"nct_id", "change", "at", "detail"},
    "citations": {"as_of", "fetched_at"},
    "links": {"url", "source"},
    "searches": {"name", "address"},
    "search_articles": {"search"},
    "digests": {"search", "written_at"},
    "digest_entries": {"change", "nct_id", "detail"},
    "contributors": {"role"},
}  # fmt: skip
#: A name has no slash; what stands in it is markup all the same.
SEARCH = HOSTILE.replace("/", "")
_PATH = f"/searches/{quote(SEARCH, safe='')}"
TRIAL = "NCT00000001"
PAGES = [
    "/", "/articles", "/articles?q=img", f"/articles/{FIRST_PMID}", f"/articles/{FIRST_PMID + 3}",
    "/articles/values/journal", "/articles/values/intervention", "/overview", "/matrix", "/matrix?view=risks",
    "/interventions", "/outcomes", "/concepts/intervention%3Ansaids", "/concepts/outcome%3Aho-occurrence",
    "/concepts/site%3Ahip", "/plots", "/plots/risk/all", "/plots/effect?intervention=intervention:nsaids",
    "/plots/time", "/methods", "/new", "/runs/2", "/articles/1", "/nothing", "/help", "/kept", "/answer?q=nsaids",
    f"/answer?q={quote(HOSTILE)}", "/trials", f"/trials/{TRIAL}", "/overlap", "/searches", _PATH,
    f"{_PATH}/digests/1", f"{_PATH}/digest.html", "/review", "/pool", f"/articles?q={quote(HOSTILE)}",
]  # fmt: skip
XML = ["/feed.atom", "/changes.atom", "/plots/risk/all.svg", "/plots/time.svg", "/sitemap.xml", "/opensearch.xml",
       "/export/endnote", "/trials.atom", f"{_PATH}/feed.atom", f"{_PATH}/digest.atom",
       "/plots/effect.svg?intervention=intervention:nsaids"]  # fmt: skip
JSON = [
    "/articles.json",
    f"/articles/{FIRST_PMID}.json",
    "/concepts/intervention%3Ansaids.json",
    "/overview.json",
    "/matrix.json",
    "/plots/risk/all.json",
    "/changes.json",
    "/methods.json",
    "/answer.json?q=nsaids",
    "/trials.json",
    f"/trials/{TRIAL}.json",
    "/overlap.json",
    "/interventions.json",
    "/searches.json",
    "/suggest.json?q=nsaids",
    f"/articles/{FIRST_PMID}/similar.json",
]
#: What shows no text of the file as markup: files for tables and programs, forms, the desk (see test_curate).
OTHERS = (
    "-/tracker", "matrix\\.csv", "robots", "llms", "curate", "pool\\.json", "digest\\.txt", "digest\\.md",
    "digest\\.json", "export",
)  # fmt: skip
_AT = "2026-01-01T00:00:00Z"
_TOLD = json.dumps({"change": "status", "at": _AT, "words": HOSTILE})
#: Rows of what other services and saved searches say: columns that hold keys and closed lists.
_OTHER_ROWS: list[tuple[str, dict[str, Any]]] = [
    ("trials", {"nct_id": TRIAL, "kind": "about HO", "title": "", "has_results": 1, "fetched_at": _AT}),
    ("trial_articles", {"nct_id": TRIAL, "pmid": FIRST_PMID, "source": "registry", "kind": "RESULT"}),
    ("trial_tags", {"nct_id": TRIAL, "concept_id": "intervention:nsaids", "kind": "intervention", "direct": 1}),
    (
        "trial_changes",
        {
            "run_id": 2, "nct_id": TRIAL, "change": "status", "at": _AT,
            "detail": json.dumps(dict.fromkeys(("from", "to", "why"), HOSTILE)),
        },
    ),
    ("citations", {"pmid": FIRST_PMID, "citation_count": 3, "rcr": 1.5, "fetched_at": _AT}),
    ("citation_edges", {"citing": FIRST_PMID, "cited": FIRST_PMID + 1}),
    ("citation_edges", {"citing": FIRST_PMID + 3, "cited": FIRST_PMID}),
    ("links", {"pmid": FIRST_PMID, "url": f"https://example.org/{HOSTILE}", "source": "pmc"}),
    ("searches", {"name": SEARCH, "address": "/articles?topic=all", "words": "", "after_run": 0}),
    ("search_articles", {"search": SEARCH, "pmid": FIRST_PMID, "retracted": 0}),
    (
        "digests",
        {"id": 1, "search": SEARCH, "after_run": 0, "last_run": 1, "articles": 1, "written_at": _AT},
    ),
    ("digest_entries", {"digest_id": 1, "position": 0, "change": "new", "pmid": FIRST_PMID}),
    ("digest_entries", {"digest_id": 1, "position": 1, "change": "trial", "nct_id": TRIAL, "detail": _TOLD}),
]  # fmt: skip


def fill_every_text(path: Path) -> None:
    """Puts the hostile text into every text column that a record, a service or the vocabulary can fill."""
    with sqlite3.connect(path) as conn:
        for table, row in _OTHER_ROWS:
            marks = ", ".join("?" * len(row))
            conn.execute(f"INSERT INTO {table} ({', '.join(row)}) VALUES ({marks})", list(row.values()))
        conn.execute("UPDATE articles SET retracted = 1, title = 'x' WHERE pmid = ?", [FIRST_PMID + 1])
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
def test_markup_stays_text_on_every_page_and_nothing_that_should_hold_words_is_empty(ask: Any, address: str) -> None:
    answer = ask(address)
    assert answer.status_code in (200, 400, 404)
    assert "<img" not in answer.text
    assert "onerror=alert(1)>" not in answer.text
    assert empties(answer.text) == []


def test_every_page_is_among_them() -> None:
    paths = [address.partition("?")[0] for address in (*PAGES, *XML, *JSON)]
    shown = [pattern for pattern, _ in ROUTES if not any(part in pattern for part in OTHERS)]
    assert [pattern for pattern in shown if not any(re.match(pattern, unquote(path)) for path in paths)] == []


@pytest.mark.parametrize("address", XML)
def test_xml_stays_well_formed(ask: Any, address: str) -> None:
    answer = ask(address)
    assert answer.status_code == 200
    assert "<img" not in answer.text
    named = answer.headers.get("content-disposition", 'attachment; filename="none"')
    assert re.fullmatch(r"attachment; filename=\"[\w.-]+\"(; filename\*=UTF-8''[\w.%-]+)?", named, re.ASCII)
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
