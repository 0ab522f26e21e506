"""The store `ho.db`: opens it, and writes articles so that a newer revision replaces and an older one never does."""

import json
import logging
import sqlite3
import zlib
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from sqlite_utils import Database

from db.errors import TrackerError
from db.model import Article
from db.store.article_rows import ARTICLE_COLUMNS, INSERT_PART, PARTS, UPSERT_ARTICLE, article_row, part_rows
from db.store.notice_rows import complete_notices, first_seen
from db.store.schema import TAG_TABLES, TAGGER_COLUMNS, migrate, pending_steps
from db.store.seals import seal_everything, unseal

log = logging.getLogger(__name__)

#: How long a writer waits for another one; the longest transaction is the import of a yearly file.
_BUSY_SECONDS = 120
_PMIDS_A_STATEMENT = 500
#: Level 6 takes twice the time and saves a tenth of the space.
_COMPRESSION = 1
#: Publication types, MeSH and keywords arrive months after the text and change what a tagger would say.
_READ_BY_TAGGER = ("publication_types", "mesh_headings", "keywords")
#: What the tagger says of the study goes with the text that said it.
_FORGET_FACTS = f"UPDATE articles SET {', '.join(f'{column} = NULL' for column in TAGGER_COLUMNS)} WHERE pmid = ?"


#: SQLite's errors about the file, by the beginning of their names (https://sqlite.org/rescode.html), and what to do.
_ADVICE = {
    "SQLITE_READONLY": "make the file and its folder writable",
    "SQLITE_CANTOPEN": "make the folder writable",
    "SQLITE_PERM": "make the file and its folder writable",
    "SQLITE_FULL": "free some space; nothing half-written was kept",
    "SQLITE_NOTADB": "name a ho-tracker database with --db",
    "SQLITE_BUSY": "another ho-tracker is writing; try again when it is done",
    "SQLITE_LOCKED": "another ho-tracker is writing; try again when it is done",
    "SQLITE_IOERR": "the disk cannot be read or written; look at it, then run: ho-tracker check",
    "SQLITE_CORRUPT": "the file is damaged; bring a backup back with: ho-tracker restore FILE",
}


class StoreError(TrackerError):
    """The database file cannot be opened, read or written."""


