"""The step tag: tags what this tagger version has not seen; and how a single article is read for the tagger."""

import time
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from itertools import islice

from db.store.ledger.ledger import Ledger
from db.store.people.verdicts import DecisionError
from db.store.services.trial_reports import note_reports
from db.store.store import Store, open_store, utc_now
from db.store.tags import count_untagged, drop_unused_concepts, save_concepts, save_tags, untagged
from db.tagged import Concept, TaggedArticle, TagInput
from harvest.app.lock import locked
from harvest.app.progress import progress
from harvest.app.settings import Settings
from harvest.version import SOFTWARE
from nlp.pipeline import tag, tagger_version
from nlp.vocabulary.loader import Vocabulary, load_vocabulary

_ARTICLES_A_COMMIT = 200
#: Fewer articles than this are tagged sooner than a second process is started.
_WORTH_A_PROCESS = 500
#: So long another process may be tagging before this one gives up.
_WAIT_SECONDS = 6 * 3600

#: What gives the tags of articles, in their order.
Reading = Callable[[Iterator[TagInput]], Iterable[TaggedArticle]]


@dataclass(frozen=True, slots=True)
class TagReport:
    """How many articles were tagged by which version, and how many of them have other tags than before."""

    tagger: str
    articles: int
    retagged: int
    seconds: float


def tag_step(
    settings: Settings, everything: bool = False, processes: int = 1, reading: Reading | None = None
) -> TagReport:
    """Tags what this tagger version has not seen, or everything; commits every few hundred articles.

    `reading` gives the tags of articles, in their order, where they are known from elsewhere.

    One tagging at a time: another one is waited for, and then what it left is done. Whatever ends it early closes its
    run in the ledger; the articles tagged so far keep their tags.
    """
    started = time.monotonic()
    concepts = concepts_of(load_vocabulary())
    tagging = settings.db.resolve()
    with (
        open_store(settings.db, create=False) as store,
        locked(tagging.with_name(f"{tagging.name}.tag"), "tag", wait=_WAIT_SECONDS),
    ):
        tagger = tagger_version()
        with store.atomic():
            save_concepts(store, concepts)
        total = store.db["articles"].count if everything else count_untagged(store, tagger)
        ledger = Ledger(store)
        with store.atomic():
            ledger.close_killed(["tag"])
        if not total:
            return TagReport(tagger, 0, 0, round(time.monotonic() - started, 2))
        inputs = untagged(store, tagger, everything)
        if total < _WORTH_A_PROCESS:
            processes = 1
        run_id = ledger.begin("tag", SOFTWARE)
        retagged = 0
        try:
            for group in _groups(progress(reading(inputs) if reading else tag(inputs, processes), total, "Tagging")):
                with store.atomic():
                    retagged += len(save_tags(store, run_id, group, utc_now()))
            with store.atomic():
                drop_unused_concepts(store, concepts)
                note_reports(store, run_id, utc_now())  # an article's design says whether it is a trial's own work
            seconds = round(time.monotonic() - started, 2)
            ledger.finish(run_id, "done", f"tagged {total} articles with {tagger}", 0, seconds)
        except BaseException as error:
            ledger.finish_broken(run_id, error, 0, time.monotonic() - started)
            raise
    return TagReport(tagger, total, retagged, seconds)


def concepts_of(vocabulary: Vocabulary) -> list[Concept]:
    """Returns the vocabulary as rows of the store."""
    return [
        Concept(
            c.id,
            c.kind,
            c.shown,
            c.parent,
            c.mesh,
            (*([c.name] if c.label else []), *c.synonyms, *c.abbreviations, *c.needs_definition),
            c.note,
            c.polarity,
        )
        for c in vocabulary.concepts.values()
    ]


def article_to_tag(store: Store, pmid: int) -> TagInput:
    """Returns what the tagger reads of one stored article; raises DecisionError where the store does not hold it."""
    if not store.db.execute("SELECT 1 FROM articles WHERE pmid = ?", [pmid]).fetchone():
        raise DecisionError(f"PMID {pmid}: the store does not hold this article; harvest or import it first")
    return next(article for article in untagged(store, "", everything=True, first=pmid))


def _groups(articles: Iterable[TaggedArticle]) -> Iterator[list[TaggedArticle]]:
    iterator = iter(articles)
    while group := list(islice(iterator, _ARTICLES_A_COMMIT)):
        yield group
