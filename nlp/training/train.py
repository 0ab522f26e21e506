"""Trains every model of the pipeline from the gold in the repository: `python -m nlp.training.train`.

Fixed seeds, no download, a few minutes on one core. Writes nlp/models/: facts.json, groups.json, spans.npz,
results.json.
"""

import argparse
import logging
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from spacy.language import Language
from spacy.tokens import Doc

from db.topics import current
from nlp.document import attribute, make_document
from nlp.facts.component import FactModels, study_facts
from nlp.facts.reading import Reading
from nlp.models.crf import SpanTagger
from nlp.models.linear import MODEL_FOLDER
from nlp.models.trees import TreeModel, save_trees
from nlp.pipeline import blank_pipeline
from nlp.scoring.records import to_tag_input
from nlp.spans.features import document_view, sentence_features
from nlp.spans.tagging import Span, tagged_spans
from nlp.training.crf import train_tagger
from nlp.training.data import Record, read_records, training_records, weight
from nlp.training.fit_facts import fit_facts
from nlp.training.fit_results import fit_results
from nlp.training.projection import project

log = logging.getLogger(__name__)
READERS = ("tracker_sentences", "tracker_sections", "tracker_abbreviations", "tracker_concepts", "tracker_estimates")


def reading_pipeline() -> Language:
    """Returns the part of the pipeline that needs no model."""
    pipeline = blank_pipeline()
    for name in READERS:
        pipeline.add_pipe(name)
    return pipeline


def read_with_facts(records: Sequence[Record], pipeline: Language, facts: FactModels) -> list[tuple[Record, Doc]]:
    """Returns each record with its document, facts decided by the models given."""
    pairs = []
    for record in records:
        document = pipeline(make_document(pipeline, to_tag_input(record)))
        document._.facts = study_facts(Reading.of(document), facts)
        pairs.append((record, document))
    return pairs


def fit_spans(pairs: Sequence[tuple[Record, Doc]], passes: int = 12) -> SpanTagger:
    """Returns the span tagger trained on records on the topic."""
    sentences = []
    for record, document in pairs:
        if record["topic"] != current().id:
            continue
        view = document_view(document)
        labels = project(view.words, record["gold"])
        for sentence in attribute(document, "sentences"):
            rows = sentence_features(view, sentence)
            if rows:
                sentences.append((rows, labels[sentence.first : sentence.first + len(rows)], weight(record)))
    return train_tagger(sentences, passes=passes)


def predicted_spans(pairs: Sequence[tuple[Record, Doc]], folds: int = 3) -> dict[str, list[Span]]:
    """Returns, by PMID, the spans that a tagger finds which was trained on the other folds of the records."""
    found: dict[str, list[Span]] = {}
    about = [pair for pair in pairs if pair[0]["topic"] == current().id]
    for fold in range(folds):
        tagger = fit_spans([pair for number, pair in enumerate(about) if number % folds != fold], passes=6)
        for record, document in about[fold::folds]:
            found[str(record["pmid"])] = tagged_spans(document, tagger)
    return found


@dataclass
class Models:
    """Everything that training gives."""

    facts: FactModels
    spans: SpanTagger
    results: dict[str, TreeModel]


def train_all(records: Sequence[Record]) -> Models:
    """Returns the models of facts, spans and results, trained on the records."""
    pipeline = reading_pipeline()
    facts = fit_facts(records, pipeline)
    log.info("facts: %d models", len(facts.linear) + len(facts.groups))
    pairs = read_with_facts(records, pipeline, facts)
    spans = fit_spans(pairs)
    log.info("spans: %d features", len(spans.index))
    results = fit_results(pairs, predicted_spans(pairs))
    log.info("results: %s", {name: len(model.names) for name, model in results.items()})
    return Models(facts, spans, results)


def main(arguments: list[str] | None = None) -> int:
    """Trains on the training part of the gold and writes the models."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--out", type=Path, default=MODEL_FOLDER)
    parser.add_argument("--also", type=Path, nargs="*", default=[], help="further gold files, real ones not kept here")
    options = parser.parse_args(arguments)
    folder = options.out
    logging.basicConfig(level=logging.INFO, format="%(message)s")
    records = training_records() + read_records(options.also)
    log.info("%d records", len(records))
    models = train_all(records)
    folder.mkdir(parents=True, exist_ok=True)
    models.facts.save(folder)
    models.spans.save(folder / "spans.npz")
    save_trees(models.results, folder / "results.json")
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
