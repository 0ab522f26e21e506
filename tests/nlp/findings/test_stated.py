"""Short made-up records and all that is stated of them: findings whole, arms, what is denied, the study."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from db.tagged import ArmResult, Finding, TagInput
from nlp.pipeline import tag_one
from tests.support.reading import record

#: The records by file, and whether their lines also say where a finding stands and which concepts an arm has.
FILES = {"stated.txt": False, "stated_rules.txt": True}
RECORDS = [
    (block, detail)
    for name, detail in FILES.items()
    for block in Path(__file__).with_name(name).read_text(encoding="utf-8").split("\n\n")[1:]
]
TITLE = "Heterotopic ossification after injury and surgery"


def _finding(found: Finding) -> str:
    estimate = found.estimate
    interval = f"({estimate.ci_low:g} to {estimate.ci_high:g})" if estimate.ci_low is not None else None
    figures = (
        estimate.measure,
        None if estimate.value is None else f"{estimate.value:g}",
        interval,
        f"p {estimate.p_value}" if estimate.p_value else None,
        {True: "adjusted", False: "crude", None: None}[estimate.adjusted],
    )
    said = f"{found.kind}: {found.subject_text} ({found.subject_id}) {found.direction}"
    if found.kind == "effect":
        said += f": {found.outcome_text} ({found.outcome_id}), {found.effect}"
        said += f"; against {found.comparator_text} ({found.comparator_class})"
    told = " ".join(filter(None, figures))
    return said + (f"; {told}" if told else "") + (f"; conflict {found.conflict}" if found.conflict else "")


def _place(article: TagInput, found: Finding) -> str:
    text = article.title if found.field == "title" else article.abstract or ""
    words = text[found.sentence_start : found.sentence_end].split()[:3]
    return f"{_finding(found)}; in {' '.join(words)!r}"


def _arm(arm: ArmResult, detail: bool) -> str:
    said = (
        None if arm.events is None else f"{arm.events}/{arm.total}",
        None if arm.percent is None else f"{arm.percent:g} %",
        None if arm.mean is None else f"mean {arm.mean:g} sd {arm.sd:g} {arm.unit}",
        arm.time,
    )
    arm_id, outcome_id = (f" ({arm.concept_id})", f" ({arm.outcome_id})") if detail else ("", "")
    return f"arm: {arm.arm_text}{arm_id}: {arm.outcome_text}{outcome_id}: {', '.join(filter(None, said))}"


def _lines(article: TagInput, study: bool, detail: bool) -> Iterator[str]:
    tagged = tag_one(article)
    facts = tagged.facts
    if study:
        yield f"study: {facts.study_design}, n {facts.sample_size}, {facts.species}, level {facts.evidence_level}"
    yield from (_place(article, found) if detail else _finding(found) for found in tagged.findings)
    yield from (_arm(arm, detail) for arm in tagged.results)
    yield from (f"{m.assertion}: {m.text} by {m.cue!r}" for m in tagged.mentions if m.assertion != "affirmed")


@pytest.mark.parametrize(("block", "detail"), RECORDS, ids=range(len(RECORDS)))
def test_all_that_is_stated_of_a_record(block: str, detail: bool) -> None:
    lines = block.strip().split("\n")
    stated = [line.removeprefix("= ") for line in lines if line.startswith("= ")]
    parts = dict(line.split(": ", 1) for line in lines if not line.startswith("= "))
    title, text = parts.pop("TITLE", TITLE), parts.pop("ABSTRACT", None)
    study = any(line.startswith("study: ") for line in stated)
    assert list(_lines(record(text or parts, title), study, detail)) == stated
