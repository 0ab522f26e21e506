"""Random histories of decisions, undoing, retagging and changed texts against a plain oracle: nothing is ever lost."""

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from db.store.people.decisions import decisions, next_time, record_decisions
from db.store.people.readings import finding_key, read_texts
from db.store.people.verdicts import Decision, decisions_in_force
from db.store.seals import broken_seals, unsealed
from db.store.store import Store
from db.store.tags import save_concepts
from tests.db.store.test_decided_findings import (
    ABSTRACT,
    FINDING,
    NO_DIFFERENCE,
    decide,
    rows,
    said,
    tag,
)
from tests.support.stores import CONCEPTS, article, memory_store, save

PEOPLE = ("ada", "bea", "cem")
READINGS = ((), (FINDING,), (replace(FINDING, direction="increases", effect="worse"),))
_DECIDE = st.tuples(st.sampled_from(["accept", "correct", "reject", "withdraw"]), st.sampled_from(PEOPLE))
_TAG = st.tuples(st.just("tag"), st.integers(0, len(READINGS) - 1))
_TEXT = st.tuples(st.just("text"), st.integers(0, 3))


def begin() -> Store:
    store = memory_store()
    save(store, article(abstract=ABSTRACT, sections=()))
    with store.atomic():
        save_concepts(store, [replace(c, polarity="less is better") if c.id == "ho" else c for c in CONCEPTS])
    tag(store, "v0", FINDING)
    return store


def expected(stacks: dict[str, list[tuple[int, str]]], reading: tuple[Any, ...]) -> Sequence[tuple[str, str | None]]:
    """Direction and mark of the finding that must stand."""
    last = max((stack[-1] for stack in stacks.values() if stack), default=None)
    if last is None:
        return [(finding.direction, None) for finding in reading]
    return {"accept": [("decreases", "accept")], "correct": [("no difference", "correct")], "reject": []}[last[1]]


@settings(max_examples=60, deadline=None, suppress_health_check=list(HealthCheck))
@given(st.lists(_DECIDE | _TAG | _TEXT, max_size=12))
def test_what_stands_is_what_the_newest_word_says_over_whatever_happens(steps: list[tuple[str, Any]]) -> None:
    store = begin()
    target = finding_key(FINDING, read_texts(store.db.conn, 1))
    values = {"accept": said(store), "correct": said(store, **NO_DIFFERENCE), "reject": None, "withdraw": None}
    was = said(store)
    stacks: dict[str, list[tuple[int, str]]] = {name: [] for name in PEOPLE}
    reading: tuple[Any, ...] = READINGS[1]
    waits, shift, made = False, 0, 0
    for number, (what, detail) in enumerate(steps):
        if what == "tag":
            reading = READINGS[detail]
            moved = [
                replace(f, sentence_start=f.sentence_start + shift, sentence_end=f.sentence_end + shift)
                for f in reading
            ]
            tag(store, f"v{number + 1}", *moved)
            waits = False
        elif what == "text":
            first = "x" * detail + " " if detail else ""
            changed = article(
                abstract=first + ABSTRACT, sections=(), xml=f"<a>{number}</a>".encode(), revised_date=f"20{30 + number}"
            )
            waits = waits or len(first) != shift
            shift = len(first)
            save(store, changed)
        else:
            when = next_time(store, 1, None, target)
            one = Decision(1, what, detail, when, target=target, value=values[what], was=was)  # type: ignore[arg-type]
            with store.atomic():
                added = record_decisions(store, [one]).added
            made += added
            if what == "withdraw":
                if stacks[detail]:
                    stacks[detail].pop()
            elif added:
                stacks[detail].append((number, what))
        if not waits:
            assert [(row[2], row[5]) for row in rows(store)] == expected(stacks, reading)
    assert len(list(decisions(store))) == made
    assert {one.who for one in decisions_in_force(store)} <= {name for name, stack in stacks.items() if stack}
    assert list(broken_seals(store.db.conn)) == []
    assert list(unsealed(store.db.conn)) == []


def test_the_oracle_can_fail() -> None:
    store = begin()
    decide(store, "reject")
    assert rows(store) == [] != expected({"ada": [(0, "accept")]}, READINGS[1])
