"""Imports files: NLM's baseline and update files in their order, other PubMed XML, and `.nbib`.

A file is one transaction together with its row in the ledger: killed inside it, nothing of it is kept; finished, it is
not read again.
"""

import codecs
import hashlib
import logging
import re
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal

from db.errors import TrackerError
from db.model import Article, BadRecord, Deletion
from db.store.ledger.imports import ImportedFile, apply_deletions, delete_by_file, file_is_done, save_file
from db.store.ledger.ledger import Ledger, Status
from db.store.records.revisions import Origin
from db.store.records.save import save_articles
from db.store.store import Store, utc_now
from harvest.pubmed.medline.nbib import is_medline, parse_nbib
from harvest.pubmed.version import parser_version
from harvest.pubmed.xml import parse_articles
from harvest.sync.report import RunReport, named
from harvest.sync.topic import Topic, matches
from harvest.version import SOFTWARE

log = logging.getLogger(__name__)

_CHUNK = 500
_NLM_FILE = re.compile(r"pubmed(\d\d)n(\d+)\.xml(?:\.gz)?$")
_MD5 = re.compile(r"\b[0-9a-fA-F]{32}\b")
_XML_SUFFIXES = (".xml", ".xml.gz")

Record = Article | Deletion | BadRecord


class ImportFileError(TrackerError):
    """A file that cannot be imported."""


@dataclass(frozen=True, slots=True)
class Selection:
    """Which records of a file are kept; `name` tells one selection from another in the ledger."""

    name: str
    keeps: Callable[[Article], bool]


EVERYTHING = Selection("all", lambda _article: True)


def on_topic(topic: Topic) -> Selection:
    """Returns the selection of what belongs to a topic; its name changes with the topic's query."""
    return Selection(f"topic {topic.hash}", lambda article: bool(matches(article, topic)))


@dataclass(slots=True)
class _Tally:
    records: int = 0
    kept: int = 0
    deleted: int = 0
    skipped_files: list[str] = field(default_factory=list)
    bad: dict[int, str] = field(default_factory=dict)
    bad_nameless: list[str] = field(default_factory=list)

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
    paths = in_order(paths)
    ledger = Ledger(store)
    began = time.monotonic()
    run_id = ledger.begin("import", SOFTWARE)
    tally = _Tally()
    try:
        for path in paths:
            _import_file(store, ledger, run_id, path, selection, tally, progress)
    except BaseException as error:
        ledger.finish_broken(run_id, error, 0, _since(began))
        raise
    status, message = _outcome(tally, len(paths))
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
            "files": len(paths) - len(tally.skipped_files),
            "files_already_imported": tally.skipped_files,
            "records": tally.records,
            "kept": tally.kept,
            "deleted": tally.deleted,
            "unreadable": tally.unreadable,
        },
    )


def in_order(paths: Iterable[Path]) -> list[Path]:
    """Returns NLM's numbered files by year and number, then the others as they were named."""

    def key(path: Path) -> tuple[bool, str]:
        place = _place(path)
        return (place is None, place or "")

    return sorted(paths, key=key)


def _place(path: Path) -> str | None:
    """Returns a file's place in NLM's order ("26n00012"), None where its name has none."""
    found = _NLM_FILE.search(path.name)
    return f"{int(found[1]):02}n{int(found[2]):05}" if found else None


def _since(began: float) -> float:
    return time.monotonic() - began


def check_files(paths: Iterable[Path]) -> None:
    """Raises ImportFileError for the first path that can't be a file to import, before anything is made or read."""
    for path in paths:
        if path.is_dir():
            raise ImportFileError(f"{path}: this is a folder; name the files in it")
        if not path.is_file():
            raise ImportFileError(f"{path}: no such file; check the path")
        if _format(path) is None:
            raise ImportFileError(
                f"{path}: unknown kind of file; name PubMed XML (.xml, .xml.gz) or PubMed's own format, which begins "
                "with PMID- (.nbib, .txt)"
            )


def _format(path: Path) -> Literal["xml", "medline"] | None:
    """Returns what a file is, by what it begins with, else by its name; None where neither tells."""
    try:
        with path.open("rb") as file:
            head = file.read(4096)
    except OSError:
        head = b""
    if is_medline(head):
        return "medline"
    name = path.name.lower()
    if name.endswith(".nbib"):
        return "medline"
    begins_as_xml = head.startswith(b"\x1f\x8b") or head.removeprefix(codecs.BOM_UTF8).lstrip().startswith(b"<")
    return "xml" if begins_as_xml or name.endswith(_XML_SUFFIXES) else None


