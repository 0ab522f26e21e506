"""Questions in readers' own words: read into the right filter, never into a wrong one, the rest said to be unknown."""

import sqlite3
from collections.abc import Iterator
from pathlib import Path

import pytest

from db.select.questions.question import Question, read_question
from db.store.tags import save_concepts
from harvest.app.steps.tag import concepts_of
from nlp.vocabulary.loader import load_vocabulary
from tests.support.stores import memory_store

SLOTS = ("interventions", "risk_factors", "outcomes", "settings", "comparator", "excluded", "unknown")
HERE = Path(__file__).parent


def questions(name: str) -> list[tuple[str, dict[str, set[str]]]]:
    """The questions of a file with what they name, by slot."""
    found = []
    for line in (HERE / name).read_text(encoding="utf-8").splitlines():
        if line and not line.startswith("#"):
            text, _, expected = line.partition("\t")
            slots = dict(part.split("=") for part in expected.split())
            found.append((text, {slot: set(slots[slot].split(",")) if slot in slots else set() for slot in SLOTS}))
    return found


@pytest.fixture(scope="module")
def conn() -> Iterator[sqlite3.Connection]:
    store = memory_store()
    with store.atomic():
        save_concepts(store, concepts_of(load_vocabulary()))
    yield store.db.conn
    store.db.conn.close()


def read(conn: sqlite3.Connection, text: str) -> dict[str, set[str]]:
    found = read_question(conn, text)
    return {slot: set(getattr(found, slot)) for slot in SLOTS}


DEVELOPMENT, HELD_OUT = questions("questions.tsv"), questions("questions_held_out.tsv")
READERS = questions("questions_readers.tsv")
EVERY = DEVELOPMENT + HELD_OUT + READERS


@pytest.mark.parametrize(("text", "expected"), EVERY, ids=[text for text, _ in EVERY])
def test_nothing_is_read_that_was_not_asked(conn: sqlite3.Connection, text: str, expected: dict[str, set[str]]) -> None:
    found = read(conn, text)
    for slot in SLOTS[:-1]:
        assert found[slot] <= expected[slot], slot


@pytest.mark.parametrize(
    ("asked", "least"), [(DEVELOPMENT, 38), (HELD_OUT, 17), (READERS, 30)], ids=["development", "held out", "readers"]
)
def test_most_questions_are_read_whole(
    conn: sqlite3.Connection, asked: list[tuple[str, dict[str, set[str]]]], least: int
) -> None:
    wrong = [(text, read(conn, text)) for text, expected in asked if read(conn, text) != expected]
    assert len(asked) - len(wrong) >= least, wrong


def test_what_follows_without_never_becomes_a_choice(conn: sqlite3.Connection) -> None:
    for words in ("without NSAIDs", "no NSAIDs", "not NSAIDs", "except NSAIDs", "without any NSAIDs"):
        found = read_question(conn, f"radiotherapy {words} after THA")
        assert found.interventions == ("radiotherapy",), words
        assert found.excluded == ("nsaids",), words


def test_a_name_of_several_kinds_is_read_by_the_rest_of_the_question(conn: sqlite3.Connection) -> None:
    cause = read_question(conn, "Does infection cause HO?")
    assert (cause.risk_factors, cause.outcomes) == (("infection-factor",), ("ho-occurrence",))
    assert read_question(conn, "infection after radiotherapy").outcomes == ("infection-outcome",)
    assert read_question(conn, "HO after hemiarthroplasty").settings == ("hip-hemiarthroplasty",)
    assert read_question(conn, "HO after a burn").settings == ("aetiology-burn",)
    assert read_question(conn, "HO after the crush injury").settings == ("crush-injury-aetiology",)
    assert read_question(conn, "HO after years with a crush injury").risk_factors == ("crush-injury",)
    marker = read_question(conn, "alkaline phosphatase as an early marker")
    assert (marker.other, marker.outcomes) == (("alkaline-phosphatase-test",), ())
    assert "alkaline-phosphatase-endpoint" in read_question(conn, "etidronate and alkaline phosphatase").outcomes


@pytest.mark.parametrize("words", ["the rate of HO", "HO incidence", "NHO", "ectopic bone"])
def test_whether_ho_occurs_is_one_outcome_whatever_it_is_called(conn: sqlite3.Connection, words: str) -> None:
    assert read_question(conn, f"naproxen and {words}").outcomes == ("ho-occurrence",)


def test_an_empty_question_is_no_question(conn: sqlite3.Connection) -> None:
    assert not read_question(conn, "?!")
    assert read_question(conn, "?!") == Question("?!", outcomes=())


@pytest.mark.parametrize(
    ("text", "factor", "setting"),
    [
        ("Is spinal cord injury a risk factor for HO?", True, False),
        ("Are spinal cord injury and burns risk factors for HO?", True, False),
        ("What are the risk factors for HO after spinal cord injury?", False, True),
        ("risk factors for HO in spinal cord injury", False, True),
        ("spinal cord injury: HO risk factors", False, True),
    ],
)
def test_what_is_asked_about_as_a_risk_factor_is_one(
    conn: sqlite3.Connection, text: str, factor: bool, setting: bool
) -> None:
    found = read_question(conn, text)
    assert ("spinal-cord-injury-factor" in found.risk_factors) == factor
    assert ("aetiology-spinal-cord-injury" in found.settings) == setting


@pytest.mark.parametrize(
    ("text", "interventions", "comparator"),
    [
        ("celecoxib versus naproxen after radiotherapy", ("celecoxib", "radiotherapy"), ("naproxen",)),
        ("celecoxib versus naproxen or radiotherapy", ("celecoxib",), ("naproxen", "radiotherapy")),
    ],
)
def test_what_is_compared_with_ends_with_its_list(
    conn: sqlite3.Connection, text: str, interventions: tuple[str, ...], comparator: tuple[str, ...]
) -> None:
    found = read_question(conn, text)
    assert (found.interventions, found.comparator) == (interventions, comparator)