@dataclass(frozen=True, slots=True)
class Change:
    """What saving did to one article: `new`, `revised`, `retracted` or `returned`, with the columns that changed."""

    pmid: int
    change: str
    detail: dict[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class _Held:
    version: int
    revised_date: str | None
    vanished: bool
    retracted: bool
    xml: bytes
    row: tuple[Any, ...]
    notices: frozenset[tuple[str, int | None]]


def utc_now() -> str:
    """Returns the time now in UTC, ISO 8601 to the second."""
    return datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


@contextmanager
def open_store(path: str | Path, create: bool = True) -> Iterator["Store"]:
    """Opens the store, creates or migrates it, and closes it at the end.

    A file with data is copied to `PATH.before-STEP` before a migration touches it. Raises StoreError where the file
    is missing (and `create` is false), unreadable or unwritable, SchemaError where it is not ours or newer than us.
    """
    path = Path(path)
    if not create and not path.exists():
        raise StoreError(f"{path}: there is no such database; run 'ho-tracker harvest' or 'ho-tracker import' first")
    if not create and not path.stat().st_size:
        raise StoreError(f"{path}: this file is empty, no store; bring a backup back with: ho-tracker restore FILE")
    if path.is_dir():
        raise StoreError(f"{path}: this is a folder; name a database file with --db")
    if not path.parent.is_dir():
        raise StoreError(f"{path}: the folder {path.parent} does not exist; create it first")
    try:
        connection = sqlite3.connect(path, timeout=_BUSY_SECONDS)
    except sqlite3.Error as error:
        raise StoreError(f"{path}: cannot be opened ({error}); check the folder's permissions") from error
    try:
        db = Database(connection)
        with sqlite_errors(path):
            _prepare(db, path)
            yield Store(db, path)
    finally:
        connection.close()


@contextmanager
def sqlite_errors(path: str | Path) -> Iterator[None]:
    """Turns SQLite's errors about the file itself into a StoreError of one line; an error in our own SQL stays one."""
    try:
        yield
    except sqlite3.DatabaseError as error:
        name = getattr(error, "sqlite_errorname", "")
        advice = next((words for start, words in _ADVICE.items() if name.startswith(start)), None)
        if advice is None:
            raise
        raise StoreError(f"{path}: {error}; {advice}") from error


def _prepare(db: Database, path: Path) -> None:
    steps = pending_steps(db)
    if steps and db["articles"].exists():
        backup = path.with_name(f"{path.name}.before-{steps[0]}")
        log.info("backing up %s to %s before a migration", path, backup.name)
        with sqlite3.connect(backup) as copy:
            db.conn.backup(copy)
        copy.close()
    if "m006_seals" in migrate(db, str(path)) and steps:
        with db.atomic():
            seal_everything(db.conn)
    db.enable_wal()
    db.execute("PRAGMA foreign_keys = ON")
    db.execute("PRAGMA synchronous = FULL")
    db.execute("PRAGMA cache_size = -32000")


class Store:
    """Typed writes into `ho.db`; every write belongs into `with store.atomic():` of the caller."""

    def __init__(self, db: Database, path: Path) -> None:
        self.db = db
        self.path = path

    @contextmanager
    def atomic(self) -> Iterator[None]:
        """Returns a context in which all writes commit together or not at all.

        It takes the right to write at once and waits for it: a transaction that begins by reading and wants to write
        later is refused by SQLite, without any waiting, where somebody else has written meanwhile. Inside another one
        it is a savepoint of that.
        """
        conn = self.db.conn
        inner = conn.in_transaction
        conn.execute("SAVEPOINT atomic" if inner else "BEGIN IMMEDIATE")
        try:
            yield
        except BaseException:
            if inner:
                conn.execute("ROLLBACK TO atomic")
                conn.execute("RELEASE atomic")
            else:
                conn.rollback()
            raise
        conn.execute("RELEASE atomic" if inner else "COMMIT")

    def save_articles(
        self, run_id: int, articles: Iterable[Article], fetched_at: str, live: bool = True
    ) -> list[Change]:
        """Writes articles with their parts and raw records; returns what changed, one entry a PMID and change.

        The revision with the higher (version, DateRevised) wins; on a tie with other content the later to arrive.
        `live` says that PubMed gave the records just now, which brings a vanished article back; from a file only a
        newer revision does. The changes are written to the ledger under `run_id`.
        """
        newest = _newest(articles)
        held = self._held(list(newest))
        changes: list[Change] = []
        written: list[Article] = []
        returned: list[int] = []
        for pmid, article in newest.items():
            before = held.get(pmid)
            if before is None:
                changes.append(Change(pmid, "new", {"retracted": True} if article.retracted else {}))
                written.append(article)
                continue
            replaces = not _older(article, before) and article.xml != before.xml
            if before.vanished and (live or replaces):
                returned.append(pmid)
                changes.append(Change(pmid, "returned"))
            if replaces:
                written.append(article)
                changes.extend(_revision(article, before))
        self._write(run_id, written, set(held), fetched_at)
        self.db.conn.executemany("UPDATE articles SET vanished = 0 WHERE pmid = ?", [(pmid,) for pmid in returned])
        return self.record_changes(run_id, changes, fetched_at)

    def record_changes(self, run_id: int, changes: Iterable[Change], at: str) -> list[Change]:
        """Writes changes to the ledger, each once a run, and returns those that were not there.

        An article that is new in a run is not also revised in it.
        """
        changes = list(changes)
        known: set[tuple[int, str]] = set()
        for pmids in _chunks([change.pmid for change in changes]):
            marks = ",".join("?" * len(pmids))
            sql = f"SELECT pmid, change FROM changes WHERE run_id = ? AND pmid IN ({marks})"
            known.update(self.db.execute(sql, [run_id, *pmids]).fetchall())
        fresh = [
            change
            for change in changes
            if (change.pmid, change.change) not in known
            and not (change.change == "revised" and (change.pmid, "new") in known)
        ]
        self.db.conn.executemany(
            "INSERT INTO changes (run_id, pmid, change, at, detail) VALUES (?, ?, ?, ?, ?)",
            [
                (run_id, c.pmid, c.change, at, json.dumps(c.detail, ensure_ascii=False) if c.detail else None)
                for c in fresh
            ],
        )
        return fresh

    def raw_records(self) -> Iterator[tuple[int, bytes]]:
        """Yields PMID and XML of every stored record, in PMID order."""
        for pmid, xml in self.db.execute("SELECT pmid, xml FROM records ORDER BY pmid"):
            yield pmid, zlib.decompress(xml)

    def _held(self, pmids: Sequence[int]) -> dict[int, _Held]:
        columns = ", ".join(f"articles.{column}" for column in ARTICLE_COLUMNS)
        found: dict[int, _Held] = {}
        for chunk in _chunks(pmids):
            marks = ",".join("?" * len(chunk))
            notices: dict[int, set[tuple[str, int | None]]] = {}
            sql = f"SELECT pmid, kind, ref_pmid FROM notices WHERE pmid IN ({marks})"
            for pmid, kind, ref_pmid in self.db.execute(sql, list(chunk)):
                notices.setdefault(pmid, set()).add((kind, ref_pmid))
            sql = (
                f"SELECT records.version, articles.vanished, records.xml, {columns} "
                f"FROM articles JOIN records USING (pmid) WHERE articles.pmid IN ({marks})"
            )
            for version, vanished, xml, *row in self.db.execute(sql, list(chunk)):
                values = dict(zip(ARTICLE_COLUMNS, row, strict=True))
                found[values["pmid"]] = _Held(
                    version,
                    values["revised_date"],
                    bool(vanished),
                    bool(values["retracted"]),
                    zlib.decompress(xml),
                    tuple(row),
                    frozenset(notices.get(values["pmid"], ())),
                )
        return found

    def _write(self, run_id: int, articles: Sequence[Article], held: set[int], fetched_at: str) -> None:
        many = self.db.conn.executemany
        known = [article for article in articles if article.pmid in held]
        stale = self._read_by_tagger(known)
        seen = first_seen(self.db, [article.pmid for article in known])
        many(UPSERT_ARTICLE, map(article_row, articles))
        for table in PARTS:
            if known:
                many(f"DELETE FROM {table} WHERE pmid = ?", [(article.pmid,) for article in known])
            many(INSERT_PART[table], (row for article in articles for row in part_rows(table, article)))
        many(
            "INSERT INTO records (pmid, version, xml, fetched_at, run_id) VALUES (?, ?, ?, ?, ?) "
            "ON CONFLICT (pmid) DO UPDATE SET version = excluded.version, xml = excluded.xml, "
            "fetched_at = excluded.fetched_at, run_id = excluded.run_id",
            ((a.pmid, a.version, zlib.compress(a.xml, _COMPRESSION), fetched_at, run_id) for a in articles),
        )
        complete_notices(self.db, [article.pmid for article in articles], seen, fetched_at)
        self._forget_stale_tags(known, stale)

    def _read_by_tagger(self, articles: Sequence[Article]) -> dict[int, tuple[Any, ...]]:
        """Returns what a tagger read of each article as it stands in the store."""
        read: dict[int, tuple[Any, ...]] = {}
        for article in articles:
            pmid = article.pmid
            hashed = self.db.execute("SELECT text_hash FROM articles WHERE pmid = ?", [pmid]).fetchone()
            terms = [
                self.db.execute(f"SELECT term FROM {table} WHERE pmid = ? ORDER BY position", [pmid]).fetchall()
                for table in _READ_BY_TAGGER
            ]
            read[pmid] = (hashed[0], terms)
        return read

    def _forget_stale_tags(self, articles: Sequence[Article], before: dict[int, tuple[Any, ...]]) -> None:
        """Removes tags of texts that changed, and marks for re-tagging where only the indexing did."""
        now = self._read_by_tagger(articles)
        for pmid, (text_hash, terms) in before.items():
            if now[pmid][0] != text_hash:
                for table in TAG_TABLES:
                    self.db.execute(f"DELETE FROM {table} WHERE pmid = ?", [pmid])
                self.db.execute(_FORGET_FACTS, [pmid])
                unseal(self.db.conn, "tags", pmid)
            elif now[pmid][1] != terms:
                self.db.execute("UPDATE articles SET tagger = NULL WHERE pmid = ?", [pmid])


def _revision_key(version: int, revised_date: str | None) -> tuple[int, str]:
    return (version, revised_date or "")


def _older(article: Article, held: _Held) -> bool:
    return _revision_key(article.version, article.revised_date) < _revision_key(held.version, held.revised_date)


def _newest(articles: Iterable[Article]) -> dict[int, Article]:
    """Returns the newest revision of each PMID, the last one on a tie, in order of first arrival."""
    newest: dict[int, Article] = {}
    for article in articles:
        seen = newest.get(article.pmid)
        if seen is None or _revision_key(article.version, article.revised_date) >= _revision_key(
            seen.version, seen.revised_date
        ):
            newest[article.pmid] = article
    return newest


def _revision(article: Article, before: _Held) -> Iterator[Change]:
    row = article_row(article)
    columns = [
        column
        for column, old, new in zip(ARTICLE_COLUMNS, before.row, row, strict=True)
        if old != new and column != "text_hash"
    ]
    arrived = sorted(
        {notice.kind for notice in article.notices if (notice.kind, notice.ref_pmid) not in before.notices}
    )
    yield Change(article.pmid, "revised", {"columns": columns, **({"notices": arrived} if arrived else {})})
    if article.retracted and not before.retracted:
        yield Change(article.pmid, "retracted")


def _chunks(pmids: Sequence[int]) -> Iterator[Sequence[int]]:
    for start in range(0, len(pmids), _PMIDS_A_STATEMENT):
        yield pmids[start : start + _PMIDS_A_STATEMENT]
