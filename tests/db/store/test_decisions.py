"""People's decisions: the newest by its own time is in force, over any tagger; a changed text asks for another look."""

from dataclasses import replace
from itertools import permutations

import pytest

from db.store.ledger.ledger import Ledger
from db.store.people.decisions import Recorded, decisions, record_decisions
from db.store.people.verdicts import Decision, DecisionError, decisions_in_force, to_review
from db.store.store import Store
from db.store.tags import save_concepts, save_tags
from tests.support.stores import AT, CONCEPTS, article, run, save, tagged

EARLY, LATE = "2026-01-02T10:00:00Z", "2026-01-03T10:00:00Z"


def decision(
    verdict: str, concept: str = "ho", who: str = "ada", when: str = EARLY, reason: str = "read it"
) -> Decision:
    """A decision on article 1."""
    return Decision(1, verdict, who, when, concept, reason=reason)  # type: ignore[arg-type]


@pytest.fixture
def filled(store: Store) -> Store:
    save(store, article())
    with store.atomic():
        save_concepts(store, CONCEPTS)
    return store


def tags_of(store: Store, version: str = "v1", **values: object) -> dict[str, str | None]:
    """Tags the article anew; returns its concepts with the decision on each."""
    with store.atomic():
        save_tags(store, run(store), [tagged(store, version, **values)], AT)
    return dict(store.db.execute("SELECT concept_id, decided FROM article_tags").fetchall())


@pytest.mark.parametrize(
    ("verdict", "concept", "expected"),
    [
        ("reject", "indomethacin", {"ho"}),
        ("add", "nsaids", {"ho", "indomethacin", "nonselective-nsaids", "nsaids"}),
        ("reject", "ho", {"indomethacin", "nonselective-nsaids", "nsaids"}),
        ("accept", "ho", {"ho", "indomethacin", "nonselective-nsaids", "nsaids"}),
    ],
)
def test_a_decision_wins_over_every_later_tagging(
    filled: Store, verdict: str, concept: str, expected: set[str]
) -> None:
    assert record_decisions(filled, [decision(verdict, concept)] * 2) == Recorded(added=1, known=1)
    for version in ("v1", "v2"):
        assert set(tags_of(filled, version)) == expected
    assert [made.verdict for made in decisions(filled)] == [verdict]


def test_an_accepted_tag_stays_when_a_tagger_no_longer_finds_it(filled: Store) -> None:
    record_decisions(filled, [decision("accept")])
    assert tags_of(filled, "v2", mentions=(), findings=()) == {"ho": "accept"}


def test_a_rejected_ancestor_does_not_come_back_by_its_child(filled: Store) -> None:
    record_decisions(filled, [decision("reject", "nsaids")])
    assert set(tags_of(filled)) == {"ho", "indomethacin", "nonselective-nsaids"}


@pytest.mark.parametrize("order", list(permutations(range(3))))
def test_the_newest_by_its_own_time_is_in_force_in_whatever_order_they_come(
    filled: Store, order: tuple[int, ...]
) -> None:
    made = [
        decision("accept", when=EARLY),
        decision("reject", who="bea", when="2026-01-02T11:00:00Z"),
        decision("accept", who="cem", when=LATE),
    ]
    for place in order:
        record_decisions(filled, [made[place]])
    (standing,) = decisions_in_force(filled)
    assert (standing.who, standing.verdict) == ("cem", "accept")
    assert tags_of(filled)["ho"] == "accept"


def test_an_older_decision_of_the_same_person_changes_nothing_and_is_counted(filled: Store) -> None:
    record_decisions(filled, [decision("reject", when=LATE)])
    assert record_decisions(filled, [decision("accept", when=EARLY)]) == Recorded(older=1)
    assert "ho" not in tags_of(filled)


def test_decisions_that_come_back_add_nothing(filled: Store) -> None:
    made = [decision("accept", when=EARLY), decision("reject", when=LATE), decision("accept", who="bea", when=EARLY)]
    record_decisions(filled, made)
    assert record_decisions(filled, made) == Recorded(known=3)
    assert record_decisions(filled, [decision("reject", when="2026-02-01T00:00:00Z")]) == Recorded(known=1)
    assert len(list(decisions(filled))) == 3


def test_a_text_that_changes_under_a_decision_asks_for_another_look_until_somebody_decides_again(
    filled: Store,
) -> None:
    record_decisions(filled, [decision("accept")])
    assert to_review(filled) == []
    changed = article(title="Changed", xml=b"<c/>", revised_date="2022")
    save(filled, changed)
    assert [standing.words for standing in to_review(filled)] == ["PMID 1: accept ho, ada, 2026-01-02: read it"]
    record_decisions(filled, [decision("reject", who="bea", when=LATE)])
    assert to_review(filled) == []
    save(filled, replace(changed, title="Changed again", xml=b"<d/>"))
    assert [(standing.who, standing.verdict) for standing in to_review(filled)] == [("bea", "reject")]


def test_a_decision_on_a_text_that_was_another_one_asks_for_another_look(filled: Store) -> None:
    """A form that lay open while the text changed says which text it was made on."""
    record_decisions(filled, [replace(decision("accept"), text_hash="of the text before")])
    assert [(standing.verdict, standing.text_changed) for standing in to_review(filled)] == [("accept", True)]
    assert [made.text_hash for made in decisions(filled)] == ["of the text before"]
    record_decisions(filled, [decision("accept", when=LATE, who="bea")])
    assert to_review(filled) == []


@pytest.mark.parametrize("wrong", [Decision(2, "accept", "ada", AT, "ho"), Decision(1, "accept", "ada", AT, "none")])
def test_a_decision_on_what_is_not_there_is_refused(filled: Store, wrong: Decision) -> None:
    with pytest.raises(DecisionError):
        record_decisions(filled, [wrong])


def test_a_run_that_decides_ends(filled: Store) -> None:
    ledger = Ledger(filled)
    number = ledger.begin("decide", "tests")
    ledger.finish(number, "done", None, 0, 0.0)
    assert filled.db.execute("SELECT count(*) FROM runs WHERE id = ? AND status = 'running'", [number]).fetchone() == (
        0,
    )


def test_of_two_words_of_one_day_the_one_that_comes_last_is_in_force(filled: Store) -> None:
    day = "2026-01-02"  # files say no more of when somebody decided
    for verdict in ("accept", "reject"):
        with filled.atomic():
            assert record_decisions(filled, [decision(verdict, when=day)]).added == 1
    assert [one.verdict for one in decisions_in_force(filled)] == ["reject"]
