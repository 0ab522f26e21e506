"""People's decisions on findings and marked words: whole, over any tagger, undone at once, never lost with the text."""

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from db.screening.decide import import_decisions
from db.screening.read import read_screening_file
from db.screening.write import decision_lines
from db.store.people.decided import nearest_place
from db.store.people.decisions import decisions, next_time, record_decisions
from db.store.people.readings import finding_key, flat_finding, mark_key, read_texts
from db.store.people.verdicts import (
    Decision,
    DecisionError,
    Verdict,
    decisions_in_force,
    disputed,
    last_words,
    to_review,
)
from db.store.seals import broken_seals, unsealed
from db.store.store import Store
from db.store.tags import save_concepts, save_tags
from db.tagged import Estimate, Finding
from tests.support.stores import AT, CONCEPTS, article, memory_store, run, save, tagged

TITLE = "Indomethacin & heterotopic ossification"
ABSTRACT = "Indomethacin was given. It had less ossification than none. Pain was the same."
SENTENCE = (24, 59)
FINDING = Finding(
    "effect", "indomethacin", "Indomethacin", "none", "ho", "ossification", "decreases",
    Estimate("RR", 0.5, 0.3, 0.9, "0.01"), "abstract", *SENTENCE, "RESULTS", "less", None, "none or placebo", "better",
)  # fmt: skip


@pytest.fixture
def filled(store: Store) -> Store:
    save(store, article(abstract=ABSTRACT, sections=()))
    with store.atomic():
        save_concepts(store, [replace(c, polarity="less is better") if c.id == "ho" else c for c in CONCEPTS])
    tag(store, "v1", FINDING)
    return store


def tag(store: Store, version: str, *findings: Finding) -> None:
    with store.atomic():
        save_tags(store, run(store), [tagged(store, version, findings=findings)], AT)


def said(store: Store, finding: Finding = FINDING, **values: Any) -> str:
    texts = read_texts(store.db.conn, 1)
    told = {**flat_finding(finding), **values}
    return json.dumps({**told, "sentence": texts.of(finding.field)[finding.sentence_start : finding.sentence_end]})


def decide(store: Store, verdict: Verdict, value: str | None = None, who: str = "ada", **more: Any) -> None:
    key = finding_key(FINDING, read_texts(store.db.conn, 1)) if "target" not in more else more.pop("target")
    concept = more.pop("concept_id", None)
    made = Decision(
        1, verdict, who, next_time(store, 1, concept, key), concept, target=key, value=value, was=said(store), **more
    )
    with store.atomic():
        record_decisions(store, [made])


def rows(store: Store) -> list[tuple[Any, ...]]:
    sql = "SELECT subject_id, outcome_id, direction, effect, value, decided FROM findings ORDER BY id"
    return store.db.execute(sql).fetchall()


AS_READ = ("indomethacin", "ho", "decreases", "better", 0.5)
WITHOUT: dict[str, Any] = {"measure": None, "value": None, "ci_low": None, "ci_high": None, "p_value": None}
NO_DIFFERENCE: dict[str, Any] = {"direction": "no difference", "effect": "no difference", **WITHOUT}
CORRECTED = ("indomethacin", "ho", "no difference", "no difference", None, "correct")


def test_an_accepted_finding_stays_whatever_a_later_tagger_reads(filled: Store) -> None:
    decide(filled, "accept", said(filled))
    assert rows(filled) == [(*AS_READ, "accept")]
    tag(filled, "v2")
    assert rows(filled) == [(*AS_READ, "accept")]
    tag(filled, "v3", replace(FINDING, direction="increases", effect="worse"))
    assert rows(filled) == [(*AS_READ, "accept")]


def test_a_corrected_finding_counts_as_decided_over_any_tagger(filled: Store) -> None:
    decide(filled, "correct", said(filled, **NO_DIFFERENCE))
    assert rows(filled) == [CORRECTED]
    for version, findings in {
        "v2": (FINDING,),
        "v3": (replace(FINDING, direction="increases"),),
        "v4": (replace(FINDING, comparator_text="nothing", estimate=Estimate()),),
        "v5": (),
    }.items():
        tag(filled, version, *findings)
        assert rows(filled) == [CORRECTED], version


