"""Predictions in the form of the gold: what `ho-tracker predict` writes and `evaluate` reads."""

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from db.tagged import Estimate, Finding, TaggedArticle
from nlp.pipeline import tag
from nlp.scoring.records import to_tag_input
from nlp.text.normal import normal


def _gold_estimate(estimate: Estimate) -> dict[str, Any]:
    """An estimate as the gold writes it; empty where the text gives none."""
    written: dict[str, Any] = {}
    if estimate.measure is not None and estimate.value is not None:
        written = {"measure": estimate.measure, "value": estimate.value}
        if estimate.ci_low is not None:
            written["low"] = estimate.ci_low
        if estimate.ci_high is not None:
            written["high"] = estimate.ci_high
    if estimate.p_value is not None:
        written["p"] = estimate.p_value
    return written


def _unique(texts: Iterable[str]) -> list[str]:
    seen: dict[str, str] = {}
    for text in texts:
        seen.setdefault(normal(text), text)
    return list(seen.values())


def _risk(finding: Finding) -> dict[str, Any]:
    written: dict[str, Any] = {"mention": finding.subject_text, "direction": finding.direction}
    estimate = _gold_estimate(finding.estimate)
    return written | {"estimate": estimate} if estimate else written


def _effect(finding: Finding) -> dict[str, Any]:
    written: dict[str, Any] = {"intervention": finding.subject_text}
    if finding.comparator_text:
        written["comparator"] = finding.comparator_text
    written |= {"outcome": finding.outcome_text, "direction": finding.direction}
    estimate = _gold_estimate(finding.estimate)
    return written | {"estimate": estimate} if estimate else written


def to_prediction(tagged: TaggedArticle, pmid: Any = None) -> dict[str, Any]:
    """Returns the prediction of one tagged article; `pmid` as the record writes it."""
    facts = tagged.facts
    return {
        "pmid": tagged.pmid if pmid is None else pmid,
        "topic": facts.topic,
        "interventions": _unique(m.text for m in tagged.mentions if m.kind == "intervention"),
        "risk_factors": [_risk(f) for f in tagged.findings if f.kind == "risk"],
        "outcomes": _unique(m.text for m in tagged.mentions if m.kind == "outcome"),
        "findings": [_effect(f) for f in tagged.findings if f.kind == "effect"],
        "study_design": facts.study_design,
        "sample_size": facts.sample_size,
        "species": facts.species,
        "sites": list(facts.sites),
        "aetiologies": list(facts.aetiologies),
    }


def predict(
    records: Iterable[Mapping[str, Any]], processes: int = 1, any_topic: bool = False
) -> Iterator[dict[str, Any]]:
    """Yields one prediction a gold-form record, in order; `any_topic` tags what is not on the topic too."""
    pmids: list[Any] = []

    def inputs() -> Iterator[Any]:
        for record in records:
            pmids.append(record["pmid"])
            yield to_tag_input(record)

    for number, tagged in enumerate(tag(inputs(), processes, any_topic)):
        yield to_prediction(tagged, pmids[number])
