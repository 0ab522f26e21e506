"""Trains the span tagger for other fields of medicine, used on records that are not on the topic.

    python -m nlp.training.open_topics FOLDER

Reads two public corpora of annotated trial abstracts, whose texts belong to their publishers and are not kept here:
`evidence_map_train.jsonl` (WengLab's EvidenceMap: interventions and outcomes all through the abstract) and
`pico_sections_train.jsonl` (BIDS-Xu-Lab: title and methods). Writes nlp/models/spans_open.npz: weights, no text.
"""

import argparse
import json
import logging
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from spacy.language import Language
from spacy.tokens import Doc

from nlp.document import attribute, make_document
from nlp.facts.component import FactModels, fact_models, study_facts
from nlp.facts.reading import Reading
from nlp.models.crf import LABELS, SpanTagger
from nlp.scoring.records import to_tag_input
from nlp.spans.feature_names import NAMES
from nlp.spans.features import document_view, sentence_features
from nlp.spans.tagging import OPEN_SPAN_MODEL
from nlp.training.crf import Schedule, Sentence, train_tagger
from nlp.training.train import reading_pipeline

#: A text with its mentions as (first character, last character, kind), in characters of title, line end, abstract.
Annotated = tuple[str, str, list[tuple[int, int, str]]]
_KINDS = {"Intervention": "intervention", "Outcome": "outcome", "INT": "intervention", "CTRL": "intervention",
          "OUT": "outcome"}  # fmt: skip
CORPORA = {"evidence_map_train.jsonl": (" . ", 1.0), "pico_sections_train.jsonl": (" METHODS: ", 0.5)}


def read_annotated(path: Path, end_of_title: str) -> Iterator[Annotated]:
    """Yields title, abstract and mentions of each record of a corpus whose title ends at the first `end_of_title`."""
    with path.open(encoding="utf-8") as file:
        for line in file:
            record = json.loads(line)
            text: str = record["text"]
            title, found, body = text.partition(end_of_title)
            shift = 1 - len(found)
            spans = []
            for start, end, label in record["spans"]:
                if label in _KINDS:
                    moved = shift if start > len(title) else 0
                    spans.append((start + moved, end + moved, _KINDS[label]))
            yield title, body, spans


def labels_of(document: Doc, spans: Sequence[tuple[int, int, str]]) -> list[int]:
    """Returns the label number of each token of a document for mentions given by characters; the first one wins."""
    starts, words = attribute(document, "starts"), attribute(document, "words")
    labels = [0] * len(words)
    for start, end, kind in sorted(spans, key=lambda span: (span[0], -span[1])):
        inside = [n for n, at in enumerate(starts) if start <= at and at + len(words[n]) <= end and words[n].strip()]
        if inside and not any(labels[n] for n in inside):
            labels[inside[0]] = LABELS.index(f"B-{kind}")
            for number in inside[1:]:
                labels[number] = LABELS.index(f"I-{kind}")
    return labels


def sentences_of(
    records: Sequence[Annotated], weight: float, pipeline: Language, facts: FactModels
) -> Iterator[Sentence]:
    """Yields the training sentences of a corpus."""
    for title, body, spans in records:
        article = to_tag_input({"pmid": 0, "title": title, "abstract": [{"label": None, "text": body}]})
        document = pipeline(make_document(pipeline, article))
        document._.facts = study_facts(Reading.of(document), facts)
        view = document_view(document)
        labels = labels_of(document, spans)
        for sentence in attribute(document, "sentences"):
            rows = sentence_features(view, sentence, NAMES)
            if rows:
                yield rows, labels[sentence.first : sentence.first + len(rows)], weight


def fit_open(corpora: Mapping[str, Sequence[Annotated]], passes: int = 10) -> SpanTagger:
    """Returns the tagger trained on records by corpus (a name of `CORPORA`, for its weight)."""
    pipeline, facts = reading_pipeline(), fact_models()
    sentences: list[Sentence] = []
    for name, records in corpora.items():
        sentences += sentences_of(records, CORPORA[name][1], pipeline, facts)
    return train_tagger(sentences, Schedule(passes=passes, seeds=(20,), dropout=0.4, trust=1.0))


def main(arguments: list[str] | None = None) -> int:
    """Reads the corpora that the folder holds, trains, and writes the model."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--out", type=Path, default=OPEN_SPAN_MODEL)
    options: Any = parser.parse_args(arguments)
    logging.basicConfig(level=logging.INFO, format="%(message)s")
    corpora = {
        name: list(read_annotated(options.folder / name, end))
        for name, (end, _) in CORPORA.items()
        if (options.folder / name).exists()
    }
    logging.getLogger(__name__).info("%s", {name: len(records) for name, records in corpora.items()})
    fit_open(corpora).save(options.out)
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
