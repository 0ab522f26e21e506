"""What one item shows after people decided on it, and what a form that comes too late or from a stranger is told."""

import json
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from db.curation.forms import decide, mark_words
from db.curation.gold import gold_lines
from db.curation.in_place import decided_now
from db.curation.items import Item, ItemError, finding_items, look_at, place_key, tag_items
from db.curation.queues import QUEUES, find_position, keep_place, kept_place
from db.store.people.decisions import record_decisions
from db.store.people.verdicts import Decision, DecisionError
from db.store.store import Store, StoreError, open_store
from db.store.tag_rows import IDS_A_PMID
from tests.support.review_desk import ABSTRACT, FIRST_PMID, make_desk
from tests.support.stores import OLDER_STEP, older_store


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    made = tmp_path_factory.mktemp("items")
    make_desk(made, 2)
    return made


@pytest.fixture
def desk(folder: Path) -> Iterator[Store]:
    """The store of a desk with two articles; what a test does to it is undone."""
    with open_store(folder / "ho.db") as store:
        store.db.execute("BEGIN")
        yield store
        store.db.conn.rollback()


def form(item: Item, verdict: str, **more: str) -> dict[str, str]:
    return {"pmid": str(item.pmid), "item": item.key, "text_hash": item.text_hash, "verdict": verdict, **more}


def first_of(store: Store) -> Item:
    return finding_items(store, look_at(store, FIRST_PMID))[0]


def test_what_was_rejected_is_still_looked_at_as_the_tagger_read_it(desk: Store) -> None:
    before = first_of(desk)
    decide(desk, "ada", form(before, "reject"))
    after = first_of(desk)
    assert (after.key, after.said, before.now, after.now) == (before.key, before.said, True, False)
    tag = next(item for item in tag_items(desk, look_at(desk, FIRST_PMID)) if item.key == "nsaids")
    decide(desk, "ada", form(tag, "reject"))
    again = next(item for item in tag_items(desk, look_at(desk, FIRST_PMID)) if item.key == "nsaids")
    assert again.tag is not None
    assert (again.now, [mention["text"] for mention in again.tag.mentions]) == (False, ["NSAIDs"])


def test_a_tag_is_as_sure_as_its_surest_mention(desk: Store) -> None:
    copied = 'id + 7, pmid, field, start, "end", text, kind, concept_id, sentence_start, sentence_end, section'
    desk.db.execute(
        f"INSERT INTO mentions SELECT {copied}, assertion, cue, source, 0.4, tagger FROM mentions "
        "WHERE concept_id = 'nsaids'"
    )
    tags = {item.key: item.tag for item in tag_items(desk, look_at(desk, FIRST_PMID))}
    assert (tag := tags["nsaids"]) is not None
    assert tag.confidence == 0.5


@pytest.mark.parametrize("queue", ["findings", "changed", "unsure"])
def test_a_place_at_which_nothing_stands_any_more_is_said_to_be_empty(queue: str, desk: Store) -> None:
    seen = look_at(desk, FIRST_PMID)
    behind = FIRST_PMID * IDS_A_PMID + len(seen.reading.findings)
    for place in (behind if queue == "findings" else 77, 99 * IDS_A_PMID):
        with pytest.raises(ItemError, match="no longer there"):
            place_key(desk, QUEUES[queue], place)
    assert place_key(desk, QUEUES["findings"], behind - len(seen.reading.findings)) == (FIRST_PMID, first_of(desk).key)


def test_a_form_of_before_the_text_changed_decides_nothing(desk: Store) -> None:
    sent = form(first_of(desk), "accept", words="Hips", concept="ho")
    for act in (decide, mark_words):
        with pytest.raises(ItemError, match="has changed since you opened it"):
            act(desk, "ada", {**sent, "text_hash": "another"})
    assert desk.db["decisions"].count == 0


def test_an_effect_that_stood_in_the_form_follows_the_direction_and_one_that_is_chosen_against_it_is_refused(
    desk: Store,
) -> None:
    first = first_of(desk)
    with pytest.raises(DecisionError, match="is better for the patient"):
        decide(desk, "ada", form(first, "correct", direction="decreases", effect="unclear"))
    decide(desk, "ada", form(first, "correct", direction="decreases", effect="worse"))
    row = desk.db.execute("SELECT direction, effect FROM findings WHERE decided = 'correct'").fetchall()
    assert row == [("decreases", "better")]


