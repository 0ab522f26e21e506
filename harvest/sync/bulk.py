"""Imports files: NLM's baseline and update files in their order, other PubMed XML, and `.nbib`.

A file is one transaction together with its row in the ledger: killed inside it, nothing of it is kept; finished, it is
not read again.
"""

import logging
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from db.model import Article, BadRecord, Deletion
from db.store.ledger.imports import ImportedFile, apply_deletions, delete_by_file, file_is_done, save_file
from db.store.ledger.ledger import Ledger, Status
from db.store.ledger.left_out import Leaving, Revision, ask_again_for, files_to_read, save_left_out
from db.store.records.revisions import Origin
from db.store.records.save import save_articles
from db.store.store import Store, utc_now
from db.topics import TopicQuery
from harvest.pubmed.errors import PubmedInputError
from harvest.sync.files import (
    ImportFileError,
    Record,
    RecordFile,
    RecordSource,
    check_files,
    in_order,
)
from harvest.sync.report import RunReport, named
from harvest.sync.topic import matches
from harvest.version import SOFTWARE

log = logging.getLogger(__name__)

_CHUNK = 500


@dataclass(frozen=True, slots=True)
class Selection:
    """Which records of a file are kept; `name` tells one selection from another in the ledger."""

    name: str
    keeps: Callable[[Article], bool]


EVERYTHING = Selection("all", lambda _article: True)


def on_topic(topic: TopicQuery) -> Selection:
    """Returns the selection of what belongs to a topic; its name changes with the topic's query."""
    return Selection(f"topic {topic.hash}", lambda article: bool(matches(article, topic)))


@dataclass(slots=True)
class _Tally:
    reopen: Callable[[Path], RecordSource]
    records: int = 0
    kept: int = 0
    deleted: int = 0
    skipped_files: list[str] = field(default_factory=list)
    bad: dict[int, str] = field(default_factory=dict)
    bad_nameless: list[str] = field(default_factory=list)
    #: Of the file at hand: articles that the store did not know, and what was not kept.
    arrived: dict[int, Revision] = field(default_factory=dict)
    left_out: dict[int, Revision] = field(default_factory=dict)
    #: Files that hold later revisions and are not where they were.
    to_import_again: list[str] = field(default_factory=list)

    @property
    def unreadable(self) -> int:
        return len(self.bad) + len(self.bad_nameless)


def import_files(
    store: Store, paths: Sequence[Path], selection: Selection, progress: Callable[[int], None] = lambda _records: None
) -> RunReport:
    """Imports files in order and returns the run's report; a record that cannot be read costs that record.

    Raises TrackerError for a file that is missing, of another kind or damaged: it is left out whole, those before it
    stay imported.
    """
    check_files(paths)
    return import_sources(store, [RecordFile(path) for path in in_order(paths)], selection, progress)


def import_sources(
    store: Store,
    sources: Sequence[RecordSource],
    selection: Selection,
    progress: Callable[[int], None] = lambda _records: None,
    reopen: Callable[[Path], RecordSource] = RecordFile,
) -> RunReport:
    """Imports sources of records in the given order; the rest as `import_files`.

    `reopen` gives the source of a file that an earlier import left records out of.
    """
    ledger = Ledger(store)
    began = time.monotonic()
    run_id = ledger.begin("import", SOFTWARE)
    tally = _Tally(reopen=reopen)
    try:
        for source in sources:
            _import_source(store, ledger, run_id, source, selection, tally, progress)
    except BaseException as error:
        ledger.finish_broken(run_id, error, 0, _since(began))
        raise
    status, message = _outcome(tally, len(sources))
    row = ledger.finish(run_id, status, message, 0, _since(began))
    return RunReport(
        run_id=run_id,
        status=status,
        pubmed_count=None,
        held_count=row["held_count"],
        changes=ledger.change_counts(run_id),
        seconds=row["seconds"],
        message=message,
        lost=tally.bad,
        extra={
            "files": len(sources) - len(tally.skipped_files),
            "files_already_imported": tally.skipped_files,
            "records": tally.records,
            "kept": tally.kept,
            "deleted": tally.deleted,
            "unreadable": tally.unreadable,
            "files_to_import_again": tally.to_import_again,
        },
    )


def _since(began: float) -> float:
    return time.monotonic() - began


def _import_source(
    store: Store,
    ledger: Ledger,
    run_id: int,
    source: RecordSource,
    selection: Selection,
    tally: _Tally,
    progress: Callable[[int], None],
) -> None:
    path, checksum, origin = source.path, source.checksum(), source.origin
    if file_is_done(ledger, checksum, selection.name, path.name if origin.source else None):
        log.info("%s: imported before, skipped", path)
        tally.skipped_files.append(path.name)
        return
    before, unreadable = tally.kept, tally.unreadable
    tally.arrived.clear()
    tally.left_out.clear()
    with store.atomic():
        for chunk in _chunks(source.records()):
            tally.records += len(chunk)
            _note_unreadable(chunk, tally)
            _save(store, ledger, run_id, _kept(ledger, source, chunk, selection, tally), origin, tally)
            progress(tally.records)
        lost = tally.unreadable - unreadable
        problem = f"{lost} record{'s' * (lost != 1)} could not be read" if lost else None
        file = ImportedFile(path.name, checksum, selection.name, tally.kept - before, problem)
        save_left_out(ledger, save_file(ledger, run_id, file), path, origin.source, tally.left_out)
        for other in files_to_read(ledger, origin.source, tally.arrived):
            _read_left_out(store, ledger, run_id, other, tally)


