"""What counts in balances, cards and lists of findings: against a brute-force answer, and at every limit."""

import json
import random
import sqlite3
from itertools import product
from typing import Any

import pytest

from db.evidence.agreement import wilson
from db.evidence.effects.balance import read_balances
from db.evidence.effects.estimates import list_filter, rank_estimates
from db.evidence.effects.findings import FindingKey, one_an_article, rank_findings
from db.evidence.index.article_index import ArticleIndex
from db.evidence.quality import read_reliability
from db.evidence.runs import RunLogError, period
from db.select.filter import ArticleFilter
from db.select.sought import SOUGHT_EFFECTS
from db.terms import REVIEW_DESIGNS
from tests.support.made_up import add_article, add_concepts, add_finding
from tests.support.stores import memory_store

SUBJECTS = {"nsaids": {"nsaids", "indomethacin", "celecoxib"}, "celecoxib": {"celecoxib"}, "radiotherapy": set()}
OUTCOMES = {"ho-incidence": {"ho-incidence", "severe-ho"}, "severe-ho": {"severe-ho"}}
DESIGNS = ("randomized controlled trial", "meta-analysis", "guideline", "animal study", None)
FILTERS = {
    "those that are not retracted": (ArticleFilter(), lambda a: not a["retracted"]),
    "the retracted alone": (ArticleFilter().switched("retracted", True), lambda a: bool(a["retracted"])),
    "one design": (
        ArticleFilter().with_choice("study_design", "meta-analysis"),
        lambda a: a["study_design"] == "meta-analysis" and not a["retracted"],
    ),
}


@pytest.fixture(scope="module")
def made() -> tuple[sqlite3.Connection, list[tuple[dict[str, Any], dict[str, Any]]]]:
    """Articles of every design with findings that agree, disagree, and contradict themselves."""
    conn, chance = memory_store().db.conn, random.Random(4)
    add_concepts(conn)
    rows = []
    for pmid in range(1, 81):
        article: dict[str, Any] = {
            "study_design": chance.choice(DESIGNS), "retracted": int(chance.random() < 0.2),
            "vanished": int(chance.random() < 0.1), "topic": chance.choice(["ho", "ho", "ho", "not_ho"]),
            "sample_size": chance.choice([None, 0, 10, 50]), "year": chance.choice([None, 1999, 2020]),
        }  # fmt: skip
        add_article(conn, pmid, **article)
        for _ in range(chance.choice([1, 2])):
            finding: dict[str, Any] = {
                "subject_id": chance.choice(["nsaids", "indomethacin", "celecoxib", None]),
                "outcome_id": chance.choice(["ho-incidence", "severe-ho", None]),
                "comparator_class": chance.choice(["none or placebo", "active", None]),
                "effect": chance.choice(["better", "worse", "no difference", "unclear"]),
                "conflict": chance.choice([None, None, None, "words: increases; interval: decreases"]),
                "value": chance.choice([None, 0.5, 2.0]), "measure": "OR",
            }  # fmt: skip
            add_finding(conn, pmid, **finding)
            rows.append(({"pmid": pmid, **article}, finding))
    return conn, rows


@pytest.mark.parametrize(("named", "subject", "outcome"), list(product(FILTERS, SUBJECTS, OUTCOMES)))
def test_a_balance_is_what_counting_by_hand_gives(made, named, subject, outcome) -> None:
    conn, rows = made
    chosen, shows = FILTERS[named]
    mine = [
        (article, finding)
        for article, finding in rows
        if shows(article) and not article["vanished"] and article["topic"] == "ho"
        and finding["subject_id"] in SUBJECTS[subject] and finding["outcome_id"] in OUTCOMES[outcome]
    ]  # fmt: skip
    index = ArticleIndex(conn)
    balance = read_balances(conn, index, chosen, [subject], [outcome]).get((subject, outcome))
    assert (balance.total.number if balance else 0) == len({article["pmid"] for article, _ in mine})
    expected: dict[Any, dict[str, set[int]]] = {}
    for article, finding in mine:
        review = article["study_design"] in REVIEW_DESIGNS
        effect = "conflict" if finding["conflict"] else finding["effect"]
        key = finding["comparator_class"] or "not read", review
        expected.setdefault(key, {}).setdefault(effect, set()).add(article["pmid"])
    found = {}
    for entry in balance.classes if balance else ():
        for review, tally in ((False, entry.primary), (True, entry.reviews)):
            numbers = {effect: tally.of(effect) for effect in SOUGHT_EFFECTS if tally.of(effect)}
            if numbers:
                found[entry.comparator_class, review] = numbers
            pmids = set().union(*expected.get((entry.comparator_class, review), {}).values())
            people = [a for a in {a["pmid"]: a for a, _ in mine}.values() if a["pmid"] in pmids]
            sizes = [
                a["sample_size"] for a in people if a["sample_size"] is not None and a["study_design"] != "animal study"
            ]
            assert (tally.articles, tally.sized, tally.patients) == (len(pmids), len(sizes), sum(sizes))
            if tally:  # the list behind a number has as many
                assert index.count(conn, entry.listed(reviews=review)) == tally.articles
                assert all(index.count(conn, entry.listed(e, review)) == tally.of(e) for e in numbers)
    assert found == {key: {e: len(pmids) for e, pmids in said.items()} for key, said in expected.items()}


