"""Compares ways to find mentions on the same development records, in one run.

    python -m benchmarks.encoder_comparison --encoder FOLDER [--half FOLDER --half FOLDER] [--unlabelled FILE ...]
        [--dev NAME=FILE ...]

`crf`: the random field over words, vocabulary, cues and sections. `encoder`: the transformer alone, sections among its
words, a label taken where its chance beats a threshold. `summed`: the same random field and the same encoder, their
log odds summed. `features`: the random field trained with the encoder's chances among its features; it needs the two
encoders that were trained without a half of the records (`--half`, the one without half 0 first), so that no training
record is scored by an encoder that has seen it. `distilled`: the random field, trained also on texts that `summed`
labelled (`--unlabelled`).

Folders are what `python -m nlp.training.encoder` wrote. Everything behind the mentions (directions, findings, facts) is
the packaged tagger's in every row. `--dev` adds development files that are not in the repository; `gain` is what the
mean of the three kinds gains over `crf` on all retold and added records together, with a 95 % bootstrap interval.
"""

import argparse
import random
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from spacy.tokens import Doc

from benchmarks.encoder_features import encoder_features
from db.tagged import TaggedArticle
from nlp.document import attribute, make_document
from nlp.models.crf import LABELS, Floats, SpanTagger, decode, transition_mask
from nlp.pipeline import build_pipeline
from nlp.scoring.evaluate import MENTION_LABELS, evaluate
from nlp.scoring.predict import to_prediction
from nlp.scoring.rates import Rate, Scores
from nlp.scoring.records import to_tag_input
from nlp.spans.feature_names import NAMES
from nlp.spans.features import document_view, sentence_features
from nlp.training.crf import train_tagger
from nlp.training.data import Record, dev_records, read_records, retold_dev_records, training_records, weight
from nlp.training.encoder.halves import half_of
from nlp.training.encoder.reader import SpanEncoder
from nlp.training.projection import project

_COLUMNS = {
    "interventions": "interventions relaxed",
    "risk factors": "risk_factors relaxed",
    "with direction": "risk_factors joint",
    "outcomes": "outcomes relaxed",
    "findings": "findings joint",
}
#: How much the encoder's log odds count beside the random field's scores, and what each label gets on top; of the few
#: values tried the best on the retold development records, between which little differed.
_SHARE, _BONUS = 0.35, 0.5
Rows = list[list[str]]
#: Sentences to learn from: feature rows, labels, how much they count.
Examples = list[tuple[Rows, list[int], float]]


@dataclass
class Way:
    """A way to find mentions: scores of a sentence (tokens by labels) from its features and the encoder's chances.

    It takes the place of the span component's tagger, with the chances of the document at hand.
    """

    score: Callable[[Rows, Floats], Floats]
    transitions: Floats
    chances: list[Floats]

    def decode(self, sentences: Iterable[Rows]) -> Iterator[tuple[list[int], Floats]]:
        """Yields for each sentence of the document the best label sequence and the marginals."""
        pairs = zip(sentences, self.chances, strict=True)
        scores = [self.score(rows, chances[: len(rows)]) for rows, chances in pairs]
        yield from decode(scores, self.transitions)


class Reader:
    """The packaged pipeline, with the mentions left to one of the ways."""

    def __init__(self) -> None:
        self.pipeline = build_pipeline(model=False)
        names = self.pipeline.pipe_names
        self.spans = self.pipeline.get_pipe("tracker_spans")
        parts, middle = dict(self.pipeline.pipeline), names.index("tracker_spans")
        self.before = [parts[name] for name in names[:middle]]
        self.after = [parts[name] for name in names[middle:]]

    def read(self, record: Record) -> Doc:
        """Returns the document of a record as far as no mention is needed."""
        document = make_document(self.pipeline, to_tag_input(record))
        for part in self.before:
            document = part(document)
        return document

    def find(self, document: Doc, way: Way, chances: Floats) -> Doc:
        """Returns the document with mentions and findings, the mentions found one way."""
        way.chances = [chances[s.first : s.last] for s in attribute(document, "sentences") if s.last > s.first]
        self.spans.tagger = way  # type: ignore[attr-defined]
        for part in self.after:
            document = part(document)
        return document

    def predict(self, record: Record, way: Way, encoder: SpanEncoder) -> dict[str, Any]:
        """Returns the prediction of a record, its mentions found one way."""
        document = self.read(record)
        document = self.find(document, way, encoder.read(document))
        article = attribute(document, "article")
        tagged = TaggedArticle(
            pmid=article.pmid,
            text_hash=article.text_hash,
            tagger="",
            facts=document._.facts,
            mentions=tuple(document._.mentions),
            findings=tuple(document._.findings),
            abstained=0,
            counts={},
        )
        return to_prediction(tagged, record["pmid"])


