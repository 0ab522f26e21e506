"""What a finding is sought by: every direction, effect and comparator, of effects and of risk factors."""

import sqlite3
from collections.abc import Iterator

import pytest

from db.select.filter import ArticleFilter
from db.terms import COMPARATOR_CLASSES
from tests.support.made_up import add_article, add_concepts, add_finding
from tests.support.stores import memory_store

#: (kind, direction, effect as stored, conflict): what it means for the patient.
MEANT = {
    ("risk", "increases", None, None): "worse",
    ("risk", "decreases", None, None): "better",
    ("risk", "no association", None, None): "no difference",
    ("risk", "unclear", None, None): "unclear",
    ("risk", "increases", "better", None): "worse",
    ("risk", "increases", None, "words and figures"): "conflict",
    ("effect", "increases", "better", None): "better",
    ("effect", "increases", "worse", None): "worse",
    ("effect", "no difference", "no difference", None): "no difference",
    ("effect", "decreases", None, None): "unclear",
    ("effect", "decreases", "better", "words and figures"): "conflict",
}
FIRST_COMPARED = 100


@pytest.fixture(scope="module")
def conn() -> Iterator[sqlite3.Connection]:
    """An article a finding; those of the first table, then an effect and a risk factor with each comparator."""
    conn: sqlite3.Connection = memory_store().db.conn
    add_concepts(conn)
    for pmid, (kind, direction, effect, conflict) in enumerate(MEANT, 1):
        add_article(conn, pmid)
        add_finding(conn, pmid, kind=kind, direction=direction, effect=effect, conflict=conflict)
    for pmid, compared in enumerate((*COMPARATOR_CLASSES, None), FIRST_COMPARED):
        for number, kind in ((pmid, "effect"), (pmid + FIRST_COMPARED, "risk")):
            add_article(conn, number)
            add_finding(conn, number, kind=kind, direction="unclear", comparator_class=compared, subject_id="male-sex")
    yield conn
    conn.close()


def found(conn: sqlite3.Connection, *pairs: tuple[str, str]) -> set[int]:
    where, params = ArticleFilter.from_query(pairs).where()
    return {row[0] for row in conn.execute(f"SELECT pmid FROM articles WHERE {where}", params)}


@pytest.mark.parametrize("effect", sorted(set(MEANT.values())))
def test_a_finding_is_found_by_what_it_means_for_the_patient(conn: sqlite3.Connection, effect: str) -> None:
    expected = {pmid for pmid, meant in enumerate(MEANT.values(), 1) if meant == effect}
    assert {pmid for pmid in found(conn, ("effect", effect)) if pmid < FIRST_COMPARED} == expected


@pytest.mark.parametrize("direction", sorted({key[1] for key in MEANT}))
def test_a_finding_is_found_by_its_direction(conn: sqlite3.Connection, direction: str) -> None:
    expected = {pmid for pmid, (_, said, _, _) in enumerate(MEANT, 1) if said == direction}
    assert {pmid for pmid in found(conn, ("direction", direction)) if pmid < FIRST_COMPARED} == expected


@pytest.mark.parametrize("compared", COMPARATOR_CLASSES)
def test_only_effects_are_compared_with_anything(conn: sqlite3.Connection, compared: str) -> None:
    classes = [*COMPARATOR_CLASSES, "not read"]
    expected = {pmid for pmid, said in enumerate(classes, FIRST_COMPARED) if said == compared}
    of_one = found(conn, ("comparator", compared), ("finding_of", "male-sex"))
    assert of_one == expected


def test_all_that_is_sought_holds_for_one_finding(conn: sqlite3.Connection) -> None:
    add_article(conn, 500)
    add_finding(
        conn, 500, subject_id="indomethacin", outcome_id="severe-ho", effect="better", comparator_class="active"
    )
    add_finding(conn, 500, subject_id="celecoxib", outcome_id="ho-incidence", effect="worse", direction="increases",
                comparator_class="before")  # fmt: skip
    for first, second in (
        (("finding_of", "celecoxib"), ("finding_on", "severe-ho")),
        (("finding_of", "indomethacin"), ("effect", "worse")),
        (("finding_on", "severe-ho"), ("direction", "increases")),
        (("effect", "better"), ("comparator", "before")),
        (("direction", "increases"), ("comparator", "active")),
    ):
        assert 500 in found(conn, first)
        assert 500 in found(conn, second)
        assert 500 not in found(conn, first, second)
