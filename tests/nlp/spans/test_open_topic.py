"""A topic without models of its own: the open tagger with the topic's vocabulary, and never the disease as a factor."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from spacy.language import Language
from spacy.tokens import Doc

from db.tagged import TagInput
from db.topics import TopicError
from nlp.cues.disease import is_disease_alone, names_disease
from nlp.pipeline import build_pipeline, read_document, tag_one
from tests.support.topics import POPULATION, in_force, topic_folder


@pytest.fixture(scope="module")
def pipeline(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Language]:
    folder = topic_folder(tmp_path_factory.mktemp("gout"), population=POPULATION)
    with in_force(folder):
        yield build_pipeline()


def read(pipeline: Language, title: str, abstract: str, mesh: tuple[str, ...] = ()) -> Doc:
    return read_document(pipeline, TagInput(1, title, abstract, mesh_terms=mesh))


def test_the_vocabulary_names_what_the_tagger_passes_over(pipeline: Language) -> None:
    document = read(
        pipeline,
        "Colchicine for gouty arthritis: a randomized trial.",
        "We randomized 80 patients to colchicine or placebo. Colchicine reduced acute attacks (odds ratio 0.40, 95% CI "
        "0.20 to 0.80).",
    )
    found = {(finding.subject_text, finding.direction, finding.outcome_text) for finding in document._.findings}
    assert ("Colchicine", "decreases", "acute attacks") in found


@pytest.mark.parametrize(
    "sentence",
    [
        "Gouty arthritis (gout) hurts.",
        "Gout was associated with a higher risk of death (odds ratio 1.40, 95% CI 1.10 to 1.80).",
        "In patients with gout colchicine relieved pain.",
    ],
)
def test_the_disease_is_no_factor_and_no_drug(pipeline: Language, sentence: str) -> None:
    document = read(pipeline, "Gout and what becomes of it.", sentence)
    assert not [span.text for span in document._.open_spans if span.kind != "outcome" and is_disease_alone(span.text)]
    assert not [one.subject_text for one in document._.findings if is_disease_alone(one.subject_text)]


@pytest.mark.parametrize(
    ("title", "abstract", "about"),
    [
        ("Gout in the elderly.", "Gout is common.", True),
        ("Crystals in joints.", "Calcium pyrophosphate, calcium pyrophosphate, and seldom gout.", False),
        ("Measles.", "A rash.", False),
        ("Joint pain.", "We saw gout in nine of ten patients.", True),
    ],
)
def test_whether_it_is_on_the_topic_is_settled_by_names(
    pipeline: Language, title: str, abstract: str, about: bool
) -> None:
    assert read(pipeline, title, abstract)._.facts.topic == ("gout" if about else "not_gout")


def test_a_heading_settles_it(pipeline: Language) -> None:
    assert read(pipeline, "Joint pain.", "Nothing.", ("Arthritis, Gouty",))._.facts.topic == "gout"


def test_settings_and_places_are_read_by_rule(pipeline: Language) -> None:
    facts = read(pipeline, "Gout of the toe on thiazides.", "The toe hurt.")._.facts
    assert (facts.sites, facts.aetiologies) == (("toe",), ("diuretics",))
    assert read(pipeline, "Gout.", "It hurt.")._.facts.aetiologies == ("other",)


@pytest.mark.parametrize("text", ["gout", "Gouty arthritis", "the gouty arthritis (gout)"])
def test_names_alone_are_the_disease(pipeline: Language, text: str) -> None:
    assert is_disease_alone(text)
    assert names_disease(text.lower())


@pytest.mark.parametrize("text", ["gout flare", "early gout", "gouty arthritis severity", "pain"])
def test_more_than_a_name_is_not(pipeline: Language, text: str) -> None:
    assert not is_disease_alone(text)


def test_two_processes_have_the_topic_of_the_first(tmp_path: Path) -> None:
    from nlp.pipeline import tag

    with in_force(topic_folder(tmp_path)):
        inputs = [TagInput(number, "Gout and colchicine.", "Colchicine reduced acute attacks.") for number in (1, 2)]
        alone = [tag_one(one) for one in inputs]
        assert list(tag(inputs, processes=2)) == alone
        assert {one.facts.topic for one in alone} == {"gout"}


def test_models_of_another_topic_are_refused_in_one_line(tmp_path: Path) -> None:
    topic = """
id = "gout"
name = "gouty arthritis"
short_name = "gout"
title = "Gout tracker"
models = "own"
"""
    with in_force(topic_folder(tmp_path, topic=topic)), pytest.raises(TopicError, match='write models = "open"'):
        tag_one(TagInput(1, "Gouty arthritis of the toe", "Toes of men with gout were treated with colchicine."))