def test_a_rejected_finding_never_comes_back_and_another_of_its_sentence_stays(filled: Store) -> None:
    other = replace(FINDING, outcome_id=None, outcome_text="pain", direction="no difference")
    tag(filled, "v2", FINDING, other)
    decide(filled, "reject")
    assert [row[1] for row in rows(filled)] == [None]
    tag(filled, "v3", replace(FINDING, direction="increases"), other)
    assert [row[1] for row in rows(filled)] == [None]


def test_what_is_undone_comes_back_at_once_without_a_tagger(filled: Store) -> None:
    decide(filled, "accept", said(filled))
    decide(filled, "reject")
    assert rows(filled) == []
    decide(filled, "withdraw")
    assert rows(filled) == [(*AS_READ, "accept")]
    decide(filled, "withdraw")
    assert rows(filled) == [(*AS_READ, None)]
    assert len(list(decisions(filled))) == 4
    assert decisions_in_force(filled) == []


def test_a_rejected_tag_takes_its_findings_along_and_brings_them_back(filled: Store) -> None:
    record = Decision(1, "reject", "ada", "2026-02-01T00:00:00Z", "indomethacin")
    record_decisions(filled, [record])
    assert rows(filled) == []
    record_decisions(filled, [replace(record, verdict="withdraw", when="2026-02-02T00:00:00Z")])
    assert rows(filled) == [(*AS_READ, None)]


def test_a_corrected_tag_takes_its_mentions_and_findings_to_the_other_concept(filled: Store) -> None:
    value = json.dumps({"concept_id": "nsaids"})
    record_decisions(filled, [Decision(1, "correct", "ada", "2026-02-01T00:00:00Z", "indomethacin", value=value)])
    tags = dict(filled.db.execute("SELECT concept_id, decided FROM article_tags WHERE direct").fetchall())
    assert tags == {"nsaids": "correct", "ho": None}
    assert [row[0] for row in rows(filled)] == ["nsaids"]
    assert filled.db.execute("SELECT concept_id FROM mentions ORDER BY id").fetchall() == [("nsaids",), ("ho",)]


def test_accepting_a_tag_that_the_text_denies_does_not_affirm_it(filled: Store) -> None:
    denied = [replace(m, assertion="negated") for m in tagged(filled).mentions]
    with filled.atomic():
        save_tags(filled, run(filled), [tagged(filled, "v2", mentions=tuple(denied))], AT)
    record_decisions(filled, [Decision(1, "accept", "ada", "2026-02-01T00:00:00Z", "ho")])
    row = filled.db.execute("SELECT assertion, decided FROM article_tags WHERE concept_id = 'ho'").fetchone()
    assert row == ("negated", "accept")


def test_marked_words_become_a_mention_in_their_sentence(filled: Store) -> None:
    start = ABSTRACT.index("ossification")
    value = json.dumps({"field": "abstract", "start": start, "text": "ossification"})
    target = mark_key("ho", "abstract", start, "ossification")
    decide(filled, "add", value, concept_id="ho", target=target)
    tag(filled, "v2")
    mention = filled.db.execute(
        'SELECT start, "end", text, sentence_start, sentence_end, source FROM mentions WHERE source = ?', ["person"]
    ).fetchone()
    assert mention == (start, start + 12, "ossification", *SENTENCE, "person")
    decide(filled, "withdraw", concept_id="ho", target=target)
    assert filled.db.execute("SELECT count(*) FROM mentions WHERE source = 'person'").fetchone() == (0,)


def test_marked_words_that_were_rejected_are_no_mention(filled: Store) -> None:
    start = ABSTRACT.index("ossification")
    value = json.dumps({"field": "abstract", "start": start, "text": "ossification"})
    target = mark_key("ho", "abstract", start, "ossification")
    decide(filled, "add", value, concept_id="ho", target=target)
    decide(filled, "reject", value, concept_id="ho", target=target)
    assert filled.db.execute("SELECT count(*) FROM mentions WHERE source = 'person'").fetchone() == (0,)


