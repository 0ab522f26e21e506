"""Which of two records of an article is kept, when a vanished one comes back, and what a later word undoes."""

from dataclasses import replace
from itertools import product
from typing import Any

import pytest

from db.enriched import NoticeClaim
from db.model import Notice
from db.store.records.article_rows import article_row
from db.store.records.changes import record_changes
from db.store.records.revisions import LIVE, Change, Held, Origin, newest, replaces, returns, revision
from db.store.services.said_notices import place_notices, save_claims
from db.store.store import Store
from tests.support.made_up import add_article
from tests.support.stores import AT, article, run

HELD = Held(2, "2026-01-02", False, False, b"held", (), frozenset({("ErratumIn", 5)}), False, "26n00005", None, False)
NOTICES = (Notice("ErratumIn", 5, None, None), Notice("UpdateIn", 6, None, None))
SAME: dict[str, Any] = {"version": 2, "revised_date": "2026-01-02", "xml": b"other", "notices": NOTICES[:1]}
FILE = Origin(live=False)


@pytest.mark.parametrize(
    ("arrived", "held", "origin", "kept"),
    [
        ({"xml": b"held"}, {}, LIVE, False),  # the same record says nothing new
        ({"version": 1, "revised_date": "2020"}, {}, LIVE, True),  # PubMed's own answer is the truth
        ({"version": 1}, {"xml": b""}, FILE, True),  # what is lost takes anything
        ({"version": 3, "revised_date": None}, {}, FILE, True),
        ({"version": 1, "revised_date": "2027-01-01"}, {}, FILE, False),
        ({"revised_date": "2026-01-03"}, {}, FILE, True),
        ({"revised_date": "2026-01-01"}, {}, FILE, False),
        ({"revised_date": None}, {}, FILE, False),
        ({}, {"revised_date": None}, FILE, True),
        ({"revised_date": "2026-01-03"}, {"live": True}, FILE, True),
        ({"notices": NOTICES}, {"live": True}, FILE, False),  # on a tie the live record stays
        ({}, {"medline": True}, FILE, True),  # XML counts before MEDLINE text
        ({"notices": NOTICES}, {}, Origin(False, "26n00009", medline=True), False),
        ({}, {}, Origin(False, "26n00006"), True),  # then the later of NLM's files
        ({"notices": NOTICES}, {}, Origin(False, "26n00004"), False),
        ({"notices": NOTICES, "xml": b"b"}, {}, Origin(False, "26n00005"), True),  # then the one with more notices
        ({"notices": ()}, {}, FILE, False),
        ({"notices": (), "xml": b"longer"}, {}, FILE, False),
        ({"xml": b"longer"}, {}, FILE, True),  # then the longer
        ({"xml": b"lo"}, {}, FILE, False),
        ({"xml": b"helf"}, {}, FILE, True),  # then any order that is always the same
        ({"xml": b"helc"}, {}, FILE, False),
    ],
)
def test_which_of_two_records_is_kept(
    arrived: dict[str, Any], held: dict[str, Any], origin: Origin, kept: bool
) -> None:
    assert replaces(article(1, **{**SAME, **arrived}), replace(HELD, **held), origin) == kept


@pytest.mark.parametrize(
    ("held", "origin", "replaced", "back"),
    [
        ({"vanished": False}, LIVE, True, False),
        ({}, LIVE, False, True),
        ({}, FILE, False, False),
        ({}, FILE, True, True),
        ({"deleted_by": "26n00007"}, LIVE, False, True),
        ({"deleted_by": "26n00007"}, FILE, True, True),
        ({"deleted_by": "26n00007"}, Origin(False, "26n00006"), True, False),
        ({"deleted_by": "26n00007"}, Origin(False, "26n00007"), True, False),  # deletions stand at a file's end
        ({"deleted_by": "26n00007"}, Origin(False, "26n00008"), False, True),
    ],
)
def test_when_a_vanished_article_comes_back(held: dict[str, Any], origin: Origin, replaced: bool, back: bool) -> None:
    assert returns(replace(HELD, **{"vanished": True, **held}), origin, replaced) == back


