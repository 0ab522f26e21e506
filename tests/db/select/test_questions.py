"""Questions in readers' own words: read into the right filter, never into a wrong one, the rest said to be unknown."""

import sqlite3
from collections.abc import Iterator
from pathlib import Path

import pytest

from db.select.questions.question import Question, read_question
from db.store.tags import save_concepts
from db.tagged import Concept
from nlp.vocabulary.loader import load_vocabulary
from tests.support.stores import memory_store

SLOTS = ("interventions", "risk_factors", "outcomes", "settings", "comparator", "excluded", "unknown")
HERE = Path(__file__).parent


def vocabulary() -> list[Concept]:
    """The concepts as the store keeps them."""
    return [
        Concept(c.id, c.kind, c.name, c.parent, c.mesh, (*c.synonyms, *c.abbreviations, *c.needs_definition), c.note)
        for c in load_vocabulary().concepts.values()
    ]


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
        save_concepts(store, vocabulary())
    yield store.db.conn
    store.db.conn.close()


def read(conn: sqlite3.Connection, text: str) -> dict[str, set[str]]:
    found = read_question(conn, text)
    return {slot: set(getattr(found, slot)) for slot in SLOTS}


DEVELOPMENT, HELD_OUT = questions("questions.tsv"), questions("questions_held_out.tsv")


@pytest.mark.parametrize(("text", "expected"), DEVELOPMENT + HELD_OUT, ids=[text for text, _ in DEVELOPMENT + HELD_OUT])
def test_nothing_is_read_that_was_not_asked(conn: sqlite3.Connection, text: str, expected: dict[str, set[str]]) -> None:
    found = read(conn, text)
    for slot in SLOTS[:-1]:
        assert found[slot] <= expected[slot], slot


@pytest.mark.parametrize(("asked", "least"), [(DEVELOPMENT, 38), (HELD_OUT, 17)], ids=["development", "held out"])
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


def test_an_empty_question_is_no_question(conn: sqlite3.Connection) -> None:
    assert not read_question(conn, "?!")
    assert read_question(conn, "?!") == Question("?!", outcomes=())
