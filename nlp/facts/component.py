"""The component that fills `doc._.facts`."""

from functools import cache

from spacy.language import Language
from spacy.tokens import Doc

from db.model import StudyFacts
from nlp.facts import design, evidence, population, sample_size
from nlp.facts.reading import Reading
from nlp.facts.topic import names_ho, topic_features
from nlp.linear import MODEL_FOLDER, LinearModel, load_models


@cache
def fact_models() -> dict[str, LinearModel]:
    """Returns the packaged models of the facts."""
    return load_models(MODEL_FOLDER / "facts.json")


def study_facts(reading: Reading, models: dict[str, LinearModel]) -> StudyFacts:
    """Returns all facts of one record."""
    topic = models["topic"].best(topic_features(reading))[0] if names_ho(reading) else "not_ho"
    species_labels = population.choose(reading, "species", models)
    species = population.join_species(species_labels, None)
    from_types = design.design_from_types(reading)
    from_text = design.design_from_text(reading, _bench(reading, species_labels))
    first = design.decide(reading, from_types, from_text, None)
    size, size_text = sample_size.choose(reading, first, species, models["sample size"])
    decided = design.decide(reading, from_types, from_text, size)
    if decided in ("case report",) and size is None and reading.abstract:
        size, size_text = 1, None
    about = topic == "ho"
    return StudyFacts(
        topic="ho" if about else "not_ho",
        study_design=decided,
        design_from_types=from_types,
        design_from_text=from_text,
        sample_size=size,
        sample_size_text=size_text,
        species=population.join_species(species_labels, decided),
        evidence_level=evidence.evidence_level(decided, reading),
        sites=population.choose(reading, "site", models) if about else (),
        aetiologies=population.choose(reading, "aetiology", models) if about else (),
        follow_up=evidence.follow_up(reading),
    )


def _bench(reading: Reading, labels: tuple[str, ...]) -> str:
    """ "animal" or "in vitro" where the record is bench work, else "human": reviews of bench work are not."""
    if "Review" in reading.types or "Systematic Review" in reading.types or "Meta-Analysis" in reading.types:
        return "human"
    if "human" in labels and "Randomized Controlled Trial" in reading.types:
        return "human"
    if "animal" in labels:
        return "animal"
    if "in vitro" in labels and "human" not in labels:
        return "in vitro"
    return "human"


@Language.component("ho_study_facts", requires=["doc._.sentences"], assigns=["doc._.facts"])
def ho_study_facts(document: Doc) -> Doc:
    """Decides the facts of a document."""
    document._.facts = study_facts(Reading.of(document), fact_models())
    return document