def test_who_corrects_a_correction_says_what_the_tagger_had_read(desk: Store) -> None:
    read = first_of(desk).said
    decide(desk, "ada", form(first_of(desk), "correct", direction="decreases"))
    said = decide(desk, "bea", form(first_of(desk), "correct", direction="no difference", figures="no"))
    assert said is not None
    assert (said.was_values["direction"], said.was_values["value"]) == (read["direction"], read["value"])


@pytest.mark.parametrize("against", ["before", "not read"])
def test_whoever_names_a_comparator_says_of_what_kind_and_in_the_words_of_that_sentence(
    against: str, desk: Store
) -> None:
    second = finding_items(desk, look_at(desk, FIRST_PMID))[1]
    named = {"comparator": "Indomethacin", "comparator_class": against}
    with pytest.raises(DecisionError, match="say what kind the comparator is"):
        decide(desk, "ada", form(second, "correct", **named))
    said = decide(desk, "ada", form(second, "correct", **{**named, "comparator_class": "active", "figures": "no"}))
    assert said is not None
    assert said.values["comparator_text"] == "indomethacin"  # "Indomethacin" is what another sentence says


def test_gold_stands_where_its_sentence_stands_now_and_holds_what_was_rejected(desk: Store) -> None:
    tag = next(item for item in tag_items(desk, look_at(desk, FIRST_PMID)) if item.key == "nsaids")
    decide(desk, "ada", form(tag, "reject"))
    decide(desk, "ada", form(first_of(desk), "reject"))
    for before in ("", "Of late. "):
        desk.db.execute("UPDATE articles SET abstract = ? || abstract WHERE pmid = ?", [before, FIRST_PMID])
        (line,) = gold_lines(desk)
        parts = {part["text"]: part for part in json.loads(line)["abstract"]}
        (less,) = (text for text in parts if text.startswith("Indomethacin led") and text.endswith("0.90)."))
        assert parts[less]["start"] == len(before) + ABSTRACT.index(less)
        assert parts[less]["findings"] == []
        if not before:
            assert "NSAIDs did not differ." in parts


def test_nobody_withdraws_or_repeats_what_is_not_there(desk: Store) -> None:
    decide(desk, "bea", form(first_of(desk), "accept"))
    with pytest.raises(ItemError, match="nothing of yours"):
        decide(desk, "ada", form(first_of(desk), "withdraw"))
    other = finding_items(desk, look_at(desk, FIRST_PMID))[1]
    with pytest.raises(ItemError, match="nobody has decided"):
        decide(desk, "ada", form(other, "again"))
    withdrawn = decide(desk, "bea", form(first_of(desk), "withdraw"))
    assert (withdrawn, first_of(desk).words) == (None, ())


def test_each_reviewer_stands_somewhere_in_each_queue(desk: Store) -> None:
    queues = QUEUES["findings"], QUEUES["unsure"]
    for who, queue, place in (("ada", 0, 1), ("ada", 1, 2), ("bea", 0, 3), ("ada", 0, 4)):
        keep_place(desk, who, queues[queue], place)
    held = [kept_place(desk, who, queue) for who in ("ada", "bea") for queue in queues]
    assert held == [4, 2, 3, None]
    assert find_position(queues[0], [5, 4], 4).place == 5


def test_decisions_are_listed_the_newest_first_and_an_older_store_is_not_touched_for_them(
    folder: Path, tmp_path: Path
) -> None:
    path = tmp_path / "ho.db"
    path.write_bytes((folder / "ho.db").read_bytes())
    with open_store(path) as store, store.atomic():
        made = [
            Decision(FIRST_PMID, "accept", "ada", f"2026-01-0{day}", concept)
            for day, concept in ((2, "nsaids"), (3, "ho"), (1, "indomethacin"))
        ]
        for one in (*made, replace(made[0], pmid=FIRST_PMID + 1)):
            record_decisions(store, [one])
    now = decided_now(path, FIRST_PMID)
    assert [one.concept_id for one, _ in now.listed] == ["ho", "nsaids", "indomethacin"]
    assert set(now.on) == {"ho", "nsaids", "indomethacin"}
    assert decided_now(path, 99).listed == ()
    older = older_store(tmp_path / "older.db")
    with pytest.raises(StoreError, match="written by an older"):
        decided_now(older, 1)
    assert not older.with_name(f"older.db.before-{OLDER_STEP}").exists()
