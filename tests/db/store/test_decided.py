"""Decisions over a reading, as a pure function: marked words, corrected concepts, what follows from both."""

import json
from dataclasses import replace
from typing import Any

import pytest

from db.store.people.decided import Known, apply_decisions, placed_finding, sentence_around
from db.store.people.readings import Reading, Texts, finding_key, flat_finding
from db.store.people.verdicts import Standing
from db.tagged import ArmResult, Estimate, Finding, Mention

TITLE = "On bone"
ABSTRACT = "Aspirin was given. Less bone grew. Nobody died!  At one year"
TEXTS = Texts(TITLE, ABSTRACT)
KNOWN = {
    "aspirin": Known("intervention", None, None),
    "nsaids": Known("intervention", None, None),
    "bone": Known("outcome", None, "less is better"),
    "reach": Known("outcome", None, "more is better"),
    "death": Known("outcome", None, None),
    "age": Known("risk factor", None, None),
}
FINDING = Finding(
    "effect", "aspirin", "Aspirin", "nothing", "bone", "bone", "decreases", Estimate("RR", 0.5), "abstract", 19, 34,
    "RESULTS", "Less", None, "none or placebo", "better",
)  # fmt: skip
RISK = replace(FINDING, kind="risk", subject_id="age", direction="increases", comparator_class=None, effect=None)
RESULT = ArmResult("Aspirin", "aspirin", "bone", "bone", 1, 9, None, None, None, None, None, "abstract", 19, 34, None)
MENTION = Mention(
    "abstract", 0, 7, "Aspirin", "intervention", "aspirin", 0, 18, "METHODS", "hedged", "may", "vocabulary"
)
READING = Reading((MENTION,), (FINDING,), (RESULT,))
NOTHING = Reading((), (), ())


def standing(number: int, verdict: Any, concept: str | None, target: str | None = None, **value: Any) -> Standing:
    text = json.dumps(value) if value else None
    return Standing(number, 1, concept, None, target, verdict, "ada", "2026", None, text, None, False)


def on_finding(number: int, verdict: Any, said: Finding, **more: Any) -> Standing:
    sentence = TEXTS.of(said.field)[said.sentence_start : said.sentence_end]
    value = {**flat_finding(said), "sentence": sentence, **more}
    made = standing(number, verdict, None, finding_key(FINDING, TEXTS), **value)
    return replace(made, was=json.dumps({**flat_finding(FINDING), "sentence": ABSTRACT[19:34]}))


@pytest.mark.parametrize(
    ("field", "words", "start", "sentence"),
    [
        ("abstract", "Aspirin", 0, (0, 18)),  # the first letter of the first sentence
        ("abstract", "given.", 12, (0, 18)),  # its last one
        ("abstract", "Less", 19, (19, 34)),
        ("abstract", "Nobody", 35, (35, 47)),
        ("abstract", "year", 56, (49, 60)),
        ("abstract", "grew. Nobody", 29, (19, 41)),  # over two sentences
        ("title", "bone", 3, (0, 7)),
    ],
)
def test_marked_words_stand_in_their_sentence(field: Any, words: str, start: int, sentence: tuple[int, int]) -> None:
    one = standing(1, "add", "bone", "mark:1", field=field, start=start, text=words)
    ((number, mention),) = apply_decisions(NOTHING, [one], TEXTS, KNOWN).mentions
    assert (mention.start, mention.end, mention.text, mention.source) == (start, start + len(words), words, "person")
    assert (mention.sentence_start, mention.sentence_end) == sentence
    assert (number, mention.kind, mention.assertion, mention.section) == (0, "outcome", "affirmed", None)


@pytest.mark.parametrize(("place", "sentence"), [(18, (18, 21, "A")), (20, (18, 21, "A")), (21, (19, 34, None))])
def test_a_sentence_is_as_the_tagger_cut_it_where_it_found_anything_there(
    place: int, sentence: tuple[int, int, str | None]
) -> None:
    reading = replace(NOTHING, findings=(replace(FINDING, sentence_start=18, sentence_end=21, section="A"),))
    assert sentence_around(reading, TEXTS, "abstract", place) == sentence
    assert sentence_around(reading, TEXTS, "title", 2) == (0, 7, None)


def test_marks_come_after_the_taggers_mentions_and_say_what_they_were_given() -> None:
    near = standing(1, "add", "bone", "mark:1", field="abstract", start=20, text="bone", assertion="negated")
    gone = standing(2, "add", "bone", "mark:2", field="abstract", start=3, text="femur")
    unknown = standing(3, "add", "no-longer-known", "mark:3", field="abstract", start=0, text="Aspirin")
    made = apply_decisions(READING, [near, gone, unknown], TEXTS, KNOWN)
    assert [(n, m.concept_id, m.start, m.assertion) for n, m in made.mentions] == [
        (0, "aspirin", 0, "hedged"), (1, "bone", 24, "negated"),
    ]  # fmt: skip
    assert made.verdicts == {"bone": "add", "no-longer-known": "add"}
    later = standing(4, "reject", "bone")
    assert [n for n, _ in apply_decisions(READING, [near, later], TEXTS, KNOWN).mentions] == [0]


