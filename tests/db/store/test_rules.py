"""What a decision may say: its limits, its closed lists, and a direction that the interval beside it allows."""

import json
from typing import Any

import pytest

from db.store.people import decisions as decisions_module
from db.store.people.decisions import next_time, record_decisions
from db.store.people.rules import MOST_VALUE, MOST_WORDS, against_interval, check_decision
from db.store.people.verdicts import Decision, DecisionError, Standing, agree
from db.store.store import Store
from db.store.tags import save_concepts
from db.tagged import Concept
from tests.support.stores import AT, CONCEPTS, article, save


@pytest.fixture
def filled(store: Store) -> Store:
    save(store, article())
    with store.atomic():
        save_concepts(store, [*CONCEPTS, Concept("age", "risk factor", "age", None, None, ())])
    return store


def decision(**values: Any) -> Decision:
    return Decision(**{"pmid": 1, "verdict": "add", "who": "ada", "when": AT, "concept_id": "ho", **values})


FINDING: dict[str, Any] = {
    "kind": "effect", "subject_id": "indomethacin", "subject_text": "Indomethacin", "comparator_text": "none",
    "comparator_id": "nsaids", "comparator_class": "none or placebo", "outcome_id": "ho", "outcome_text": "bone",
    "direction": "decreases", "effect": "better", "conflict": None, "field": "title", "sentence": "Less bone.",
    "sentence_start": 0, "sentence_end": 10, "section": None, "cue": "less", "measure": "RR", "value": 0.5,
    "ci_low": 0.3, "ci_high": 0.9, "p_value": "0.01", "adjusted": None,
}  # fmt: skip
RISK = {**FINDING, "kind": "risk", "subject_id": "age", "comparator_id": None, "comparator_class": None, "effect": None}
RISK |= {"direction": "increases", "ci_low": 1.2, "ci_high": 2.0}
MARK = {"field": "abstract", "start": 3, "text": "bone"}


def on_finding(said: dict[str, Any], **values: Any) -> Decision:
    usual: dict[str, Any] = {"verdict": "correct", "concept_id": None, "target": "finding:1", "value": json.dumps(said)}
    return decision(**{**usual, **values})


def on_words(said: dict[str, Any], **values: Any) -> Decision:
    return decision(**{"target": "mark:1", "value": json.dumps(said), **values})


@pytest.mark.parametrize(
    "made",
    [
        decision(who="a" * MOST_WORDS, reason="b" * MOST_WORDS),
        decision(verdict="correct", value='{"concept_id": "nsaids"}'),
        decision(verdict="correct", value='{"assertion": "hedged"}'),
        decision(verdict="include", concept_id=None, reason="c" * (MOST_WORDS + 1)),
        on_words(MARK),
        on_words({**MARK, "text": "d" * MOST_WORDS, "assertion": "negated"}),
        on_words({}, verdict="withdraw"),
        on_finding(FINDING),
        on_finding(RISK),
        on_finding({**FINDING, "comparator_id": None, "outcome_id": None, "ci_low": None}),
        on_finding({}, verdict="withdraw"),
        on_finding({**FINDING, "cue": "e" * (MOST_VALUE - len(json.dumps({**FINDING, "cue": ""})))}),
        on_finding({}, verdict="reject", was=json.dumps({**FINDING, "direction": "no difference"})),
    ],
)
def test_what_may_be_said(filled: Store, made: Decision) -> None:
    check_decision(filled, made)


