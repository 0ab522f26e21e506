"""Measures the tagger's speed beside spaCy's own pipelines, in one run.

    python -m benchmarks.tagger_speed [--articles 12000]

The texts are the made-up gold records. "General pipeline" has the parts of spaCy's small English pipeline (tok2vec,
tagger, parser, named entities) with untrained weights: the work is the same, a trained one cannot be fetched by
every machine. Figures are abstracts per second of processor time, but for the line about two processes (by the
clock). `--articles` fills a store with that many made-up articles and times `ho-tracker tag` on it as a whole.
"""

import argparse
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from pathlib import Path

import spacy
from spacy.cli.init_config import init_config
from spacy.language import Language
from spacy.training import Example
from spacy.util import load_model_from_config

from benchmarks.parse_speed import write_large
from db.tagged import TagInput
from nlp.document import document_text, make_document
from nlp.pipeline import build_pipeline, tag, tag_one
from nlp.scoring.records import to_tag_input
from nlp.spans.tagging import Span, vocabulary_spans
from nlp.training.data import dev_records, held_out_records, training_records
from nlp.training.train import reading_pipeline

_LOAD = "import time; t = time.perf_counter(); from nlp.pipeline import build_pipeline; build_pipeline(); "
_SPENT = "print(round(time.perf_counter() - t, 2))"


def general_pipeline() -> Language:
    """Returns a pipeline of the make of spaCy's small English one, its weights untrained."""
    config = init_config(lang="en", pipeline=["tagger", "parser", "ner"], optimize="efficiency", silent=True)
    pipeline = load_model_from_config(config, auto_fill=True)
    words = ["HO", "followed", "surgery"]
    notes = {"words": words, "tags": ["NN", "VBD", "NN"], "heads": [1, 1, 1], "deps": ["nsubj", "ROOT", "dobj"],
             "entities": ["U-DISEASE", "O", "O"]}  # fmt: skip
    example = Example.from_dict(pipeline.make_doc("HO followed surgery"), notes)
    pipeline.initialize(lambda: [example])
    return pipeline


def by_rules(pipeline: Language, article: TagInput) -> list[Span]:
    """Reads an article without any trained model: sentences, sections, short forms, concepts, estimates, mentions."""
    return vocabulary_spans(pipeline(make_document(pipeline, article)))


def rate(run: Callable[[TagInput], object], articles: Sequence[TagInput]) -> float:
    """Returns how many articles a second of processor time `run` takes, its first ones not counted."""
    for article in articles[:20]:
        run(article)
    began = time.process_time()
    for article in articles:
        run(article)
    return len(articles) / (time.process_time() - began)


def clock(articles: Sequence[TagInput], processes: int) -> float:
    """Returns the seconds that tagging takes by the clock once every process has read its models."""
    results = tag([*articles[:64], *articles], processes)
    for _ in range(64):
        next(results)
    began = time.perf_counter()
    for _ in results:
        pass
    return time.perf_counter() - began


def time_store(count: int) -> None:
    """Fills a store with made-up articles and prints what `ho-tracker tag` takes on it."""
    with tempfile.TemporaryDirectory() as folder:
        source, store = Path(folder) / "many.xml.gz", Path(folder) / "ho.db"
        write_large(source, count)
        tracker = [sys.executable, "-m", "harvest.app.cli", "--db", str(store)]
        subprocess.run([*tracker, "import", "--all", str(source)], check=True, capture_output=True)
        began = time.perf_counter()
        subprocess.run([*tracker, "tag"], check=True, capture_output=True)
        spent = time.perf_counter() - began
        peak = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss / 1024
    print(f"ho-tracker tag, {count} articles, database included: {spent:.0f} s; largest process {peak:.0f} MB")


def main() -> None:
    """Reads the command line, measures and prints."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--articles", type=int, default=0, help="Time `ho-tracker tag` on so many articles too.")
    wanted = parser.parse_args().articles
    articles = [to_tag_input(record) for record in (*dev_records(), *held_out_records(), *training_records())]
    blank, general = spacy.blank("en"), general_pipeline()
    rules, everything = reading_pipeline(), build_pipeline()
    rows = {
        'spacy.blank("en"), tokens only': rate(lambda article: blank(document_text(article)), articles),
        "general pipeline": rate(lambda article: general(document_text(article)), articles),
        "this tagger, rules alone": rate(lambda article: by_rules(rules, article), articles),
        "this tagger, everything": rate(lambda article: tag_one(article, everything), articles),
    }
    print(f"{len(articles)} abstracts, a second of processor time:")
    for name, value in rows.items():
        print(f"  {name:32} {value:7.0f}")
    one, two = clock(articles, 1), clock(articles, 2)
    print(f"two processes: {one / two:.2f} times one by the clock ({one:.1f} s and {two:.1f} s)")
    spent = subprocess.run([sys.executable, "-c", _LOAD + _SPENT], check=True, capture_output=True, text=True).stdout
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    print(f"load: {spent.strip()} s; peak memory of this process, general pipeline included: {peak:.0f} MB")
    if wanted:
        time_store(wanted)


if __name__ == "__main__":
    main()
