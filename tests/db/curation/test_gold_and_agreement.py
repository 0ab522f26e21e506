"""Decided sentences as gold, agreement in figures, and the order of queues."""

import json
from dataclasses import replace
from pathlib import Path

import pytest

from db.curation.forms import decide, mark_words, undo
from db.curation.gold import gold_lines
from db.curation.items import ItemError, find_item, finding_items, look_at, tag_items
from db.curation.names import concept_named
from db.curation.queues import QUEUES, find_position
from db.evidence.agreement import measure_agreement, wilson
from db.store.people.verdicts import DecisionError, Standing, Verdict, agree, disputed, last_words
from db.store.store import Store, open_store
from db.store.tag_rows import IDS_A_PMID
from nlp.scoring.evaluate import evaluate
from nlp.scoring.predict import predict
from tests.support.review_desk import ABSTRACT, FIRST_PMID, make_desk


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    made = tmp_path_factory.mktemp("curation")
    make_desk(made)
    with open_store(made / "ho.db") as store, store.atomic():
        seen = look_at(store, FIRST_PMID)
        first, second = finding_items(store, seen)
        for who, item, verdict, more in (
            ("ada", first, "correct", {"direction": "decreases"}),
            ("bea", first, "accept", {}),
            ("bea", second, "reject", {}),
            ("ada", tag_items(store, seen)[0], "accept", {}),
        ):
            fields = {"pmid": str(FIRST_PMID), "item": item.key, "text_hash": item.text_hash, "verdict": verdict}
            assert decide(store, who, {**fields, **more})
        fields = {"pmid": str(FIRST_PMID), "text_hash": first.text_hash, "words": "Hips", "concept": "ho"}
        assert mark_words(store, "ada", fields)
    return made


def test_decided_sentences_are_gold_with_their_places(folder: Path) -> None:
    with open_store(folder / "ho.db") as store:
        (line,) = gold_lines(store)
    record = json.loads(line)
    assert record["pmid"] == str(FIRST_PMID)
    for part in record["abstract"]:
        assert ABSTRACT[part["start"] : part["end"]] == part["text"]
        for mention in part["mentions"]:
            assert part["text"][mention["start"] : mention["end"]] == mention["text"]
    texts = [part["text"] for part in record["abstract"]]
    assert texts[0] == "Hips were given indomethacin or placebo."
    assert record["gold"]["findings"] == [
        {
            "intervention": "Indomethacin", "comparator": "placebo", "outcome": "ossification",
            "direction": "decreases", "estimate": {"measure": "RR", "value": 0.5, "low": 0.3, "high": 0.9},
        }
    ]  # fmt: skip
    assert "Hips" in record["gold"]["outcomes"]


def test_gold_of_people_is_scored(folder: Path) -> None:
    with open_store(folder / "ho.db") as store:
        records = [json.loads(line) for line in gold_lines(store)]
    scores = evaluate(records, predict(records))
    assert scores.records == 1
    assert scores.rates["findings joint"].gold == 1
    assert "study_design" not in scores.rates


def test_who_accepts_a_correction_corrects_the_tagger_too(folder: Path) -> None:
    with open_store(folder / "ho.db") as store:
        said = [(one.who, one.verdict) for one in last_words(store, FIRST_PMID) if one.target and not one.concept_id]
        assert sorted(said) == [("ada", "correct"), ("bea", "correct"), ("bea", "reject")]
        assert disputed(last_words(store)) == []


def test_agreement_counts_last_words_without_names(folder: Path) -> None:
    with open_store(folder / "ho.db") as store:
        found = measure_agreement(store)
    assert found is not None
    rows = {row["what"]: row for row in found["tagger"]}
    effects = rows["findings on treatments"]
    assert [effects[name] for name in ("judged", "right", "corrected", "rejected")] == [3, 0, 2, 1]
    assert rows["outcome"]["missed"] == 1
    assert found["people"] == {"pairs": 1, "agree": 1, "share": 1.0, "kappa": None}
    assert "ada" not in json.dumps(found)


def test_nobody_who_decided_is_no_agreement(store: Store) -> None:
    assert measure_agreement(store) is None


def test_wilson_gives_the_published_interval() -> None:
    # Newcombe, Statistics in Medicine 1998, table I, method 3: 81 of 263 gives 0.2553 to 0.3662
    assert wilson(81, 263) == (0.255, 0.366)
    assert wilson(0, 0) == (None, None)
    assert str(wilson(0, 9)[0]) == "0.0"


def test_the_one_who_reads_an_item_again_finds_both_words(folder: Path) -> None:
    with open_store(folder / "ho.db") as store:
        seen = look_at(store, FIRST_PMID)
        item = find_item(store, seen, finding_items(store, seen)[0].key)
    assert sorted(one.who for one in item.words) == ["ada", "bea"]
    assert item.in_force is not None
    assert item.in_force.who == "bea"