def test_of_what_comes_at_once_the_newest_counts_and_of_two_alike_the_last() -> None:
    told = [(1, None, "a"), (1, "2020", "b"), (2, "2019", "c"), (2, "2019", "d"), (1, "2026", "e")]
    made = [article(1, version=v, revised_date=day, title=title) for v, day, title in told]
    assert newest([*made, article(2)])[1].title == "d"
    assert list(newest([article(2), *made, article(3)])) == [2, 1, 3]


def test_a_revision_names_its_columns_and_what_is_new_of_its_notices() -> None:
    before = article(1, notices=NOTICES[:1])
    held = replace(HELD, row=article_row(before))
    changed = replace(before, title="Other", year=2021, notices=(*NOTICES, Notice("RetractionIn", 7, None, None)))
    found = list(revision(changed, held))
    assert found == [
        Change(1, "revised", {"columns": ["title", "year", "retracted"], "notices": ["RetractionIn", "UpdateIn"]}),
        Change(1, "retracted"),
    ]
    assert list(revision(before, held, "reparsed")) == [Change(1, "reparsed", {"columns": []})]
    assert [c.change for c in revision(changed, replace(held, retracted=True))] == ["revised"]


@pytest.mark.parametrize(
    ("first", "then", "left"),
    [
        ("vanished", "returned", set()),
        ("returned", "vanished", set()),
        ("retracted", "reinstated", set()),
        ("reinstated", "retracted", set()),
        ("new", "revised", {"new"}),
        ("new", "retracted", {"new", "retracted"}),
        ("revised", "revised", {"revised"}),
        ("retagged", "revised", {"retagged", "revised"}),
    ],
)
def test_of_what_one_run_did_the_ledger_keeps_what_is_left(store: Store, first: str, then: str, left: set[str]) -> None:
    add_article(store.db.conn, 1)
    add_article(store.db.conn, 2)
    number, earlier = run(store), run(store)
    record_changes(store, earlier, [Change(1, then)], AT)
    record_changes(store, number, [Change(2, then)], AT)
    record_changes(store, number, [Change(1, first)], AT)
    told = record_changes(store, number, [Change(1, then, {"a": 1})], AT)
    assert [change.change for change in told] == [then] * (then in left and first != then)
    rows = store.db.execute("SELECT change FROM changes WHERE run_id = ? AND pmid = 1", [number]).fetchall()
    assert {change for (change,) in rows} == left
    assert store.db.execute("SELECT count(*) FROM changes").fetchone() == (2 + len(left),)
    if not left:  # what was taken back may happen again
        assert [change.change for change in record_changes(store, number, [Change(1, first)], AT)] == [first]


DATES = (None, "2026-01-01", "2026-01-02")


@pytest.mark.parametrize(("said", "undone"), list(product(DATES, DATES)))
def test_a_reinstatement_undoes_what_was_said_up_to_its_day(store: Store, said: str | None, undone: str | None) -> None:
    add_article(store.db.conn, 1)
    claims = [
        NoticeClaim(1, "crossref", "a", "RetractionIn", said),
        NoticeClaim(1, "crossref", "b", "Reinstatement", undone),
        NoticeClaim(1, "crossref", "c", "ErratumIn", "2020-01-01"),
    ]
    save_claims(store, "crossref", claims, AT, None)
    place_notices(store, run(store), AT)
    stands = (said or "") > (undone or "")
    kinds = {kind for (kind,) in store.db.execute("SELECT kind FROM notices")}
    assert kinds == {"Reinstatement", "ErratumIn"} | ({"RetractionIn"} if stands else set())
    assert store.db.execute("SELECT retracted FROM articles").fetchone() == (int(stands),)