def test_a_corrected_assertion_changes_the_mention_and_loses_its_cue() -> None:
    one = standing(1, "correct", "aspirin", assertion="affirmed")
    made = apply_decisions(READING, [one], TEXTS, KNOWN)
    assert [(m.assertion, m.cue, m.concept_id) for _, m in made.mentions] == [("affirmed", None, "aspirin")]
    assert made.verdicts == {"aspirin": "correct"}
    assert made.findings == ((0, FINDING, None),)
    both = standing(1, "correct", "aspirin", concept_id="nsaids", assertion="negated")
    made = apply_decisions(READING, [both], TEXTS, KNOWN)
    assert [(m.assertion, m.concept_id) for _, m in made.mentions] == [("negated", "nsaids")]
    assert made.verdicts == {"aspirin": "reject", "nsaids": "correct"}


@pytest.mark.parametrize(
    ("finding", "outcome", "effect"),
    [
        (FINDING, "reach", "worse"),
        (FINDING, "death", "unclear"),
        (replace(FINDING, direction="no difference", effect="no difference"), "reach", "no difference"),
        (replace(FINDING, conflict="words: decreases; p: no difference", effect="better"), "reach", "better"),
        (RISK, "reach", None),
        (FINDING, "bone", "better"),
    ],
)
def test_under_another_outcome_a_finding_means_what_it_means_there(
    finding: Finding, outcome: str, effect: str | None
) -> None:
    one = standing(1, "correct", "bone", concept_id=outcome)
    made = apply_decisions(replace(READING, findings=(finding,)), [one], TEXTS, KNOWN)
    assert [(f.outcome_id, f.effect) for _, f, _ in made.findings] == [(outcome, effect)]
    assert [r.outcome_id for _, r in made.results] == [outcome]


@pytest.mark.parametrize("concept", ["aspirin", "bone"])
@pytest.mark.parametrize(("verdict", "instead"), [("reject", None), ("correct", "age"), ("correct", "not-known")])
def test_what_names_a_rejected_concept_or_one_of_another_kind_goes(
    concept: str, verdict: str, instead: str | None
) -> None:
    one = standing(1, verdict, concept, **({"concept_id": instead} if instead else {}))
    made = apply_decisions(READING, [one], TEXTS, KNOWN)
    assert (made.findings, made.results) == ((), ())
    other = apply_decisions(replace(READING, findings=(replace(FINDING, comparator_id="nsaids"),)), [one], TEXTS, KNOWN)
    assert other.findings == ()


@pytest.mark.parametrize("name", ["subject_id", "outcome_id", "comparator_id"])
@pytest.mark.parametrize(("rejected_at", "stands"), [(0, True), (2, False)])
def test_a_decided_finding_falls_with_a_concept_that_is_rejected_later(
    name: str, rejected_at: int, stands: bool
) -> None:
    said = replace(FINDING, **{name: "nsaids"})  # type: ignore[arg-type]
    order = [on_finding(1, "correct", said)]
    order.insert(rejected_at, standing(2, "reject", "nsaids"))
    made = apply_decisions(READING, order, TEXTS, KNOWN)
    assert [(getattr(f, name), decided) for _, f, decided in made.findings] == [("nsaids", "correct")] * stands


def test_a_concept_that_left_the_vocabulary_stays_as_words_and_a_sentence_that_is_gone_shows_nothing() -> None:
    values = on_finding(1, "accept", replace(FINDING, subject_id="gone", comparator_id="nsaids")).values
    found = placed_finding(values, TEXTS, KNOWN)
    assert found == replace(FINDING, subject_id=None, comparator_id="nsaids")
    moved = placed_finding({**values, "sentence_start": 3}, TEXTS, KNOWN)
    assert moved is not None
    assert (moved.sentence_start, moved.sentence_end) == (19, 34)
    assert placed_finding({**values, "sentence": "More bone grew."}, TEXTS, KNOWN) is None
    assert placed_finding({**values, "sentence": ""}, TEXTS, KNOWN) is None


@pytest.mark.parametrize(
    ("reads", "left"),
    [
        ({"direction": "increases"}, 0),
        ({"subject_text": "ASPIRIN", "subject_id": None, "estimate": Estimate()}, 0),
        ({"subject_text": "Others", "estimate": Estimate()}, 0),  # one concept by two names
        ({"subject_text": "Others", "subject_id": "nsaids"}, 1),
        ({"outcome_text": "death", "outcome_id": None}, 1),
        ({"kind": "risk", "direction": "increases"}, 1),
        ({"sentence_start": 0, "sentence_end": 18}, 1),
        ({"field": "title", "sentence_start": 0, "sentence_end": 7}, 1),
    ],
)
def test_what_a_later_tagger_reads_of_the_same_is_replaced_and_nothing_else(reads: dict[str, Any], left: int) -> None:
    reading = replace(READING, findings=(replace(FINDING, **reads),))
    made = apply_decisions(reading, [on_finding(1, "accept", FINDING)], TEXTS, KNOWN)
    decided = [f for _, f, verdict in made.findings if verdict == "accept"]
    assert decided == [FINDING]
    assert len(made.findings) == 1 + left
    assert len({number for number, _, _ in made.findings}) == len(made.findings)
    rejected = apply_decisions(reading, [on_finding(1, "reject", FINDING)], TEXTS, KNOWN)
    assert len(rejected.findings) == left