@pytest.fixture(scope="module")
def untouched(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A desk on which nobody has decided anything."""
    made = tmp_path_factory.mktemp("untouched")
    make_desk(made)
    return made / "ho.db"


@pytest.mark.parametrize("name", ["findings", "conflicts", "unsure"])
@pytest.mark.parametrize(("column", "value"), [("retracted", 1), ("vanished", 1), ("topic", "not_ho")])
def test_nobody_looks_over_what_counts_nowhere(untouched: Path, name: str, column: str, value: object) -> None:
    with open_store(untouched) as store:
        before = {place // IDS_A_PMID for place in QUEUES[name].read(store)}
        assert before == {FIRST_PMID, FIRST_PMID + 1, FIRST_PMID + 2}
        store.db.execute("BEGIN")
        store.db.execute(f"UPDATE articles SET {column} = ? WHERE pmid = ?", [value, FIRST_PMID])
        assert {place // IDS_A_PMID for place in QUEUES[name].read(store)} == before - {FIRST_PMID}
        store.db.conn.rollback()


def test_a_queue_begins_anew_behind_its_end() -> None:
    queue = QUEUES["findings"]
    places = [300_000_001, 200_000_000, 200_000_003]
    assert find_position(queue, places, None).place == 300_000_001
    assert find_position(queue, places, 300_000_001).place == 200_000_000
    assert find_position(queue, places, 200_000_001).place == 200_000_003
    assert find_position(queue, places, 200_000_003).place == 300_000_001
    assert find_position(queue, places, 250_000_000).place == 200_000_000
    assert find_position(queue, [], 1).place is None
    assert find_position(queue, places, None, at=200_000_003).before == 200_000_000


def test_a_concept_is_found_by_name_synonym_or_id_and_else_the_nearest_are_named(folder: Path) -> None:
    with open_store(folder / "ho.db") as store:
        assert concept_named(store, " indocin ") == ("intervention", "indomethacin")
        assert concept_named(store, "HO", "outcome") == ("outcome", "ho")
        with pytest.raises(DecisionError, match="did you mean indomethacin"):
            concept_named(store, "indometacin")
        with pytest.raises(DecisionError, match="is no outcome"):
            concept_named(store, "indomethacin", "outcome")


def test_a_name_goes_before_the_same_word_as_somebodys_synonym(store: Store) -> None:
    rows = [
        ("rays", "intervention", "radiation", '["beam", "x-ray", "RT"]'), ("beam", "intervention", "Beam", "[]"),
        ("x", "intervention", "X-ray", '["beam"]'), ("rt", "outcome", "RT", "[]"),
    ]  # fmt: skip
    for place, row in enumerate(rows):
        store.db.execute(
            "INSERT INTO concepts (id, kind, name, synonyms, depth, position) VALUES (?, ?, ?, ?, 0, ?)", [*row, place]
        )
    assert concept_named(store, "BEAM") == ("intervention", "beam")
    assert concept_named(store, "x-ray") == ("intervention", "x")
    assert concept_named(store, "rays") == ("intervention", "rays")
    assert concept_named(store, "rt") == ("outcome", "rt")
    assert concept_named(store, "rt", "intervention") == ("intervention", "rays")


def test_nobody_undoes_what_somebody_else_decided(folder: Path) -> None:
    with open_store(folder / "ho.db") as store, store.atomic():
        hers = next(one for one in last_words(store, FIRST_PMID) if one.who == "bea")
        with pytest.raises(ItemError, match="nothing of yours"):
            undo(store, "ada", {"pmid": str(FIRST_PMID), "decision": str(hers.id)})
        assert hers in last_words(store, FIRST_PMID)


def _said(verdict: Verdict, **value: str) -> Standing:
    told = json.dumps(value) if value else None
    return Standing(1, 1, None, None, "finding:1", verdict, "ada", "2026-01-01", None, told, None, False)


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        (_said("accept"), _said("accept"), True),
        (_said("accept"), _said("add"), True),
        (_said("accept"), _said("reject"), False),
        (_said("correct", direction="decreases"), _said("correct", direction="decreases"), True),
        (_said("correct", direction="decreases"), _said("correct", direction="increases"), False),
        (_said("correct", direction="decreases"), _said("correct", direction="decreases", sentence="x"), True),
        (_said("correct", direction="decreases"), _said("accept"), False),
    ],
)
def test_people_agree_where_they_say_the_same(one: Standing, other: Standing, same: bool) -> None:
    assert agree(one, other) is same
    assert agree(other, one) is same


def test_what_is_disputed_is_the_word_that_was_said_last_not_the_one_that_arrived_last() -> None:
    newer = replace(_said("reject"), id=1, when="2026-02-01")
    older = replace(_said("accept"), id=2, who="bea")
    assert disputed([newer, older]) == disputed([older, newer]) == [newer]
