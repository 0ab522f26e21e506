"""Trains the linear models of the study facts from gold records."""

from collections.abc import Sequence
from typing import Any

from spacy.language import Language

from nlp.document import make_document
from nlp.facts import population, sample_size
from nlp.facts.reading import Reading
from nlp.facts.topic import topic_features
from nlp.linear import LinearModel
from nlp.records import to_tag_input
from nlp.training.linear import Example, fit


def fit_facts(records: Sequence[dict[str, Any]], pipeline: Language) -> dict[str, LinearModel]:
    """Returns every fact model; `pipeline` needs sentences and sections."""
    readings = [Reading.of(pipeline(make_document(pipeline, to_tag_input(record)))) for record in records]
    pairs = list(zip(records, readings, strict=True))
    models = {
        "topic": fit([(topic_features(r), record["topic"]) for record, r in pairs], ("ho", "not_ho"), penalty=0.5)
    }
    about = [(record, reading) for record, reading in pairs if record["topic"] == "ho"]
    for group, key in (("site", "sites"), ("aetiology", "aetiologies"), ("species", "species")):
        models |= _fit_group(about, group, key)
    examples: list[Example] = []
    for record, reading in about:
        gold = record["gold"]
        if not reading.abstract:
            continue
        for candidate in sample_size.candidates(reading):
            features = sample_size.with_study(candidate.features, gold["study_design"], gold["species"])
            examples.append((features, "yes" if candidate.value == gold["sample_size"] else "no"))
    models["sample size"] = fit(examples, ("yes", "no"), penalty=1.0)
    return models


def _fit_group(about: Sequence[tuple[dict[str, Any], Reading]], group: str, key: str) -> dict[str, LinearModel]:
    examples: dict[str, list[Example]] = {label: [] for label in population.GROUPS[group]}
    for record, reading in about:
        value = record["gold"][key]
        gold = set(value.split("+")) if isinstance(value, str) else set(value)
        for label, features in population.group_features(reading, group).items():
            examples[label].append((features, "yes" if label in gold else "no"))
    return {f"{group}:{label}": fit(rows, ("yes", "no"), penalty=1.0) for label, rows in examples.items()}