def examples(document: Doc, labels: Sequence[int], counts: float) -> Examples:
    """Returns the sentences of a document with features and the labels given (one a token)."""
    view = document_view(document)
    found: Examples = []
    for sentence in attribute(document, "sentences"):
        if rows := sentence_features(view, sentence, NAMES):
            found.append((rows, list(labels[sentence.first : sentence.first + len(rows)]), counts))
    return found


def gold_labels(record: Record, document: Doc) -> list[int]:
    """Returns the label of each token by the record's gold."""
    return project(attribute(document, "words"), record["gold"])


def marks(rows: Rows) -> list[list[str]]:
    """Returns the vocabulary kinds of each token, as its features name them."""
    return [sorted({feature[2] for feature in row if feature.startswith("g=")}) for row in rows]


def widened(rows: Rows, chances: Floats) -> Rows:
    """Returns feature rows with the encoder's chances among them."""
    more = encoder_features(chances, marks(rows))
    return [row + extra for row, extra in zip(rows, more, strict=True)]


def log_odds(chances: Floats, bonus: float) -> Floats:
    """Returns the log odds of each label against "no mention", and a bonus; nothing where the encoder did not look."""
    logs = np.log(np.maximum(chances, 1e-4))
    odds = logs - logs[:, :1]
    odds[:, 1:] += bonus
    return np.asarray(np.where(chances.sum(axis=1, keepdims=True) > 0, odds, 0.0), dtype=np.float32)


def of_field(tagger: SpanTagger) -> Way:
    """Returns the way of the random field without the encoder."""
    return Way(lambda rows, _: tagger.emissions(rows), tagger.transitions, [])


def of_encoder(bonus: float) -> Way:
    """Returns the way of the encoder alone; a label needs e^-bonus times the chance of "no mention"."""
    return Way(lambda _, chances: log_odds(chances, bonus), transition_mask(), [])


def summed(tagger: SpanTagger) -> Way:
    """Returns the way of both, their log odds summed (Hinton 2002, "products of experts")."""
    return Way(
        lambda rows, chances: tagger.emissions(rows) + _SHARE * log_odds(chances, _BONUS / _SHARE),
        tagger.transitions,
        [],
    )


def featured(train: Sequence[tuple[Record, Doc]], halves: Sequence[SpanEncoder]) -> Way:
    """Returns the way of a random field that was trained with the encoder's chances among its features."""
    learned: Examples = []
    for record, document in train:
        chances = halves[half_of(record)].read(document)
        shown = iter([s for s in attribute(document, "sentences") if s.last > s.first])
        for rows, labels, counts in examples(document, gold_labels(record, document), weight(record)):
            first = next(shown).first
            learned.append((widened(rows, chances[first : first + len(rows)]), labels, counts))
    tagger = train_tagger(learned)
    return Way(lambda rows, chances: tagger.emissions(widened(rows, chances)), tagger.transitions, [])


def silver(reader: Reader, paths: Sequence[Path], encoder: SpanEncoder, teacher: Way, limit: int) -> Examples:
    """Returns sentences of texts without gold, labelled one way, whatever they are about."""
    found: Examples = []
    for record in [r for path in paths for r in read_records([path])][:limit]:
        parts = record.get("abstract") or [{"label": None, "text": record.get("text", "")}]
        document = reader.read({"pmid": 1, "title": record.get("title", ""), "abstract": parts})
        document._.wanted = True
        document = reader.find(document, teacher, encoder.read(document))
        labels = [0] * len(attribute(document, "words"))
        for span in attribute(document, "open_spans"):
            labels[span.first : span.last] = [LABELS.index(f"I-{span.kind}")] * (span.last - span.first)
            labels[span.first] = LABELS.index(f"B-{span.kind}")
        found += examples(document, labels, 0.5)
    return found