def test_a_tag_that_becomes_one_of_another_kind_takes_its_findings_away(filled: Store) -> None:
    value = json.dumps({"concept_id": "ho"})
    record_decisions(filled, [Decision(1, "correct", "ada", "2026-02-01T00:00:00Z", "indomethacin", value=value)])
    assert rows(filled) == []


def test_a_finding_that_is_accepted_stands_over_an_earlier_rejected_tag_and_falls_with_a_later_one(
    filled: Store,
) -> None:
    record_decisions(filled, [Decision(1, "reject", "ada", "2020-02-01T00:00:00Z", "indomethacin")])
    decide(filled, "accept", said(filled))
    assert rows(filled) == [(*AS_READ, "accept")]
    record_decisions(filled, [Decision(1, "reject", "bea", "2099-02-01T00:00:00Z", "ho")])
    assert rows(filled) == []


def test_a_sentence_that_is_said_twice_keeps_the_place_next_to_its_own(filled: Store) -> None:
    decide(filled, "accept", said(filled))
    sentence = ABSTRACT[slice(*SENTENCE)]
    text = f"{sentence} {ABSTRACT}"
    save(filled, article(abstract=text, sections=(), xml=b"<b/>", revised_date="2021"))
    tag(filled, "v2")
    places = filled.db.execute("SELECT sentence_start FROM findings").fetchall()
    assert places == [(0,)]
    save(
        filled,
        article(abstract=f"By. {ABSTRACT} {'So. ' * 20}{sentence}", sections=(), xml=b"<c/>", revised_date="2022"),
    )
    tag(filled, "v2")
    assert filled.db.execute("SELECT sentence_start FROM findings").fetchall() == [(SENTENCE[0] + 4,)]
    assert [nearest_place("ab cd ab", "ab", start) for start in (0, 2, 3, 4, 6)] == [0, 0, 0, 6, 6]


def test_a_conflict_stays_one_under_another_outcome(filled: Store) -> None:
    tag(filled, "v2", replace(FINDING, effect="unclear", conflict="words: decreases; p: no difference"))
    with filled.atomic():
        save_concepts(filled, [*CONCEPTS, replace(CONCEPTS[-1], id="severe", name="severe", polarity="less is better")])
    value = json.dumps({"concept_id": "severe"})
    record_decisions(filled, [Decision(1, "correct", "ada", "2026-02-01T00:00:00Z", "ho", value=value)])
    assert [(row[1], row[3]) for row in rows(filled)] == [("severe", "unclear")]


def test_a_finding_follows_its_sentence_through_a_changed_text_and_asks_for_another_look(filled: Store) -> None:
    decide(filled, "correct", said(filled, **NO_DIFFERENCE))
    longer = article(abstract=f"New first words. {ABSTRACT}", sections=(), xml=b"<b/>", revised_date="2021")
    save(filled, longer)
    assert rows(filled) == []
    tag(filled, "v1")
    assert rows(filled) == [CORRECTED]
    at = filled.db.execute("SELECT sentence_start, sentence_end FROM findings").fetchone()
    assert longer.abstract is not None
    assert longer.abstract[slice(*at)] == ABSTRACT[slice(*SENTENCE)]
    assert [one.verdict for one in to_review(filled)] == ["correct"]
    save(filled, replace(longer, abstract="Other words.", xml=b"<c/>", revised_date="2022"))
    tag(filled, "v1")
    assert rows(filled) == []
    assert [one.verdict for one in to_review(filled)] == ["correct"]


def test_the_same_person_settles_a_changed_text_by_deciding_the_same_again(filled: Store) -> None:
    decide(filled, "accept", said(filled), text_hash=_hash(filled))
    save(filled, article(abstract=f"{ABSTRACT} More.", sections=(), xml=b"<b/>", revised_date="2021"))
    assert len(to_review(filled)) == 1
    decide(filled, "accept", said(filled), text_hash=_hash(filled))
    assert to_review(filled) == []


def _hash(store: Store) -> str:
    found: str = store.db.execute("SELECT text_hash FROM articles").fetchone()[0]
    return found


