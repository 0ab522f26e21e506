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
from nlp.training.linear import Choice, Example, fit, fit_choice


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
    choices: list[Choice] = []
    for record, reading in about:
        gold = record["gold"]
        if reading.abstract:
            offered = sample_size.options(reading, gold["study_design"], gold["species"])
            right = [value == gold["sample_size"] for value, _, _ in offered]
            if any(right):
                choices.append(Choice([features for _, _, features in offered], right))
    models["sample size"] = fit_choice(choices)
    return models


def _fit_group(about: Sequence[tuple[dict[str, Any], Reading]], group: str, key: str) -> dict[str, LinearModel]:
    examples: dict[str, list[Example]] = {label: [] for label in population.GROUPS[group]}
    for record, reading in about:
        value = record["gold"][key]
        gold = set(value.split("+")) if isinstance(value, str) else set(value)
        for label, features in population.group_features(reading, group).items():
            examples[label].append((features, "yes" if label in gold else "no"))
    return {f"{group}:{label}": fit(rows, ("yes", "no"), penalty=1.0) for label, rows in examples.items()}