def ways(
    reader: Reader, encoder: SpanEncoder, halves: Sequence[SpanEncoder], unlabelled: Sequence[Path]
) -> Iterator[tuple[str, Way]]:
    """Yields each way to find mentions with its name."""
    train = [(record, reader.read(record)) for record in training_records() if record["topic"] == "ho"]
    print(f"{len(train)} training records on HO", flush=True)
    learned = [e for record, doc in train for e in examples(doc, gold_labels(record, doc), weight(record))]
    tagger = train_tagger(learned)
    yield "crf", of_field(tagger)
    yield "summed", summed(tagger)
    for bonus in (0.0, -0.7):
        yield f"encoder {bonus:+.1f}", of_encoder(bonus)
    if unlabelled:
        more = silver(reader, unlabelled, encoder, summed(tagger), limit=300)
        yield "distilled", of_field(train_tagger([*learned, *more]))
    if halves:
        yield "features", featured(train, halves)


def figures(scores: Scores) -> str:
    """Returns one row of figures: F1 by kind and their relaxed mean, contradictions of statements."""
    f1 = {name: scores.f1(key) for name, key in _COLUMNS.items()}
    mean = (f1["interventions"] + f1["risk factors"] + f1["outcomes"]) / 3
    denied, opposite = (scores.rates[f"statements not {word}"] for word in ("denied", "opposite"))
    contradictions = f"contradictions {denied.predicted - denied.matched} of {denied.predicted}"
    opposites = f"opposite {opposite.predicted - opposite.matched}"
    return "  ".join([f"mean {mean:.3f}", *(f"{name} {f:.3f}" for name, f in f1.items()), contradictions, opposites])


def relaxed_mean(singles: Sequence[Scores]) -> float:
    """Returns the mean relaxed F1 of the three kinds over the scores of single records."""
    total = 0.0
    for kind in MENTION_LABELS:
        rates = [one.rates[name] for one in singles if (name := f"{kind} relaxed") in one.rates]
        total += Rate(*(sum(getattr(r, part) for r in rates) for part in ("matched", "gold", "predicted"))).f1
    return total / len(MENTION_LABELS)


def gain(before: Sequence[Scores], after: Sequence[Scores]) -> str:
    """Returns the gain in the relaxed mean with its 95 % interval, records drawn with replacement, in pairs."""
    chooser, count, gains = random.Random(20), len(before), []
    for _ in range(1000):
        drawn = chooser.choices(range(count), k=count)
        gains.append(relaxed_mean([after[n] for n in drawn]) - relaxed_mean([before[n] for n in drawn]))
    gains.sort()
    difference = relaxed_mean(after) - relaxed_mean(before)
    return f"gain {difference:+.3f} ({gains[25]:+.3f} to {gains[974]:+.3f}) on {count} records"


def main() -> None:
    """Reads the command line, trains, scores and prints one row for each way and set."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--encoder", type=Path, required=True)
    parser.add_argument("--half", type=Path, action="append", default=[])
    parser.add_argument("--unlabelled", type=Path, nargs="*", default=[])
    parser.add_argument("--dev", nargs="*", default=[], metavar="NAME=FILE")
    options = parser.parse_args()
    encoder, *halves = [SpanEncoder(folder) for folder in (options.encoder, *options.half)]
    added = {name: read_records([Path(file)]) for name, file in (text.split("=", 1) for text in options.dev)}
    sets = {"retold": retold_dev_records(), **added, "made up": dev_records()}
    reader = Reader()
    first: list[Scores] = []
    for name, way in ways(reader, encoder, halves, options.unlabelled):
        singles: list[Scores] = []
        for of_set, records in sets.items():
            start = time.process_time()
            predictions = [reader.predict(record, way, encoder) for record in records]
            seconds = (time.process_time() - start) / len(records)
            row = figures(evaluate(records, predictions))
            print(f"{name:12} {of_set:8} {row}  {seconds:.3f} s a record", flush=True)
            if of_set != "made up":
                singles += [evaluate([r], [p]) for r, p in zip(records, predictions, strict=True)]
        first = first or singles
        print(f"{name:12} {gain(first, singles)}", flush=True)


if __name__ == "__main__":
    main()