@pytest.mark.parametrize(
    ("made", "why"),
    [
        (decision(verdict="include"), "of an article, not of a tag"),
        (decision(verdict="exclude", concept_id=None, target="finding:1"), "of an article, not of a tag"),
        (decision(who="a" * (MOST_WORDS + 1)), "the name is longer than 500"),
        (decision(reason="a" * (MOST_WORDS + 1)), "the reason is longer than 500"),
        (decision(value="x"), "no JSON"),
        (decision(value="[]"), "no JSON object"),
        (decision(was="{"), "no JSON"),
        (decision(value='{"a": Infinity}'), "no JSON"),
        (decision(value=" " * (MOST_VALUE + 1)), "more than a decision can hold"),
        (decision(verdict="correct"), "which concept or assertion"),
        (decision(verdict="correct", value="{}"), "which concept or assertion"),
        (decision(verdict="correct", value='{"assertion": "surely"}'), "affirmed, negated, hedged"),
        (decision(verdict="correct", value='{"concept_id": "none"}'), "not in the vocabulary"),
        (on_words(MARK, verdict="accept"), "added, rejected or withdrawn"),
        (on_words(MARK, verdict="correct"), "added, rejected or withdrawn"),
        (on_words({**MARK, "field": "notes"}), "field and place"),
        (on_words({**MARK, "start": "3"}), "field and place"),
        (on_words({**MARK, "text": " "}), "mark 1 to 500"),
        (on_words({**MARK, "text": "a" * (MOST_WORDS + 1)}), "mark 1 to 500"),
        (on_words({**MARK, "text": 7}), "mark 1 to 500"),
        (on_words({**MARK, "assertion": "surely"}), "affirmed, negated, hedged"),
        (on_finding(FINDING, target="other:1"), "neither a tag nor a finding"),
        (on_finding(FINDING, verdict="reject"), "says which finding"),
        (on_finding({name: value for name, value in FINDING.items() if name != "cue"}), "the finding lacks 'cue'"),
        (on_finding({**FINDING, "kind": "cause"}), "no direction of 'cause'"),
        (on_finding({**FINDING, "direction": "no association"}), "no direction of 'effect'"),
        (on_finding({**RISK, "direction": "no difference"}), "no direction of 'risk'"),
        (on_finding({**FINDING, "field": "notes"}), "no place"),
        (on_finding({**FINDING, "sentence_start": None}), "no place"),
        (on_finding({**FINDING, "effect": "good"}), "none of the list"),
        (on_finding({**FINDING, "comparator_class": "sham"}), "none of the list"),
        (on_finding({**FINDING, "sentence": ""}), "no texts"),
        *(
            (on_finding({**FINDING, name: 7}), "no texts")
            for name in ("outcome_text", "comparator_text", "cue", "p_value")
        ),
        *((on_finding({**FINDING, name: "1"}), "no numbers") for name in ("value", "ci_low", "ci_high")),
        (on_finding({**FINDING, "subject_text": ""}), "about nothing"),
        (on_finding({**FINDING, "subject_id": "age"}), "of the kind risk factor; the subject is"),
        (on_finding({**FINDING, "outcome_id": "nsaids"}), "of the kind intervention; the outcome is"),
        (on_finding({**FINDING, "comparator_id": "ho"}), "of the kind outcome; the comparator is"),
        (on_finding({**RISK, "subject_id": "nsaids"}), "of the kind intervention; the subject is"),
        (on_finding({**FINDING, "direction": "increases"}), "does not go with 'increases'"),
    ],
)
def test_what_may_not_be_said(filled: Store, made: Decision, why: str) -> None:
    with pytest.raises(DecisionError, match=why) as refused:
        check_decision(filled, made)
    assert str(refused.value).startswith("PMID 1: ")
    assert len(str(refused.value).splitlines()) == 1


@pytest.mark.parametrize("measure", ["OR", "RR", "HR", "IRR"])
@pytest.mark.parametrize(
    ("low", "high", "stated"),
    [
        (0.3, 0.99, "decreases"), (1.01, 2.0, "increases"), (0.3, 1.0, None), (1.0, 2.0, None), (0.5, 2.0, None),
        (1.0, 1.0, None),
    ],
)  # fmt: skip
def test_a_direction_goes_with_the_interval_of_a_ratio(
    measure: str, low: float, high: float, stated: str | None
) -> None:
    for direction in ("decreases", "increases", "no difference", "no association", "unclear"):
        said = {"measure": measure, "ci_low": low, "ci_high": high, "direction": direction}
        fits = direction == "unclear" or stated == (direction if direction.endswith("creases") else None)
        assert (against_interval(said) is None) == fits, direction
        assert against_interval({**said, "measure": "MD"}) is None
        assert against_interval({**said, "ci_low": None}) is None
        assert against_interval({**said, "ci_high": None}) is None