def _read_left_out(store: Store, ledger: Ledger, run_id: int, file: Leaving, tally: _Tally) -> None:
    """Reads what an earlier import left out of articles that are held now: a later revision, perhaps a retraction.

    A file that is not where it was is named, and read when it is imported again.
    """
    source = tally.reopen(file.path)
    try:
        if source.checksum() != file.checksum:
            raise ImportFileError(f"{file.path}: it is another file now")
        articles = (item for item in source.records() if isinstance(item, Article))
        found = [source.whole(article) for article in articles if article.pmid in file.pmids]
    except (ImportFileError, PubmedInputError) as error:
        log.warning("%s", error)
        tally.to_import_again.append(file.path.name)
        ask_again_for(ledger, file, "it holds later revisions of articles that came after it")
        return
    origin = source.origin
    save_articles(store, run_id, found, utc_now(), origin)
    if origin.source:
        apply_deletions(ledger, run_id, sorted(file.pmids))


def _save(
    store: Store, ledger: Ledger, run_id: int, chunk: Sequence[Article | Deletion], origin: Origin, tally: _Tally
) -> None:
    """Saves some records of a file; a chunk holds articles or deletions, never both, so their order stays."""
    articles = [item for item in chunk if isinstance(item, Article)]
    deletions = [item.pmid for item in chunk if isinstance(item, Deletion)]
    if articles:
        tally.kept += len(articles)
        changes = save_articles(store, run_id, articles, utc_now(), origin)
        new = {change.pmid for change in changes if change.change == "new"}
        tally.arrived.update({article.pmid: _revision(article) for article in articles if article.pmid in new})
        if origin.source:
            apply_deletions(ledger, run_id, [article.pmid for article in articles])
    if deletions:
        tally.deleted += len(delete_by_file(ledger, run_id, deletions, origin.source))


def _kept(
    ledger: Ledger, source: RecordSource, chunk: Sequence[Record], selection: Selection, tally: _Tally
) -> list[Article | Deletion]:
    """Leaves out what is off the topic, but never a record of an article that is held: it may be its retraction."""
    articles = [item for item in chunk if isinstance(item, Article)]
    wanted = ledger.known(article.pmid for article in articles)
    wanted |= {article.pmid for article in articles if article.pmid not in wanted and selection.keeps(article)}
    for article in articles:
        if article.pmid not in wanted:
            tally.left_out[article.pmid] = max(_revision(article), tally.left_out.get(article.pmid, (0, "")))
    kept: list[Article | Deletion] = []
    for item in chunk:
        if isinstance(item, Article) and item.pmid in wanted:
            kept.append(source.whole(item))
        elif isinstance(item, Deletion):
            kept.append(item)
    return kept


def _revision(article: Article) -> Revision:
    return article.version, article.revised_date or ""


def _note_unreadable(chunk: Sequence[Record], tally: _Tally) -> None:
    for item in chunk:
        if isinstance(item, BadRecord):
            log.warning("record %d (PMID %s) cannot be read: %s", item.position, item.pmid or "unknown", item.reason)
            if item.pmid is None:
                tally.bad_nameless.append(f"record {item.position} ({item.reason})")
            else:
                tally.bad[item.pmid] = item.reason


def _chunks(records: Iterable[Record]) -> Iterator[list[Record]]:
    chunk: list[Record] = []
    for record in records:
        if chunk and (len(chunk) >= _CHUNK or isinstance(record, Deletion) != isinstance(chunk[-1], Deletion)):
            yield chunk
            chunk = []
        chunk.append(record)
    if chunk:
        yield chunk


def _outcome(tally: _Tally, files: int) -> tuple[Status, str | None]:
    problems = []
    if count := tally.unreadable:
        words = "; ".join(filter(None, [named(tally.bad), *tally.bad_nameless[:5]]))
        problems.append(f"{count} record{'s' * (count != 1)} could not be read, the rest is kept: {words}")
    if tally.to_import_again:
        names = ", ".join(dict.fromkeys(tally.to_import_again))
        problems.append(f"later revisions of what came now stand in files that are not where they were: import {names}")
    if problems:
        return "partial", "; ".join(problems)
    if len(tally.skipped_files) == files:
        return "done", "imported before: nothing to do"
    kept = f"{tally.kept} of {tally.records} records kept"
    return "done", f"{kept}, {tally.deleted} deleted" if tally.deleted else kept
