"""Builds `evidence.db` beside the served one, checks it, then swaps its content in whole.

The swap uses SQLite's backup into the served WAL file: readers see the old data until the instant of the commit and
the new data after it. Where a check fails nothing is swapped and the old data stay.
"""

import json
import logging
import sqlite3
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from sqlite_utils import Database

from db.errors import TrackerError
from db.evidence.agreement import AGREEMENT, measure_agreement
from db.evidence.summaries import build_summaries, build_verdicts
from db.select.search.index import SEARCH_TABLE, build_search
from db.store.access import connect
from db.store.ledger.searches import drop_unlisted
from db.store.people.verdicts import Standing, decisions_in_force
from db.store.schema import APPLICATION_ID, PUBLIC_TABLES, migrate
from db.store.store import StoreError, open_store, sqlite_errors, utc_now
from db.terms import MADE_UP_PMIDS
from db.topics import current, to_publish

log = logging.getLogger(__name__)

#: A published file may lose at most this share of its articles from one night to the next.
LARGEST_SHRINKAGE = 0.05
_PRIVATE_TABLES = (
    *("records", "batches", "listed", "decisions", "service_state", "service_asked", "trial_references"),
    "trial_reports",
    *("citation_pairs", "full_text_answers", "notice_claims", "seals", "deletions", "readings"),
    *("queue_places", "left_out", "search_states", "search_problems", "deliveries", "letters", "told_citations"),
)


class PublishError(TrackerError):
    """The new file failed a check; the served one was left as it is."""

    exit_code = 2


@dataclass(frozen=True, slots=True)
class PublishReport:
    """What was published: the file, its number of articles and tags, its size in bytes, and the seconds it took."""

    site: Path
    articles: int
    tags: int
    size: int
    seconds: float


def publish(
    store: Path,
    site: Path,
    smoke_test: Callable[[Path], None] | None = None,
    allow_shrinking: bool = False,
    told: Mapping[str, str] | None = None,
    names: bool = False,
) -> PublishReport:
    """Publishes the store into the site's file.

    `smoke_test` is called with the finished file before the swap and raises to refuse it; `told` are further properties
    of the file, by name, such as the tagger's measured quality; `names` publishes who made each decision. Raises
    PublishError where a check fails, StoreError where a file cannot be read or written; in both cases the served file
    is unchanged.
    """
    started = time.monotonic()
    with open_store(store, create=False) as opened:
        standing = decisions_in_force(opened)
        agreement = measure_agreement(opened)
    if not site.parent.is_dir():
        raise StoreError(f"{site}: the folder {site.parent} does not exist; create it first")
    if site.exists() and site.stat().st_size:
        check_published(site)
        refuse_other_topic(site)
    building = site.with_name(f"{site.name}.building")
    try:
        with sqlite_errors(building):
            _remove(building)
            articles, tags = _build(store, building, _with(told, agreement), standing, names)
            _check(store, building, site, allow_shrinking)
        if smoke_test is not None:
            smoke_test(building)
        with sqlite_errors(site):
            _swap(building, site)
    finally:
        _remove(building)
    log.info("published %d articles to %s", articles, site)
    return PublishReport(site, articles, tags, site.stat().st_size, round(time.monotonic() - started, 2))


def _with(told: Mapping[str, str] | None, agreement: Mapping[str, Any] | None) -> dict[str, str]:
    return {**(told or {}), **({AGREEMENT: json.dumps(agreement)} if agreement else {})}


def check_published(site: Path) -> None:
    """Raises StoreError where a file is anything but a published one: what it holds is not to be lost or shown."""
    if site.is_dir():
        raise StoreError(f"{site}: this is a folder; name a database file with --site")
    with sqlite_errors(site), _database(site) as db:
        tables = set(db.table_names())
        ours = db.execute("PRAGMA application_id").fetchone()[0] == APPLICATION_ID
    if not ours or SEARCH_TABLE not in tables:
        kind = "a store" if ours else "not a ho-tracker file"
        raise StoreError(f"{site}: this is {kind}; name another file with --site")