def test_a_decision_made_now_is_later_than_every_one_on_the_same_thing_and_on_no_other(
    filled: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(decisions_module, "utc_now", lambda: "2026-01-02T10:00:00Z")
    for concept, when in (("ho", "2026-01-02T10:00:00Z"), ("indomethacin", "2026-01-02T10:00:59Z"), ("nsaids", "soon")):
        record_decisions(filled, [decision(concept_id=concept, when=when)])
    asked = [next_time(filled, 1, concept, None) for concept in ("ho", "indomethacin", "nsaids", "age")]
    assert asked == ["2026-01-02T10:00:01Z", "2026-01-02T10:01:00Z", "2026-01-02T10:00:00Z", "2026-01-02T10:00:00Z"]
    assert next_time(filled, 1, "ho", "mark:1") == next_time(filled, 2, "ho", None) == "2026-01-02T10:00:00Z"


def standing(verdict: Any, value: dict[str, Any] | None = None) -> Standing:
    text = json.dumps(value) if value else None
    return Standing(1, 1, "ho", None, None, verdict, "ada", AT, None, text, None, False)


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        (standing("accept"), standing("add"), True),
        (standing("accept"), standing("reject"), False),
        (standing("accept"), standing("correct", {"concept_id": "a"}), False),
        (standing("reject", {"concept_id": "a"}), standing("reject"), True),
        *(
            (standing("correct", {name: "a"}), standing("correct", {name: "b"}), False)
            for name in ("concept_id", "assertion", "subject_id", "outcome_id", "comparator_id", "comparator_class")
        ),
        (standing("correct", {"direction": "a"}), standing("correct", {"direction": "b"}), False),
        (
            standing("correct", {"direction": "a", "cue": "x"}),
            standing("correct", {"direction": "a", "cue": "y"}),
            True,
        ),
    ],
)
def test_two_people_agree_on_what_a_correction_changes(one: Standing, other: Standing, same: bool) -> None:
    assert agree(one, other) == agree(other, one) == same


SAID = {"subject_text": "Aspirin", "comparator_text": "nothing", "direction": "decreases", "outcome_text": "bone"}
NAMES = {"ho": "ossification", "nsaids": "NSAIDs"}


@pytest.mark.parametrize(
    ("concept", "verdict", "value", "was", "about"),
    [
        ("ho", "accept", None, None, "ossification"),
        ("gone", "reject", None, None, "gone"),
        ("ho", "correct", {"concept_id": "nsaids"}, None, "ossification to NSAIDs"),
        ("ho", "add", {"text": "new bone", "concept_id": "ho"}, None, "ossification at “new bone”"),
        (None, "reject", None, SAID, "Aspirin against nothing: decreases bone"),
        (None, "add", SAID, None, "Aspirin against nothing: decreases bone"),
        (None, "accept", {**SAID, "direction": "increases"}, SAID, "Aspirin against nothing: decreases bone"),
        (
            None, "correct", {**SAID, "direction": "increases", "comparator_text": None}, SAID,
            "Aspirin against nothing: decreases bone → Aspirin: increases bone",
        ),
        (None, "reject", None, None, "finding:  HO"),
        (None, "reject", None, {"outcome_id": "ho", "direction": "unclear"}, "finding: unclear ho"),
    ],
)  # fmt: skip
def test_a_decision_says_what_it_is_about(
    concept: str | None, verdict: Any, value: dict[str, Any] | None, was: dict[str, Any] | None, about: str
) -> None:
    target = None if concept else "finding:1"
    now, before = (json.dumps(said) if said else None for said in (value, was))
    one = Standing(1, 7, concept, None, target, verdict, "ada", AT, "because", now, before, False)
    assert one.about(NAMES) == about
    assert one.key == (concept or "finding:1")
    assert one.words == f"PMID 7: {verdict} {one.about()}, ada, 2026-01-01: because"
    assert one.unsigned == f"PMID 7: {verdict} {one.about()}, 2026-01-01"
