"""Reads kept records again with today's parser, so that a better parser needs no new harvest.

The articles go through the store's own save path: one that reads as it stands is not touched, one that does not gets a
change `reparsed`, and its tags go only where its text changed. Columns that a migration added are filled that way.
"""

import logging
import time
import zlib
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from db.model import Article
from db.store.ledger.ledger import Ledger
from db.store.records.save import count_to_reparse, mark_parsed, save_reparsed, to_reparse
from db.store.store import Store, utc_now
from harvest.pubmed.errors import PubmedInputError
from harvest.pubmed.version import parser_version
from harvest.pubmed.xml import parse_article
from harvest.sync.report import named
from harvest.version import SOFTWARE

log = logging.getLogger(__name__)

_RECORDS_A_COMMIT = 500


@dataclass(frozen=True, slots=True)
class ReparseReport:
    """How many records were read again by which parser, how many articles changed, and which could not be read."""

    parser: str
    records: int
    reparsed: int
    retracted: int
    unreadable: dict[int, str]
    seconds: float

    @property
    def message(self) -> str:
        """The report in one line."""
        words = f"{self.records} kept records read again, {self.reparsed} articles changed"
        return f"{words}; unreadable, left as they were: {named(self.unreadable)}" if self.unreadable else words


def records_wait(store: Store) -> bool:
    """Says whether any kept record was read by another parser than today's."""
    return bool(to_reparse(store, parser_version(), limit=1))


def reparse(store: Store, progress: Callable[[int, int], None] = lambda _done, _total: None) -> ReparseReport:
    """Reads every kept record again that another parser read; commits in groups, and goes on where it was killed.

    A record that today's parser cannot read stays as it was stored, and is named.
    """
    began = time.monotonic()
    parser = parser_version()
    ledger = Ledger(store)
    total, done = count_to_reparse(store, parser), 0
    unreadable: dict[int, str] = {}
    run_id = ledger.begin("reparse", SOFTWARE)
    try:
        while records := to_reparse(store, parser, _RECORDS_A_COMMIT):
            articles = _read(records, unreadable)
            with store.atomic():
                save_reparsed(store, run_id, articles, utc_now(), parser)
                mark_parsed(store, (pmid for pmid, _ in records), parser)
            done += len(records)
            progress(done, total)
    except BaseException as error:
        ledger.finish_broken(run_id, error, 0, time.monotonic() - began)
        raise
    counts = ledger.change_counts(run_id)
    seconds = round(time.monotonic() - began, 2)
    report = ReparseReport(parser, done, counts.get("reparsed", 0), counts.get("retracted", 0), unreadable, seconds)
    ledger.finish(run_id, "partial" if unreadable else "done", report.message, 0, seconds)
    return report


def _read(records: Sequence[tuple[int, bytes]], unreadable: dict[int, str]) -> list[Article]:
    articles = []
    for pmid, packed in records:
        try:
            article = parse_article(zlib.decompress(packed))
        except (PubmedInputError, zlib.error) as error:
            reason = str(error) if isinstance(error, PubmedInputError) else "the kept record is damaged"
            log.warning("PMID %d cannot be read again: %s", pmid, reason)
            unreadable[pmid] = reason
            continue
        if article.pmid == pmid:
            articles.append(article)
        else:
            unreadable[pmid] = f"the kept record is that of PMID {article.pmid}"
    return articles