def refuse_other_topic(site: Path) -> None:
    """Raises StoreError where a published file is on another topic than the one in force."""
    with sqlite_errors(site), _database(site) as db:
        row = db.execute("SELECT value FROM properties WHERE name = 'topic'").fetchone()
    if row is not None and row[0] != current().id:
        raise StoreError(
            f"{site}: this site is on the topic {row[0]!r}, and the topic in force is {current().id!r}; name the "
            "site's own with --topic, or another file with --site"
        )


def _build(
    store: Path, building: Path, told: Mapping[str, str], standing: Sequence[Standing], names: bool
) -> tuple[int, int]:
    with _database(building) as db:
        migrate(db, str(building))
        for table in _PRIVATE_TABLES:
            db.execute(f"DROP TABLE {table}")
        db.conn.execute("ATTACH ? AS store", [f"{store.absolute().as_uri()}?mode=ro"])
        with db.atomic():
            for table in PUBLIC_TABLES:
                columns = ", ".join(f'"{column.name}"' for column in db[table].columns)
                db.execute(f"INSERT INTO {table} ({columns}) SELECT {columns} FROM store.{table}")
            drop_unlisted(db.conn)
            build_verdicts(db, standing, names)
            # runs of older versions name who decided
            db.execute("UPDATE runs SET message = 'decisions of people' WHERE kind = 'decide'")
            made_up = db.execute("SELECT EXISTS (SELECT 1 FROM articles WHERE pmid BETWEEN ? AND ?)", MADE_UP_PMIDS)
            properties = {
                **told,
                "topic_files": to_publish(current()),
                "published_at": utc_now(),
                "sample": str(made_up.fetchone()[0]),
            }
            db.conn.executemany("INSERT OR REPLACE INTO properties (name, value) VALUES (?, ?)", properties.items())
        db.conn.execute("DETACH store")
        with db.atomic():
            build_search(db.conn)
            build_summaries(db)
        db.conn.commit()
        db.execute("ANALYZE")
        db.conn.commit()
        db.execute("VACUUM")
        return db["articles"].count, db["article_tags"].count


def _check(store: Path, building: Path, site: Path, allow_shrinking: bool) -> None:
    with _database(building) as db:
        problems = list(_problems(db))
        now = db["articles"].count
    if site.exists() and not allow_shrinking:
        served = _articles(site)
        if served and now < served * (1 - LARGEST_SHRINKAGE):
            problems.append(
                f"it would have {now} articles where the served one has {served}; "
                "if that is right, publish with --allow-shrinking"
            )
    if problems:
        raise PublishError(f"{site}: not published, the old data stay: {problems[0]} (checked against {store})")


def _problems(db: Database) -> Iterator[str]:
    """Yields what is wrong with a built file: damage, dangling rows, marks that are not where they say."""
    for (line,) in db.execute("PRAGMA integrity_check"):
        if line != "ok":
            yield f"integrity check: {line}"
    for table, row, parent, _ in db.execute("PRAGMA foreign_key_check"):
        yield f"row {row} of {table} names a missing row of {parent}"
    try:
        db.execute("INSERT INTO articles_fts (articles_fts) VALUES ('integrity-check')")
    except sqlite3.DatabaseError as error:
        yield f"full-text search: {error}"
    misplaced = db.execute(
        "SELECT mentions.id FROM mentions JOIN articles USING (pmid) "
        "WHERE substr(CASE field WHEN 'title' THEN title ELSE abstract END, start + 1, \"end\" - start) IS NOT text"
    ).fetchone()
    if misplaced:
        yield f"mention {misplaced[0]} does not stand at its place in the text; run: ho-tracker tag --all"


def _articles(site: Path) -> int:
    with _database(site) as db:
        return db["articles"].count if db["articles"].exists() else 0


def _swap(building: Path, site: Path) -> None:
    source, served = sqlite3.connect(building), sqlite3.connect(site, timeout=30)
    try:
        served.execute("PRAGMA journal_mode = WAL")
        source.backup(served)
        served.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    finally:
        source.close()
        served.close()


@contextmanager
def _database(path: Path) -> Iterator[Database]:
    connection = connect(path)
    try:
        yield Database(connection)
        connection.commit()
    finally:
        connection.close()


def _remove(path: Path) -> None:
    for suffix in ("", "-journal", "-wal", "-shm"):
        path.with_name(path.name + suffix).unlink(missing_ok=True)
