"""Sentences that turn what they name, and all that is said of each: no sign is the reverse of what stands there."""

from pathlib import Path

import pytest

from db.tagged import Finding
from nlp.pipeline import tag_one
from tests.support.reading import record

DRUGS = "after total hip arthroplasty"
TITLES = {
    "two drugs": (f"Celecoxib and indomethacin for heterotopic ossification {DRUGS}",
                  "120 patients received celecoxib or indomethacin."),
    "and placebo": (f"Indomethacin, celecoxib or placebo for heterotopic ossification {DRUGS}",
                    "150 patients were randomised to indomethacin, celecoxib or placebo."),
    "placebo": (f"Indomethacin for heterotopic ossification {DRUGS}",
                "80 patients were randomised to indomethacin or placebo."),
    "factors": ("Risk factors for heterotopic ossification after acetabular fracture", "We reviewed 241 patients."),
}  # fmt: skip
LINES = [
    (*line.split(" = ", 1)[:1], *line.split(" = ", 1)[1].rsplit(" = ", 1))
    for line in Path(__file__).with_name("turned_signs.txt").read_text(encoding="utf-8").splitlines()
    if line and not line.startswith("#")
]


def _said(found: Finding) -> str:
    said = f"{found.subject_text.lower()} {found.direction}"
    if found.comparator_text and found.direction == "no difference":
        said += f" against {found.comparator_text.lower()}"
    if found.estimate.value is not None:
        said += f" {found.estimate.value:g}"
    return said + (" in conflict" if found.conflict else "")


@pytest.mark.parametrize(("kind", "sentence", "stated"), LINES, ids=range(len(LINES)))
def test_no_sign_is_turned(kind: str, sentence: str, stated: str) -> None:
    title, methods = TITLES[kind]
    found = tag_one(record({"METHODS": methods, "RESULTS": sentence}, title)).findings
    assert ("; ".join(map(_said, found)) or "nothing") == stated