@pytest.mark.parametrize("named", FILTERS)
def test_findings_and_estimates_are_of_the_articles_that_count(made, named) -> None:
    conn, rows = made
    chosen, shows = FILTERS[named]
    counted = [
        (a, f) for a, f in rows if shows(a) and not a["vanished"] and a["topic"] == "ho" and f["subject_id"] is not None
    ]  # fmt: skip
    ranked = rank_findings(conn, ArticleIndex(conn), chosen, "of", "nsaids")
    assert sorted(key.pmid for key in ranked) == sorted(a["pmid"] for a, _ in counted)
    effects = [key.effect for key in ranked]
    assert effects == sorted(effects, key=lambda effect: effect == "conflict")
    for limit in (1, 3, 500):
        kept = one_an_article(ranked, limit)
        firsts: dict[int, FindingKey] = {}
        for key in ranked:
            firsts.setdefault(key.pmid, key)
        assert kept == list(firsts.values())[:limit]
    stated = rank_estimates(conn, chosen, "nsaids")
    agreeing = sorted(a["pmid"] for a, f in counted if f["value"] is not None and not f["conflict"])
    assert sorted(entry.pmid for entry in stated) == agreeing
    listed = list_filter(chosen, stated)
    assert listed is not None
    assert listed.pmids == tuple(sorted(set(agreeing)))


def test_of_equal_findings_the_newest_comes_first() -> None:
    conn = memory_store().db.conn
    add_concepts(conn)
    for pmid, year in ((1, 2001), (2, None), (3, 2020)):
        add_article(conn, pmid, study_design="cohort", year=year)
        add_finding(conn, pmid, subject_id="celecoxib")
    ranked = rank_findings(conn, ArticleIndex(conn), ArticleFilter(), "of", "celecoxib")
    assert [key.pmid for key in ranked] == [3, 1, 2]


def _measured(precision: float, recall: float, column: str = "") -> dict[str, float]:
    return {f"{column}precision": precision, f"{column}recall": recall}


@pytest.mark.parametrize(
    ("kinds", "told"),
    [
        ({"findings": {"precision": 0.9, "recall": 0.8}}, (0.9, 0.8)),
        ({"findings": _measured(0.9, 0.8), "findings (real)": _measured(0.7, 0.6)}, (0.7, 0.6)),
        ({"findings": {**_measured(0.9, 0.8), **_measured(0.6, 0.5, "held out ")}}, (0.6, 0.5)),
        ({"findings": {**_measured(0.5, 0.4), **_measured(0.6, 0.5, "held out ")}}, (0.6, 0.5)),
        ({"outcomes": {"precision": 0.1, "recall": 0.1}}, None),
        ({"findings": {"precision": 1.2, "recall": 0.8}}, None),
        ({"findings": {"precision": True, "recall": 0.8}}, None),
        ({"findings": {"precision": 0.9}}, None),
    ],
)  # fmt: skip
def test_a_reader_is_promised_the_worst_that_was_measured(kinds, told) -> None:
    conn = memory_store().db.conn
    conn.execute("INSERT INTO properties VALUES ('tagger_quality', ?)", [json.dumps({"kinds": kinds})])
    found = read_reliability(conn)
    assert (found and (found.precision, found.recall)) == told
    if found:
        wrong, missed = round(10 * (1 - told[0])), round(10 * (1 - told[1]))
        assert found.words.startswith(f"about {wrong} in 10 machine-read findings are wrong and about {missed} in 10")


def test_a_share_s_interval_stays_within_nought_and_one() -> None:
    assert wilson(8, 10) == (0.49, 0.943)
    assert wilson(10, 10) == (0.722, 1.0)


def test_a_period_may_be_one_day_and_never_runs_backwards() -> None:
    conn = memory_store().db.conn
    assert period(conn, "2026-03-01", "2026-03-01") == ("2026-03-01", "2026-03-01")
    for start, end in (("2026-03-02", "2026-03-01"), ("2026-3-1", None)):
        with pytest.raises(RunLogError):
            period(conn, start, end)
