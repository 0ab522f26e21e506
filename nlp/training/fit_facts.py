"""Trains the models of the study facts from gold records."""

from collections.abc import Sequence
from typing import Any

from spacy.language import Language

from nlp.document import make_document
from nlp.facts import population, sample_size
from nlp.facts.component import FactModels
from nlp.facts.reading import Reading
from nlp.facts.topic import topic_features
from nlp.records import to_tag_input
from nlp.training.boosting import boost
from nlp.training.linear import Choice, Example, fit, fit_choice
from nlp.trees import TreeModel


def fit_facts(records: Sequence[dict[str, Any]], pipeline: Language) -> FactModels:
    """Returns every fact model; `pipeline` needs sentences and sections."""
    readings = [Reading.of(pipeline(make_document(pipeline, to_tag_input(record)))) for record in records]
    pairs = list(zip(records, readings, strict=True))
    about = [(record, reading) for record, reading in pairs if record["topic"] == "ho"]
    topics = [(topic_features(reading), record["topic"]) for record, reading in pairs]
    groups: dict[str, TreeModel] = {}
    for group, key in (("site", "sites"), ("aetiology", "aetiologies"), ("species", "species")):
        groups |= _fit_group(about, group, key)
    linear = {"topic": fit(topics, ("ho", "not_ho"), penalty=0.5), "sample size": fit_choice(_size_choices(about))}
    return FactModels(linear, groups)


def _size_choices(about: Sequence[tuple[dict[str, Any], Reading]]) -> list[Choice]:
    choices: list[Choice] = []
    for record, reading in about:
        gold = record["gold"]
        if reading.abstract:
            offered = sample_size.options(reading, gold["study_design"], gold["species"])
            right = [value == gold["sample_size"] for value, _, _ in offered]
            if any(right):
                choices.append(Choice([features for _, _, features in offered], right))
    return choices


def _fit_group(about: Sequence[tuple[dict[str, Any], Reading]], group: str, key: str) -> dict[str, TreeModel]:
    examples: dict[str, list[Example]] = {label: [] for label in population.GROUPS[group]}
    for record, reading in about:
        value = record["gold"][key]
        gold = set(value.split("+")) if isinstance(value, str) else set(value)
        for label, features in population.group_features(reading, group).items():
            examples[label].append((features, "yes" if label in gold else "no"))
    return {
        f"{group}:{label}": boost(rows, ("yes", "no"), rounds=80, leaves=6, smallest=5)
        for label, rows in examples.items()
    }
