"""Scores, checked on small cases counted by hand; and that the tagger is as good as the recorded figures say."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

import nlp
from benchmarks.tagger_quality import measured, score
from nlp.pipeline import tag_one
from nlp.scoring.claims import claims, denied
from nlp.scoring.evaluate import estimate_key, evaluate, pairing, similarity
from nlp.scoring.explain import explain
from nlp.scoring.predict import predict, to_prediction
from nlp.scoring.records import to_tag_input
from nlp.text.normal import normal
from nlp.training.data import Record, dev_records, retold_dev_records

GOLD: dict[str, Any] = {
    "interventions": ["indomethacin", "placebo"], "risk_factors": [{"mention": "male sex", "direction": "increases"}],
    "outcomes": ["HO", "severe HO"],
    "findings": [{"intervention": "indomethacin", "outcome": "HO", "direction": "decreases",
                  "estimate": {"measure": "OR", "value": 0.4, "low": 0.2, "high": 0.8}}],
    "study_design": "cohort", "sample_size": 40, "species": "human", "sites": ["hip"], "aetiologies": ["burn"],
}  # fmt: skip
RECORD = {"pmid": 1, "topic": "ho", "title": "HO", "abstract": [{"label": None, "text": "HO."}], "gold": GOLD}


def scored(**changes: Any) -> dict[str, tuple[int, int, int]]:
    """(matched, gold, predicted) of every score, for the gold itself with some of it changed."""
    scores = evaluate([RECORD], [{"pmid": 1, "topic": "ho", **GOLD, **changes}], samples=0)
    return {name: (rate.matched, rate.gold, rate.predicted) for name, rate in scores.rates.items()}


@pytest.mark.parametrize(
    ("one", "other", "value"),
    [
        ("Severe HO", "severe  ho.", 1.0), ("severe HO", "HO", 0.5), ("risk of HO", "risk of bone", 0.5),
        ("HO volume", "bone mass", 0.0), ("male", "female", 0.0), ("", "HO", 0.0), ("…", "·", 0.0),
        ("long–term use", "Long-term use", 1.0),
    ],
)  # fmt: skip
def test_how_alike_two_mentions_are(one: str, other: str, value: float) -> None:
    assert similarity(one, other) == pytest.approx(value)


@given(st.text(max_size=30), st.text(max_size=30))
def test_likeness_is_the_same_both_ways(one: str, other: str) -> None:
    assert similarity(one, other) == similarity(other, one)
    assert normal(normal(one)) == normal(one)


def test_pairs_are_one_to_one_the_most_alike_first() -> None:
    table = [[0.5, 1.0], [0.5, 0.6]]
    assert pairing(2, 2, lambda i, j: table[i][j]) == [(0, 1, 1.0), (1, 0, 0.5)]
    assert pairing(0, 2, lambda i, j: 1.0) == []


def test_the_gold_itself_scores_full() -> None:
    assert all(matched == gold == predicted for matched, gold, predicted in scored().values())


def test_a_longer_string_is_found_relaxed_but_not_strictly() -> None:
    counts = scored(interventions=["oral indomethacin", "Placebo", "ibuprofen"])
    assert counts["interventions strict"] == (1, 2, 3)
    assert counts["interventions relaxed"] == (2, 2, 3)


def test_a_wrong_direction_costs_the_joint_score_only() -> None:
    counts = scored(risk_factors=[{"mention": "male sex", "direction": "decreases"}])
    assert counts["risk_factors relaxed"] == (1, 1, 1)
    assert counts["risk_factors joint"] == (0, 1, 1)
    assert counts["direction"] == (0, 1, 1)


def test_a_finding_needs_who_what_and_direction() -> None:
    finding = GOLD["findings"][0]
    assert scored(findings=[finding | {"outcome": "pain"}])["findings joint"] == (0, 1, 1)
    assert scored(findings=[finding | {"direction": "increases"}])["findings joint"] == (0, 1, 1)
    assert scored(findings=[finding, finding])["findings joint"] == (1, 1, 2)


def test_estimates_count_wherever_they_stand() -> None:
    estimate = GOLD["findings"][0]["estimate"]
    factor = {"mention": "male sex", "direction": "increases", "estimate": estimate}
    assert scored(findings=[], risk_factors=[factor])["estimates strict"] == (1, 1, 1)
    assert estimate_key({"measure": "aOR", "value": 0.4}) == ("OR", 0.4, None, None)
    assert estimate_key({"p": "0.02"}) is None


def test_facts_are_right_or_wrong() -> None:
    counts = scored(study_design="case series", sites=["hip", "knee"], sample_size=41)
    assert (counts["study_design"], counts["sample_size"], counts["species"]) == ((0, 1, 1), (0, 1, 1), (1, 1, 1))
    assert counts["sites strict"] == (1, 1, 2)


def test_a_record_without_a_prediction_counts_as_missed() -> None:
    scores = evaluate([RECORD], [], samples=0)
    assert scores.f1("interventions relaxed") == 0
    assert {miss.label for miss in scores.misses} >= {"interventions", "outcomes", "findings"}


def test_intervals_are_the_same_at_every_run_and_hold_the_score() -> None:
    records = dev_records()[:10]
    predictions = list(predict(records))
    first, second = (evaluate(records, predictions, samples=60) for _ in range(2))
    assert first.intervals == second.intervals
    for name, (low, high) in first.intervals.items():
        assert low - 1e-9 <= first.rates[name].f1 <= high + 1e-9


def test_a_prediction_has_the_gold_s_form_and_explain_its_reasons() -> None:
    record = dev_records()[0]
    article = to_tag_input(record)
    tagged = tag_one(article)
    prediction = to_prediction(tagged, record["pmid"])
    assert set(record["gold"]) | {"pmid", "topic"} == set(prediction)
    assert prediction == next(predict([record]))
    said = explain(article, tagged)
    for mention in tagged.mentions:
        assert f"- {mention.kind}: {mention.text} -> " in said
    assert said.count("\n- effect: ") == sum(finding.kind == "effect" for finding in tagged.findings)


def test_records_without_ho_are_tagged_only_when_asked() -> None:
    text = "Aspirin and placebo were compared in 40 patients. Pain was less with aspirin (p = 0.01)."
    record = {"pmid": 5, "title": "Aspirin after stroke", "abstract": [{"label": None, "text": text}]}
    assert next(predict([record]))["interventions"] == []
    asked = next(predict([record], any_topic=True))
    assert asked["topic"] == "not_ho"
    assert "aspirin" in {text.lower() for text in asked["interventions"]}


@pytest.mark.parametrize(("name", "read"), [("retold", retold_dev_records), ("made-up", dev_records)])
def test_no_score_fell_below_the_recorded_one(name: str, read: Callable[[], list[Record]]) -> None:
    recorded = json.loads((Path(nlp.__file__).parent / "scoring" / "quality.json").read_text(encoding="utf-8"))["kinds"]
    records = read()
    now = measured({name: (len(records), score(records))})["kinds"]
    fallen = {
        kind: (now[kind][f"{name} F1"], figures[f"{name} F1"])
        for kind, figures in recorded.items()
        if now[kind][f"{name} F1"] < figures[f"{name} F1"] - 0.01
    }
    assert not fallen


def test_a_statement_that_the_gold_denies_is_counted() -> None:
    gold = {"risk_factors": [{"mention": "male sex", "direction": "increases"}], "findings": [
        {"intervention": "naproxen", "outcome": "HO", "direction": "decreases",
         "estimate": {"measure": "OR", "value": 0.3}}]}  # fmt: skip
    for direction, not_denied, not_opposite in (("increases", 2, 2), ("decreases", 1, 1), ("no association", 1, 2)):
        said = {**gold, "risk_factors": [{"mention": "sex: male sex", "direction": direction}]}
        mine, theirs = claims(gold, estimate_key), claims(said, estimate_key)
        against, count = denied(mine, theirs, similarity)
        assert count == 2
        assert count - len(against) == not_denied
        assert count - sum(one.opposite for one in against) == not_opposite
    elsewhere = claims({"risk_factors": [{"mention": "naproxen", "direction": "increases"}]}, estimate_key)
    assert [one.opposite for one in denied(claims(gold, estimate_key), elsewhere, similarity)[0]] == [True]
