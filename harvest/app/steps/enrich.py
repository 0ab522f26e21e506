"""The step enrich: what services beside PubMed know of the held articles, under the store's lock."""

import logging
from collections.abc import Sequence
from datetime import UTC, datetime

from db.store.services.trials import tag_trials
from db.store.store import Store, open_store
from db.store.tags import save_concepts
from harvest.app.common import stopping_on_sigterm
from harvest.app.lock import locked
from harvest.app.settings import Settings
from harvest.app.steps.tag import concepts_of
from harvest.enrich.run import Sources, enrich
from harvest.enrich.step import STEPS, EnrichReport
from harvest.eutils.client import Identity
from nlp.concepts.matcher import ConceptMatcher
from nlp.text.abbreviations import find_abbreviations
from nlp.text.tokenizer import split_words
from nlp.vocabulary.loader import load_vocabulary

log = logging.getLogger(__name__)


def enrich_step(settings: Settings, only: Sequence[str] = STEPS, full: bool = False) -> EnrichReport:
    """Asks the services in `only` and tags the trials that changed with the vocabulary's concepts."""
    with (
        stopping_on_sigterm(),
        locked(settings.db, "enrich"),
        open_store(settings.db, create=False) as store,
    ):
        sources = Sources(settings.services, Identity(settings.email))
        report = enrich(store, sources, datetime.now(UTC), only, full, lambda step: log.info("asking for %s", step))
        if "trials" in only:
            _tag_trials(store)
    return report


def tag_trials_step(settings: Settings) -> None:
    """Tags the trials that this vocabulary has not seen."""
    with locked(settings.db, "enrich"), open_store(settings.db, create=False) as store:
        _tag_trials(store)


def _tag_trials(store: Store) -> None:
    vocabulary = load_vocabulary()
    matcher = ConceptMatcher(vocabulary)

    def concepts_in(text: str) -> list[str]:
        spans = matcher.find(split_words(text), find_abbreviations(text))
        return [span.concept_id for span in spans]

    with store.atomic():
        save_concepts(store, concepts_of(vocabulary))
        tag_trials(store, vocabulary.version, concepts_in)
