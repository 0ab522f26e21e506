"""What a corrected finding means for the patient: by the outcome, by the person, else as it was or its opposite."""

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from db.curation.forms import decide
from db.curation.items import finding_items, look_at
from db.store.people.verdicts import DecisionError
from db.store.store import open_store
from tests.support.review_desk import FIRST_PMID, findings, make_desk, tag_all

NONE = "no difference"
#: Of an outcome that the vocabulary does not have, of which only the sentence tells what is good.
_GAIT = replace(
    findings()[0], outcome_id=None, outcome_text="gait", direction="increases", effect="better",
    estimate=replace(findings()[0].estimate, measure=None, value=None, ci_low=None, ci_high=None),
)  # fmt: skip


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("forms")
    make_desk(folder, 1)
    return folder / "ho.db"


def corrected(path: Path, was: dict[str, Any], fields: dict[str, str]) -> tuple[str, str]:
    """Direction and effect after a correction; nothing of it is kept."""
    with open_store(path) as store:
        tag_all(store, "v2", (replace(_GAIT, **was),))
        [item] = finding_items(store, look_at(store, FIRST_PMID))
        sent = {"pmid": str(FIRST_PMID), "item": item.key, "text_hash": item.text_hash, "verdict": "correct", **fields}
        store.db.execute("BEGIN")
        try:
            assert decide(store, "ada", sent)
            row: tuple[str, str] = store.db.execute("SELECT direction, effect FROM findings").fetchone()
        finally:
            store.db.conn.rollback()
    return row


@pytest.mark.parametrize(
    ("was", "fields", "now"),
    [
        ({}, {"direction": "decreases"}, ("decreases", "worse")),
        ({"effect": "worse"}, {"direction": "decreases"}, ("decreases", "better")),
        ({}, {"subject": "NSAIDs"}, ("increases", "better")),
        ({"effect": "unclear"}, {"direction": "decreases"}, ("decreases", "unclear")),
        (
            {"direction": "no difference", "effect": "no difference"},
            {"direction": "increases"},
            ("increases", "unclear"),
        ),
        ({}, {"direction": NONE}, (NONE, NONE)),
        ({}, {"direction": "decreases", "effect": "better"}, ("decreases", "better")),
        ({}, {"effect": "worse"}, ("increases", "worse")),
        ({}, {"outcome": "ho"}, ("increases", "worse")),
        ({}, {"outcome": "ho", "direction": "decreases"}, ("decreases", "better")),
    ],
)
def test_what_a_correction_means_for_the_patient(
    made: Path, was: dict[str, Any], fields: dict[str, str], now: tuple[str, str]
) -> None:
    assert corrected(made, was, fields) == now


def test_an_outcome_says_itself_what_its_direction_means(made: Path) -> None:
    with pytest.raises(DecisionError, match="decreases of this outcome is better for the patient; choose"):
        corrected(made, {"effect": "unclear"}, {"outcome": "ho", "direction": "decreases", "effect": "worse"})
