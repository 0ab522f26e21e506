"""The tagging pipeline: a blank English spaCy pipeline with this project's tokeniser and components.

Each component is one module, registered with spaCy, and declares what it reads and what it assigns. Tagging is
deterministic: the same input gives the same tags whatever the number of processes.
"""

import multiprocessing
from collections import deque
from collections.abc import Iterable, Iterator
from itertools import islice
from pathlib import Path
from typing import Any

import spacy
from spacy.language import Language
from spacy.tokens import Doc
from spacy.vocab import Vocab

from db.tagged import TaggedArticle, TagInput
from db.topics import choose, current, per_topic
from nlp import estimates
from nlp.concepts import matcher
from nlp.document import make_document
from nlp.facts import component as facts
from nlp.findings import component as findings
from nlp.mentions import component as mentions
from nlp.spans import component as spans
from nlp.text import abbreviations, sections, sentences, tokenizer
from nlp.text.letters import fold_article
from nlp.version import tagger_version

__all__ = ["COMPONENTS", "build_pipeline", "tag", "tag_one", "tagger_version"]

#: The components in order, as spaCy knows them.
COMPONENTS = (
    "tracker_sentences", "tracker_sections", "tracker_abbreviations", "tracker_concepts", "tracker_estimates",
    "tracker_study_facts", "tracker_spans", "tracker_results", "tracker_mentions",
)  # fmt: skip
#: Importing these registers their components with spaCy.
_REGISTERED = (abbreviations, facts, matcher, estimates, mentions, findings, sections, sentences, spans)
_CHUNK = 32


def blank_pipeline() -> Language:
    """Returns the pipeline with its tokeniser and no components."""
    # a vocabulary that works nothing out of each new word: no component reads what spaCy's own would
    pipeline = spacy.blank("en", vocab=Vocab())
    pipeline.tokenizer = tokenizer.AbstractTokenizer(pipeline.vocab)
    pipeline.max_length = 100_000_000
    return pipeline


def build_pipeline(vocabulary: Path | None = None, model: bool = True, any_topic: bool = False) -> Language:
    """Returns the whole pipeline.

    `vocabulary` is a folder to read instead of the packaged one; `model=False` takes spans from vocabulary and cues
    alone; `any_topic` tags records that are not on the topic too.
    """
    pipeline = blank_pipeline()
    folder = {"vocabulary": str(vocabulary) if vocabulary else None}
    settings: dict[str, dict[str, Any]] = {
        "tracker_concepts": folder,
        "tracker_study_facts": {"any_topic": any_topic},
        "tracker_spans": {"model": model, **folder},
        "tracker_results": folder,
        "tracker_mentions": folder,
    }
    for name in COMPONENTS:
        pipeline.add_pipe(name, config=settings.get(name, {}))
    return pipeline


@per_topic
def _default_pipeline(any_topic: bool = False) -> Language:
    return build_pipeline(any_topic=any_topic)


def read_document(pipeline: Language, article: TagInput) -> Doc:
    """Returns the document of an article with every component's attributes."""
    return pipeline(make_document(pipeline, article))


def tag_one(article: TagInput, pipeline: Language | None = None) -> TaggedArticle:
    """Returns the tags of one article."""
    folded = fold_article(article)
    document = read_document(pipeline or _default_pipeline(), folded.article)
    found = folded.mentions(document._.mentions)
    counts: dict[str, int] = {}
    for mention in found:
        counts[mention.kind] = counts.get(mention.kind, 0) + 1
    return TaggedArticle(
        pmid=article.pmid,
        text_hash=article.text_hash,
        tagger=tagger_version(),
        facts=document._.facts,
        mentions=found,
        findings=folded.stated(document._.findings),
        results=folded.stated(document._.results),
        abstained=document._.abstained,
        counts=counts,
    )


def _begin(topic: str, any_topic: bool) -> None:
    """Makes another process ready: the topic in force here is in force there."""
    choose(topic)
    _default_pipeline(any_topic)


def _tag_chunk(articles: list[TagInput], any_topic: bool) -> list[TaggedArticle]:
    return [tag_one(article, _default_pipeline(any_topic)) for article in articles]


def tag(inputs: Iterable[TagInput], processes: int = 1, any_topic: bool = False) -> Iterator[TaggedArticle]:
    """Yields the tags of each article in order; more processes change the time only.

    `any_topic` looks for tags in records that are not on the topic too.
    """
    if processes <= 1:
        for article in inputs:
            yield tag_one(article, _default_pipeline(any_topic))
        return
    source = iter(inputs)
    with multiprocessing.get_context("spawn").Pool(
        processes, initializer=_begin, initargs=(str(current().home), any_topic)
    ) as pool:
        waiting: deque[multiprocessing.pool.AsyncResult[list[TaggedArticle]]] = deque()
        while chunk := list(islice(source, _CHUNK)):
            waiting.append(pool.apply_async(_tag_chunk, (chunk, any_topic)))
            if len(waiting) > processes * 4:
                yield from waiting.popleft().get()
        while waiting:
            yield from waiting.popleft().get()
