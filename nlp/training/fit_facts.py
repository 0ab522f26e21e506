"""Trains the models of the study facts from gold records."""

from collections.abc import Sequence

from spacy.language import Language

from db.topics import current
from nlp.document import make_document
from nlp.facts import design, design_choice, population, sample_size
from nlp.facts import measured as measures
from nlp.facts.component import ABOUT, BESIDE, FactModels, bench_kind, study_facts
from nlp.facts.reading import Reading
from nlp.facts.topic import names_topic, topic_features
from nlp.models.trees import TreeModel
from nlp.scoring.records import to_tag_input
from nlp.training.boosting import boost
from nlp.training.data import Record, weight
from nlp.training.linear import Choice, Example, fit, fit_choice


def fit_facts(records: Sequence[Record], pipeline: Language) -> FactModels:
    """Returns every fact model; `pipeline` needs sentences and sections."""
    readings = [Reading.of(pipeline(make_document(pipeline, to_tag_input(record)))) for record in records]
    pairs = list(zip(records, readings, strict=True))
    about = [(record, reading) for record, reading in pairs if record["topic"] == current().id]
    # only where the model is asked: records without a word of the disease would teach it that a record is none
    topics = [
        (topic_features(reading), ABOUT if record["topic"] == current().id else BESIDE)
        for record, reading in pairs
        if names_topic(reading)
    ]
    groups: dict[str, TreeModel] = {}
    for group, key in (("site", "sites"), ("aetiology", "aetiologies"), ("species", "species")):
        groups |= _fit_group(about, group, key)
    groups["design"] = _fit_design(about, groups)
    linear = {
        "topic": fit(topics, (ABOUT, BESIDE), penalty=1.0),
        "sample size": fit_choice(_size_choices(about), penalty=2.0),
    }
    models = FactModels(linear, groups)
    groups["measured"] = _fit_measured(about, models)
    return models


def _fit_measured(about: Sequence[tuple[Record, Reading]], models: FactModels) -> TreeModel:
    """The model that tells records which measure the disease from those that only speak of it."""
    examples: list[Example] = []
    for record, reading in about:
        measured = any(measures.is_bare_name(outcome) for outcome in record["gold"]["outcomes"])
        features = measures.measured_features(reading, study_facts(reading, models))
        examples.append((features, "yes" if measured else "no"))
    return boost(
        examples, ("yes", "no"), weights=[weight(record) for record, _ in about], rounds=80, leaves=6, smallest=5
    )


def _copies(record: Record) -> int:
    """How often a record stands in the examples of the linear models."""
    return round(weight(record))


def _size_choices(about: Sequence[tuple[Record, Reading]]) -> list[Choice]:
    choices: list[Choice] = []
    for record, reading in about:
        gold = record["gold"]
        if reading.abstract:
            offered = sample_size.options(reading, gold["study_design"], gold["species"])
            right = [value == gold["sample_size"] for value, _, _ in offered]
            if any(right):
                choices += [Choice([features for _, _, features in offered], right)] * _copies(record)
    return choices


def _fit_design(about: Sequence[tuple[Record, Reading]], groups: dict[str, TreeModel]) -> TreeModel:
    examples: list[Example] = []
    weights: list[float] = []
    for record, reading in about:
        gold = record["gold"]
        labels = population.choose(reading, "species", groups)
        species = population.join_species(labels, None)
        from_types = design.design_from_types(reading)
        from_text = design.design_from_text(reading, bench_kind(reading, labels))
        guess = design.decide(reading, from_types, from_text, gold["sample_size"])
        features = design_choice.design_features(reading, from_types, from_text, guess, gold["sample_size"], species)
        if guess not in design_choice.SETTLED:
            examples.append((features, gold["study_design"]))
            weights.append(weight(record))
    return boost(examples, design_choice.DESIGNS, weights=weights, rounds=100, leaves=8, smallest=3)


def _fit_group(about: Sequence[tuple[Record, Reading]], group: str, key: str) -> dict[str, TreeModel]:
    examples: dict[str, list[Example]] = {label: [] for label in population.cue_patterns(group)}
    weights = [weight(record) for record, _ in about]
    for record, reading in about:
        value = record["gold"][key]
        gold = set(value.split("+")) if isinstance(value, str) else set(value)
        for label, features in population.group_features(reading, group).items():
            examples[label].append((features, "yes" if label in gold else "no"))
    return {
        f"{group}:{label}": boost(rows, ("yes", "no"), weights=weights, rounds=80, leaves=6, smallest=5)
        for label, rows in examples.items()
    }