def test_two_people_who_disagree_are_told_and_a_third_settles_it(filled: Store) -> None:
    decide(filled, "accept", said(filled))
    assert disputed(last_words(filled)) == []
    decide(filled, "reject", who="bea")
    assert [one.who for one in disputed(last_words(filled))] == ["bea"]
    decide(filled, "accept", said(filled), who="cem")
    assert disputed(last_words(filled)) == []
    assert rows(filled) == [(*AS_READ, "accept")]


def test_who_insists_after_somebody_else_is_heard_and_who_brings_the_same_file_again_is_not(filled: Store) -> None:
    decide(filled, "accept", said(filled), text_hash=_hash(filled))
    decide(filled, "reject", who="bea", text_hash=_hash(filled))
    decide(filled, "accept", said(filled))
    assert rows(filled) == []
    decide(filled, "accept", said(filled), text_hash=_hash(filled))
    assert rows(filled) == [(*AS_READ, "accept")]
    decide(filled, "accept", said(filled), text_hash=_hash(filled))
    assert [(one.who, one.verdict) for one in decisions(filled)] == [
        ("ada", "accept"), ("bea", "reject"), ("ada", "accept"),
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("values", "words"),
    [
        ({"direction": "no difference", "effect": "no difference"}, "does not go with"),
        ({"direction": "sideways"}, "no direction"),
        ({"subject_id": "ho"}, "of the kind outcome"),
        ({"outcome_id": "nothing"}, "not in the vocabulary"),
        ({"subject_text": ""}, "about nothing"),
        ({"comparator_class": "x"}, "none of the list"),
    ],
)
def test_a_correction_that_cannot_be_is_refused_in_one_line(filled: Store, values: dict[str, Any], words: str) -> None:
    with pytest.raises(DecisionError, match=words) as refused:
        decide(filled, "correct", said(filled, **values))
    assert "\n" not in str(refused.value)
    assert list(decisions(filled)) == []


@pytest.mark.parametrize("value", ["", "[]", "{", '{"kind": "effect"}', '{"value": NaN}', "x" * 30_000])
def test_a_value_that_is_none_is_refused(filled: Store, value: str) -> None:
    with pytest.raises(DecisionError):
        decide(filled, "correct", value)


def test_decisions_on_findings_go_out_and_come_back_the_same(filled: Store, tmp_path: Path) -> None:
    decide(filled, "accept", said(filled))
    decide(filled, "correct", said(filled, **NO_DIFFERENCE), who="bea", reason="=the same")
    decide(filled, "withdraw", who="bea")
    path = tmp_path / "decisions.csv"
    path.write_text("".join(decision_lines(filled)), newline="")
    other = memory_store()
    save(other, article(abstract=ABSTRACT, sections=()))
    with other.atomic():
        save_concepts(other, CONCEPTS)
    tag(other, "v1", FINDING)
    for _ in range(2):
        import_decisions(other, read_screening_file(path), path.name, AT)
    out = [replace(one, source=None) for one in decisions(other)]
    assert out == [replace(one, source=None) for one in decisions(filled)]
    assert rows(other) == rows(filled)


def test_a_store_of_before_waits_for_the_tagger_where_a_rejected_tag_is_gone(filled: Store) -> None:
    record_decisions(filled, [Decision(1, "reject", "ada", "2026-02-01T00:00:00Z", "indomethacin")])
    filled.db.execute("DELETE FROM readings")  # older versions kept none
    record_decisions(filled, [Decision(1, "withdraw", "ada", "2026-02-02T00:00:00Z", "indomethacin")])
    assert filled.db.execute("SELECT tagger FROM articles").fetchone() == (None,)
    assert rows(filled) == []
    tag(filled, "v1", FINDING)
    assert rows(filled) == [(*AS_READ, None)]


def test_seals_hold_after_decisions(filled: Store) -> None:
    decide(filled, "correct", said(filled, **NO_DIFFERENCE))
    decide(filled, "withdraw")
    assert list(broken_seals(filled.db.conn)) == []
    assert list(unsealed(filled.db.conn)) == []
