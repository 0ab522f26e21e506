"""The store `ho.db`: opens it, and writes articles so that a newer revision replaces and an older one never does."""

import json
import logging
import sqlite3
import zlib
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from sqlite_utils import Database

from db.errors import TrackerError
from db.model import Article
from db.sql import chunks
from db.store.access import connect, is_read_only
from db.store.article_rows import ARTICLE_COLUMNS, INSERT_PART, PARTS, UPSERT_ARTICLE, article_row, part_rows
from db.store.notice_rows import SAID_RETRACTED, complete_notices, first_seen
from db.store.revisions import LIVE, Change, Held, Origin, newest, replaces, returns, revision
from db.store.schema import TAG_TABLES, TAGGER_COLUMNS, migrate, pending_steps
from db.store.seals import seal_everything, unseal

log = logging.getLogger(__name__)

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
        connection = connect(path)
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
    if is_read_only(path):
        if steps:
            raise StoreError(f"{path}: an older store, in a folder that cannot be written; copy it where it can be")
        return
    if "published_at" in _properties(db):
        raise StoreError(f"{path}: this is a published site, no store; name the store with --db")
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


def _properties(db: Database) -> set[str]:
    if not db["properties"].exists():
        return set()
    return {name for (name,) in db.execute("SELECT name FROM properties")}


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
        self, run_id: int, articles: Iterable[Article], fetched_at: str, origin: Origin = LIVE
    ) -> list[Change]:
        """Writes articles with their parts and raw records; returns what changed, one entry a PMID and change.

        What PubMed gave live replaces what is held; from a file a newer revision does (see `revisions.replaces`). A
        vanished article comes back by PubMed's own answer, by a newer revision, or by a later file than the one that
        deleted it. The changes are written to the ledger under `run_id`.
        """
        arrived = newest(articles)
        held = self._held(list(arrived))
        changes: list[Change] = []
        written: list[Article] = []
        confirmed: list[int] = []
        returned: list[int] = []
        for pmid, article in arrived.items():
            before = held.get(pmid)
            if before is None:
                changes.append(Change(pmid, "new", {"retracted": True} if article.retracted else {}))
                written.append(article)
                continue
            replaced = replaces(article, before, origin)
            if returns(before, origin, replaced):
                returned.append(pmid)
                changes.append(Change(pmid, "returned"))
            if replaced:
                written.append(article)
                changes.extend(revision(article, before))
            else:
                confirmed.append(pmid)
        self._write(written, set(held), fetched_at)
        self._keep_records(run_id, written, fetched_at, origin)
        self._confirm(run_id, confirmed, fetched_at, origin)
        self.db.conn.executemany("UPDATE articles SET vanished = 0 WHERE pmid = ?", [(pmid,) for pmid in returned])
        return self.record_changes(run_id, changes, fetched_at)

    def reparse(self, run_id: int, articles: Iterable[Article], at: str, parser: str) -> list[Change]:
        """Writes articles as today's parser reads their kept records; returns the changes (`reparsed`, `retracted`).

        An article that reads as it stands is not touched; tags go only where the text changed.
        """
        found = {article.pmid: article for article in articles}
        held = self._held(list(found))
        changed = [article for pmid, article in found.items() if self._reads_otherwise(article, held[pmid])]
        self._write(changed, set(held), at)
        self.mark_parsed(found, parser)
        return self.record_changes(
            run_id, [change for a in changed for change in revision(a, held[a.pmid], "reparsed")], at
        )

    def mark_parsed(self, pmids: Iterable[int], parser: str) -> None:
        """Writes down that this parser has read the kept records."""
        self.db.conn.executemany("UPDATE records SET parser = ? WHERE pmid = ?", [(parser, pmid) for pmid in pmids])

    def to_reparse(self, parser: str, limit: int = -1) -> list[tuple[int, bytes]]:
        """Returns PMID and packed XML (zlib) of kept records that this parser has not read, in PMID order."""
        sql = "SELECT pmid, xml FROM records WHERE parser IS NOT ? ORDER BY pmid LIMIT ?"
        return self.db.execute(sql, [parser, limit]).fetchall()

    def count_to_reparse(self, parser: str) -> int:
        """Returns how many kept records this parser has not read."""
        return int(self.db.execute("SELECT count(*) FROM records WHERE parser IS NOT ?", [parser]).fetchone()[0])

    def record_changes(self, run_id: int, changes: Iterable[Change], at: str) -> list[Change]:
        """Writes changes to the ledger, each once a run, and returns those that were not there.

        An article that is new in a run is not also revised in it.
        """
        changes = list(changes)
        known: set[tuple[int, str]] = set()
        for pmids in chunks([change.pmid for change in changes]):
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

    def _held(self, pmids: Sequence[int]) -> dict[int, Held]:
        columns = ", ".join(f"articles.{column}" for column in ARTICLE_COLUMNS)
        found: dict[int, Held] = {}
        for chunk in chunks(pmids):
            marks = ",".join("?" * len(chunk))
            notices: dict[int, set[tuple[str, int | None]]] = {}
            sql = f"SELECT pmid, kind, ref_pmid FROM notices WHERE pmid IN ({marks})"
            for pmid, kind, ref_pmid in self.db.execute(sql, list(chunk)):
                notices.setdefault(pmid, set()).add((kind, ref_pmid))
            sql = (
                "SELECT records.version, articles.vanished, records.xml, coalesce(runs.kind, '') = 'harvest', "
                f"records.source, deletions.source, {columns} FROM articles LEFT JOIN records USING (pmid) "
                f"LEFT JOIN runs ON runs.id = records.run_id LEFT JOIN deletions ON deletions.pmid = articles.pmid "
                f"WHERE articles.pmid IN ({marks})"
            )
            for version, vanished, xml, live, source, deleted_by, *row in self.db.execute(sql, list(chunk)):
                values = dict(zip(ARTICLE_COLUMNS, row, strict=True))
                found[values["pmid"]] = Held(
                    values["version"] if version is None else version,
                    values["revised_date"],
                    bool(vanished),
                    bool(values["retracted"]),
                    _unpacked(xml),
                    tuple(row),
                    frozenset(notices.get(values["pmid"], ())),
                    bool(live),
                    source,
                    deleted_by,
                )
        return found

    def _reads_otherwise(self, article: Article, held: Held) -> bool:
        """Says whether an article differs from what is stored of it, in any column or part that PubMed's record fills.

        That others call it retracted, and their notices, are no part of the record.
        """
        stored = held.row
        if held.retracted and not article.retracted and self._said_retracted(article.pmid):
            place = ARTICLE_COLUMNS.index("retracted")
            stored = (*stored[:place], 0, *stored[place + 1 :])
        if article_row(article) != stored:
            return True
        for table, part in PARTS.items():
            columns = f"pmid, position, {', '.join(part.columns.split())}"
            own = " AND said_by = 'pubmed'" if table == "notices" else ""
            rows = self.db.execute(f"SELECT {columns} FROM {table} WHERE pmid = ?{own}", [article.pmid]).fetchall()
            if sorted(rows, key=repr) != sorted(part_rows(table, article), key=repr):
                return True
        return False

    def _said_retracted(self, pmid: int) -> bool:
        sql = f"SELECT 1 FROM articles WHERE pmid = ? AND ({SAID_RETRACTED})"
        return self.db.execute(sql, [pmid]).fetchone() is not None

    def _write(self, articles: Sequence[Article], held: set[int], at: str) -> None:
        many = self.db.conn.executemany
        known = [article for article in articles if article.pmid in held]
        stale = self._read_by_tagger(known)
        seen = first_seen(self.db, [article.pmid for article in known])
        many(UPSERT_ARTICLE, map(article_row, articles))
        for table in PARTS:
            if known:
                many(f"DELETE FROM {table} WHERE pmid = ?", [(article.pmid,) for article in known])
            many(INSERT_PART[table], (row for article in articles for row in part_rows(table, article)))
        complete_notices(self.db, [article.pmid for article in articles], seen, at)
        self._forget_stale_tags(known, stale)

    def _keep_records(self, run_id: int, articles: Sequence[Article], fetched_at: str, origin: Origin) -> None:
        """Keeps what PubMed sent; a later file of NLM's that said something about the record before counts on."""
        source = origin.source
        self.db.conn.executemany(
            "INSERT INTO records (pmid, version, xml, fetched_at, run_id, parser, source) VALUES (?, ?, ?, ?, ?, ?, ?) "
            "ON CONFLICT (pmid) DO UPDATE SET version = excluded.version, xml = excluded.xml, "
            "fetched_at = excluded.fetched_at, run_id = excluded.run_id, parser = excluded.parser, "
            "source = CASE WHEN excluded.source < source THEN source ELSE excluded.source END",
            (
                (a.pmid, a.version, zlib.compress(a.xml, _COMPRESSION), fetched_at, run_id, origin.parser, source)
                for a in articles
            ),
        )

    def _confirm(self, run_id: int, pmids: Sequence[int], fetched_at: str, origin: Origin) -> None:
        """Writes down that records stand as they are: by PubMed's own answer, or by a later file of NLM's."""
        if origin.live:
            sql = (
                "UPDATE records SET run_id = ?, fetched_at = ?, source = NULL WHERE pmid = ? "
                "AND run_id NOT IN (SELECT id FROM runs WHERE kind = 'harvest')"
            )
            self.db.conn.executemany(sql, [(run_id, fetched_at, pmid) for pmid in pmids])
        elif origin.source:
            sql = "UPDATE records SET source = ? WHERE pmid = ? AND source < ?"
            self.db.conn.executemany(sql, [(origin.source, pmid, origin.source) for pmid in pmids])

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


def _unpacked(xml: bytes | None) -> bytes:
    """Returns a kept record; empty where it is lost or damaged, so that the next one to arrive takes its place."""
    try:
        return zlib.decompress(xml) if xml else b""
    except zlib.error:
        return b""
