"""List count, facet counts, rows over all pages, and SQL agree with a brute-force answer, for random filters."""

import json
import os
import random
import re
import shutil
import sqlite3
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from db.evidence.index.article_index import ArticleIndex
from db.select.facets import FACETS
from db.select.filter import ArticleFilter
from tests.support.oracle import Oracle
from tests.support.sites import asking

SEEDS = range(80)
#: Brute force knows the words of the made-up texts only: elsewhere a search finds stems, MeSH and names too.
OTHER_FILE = os.environ.get("HO_TRACKER_TEST_EVIDENCE")


@pytest.fixture(scope="module")
def evidence(evidence: Path) -> Path:
    """The made-up articles, or the published file that HO_TRACKER_TEST_EVIDENCE names (see docs/site.md)."""
    return Path(OTHER_FILE or evidence)


@pytest.fixture(scope="module")
def ask(evidence: Path) -> Iterator[Any]:
    yield from asking(evidence)


@pytest.fixture(scope="module")
def oracle(evidence: Path) -> Oracle:
    return Oracle(evidence)


@pytest.mark.parametrize("seed", SEEDS)
def test_sql_bits_and_facets_agree_with_brute_force(
    oracle: Oracle, conn: sqlite3.Connection, index: ArticleIndex, seed: int
) -> None:
    asked = oracle.question(seed, words=not OTHER_FILE)
    expected = oracle.matching(asked)
    chosen = ArticleFilter.from_query(asked.pairs())
    where, params = chosen.where()
    assert {row[0] for row in conn.execute(f"SELECT pmid FROM articles WHERE {where}", params)} == expected
    assert index.count(conn, chosen) == len(expected)
    counts = index.facet_counts(conn, chosen)
    for name in FACETS:
        assert counts[name] == dict(oracle.facet(asked, name)), name


@pytest.mark.parametrize("sort", ["newest", "oldest", "level", "size", "relevance"])
def test_the_pages_of_a_list_hold_every_article_once(
    oracle: Oracle, conn: sqlite3.Connection, index: ArticleIndex, sort: str
) -> None:
    asked = oracle.question(3)
    asked.word = None if OTHER_FILE else "frequency"
    asked.any_of = {}
    chosen = ArticleFilter.from_query(asked.pairs())
    found = [
        pmid for page in range(len(oracle.rows) // 25 + 1) for pmid in index.page(conn, chosen, sort, 25, page * 25)
    ]
    assert len(found) == len(set(found))
    assert set(found) == oracle.matching(asked)


def test_sorts_put_in_order(conn: sqlite3.Connection, index: ArticleIndex, oracle: Oracle) -> None:
    def column(sort: str, name: str) -> list[Any]:
        found = [oracle.rows[pmid][name] for pmid in index.page(conn, ArticleFilter(), sort, len(oracle.rows), 0)]
        return [value for value in found if value is not None]

    assert column("newest", "publication_date") == sorted(column("newest", "publication_date"), reverse=True)
    assert column("oldest", "publication_date") == sorted(column("newest", "publication_date"))
    assert column("level", "evidence_level") == sorted(column("level", "evidence_level"))
    assert column("size", "sample_size") == sorted(column("size", "sample_size"), reverse=True)


@pytest.mark.parametrize("seed", SEEDS[:12])
def test_the_pages_show_what_brute_force_says(oracle: Oracle, ask: Any, seed: int) -> None:
    asked = oracle.question(seed, words=not OTHER_FILE)
    expected = oracle.matching(asked)
    exported = ask("/export/jsonl", params=asked.pairs()).text
    assert {int(json.loads(line)["pmid"]) for line in exported.splitlines()} == expected
    assert len(exported.splitlines()) == len(expected)
    for page in (1, 7):
        text = ask("/articles", params=[*asked.pairs(), ("page", page)]).text
        shown = re.search(r'list-title">([\d\u202f]+) article', text)
        assert shown is not None
        assert int(shown[1].replace("\u202f", "")) == len(expected)
        for facet in ("intervention", "study_design"):
            counts = oracle.facet(asked, facet)
            block = re.search(rf'data-facet="{facet}".*?</details>', text, re.DOTALL)
            values = re.findall(r'class="name">([^<]+).*?class="count">([\d\u202f]+)<', block[0]) if block else []
            names = {oracle.names.get(value, value): count for value, count in counts.items()}
            for name, count in values:
                assert int(count.replace("\u202f", "")) == names.get(name, 0), (facet, name)


def test_the_most_cited_come_first_and_the_uncited_last(evidence: Path, tmp_path: Path) -> None:
    path = tmp_path / "evidence.db"
    shutil.copy(evidence, path)
    with sqlite3.connect(path) as own:
        chance = random.Random(11)
        dates = dict(own.execute("SELECT pmid, publication_date FROM articles").fetchall())
        counts = {pmid: chance.randint(0, 40) for pmid in dates if chance.random() < 0.7}
        own.executemany(
            "INSERT OR REPLACE INTO citations (pmid, citation_count, fetched_at) VALUES (?, ?, '2026-01-01')",
            counts.items(),
        )
        own.commit()
        index = ArticleIndex(own)
        shown = index.page(own, ArticleFilter(), "citations", len(dates), 0)
        listed = [shown[start : start + 25] for start in range(0, len(shown), 25)]
        pages = [index.page(own, ArticleFilter(), "citations", 25, start) for start in range(0, len(shown), 25)]
    expected = sorted(shown, key=lambda pmid: (counts.get(pmid, -1), dates[pmid] or "", pmid), reverse=True)
    assert list(shown) == expected
    assert [list(page) for page in pages] == [list(part) for part in listed]
