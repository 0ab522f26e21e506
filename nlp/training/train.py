"""Trains every model of the pipeline from the gold in the repository: `python -m nlp.training.train`.

Fixed seeds, no download, some ten minutes on one core. Writes nlp/models/: facts.json, groups.json, spans.npz,
spans_again.npz, results.json.
"""

import argparse
import logging
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from spacy.language import Language
from spacy.tokens import Doc

from db.topics import current
from nlp.document import Sentence, attribute, make_document
from nlp.facts.component import FactModels, study_facts
from nlp.facts.reading import Reading
from nlp.models.crf import SpanTagger
from nlp.models.linear import MODEL_FOLDER
from nlp.models.trees import TreeModel, save_trees
from nlp.pipeline import blank_pipeline
from nlp.scoring.records import to_tag_input
from nlp.spans.feature_names import NAMES
from nlp.spans.features import document_view, sentence_features
from nlp.spans.reading import SpanReader, seen_again
from nlp.spans.second_look import named_features
from nlp.spans.tagging import Span, decoded_spans
from nlp.training.crf import Schedule, train_tagger
from nlp.training.data import Record, read_records, training_records, weight
from nlp.training.fit_facts import fit_facts
from nlp.training.fit_results import fit_results
from nlp.training.projection import project

log = logging.getLogger(__name__)
#: How taggers are fitted that only say what becomes of records that a tagger has not seen.
_IN_SHORT = Schedule(passes=6, seeds=(20, 21))
#: A second reading may be sure: what it adds is known to the first one's chances.
_AGAIN = Schedule(trust=1.0)
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


@dataclass(frozen=True, slots=True)
class Example:
    """A record on the topic, its sentences, and of each of them the features and labels of its tokens."""

    record: Record
    document: Doc
    sentences: tuple[Sentence, ...]
    rows: list[list[list[str]]]
    labels: list[list[int]]


def examples_of(pairs: Sequence[tuple[Record, Doc]]) -> list[Example]:
    """Returns what the span tagger learns from, of the records on the topic."""
    examples = []
    for record, document in pairs:
        if record["topic"] == current().id:
            view = document_view(document)
            labels = project(view.words, record["gold"])
            sentences = tuple(s for s in attribute(document, "sentences") if s.last > s.first)
            rows = [sentence_features(view, sentence, NAMES) for sentence in sentences]
            told = [labels[s.first : s.first + len(row)] for s, row in zip(sentences, rows, strict=True)]
            examples.append(Example(record, document, sentences, rows, told))
    return examples


def fit_spans(examples: Sequence[Example], schedule: Schedule | None = None) -> SpanTagger:
    """Returns the span tagger trained on examples."""
    sentences = [
        (row, labels, weight(example.record))
        for example in examples
        for row, labels in zip(example.rows, example.labels, strict=True)
    ]
    return train_tagger(sentences, schedule)


def _by_others(examples: Sequence[Example], schedule: Schedule, folds: int = 3) -> Iterator[tuple[Example, SpanTagger]]:
    """Yields each example with a tagger that was trained on the other folds."""
    for fold in range(folds):
        tagger = fit_spans([e for number, e in enumerate(examples) if number % folds != fold], schedule)
        yield from ((example, tagger) for example in examples[fold::folds])


def looked_at_again(examples: Sequence[Example]) -> list[Example]:
    """Returns the examples as a second reading sees them, after taggers that had not seen them."""
    seen = []
    for example, tagger in _by_others(examples, _IN_SHORT):
        more = seen_again(document_view(example.document), example.sentences, list(tagger.decode(example.rows)))
        rows = [
            [[*old, *named_features(new)] for old, new in zip(row, numbers, strict=True)]
            for row, numbers in zip(example.rows, more, strict=True)
        ]
        seen.append(replace(example, rows=rows))
    return seen


def predicted_spans(again: Sequence[Example]) -> dict[str, list[Span]]:
    """Returns, by PMID, the spans that a second reading finds which was trained on the other folds of the examples."""
    found: dict[str, list[Span]] = {}
    for example, tagger in _by_others(again, replace(_IN_SHORT, trust=_AGAIN.trust)):
        spans = decoded_spans(example.document, example.sentences, tagger.decode(example.rows))
        found[str(example.record["pmid"])] = spans
    return found


@dataclass
class Models:
    """Everything that training gives."""

    facts: FactModels
    spans: SpanReader
    results: dict[str, TreeModel]


def train_all(records: Sequence[Record]) -> Models:
    """Returns the models of facts, spans and results, trained on the records."""
    pipeline = reading_pipeline()
    facts = fit_facts(records, pipeline)
    log.info("facts: %d models", len(facts.linear) + len(facts.groups))
    pairs = read_with_facts(records, pipeline, facts)
    examples = examples_of(pairs)
    again = looked_at_again(examples)
    spans = SpanReader(fit_spans(examples), fit_spans(again, _AGAIN))
    log.info("spans: %d features", len(spans.first.index))
    results = fit_results(pairs, predicted_spans(again))
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
    models.spans.save(folder)
    save_trees(models.results, folder / "results.json")
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
