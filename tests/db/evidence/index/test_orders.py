"""Relevance of a search that finds very much: the design alone counts, the newest first."""

from typing import Any

import pytest

from db.evidence.index import orders
from db.evidence.index.article_index import ArticleIndex
from db.select.filter import ArticleFilter
from db.select.search.index import ensure_search
from tests.support.made_up import add_article, add_concepts
from tests.support.stores import memory_store

#: PMID, year, design, retracted, title.
_ARTICLES = (
    (1, 2020, "cohort", 0, "Bone bone bone"),
    (2, 2021, "cohort", 0, "Words on bone at length, and on many other things that a title may hold"),
    (3, 2019, "meta-analysis", 0, "A title of bone"),
    (4, 2022, "meta-analysis", 1, "Bone"),
    (5, 2018, "case report", 0, "Bone"),
)


@pytest.mark.parametrize(("most", "listed"), [(5, [3, 1, 2, 5, 4]), (4, [3, 2, 1, 5, 4])])
def test_of_more_than_can_be_told_apart_the_design_counts(
    most: int, listed: list[int], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(orders, "_MOST_SCORED", most)
    conn = memory_store().db.conn
    add_concepts(conn)
    for pmid, year, design, retracted, title in _ARTICLES:
        facts: dict[str, Any] = {"year": year, "publication_date": f"{year}-01-01", "study_design": design}
        add_article(conn, pmid, title=title, retracted=retracted, **facts)
    ensure_search(conn)
    found = ArticleIndex(conn).page(conn, ArticleFilter.from_query([("q", "bone")]), "relevance", 10, 0)
    assert found[0] == 3
    assert found[-1] == 4
    assert (found.index(1) < found.index(2)) == (listed.index(1) < listed.index(2))
    if most < len(_ARTICLES):
        assert found == listed
