"""The step reparse: kept records go through today's parser, by themselves after an update that changed it."""

import logging
from pathlib import Path

from db.store.check import Parse
from db.store.store import Store, open_store
from harvest.app.lock import LockedError, locked
from harvest.app.progress import progress_shown
from harvest.app.settings import Settings
from harvest.pubmed.xml import parse_article
from harvest.sync.reparse import ReparseReport, records_wait, reparse

log = logging.getLogger(__name__)


def reparse_step(settings: Settings) -> ReparseReport:
    """Reads again what another parser read, under the store's lock."""
    with (
        locked(settings.db, "reparse"),
        open_store(settings.db, create=False) as store,
        progress_shown("Reading records again") as show,
    ):
        return reparse(store, show)


def reparse_is_due(db: Path) -> bool:
    """Says whether an update left records that another parser read."""
    if not db.exists():
        return False
    with open_store(db) as store:
        return records_wait(store)


def reparse_after_update(settings: Settings) -> None:
    """Reads again what another parser read, before what is made of it; leaves that to a night that is at work."""
    if not reparse_is_due(settings.db):
        return
    try:
        log.info("%s", reparse_step(settings).message)
    except LockedError as error:
        log.info("records wait to be read again by this version: %s", error)


def parser_for_check(store: Store) -> Parse | None:
    """Returns the parser that a check compares the articles with; None where another version of it read them."""
    return None if records_wait(store) else parse_article