def _import_file(
    store: Store,
    ledger: Ledger,
    run_id: int,
    path: Path,
    selection: Selection,
    tally: _Tally,
    progress: Callable[[int], None],
) -> None:
    checksum = _checksum(path)
    if file_is_done(ledger, checksum, selection.name):
        log.info("%s: imported before, skipped", path)
        tally.skipped_files.append(path.name)
        return
    before, unreadable = tally.kept, tally.unreadable
    origin = Origin(live=False, source=_place(path), parser=parser_version())
    is_nbib = _format(path) == "medline"
    records: Iterator[Record] = parse_nbib(path) if is_nbib else parse_articles(path)
    with store.atomic():
        for chunk in _chunks(records):
            tally.records += len(chunk)
            if is_nbib:
                chunk = _unknown(ledger, chunk)
            _note_unreadable(chunk, tally)
            _save(store, ledger, run_id, _kept(ledger, chunk, selection), origin, tally)
            progress(tally.records)
        lost = tally.unreadable - unreadable
        problem = f"{lost} record{'s' * (lost != 1)} could not be read" if lost else None
        save_file(ledger, run_id, ImportedFile(path.name, checksum, selection.name, tally.kept - before, problem))


def _save(
    store: Store, ledger: Ledger, run_id: int, chunk: Sequence[Article | Deletion], origin: Origin, tally: _Tally
) -> None:
    """Saves some records of a file; a chunk holds articles or deletions, never both, so their order stays."""
    articles = [item for item in chunk if isinstance(item, Article)]
    deletions = [item.pmid for item in chunk if isinstance(item, Deletion)]
    if articles:
        tally.kept += len(articles)
        save_articles(store, run_id, articles, utc_now(), origin)
        if origin.source:
            apply_deletions(ledger, run_id, [article.pmid for article in articles])
    if deletions:
        tally.deleted += len(delete_by_file(ledger, run_id, deletions, origin.source))


def _kept(ledger: Ledger, chunk: Sequence[Record], selection: Selection) -> list[Article | Deletion]:
    """Leaves out what is off the topic, but never a record of an article that is held: it may be its retraction."""
    known = ledger.known(item.pmid for item in chunk if isinstance(item, Article))
    return [
        item
        for item in chunk
        if isinstance(item, Deletion) or (isinstance(item, Article) and (item.pmid in known or selection.keeps(item)))
    ]


def _note_unreadable(chunk: Sequence[Record], tally: _Tally) -> None:
    for item in chunk:
        if isinstance(item, BadRecord):
            log.warning("record %d (PMID %s) cannot be read: %s", item.position, item.pmid or "unknown", item.reason)
            if item.pmid is None:
                tally.bad_nameless.append(f"record {item.position} ({item.reason})")
            else:
                tally.bad[item.pmid] = item.reason


def _unknown(ledger: Ledger, chunk: Sequence[Record]) -> list[Record]:
    """Leaves out what the store has: a `.nbib` record is poorer than PubMed's own."""
    known = ledger.known(item.pmid for item in chunk if isinstance(item, Article))
    return [item for item in chunk if not (isinstance(item, Article) and item.pmid in known)]


def _chunks(records: Iterable[Record]) -> Iterator[list[Record]]:
    chunk: list[Record] = []
    for record in records:
        if chunk and (len(chunk) >= _CHUNK or isinstance(record, Deletion) != isinstance(chunk[-1], Deletion)):
            yield chunk
            chunk = []
        chunk.append(record)
    if chunk:
        yield chunk


def _checksum(path: Path) -> str:
    """Returns a file's MD5, compared with the `.md5` beside it where there is one."""
    try:
        with path.open("rb") as stream:
            checksum = hashlib.file_digest(stream, lambda: hashlib.md5(usedforsecurity=False)).hexdigest()
        beside = path.with_name(f"{path.name}.md5")
        expected = _MD5.search(beside.read_text(encoding="utf-8", errors="replace")) if beside.exists() else None
    except OSError as error:
        raise ImportFileError(f"{path}: cannot be read ({error.strerror}); name a file you may read") from error
    if beside.exists() and not expected:
        raise ImportFileError(f"{beside}: holds no MD5; fetch it again")
    if expected and expected[0].lower() != checksum:
        raise ImportFileError(f"{path}: its MD5 is not the one in {beside.name}; fetch the file again")
    return checksum


def _outcome(tally: _Tally, files: int) -> tuple[Status, str | None]:
    if count := tally.unreadable:
        words = "; ".join(filter(None, [named(tally.bad), *tally.bad_nameless[:5]]))
        return "partial", f"{count} record{'s' * (count != 1)} could not be read, the rest is kept: {words}"
    if len(tally.skipped_files) == files:
        return "done", "imported before: nothing to do"
    kept = f"{tally.kept} of {tally.records} records kept"
    return "done", f"{kept}, {tally.deleted} deleted" if tally.deleted else kept
