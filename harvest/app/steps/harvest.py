"""The step harvest: one harvest of the topic, or of another query, under the store's lock."""

import hashlib
import logging
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

from db.store.ledger.ledger import Query
from db.store.store import Store, open_store
from db.topics import topic_query
from harvest.app.common import stopping_on_sigterm
from harvest.app.lock import locked
from harvest.app.progress import progress_shown
from harvest.app.settings import Settings
from harvest.eutils.client import Client, Identity
from harvest.sync.harvest import harvest
from harvest.sync.plan import Options
from harvest.sync.report import RunReport

log = logging.getLogger(__name__)


def harvest_step(settings: Settings, options: Options, query: str | None = None) -> RunReport:
    """Runs one harvest of the topic, or of another query, under the store's lock."""
    asked = query_of_topic() if query is None else _own_query(query)
    for line in settings.advice:
        log.info("%s", line)
    options = replace(options, workers=2 * options.workers) if settings.api_key else options
    client = Client(settings.eutils_url, Identity(settings.email, settings.api_key), connections=options.workers)
    try:
        if options.dry_run:
            with _store_to_look_at(settings.db) as store:
                return harvest(store, client, asked, options)
        with (
            stopping_on_sigterm(),
            locked(settings.db, "harvest"),
            open_store(settings.db) as store,
            progress_shown("Fetching records") as show,
        ):
            return harvest(store, client, asked, replace(options, progress=show))
    finally:
        client.close()


def query_of_topic() -> Query:
    """Returns the topic's query as the ledger names it."""
    topic = topic_query()
    return Query(topic.query, topic.name, str(topic.version), topic.hash)


def _own_query(text: str) -> Query:
    text = " ".join(text.split())
    return Query(text, "own query", "-", hashlib.sha256(text.encode()).hexdigest()[:16])


@contextmanager
def _store_to_look_at(path: Path) -> Iterator[Store]:
    """Opens the store for a dry run; where there is none yet, an empty one that is thrown away."""
    if path.exists() and path.stat().st_size:
        with open_store(path, update=False) as store:
            yield store
        return
    with tempfile.TemporaryDirectory() as folder, open_store(Path(folder) / "empty.db") as store:
        yield store
