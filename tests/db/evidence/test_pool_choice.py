"""What may be pooled, what only when told, and what never."""

import math
import sqlite3
from typing import Any

import pytest

from db.evidence.effects.pool_choice import MIXES, PoolError, Pooling, pool_findings
from db.store.store import Store
from tests.support.made_up import add_article, add_concepts, add_finding


@pytest.fixture
def conn(store: Store) -> sqlite3.Connection:
    """Three trials of indomethacin, and the numbers of findings 1 to 3 for them."""
    add_concepts(store.db.conn)
    for number, (year, value, low, high) in enumerate(
        ((2001, 0.5, 0.25, 1.0), (2005, 0.4, 0.2, 0.8), (2010, 0.8, 0.5, 1.28))
    ):
        estimate(store.db.conn, number + 1, year=year, value=value, ci_low=low, ci_high=high)
    return store.db.conn


def estimate(conn: sqlite3.Connection, number: int, article: dict[str, Any] | None = None, **columns: Any) -> None:
    """An article 100 + number with finding `number`."""
    year = columns.pop("year", 2012)
    text = columns.pop("text", "OR 0.5 (95% CI 0.25 to 1.0).")
    if not conn.execute("SELECT 1 FROM articles WHERE pmid = ?", [columns.get("pmid", 100 + number)]).fetchone():
        about = {"study_design": "randomized controlled trial", "first_author": "Doe J", **(article or {})}
        add_article(conn, columns.get("pmid", 100 + number), ["indomethacin"], year=year, abstract=text, **about)
    values = {
        "id": number, "subject_id": "indomethacin", "outcome_id": "ho-incidence", "measure": "OR", "value": 0.5,
        "ci_low": 0.25, "ci_high": 1.0, "adjusted": 0, "comparator_class": "none or placebo", "sentence_end": len(text),
        **columns,
    }  # fmt: skip
    add_finding(conn, values.pop("pmid", 100 + number), **values)


def test_comparable_estimates_are_pooled_on_their_own_scale(conn: sqlite3.Connection) -> None:
    found = pool_findings(conn, [1, 2, 3])
    assert (found.measure, found.pooled.k, found.mixed) == ("OR", 3, ())
    assert found.chosen[0].study.y == pytest.approx(math.log(0.5))
    assert found.chosen[0].study.v == pytest.approx((math.log(4) / 2 / 1.959964) ** 2)
    assert 0.4 < found.shown(found.pooled.mean) < 0.8
    assert [year for year, _ in found.by_year] == [2005, 2010]
    assert len(found.without) == 3
    assert found.warnings[0].startswith("It rests on 3 estimates")


def refused(conn: sqlite3.Connection, *findings: int, told: tuple[str, ...] = ()) -> str:
    """The words of a refusal."""
    with pytest.raises(PoolError) as raised:
        pool_findings(conn, findings, told)
    assert "\n" not in str(raised.value)
    return str(raised.value)


@pytest.mark.parametrize(
    ("columns", "article", "words"),
    [
        ({"measure": "RR"}, {}, "different measures are never pooled: OR, RR"),
        ({"outcome_id": "severe-ho"}, {}, "different outcomes are never pooled"),
        ({"outcome_id": None, "outcome_text": "HO incidence"}, {}, "an outcome was not read"),
        ({}, {"retracted": 1}, "was retracted"),
        ({"conflict": "words and interval"}, {}, "contradicts itself"),
        ({"ci_low": None, "ci_high": None}, {}, "no confidence interval"),
        ({"measure": "MD", "value": 3.0, "ci_low": 1.0, "ci_high": 5.0}, {}, "MD cannot be pooled"),
        ({"measure": None}, {}, "without a measure"),
        ({"value": 0.9}, {}, "middle of its interval"),
        ({"value": 2.0}, {}, "middle of its interval"),
        ({"text": "OR 0.5 (99% CI 0.25-1.0)."}, {}, "one of 99 %"),
        ({"text": "OR 0.5 per year of age (0.25-1.0)."}, {}, "per unit"),
        ({"pmid": 101}, {}, "two estimates of one article"),
    ],
)
def test_some_things_are_never_pooled(
    conn: sqlite3.Connection, columns: dict[str, Any], article: dict[str, Any], words: str
) -> None:
    estimate(conn, 4, article, **columns)
    assert words in refused(conn, 1, 4, told=tuple(MIXES))


@pytest.mark.parametrize(
    ("name", "columns", "article"),
    [
        ("adjusted", {"adjusted": 1}, {}),
        ("adjusted", {"adjusted": None}, {}),
        ("comparators", {"comparator_class": "active"}, {}),
        ("comparators", {"comparator_class": None}, {}),
        ("subjects", {"subject_id": "celecoxib"}, {}),
        ("reviews", {}, {"study_design": "meta-analysis"}),
    ],
)
def test_some_are_pooled_only_when_told(
    conn: sqlite3.Connection, name: str, columns: dict[str, Any], article: dict[str, Any]
) -> None:
    estimate(conn, 4, article, **columns)
    assert f"tell it to mix {name}" in refused(conn, 1, 2, 4)
    found: Pooling = pool_findings(conn, [1, 2, 4], [name])
    assert found.mixed == (name,)
    assert MIXES[name] in found.warnings[0]


def test_a_questioned_or_corrected_study_is_warned_of(conn: sqlite3.Connection) -> None:
    conn.execute("INSERT INTO notices (pmid, position, kind, ref_pmid) VALUES (102, 1, 'ExpressionOfConcernIn', 9)")
    conn.execute("INSERT INTO notices (pmid, position, kind, ref_pmid) VALUES (103, 1, 'CommentIn', 9)")
    warnings = pool_findings(conn, [1, 2, 3]).warnings
    assert [line for line in warnings if "PMID" in line] == [
        "Doe J 2005, PMID 102: expression of concern; read the notice before you trust the number."
    ]


def test_a_study_that_was_retracted_in_part_is_refused(conn: sqlite3.Connection) -> None:
    conn.execute("INSERT INTO notices (pmid, position, kind, ref_pmid) VALUES (102, 1, 'PartialRetractionIn', 9)")
    assert "retracted in part" in refused(conn, 1, 2, told=tuple(MIXES))


def test_rounding_may_move_an_estimate_off_the_middle(conn: sqlite3.Connection) -> None:
    estimate(conn, 4, value=0.1, ci_low=0.02, ci_high=0.4)
    assert pool_findings(conn, [1, 4]).pooled.k == 2


def test_wrong_use_is_one_line(conn: sqlite3.Connection) -> None:
    assert "choose 2 to 60" in refused(conn, 1)
    assert "choose 2 to 60" in refused(conn, 1, 1)
    assert "finding 99 is no estimate" in refused(conn, 1, 99)
    assert "nothing to mix called 'measures'" in refused(conn, 1, 2, told=("measures",))
