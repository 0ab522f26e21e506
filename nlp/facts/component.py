"""The component that fills `doc._.facts`."""

from dataclasses import dataclass
from functools import cache
from pathlib import Path

from spacy.language import Language
from spacy.tokens import Doc

from db.tagged import StudyFacts
from db.topics import current
from nlp.facts import design, design_choice, evidence, population, sample_size
from nlp.facts.reading import Reading
from nlp.facts.topic import names_topic, plainly_about, ruled_about, topic_features
from nlp.models.linear import MODEL_FOLDER, LinearModel, load_models, save_models
from nlp.models.trees import TreeModel, load_trees, save_trees

_LINEAR, _GROUPS = "facts.json", "groups.json"
#: What the topic's linear model says of a record on the topic, and of another one.
ABOUT, BESIDE = "about", "beside"


@dataclass(frozen=True, slots=True)
class FactModels:
    """The models of the facts: of topic and sample size, and of each site, aetiology and species."""

    linear: dict[str, LinearModel]
    groups: dict[str, TreeModel]

    @classmethod
    def load(cls, folder: Path) -> "FactModels":
        """Reads the models that `save` wrote."""
        return cls(load_models(folder / _LINEAR), load_trees(folder / _GROUPS))

    def save(self, folder: Path) -> None:
        """Writes the models to a folder."""
        save_models(self.linear, folder / _LINEAR)
        save_trees(self.groups, folder / _GROUPS)


@cache
def fact_models() -> FactModels:
    """Returns the packaged models of the facts."""
    return FactModels.load(MODEL_FOLDER)


def study_facts(reading: Reading, models: FactModels) -> StudyFacts:
    """Returns all facts of one record."""
    topic = current()
    about = names_topic(reading) and (plainly_about(reading) or _weighed_about(reading, models))
    species_labels = population.choose(reading, "species", models.groups)
    species = population.join_species(species_labels, None)
    from_types = design.design_from_types(reading)
    from_text = design.design_from_text(reading, bench_kind(reading, species_labels))
    first = design.decide(reading, from_types, from_text, None)
    size, size_text = sample_size.choose(reading, first, species, models.linear["sample size"])
    guess = design.decide(reading, from_types, from_text, size)
    features = design_choice.design_features(reading, from_types, from_text, guess, size, species)
    decided = design_choice.choose_design(guess, features, models.groups["design"], reading)
    if decided in ("case report",) and size is None and reading.abstract:
        size, size_text = 1, None
    return StudyFacts(
        topic=topic.id if about else topic.beside,
        study_design=decided,
        design_from_types=from_types,
        design_from_text=from_text,
        sample_size=size,
        sample_size_text=size_text,
        species=population.join_species(population.studied_species(reading, species_labels, decided), decided),
        evidence_level=evidence.evidence_level(decided, reading),
        sites=population.choose(reading, "site", models.groups) if about else (),
        aetiologies=population.choose(reading, "aetiology", models.groups) if about else (),
        follow_up=evidence.follow_up(reading),
    )


def _weighed_about(reading: Reading, models: FactModels) -> bool:
    if not current().own_models:
        return ruled_about(reading)
    return models.linear["topic"].best(topic_features(reading))[0] == ABOUT


def bench_kind(reading: Reading, labels: tuple[str, ...]) -> str:
    """ "animal" or "in vitro" where the record is bench work, else "human": reviews of bench work are not."""
    if "Review" in reading.types or "Systematic Review" in reading.types or "Meta-Analysis" in reading.types:
        return "human"
    trial = "Randomized Controlled Trial" in reading.types or design.names_trial(reading.title)
    if "human" in labels and trial:
        return "human"
    if "animal" in labels:
        return "animal"
    if "in vitro" in labels and "human" not in labels:
        return "in vitro"
    return "human"


@Language.factory(
    "tracker_study_facts",
    requires=["doc._.article", "doc._.plain", "doc._.sentences"],
    assigns=["doc._.facts", "doc._.wanted"],
    default_config={"any_topic": False},
)
class FactComponent:
    """Decides the facts of a document, and whether it is tagged: `any_topic` tags what is not on the topic too."""

    def __init__(self, nlp: Language, name: str, any_topic: bool) -> None:  # noqa: ARG002  spaCy passes both
        self.any_topic = any_topic

    def __call__(self, document: Doc) -> Doc:
        """Reads the study facts of a document."""
        document._.facts = study_facts(Reading.of(document), fact_models())
        document._.wanted = self.any_topic or document._.facts.topic == current().id
        return document
