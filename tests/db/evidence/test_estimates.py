"""Reported estimates in order: an interval that cannot be one counts as none, and none of them stops a page."""

import pytest

from db.evidence.effects.estimates import rank_estimates, read_estimates, stated_interval
from db.evidence.effects.findings import rank_findings
from db.evidence.index.article_index import ArticleIndex
from db.select.filter import ArticleFilter
from db.site.plots.forest import forest
from tests.support.made_up import add_article, add_concepts, add_finding
from tests.support.stores import memory_store


@pytest.mark.parametrize(
    ("measure", "value", "low", "high", "interval"),
    [
        ("OR", 0.5, 0.3, 0.8, (0.3, 0.8)),
        ("OR", 0.5, 0.0, 0.8, None),
        ("HR", 0.5, -0.1, 0.8, None),
        ("RR", 0.5, 0.8, 0.3, None),
        ("OR", 0.5, None, 0.8, None),
        ("OR", 0.5, 0.3, None, None),
        ("MD", -2.0, -3.0, -1.0, (-3.0, -1.0)),
        ("MD", 0.5, 0.0, 0.8, (0.0, 0.8)),
        ("MD", 0.5, 0.5, 0.5, (0.5, 0.5)),
        (None, 0.5, 0.0, 0.8, (0.0, 0.8)),
    ],
)
def test_an_interval_is_stated_where_it_can_be_one(
    measure: str | None, value: float, low: float | None, high: float | None, interval: tuple[float, float] | None
) -> None:
    assert stated_interval(measure, value, low, high) == interval
    conn = memory_store().db.conn
    add_concepts(conn)
    sure = {"measure": "OR", "value": 0.5, "ci_low": 0.1, "ci_high": 9.0}
    for pmid, figures in ((1, {"measure": measure, "value": value, "ci_low": low, "ci_high": high}), (2, sure)):
        add_article(conn, pmid, study_design="cohort", abstract="Less.", first_author="Smith J", year=2000)
        add_finding(
            conn, pmid, subject_id="indomethacin", outcome_id="ho-incidence", comparator_class="active", **figures
        )
    ranked = rank_estimates(conn, ArticleFilter())
    assert [entry.pmid for entry in ranked] == ([1, 2] if interval else [2, 1])
    assert [key.pmid for key in rank_findings(conn, ArticleIndex(conn), ArticleFilter(), "of", "indomethacin")] == [
        entry.pmid for entry in ranked
    ]
    assert "Smith" in forest(read_estimates(conn, ranked), "indomethacin", "intervention")


@pytest.mark.parametrize("left_out", [{"conflict": "words: decreases; p: no difference"}, {"subject_id": None}])
def test_what_contradicts_itself_or_names_nothing_is_no_estimate(left_out: dict[str, str | None]) -> None:
    conn = memory_store().db.conn
    add_concepts(conn)
    add_article(conn, 1)
    add_finding(conn, 1, **{"subject_id": "indomethacin", "value": 0.5, "measure": "OR", **left_out})
    assert rank_estimates(conn, ArticleFilter()) == []
