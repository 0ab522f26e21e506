"""The ledger of the store: runs, batches, changes, and what is held; every SQL statement about them.

A run is one harvest or import. Its batches are written down before the first is fetched, and a batch's records, its
changes and its own row commit together, so that after a kill at any point the ledger says exactly what is left.
"""

import contextlib
import json
import sqlite3
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal

from db.errors import TrackerError
from db.model import Article
from db.store.revisions import LIVE, Change, Origin
from db.store.seals import seal
from db.store.store import Store, utc_now

RunKind = Literal["harvest", "import", "tag", "publish", "nightly", "reparse", "enrich", "decide", "digest", "restore"]
Status = Literal["running", "done", "partial", "postponed", "stopped", "failed"]

_PMIDS_A_STATEMENT = 500


class LedgerError(TrackerError):
    """The ledger has no such run."""


@dataclass(frozen=True, slots=True)
class Query:
    """A PubMed query as it was asked."""

    text: str
    name: str
    version: str
    hash: str


@dataclass(frozen=True, slots=True)
class Batch:
    """PMIDs that are fetched by one request; `id` is the ledger's."""

    id: int
    pmids: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Plan:
    """What a harvest will do, as it is written down before it does it.

    `day` is the US Eastern day of the listing, `window_from` the first day of the window of changes, `listed` the
    PMIDs seen in that window, `full` whether every record is read again.
    """

    batches: Sequence[Sequence[int]]
    listed: frozenset[int]
    window_from: str
    day: str
    full: bool
    pubmed_count: int
    translation: str | None
    warnings: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class LastListing:
    """What earlier harvests leave for the next: the day of the last listing, and the query that is in force.

    `accepted_hash` is a changed query that somebody has accepted with what it drops.
    """

    day: str | None
    query_hash: str | None
    query_version: str | None
    accepted_hash: str | None


class Ledger:
    """Reads and writes the ledger of one store; methods that write open their own transaction unless they say so."""

    def __init__(self, store: Store) -> None:
        self.store = store
        self.db = store.db

    def begin(self, kind: RunKind, software: str, query: Query | None = None) -> int:
        """Opens a run and closes what was left open by a run that was killed; returns the run's id.

        Only for kinds of which one runs at a time, under a lock.
        """
        with self.store.atomic():
            stopped = self.db.execute(
                "UPDATE runs SET status = 'stopped', finished_at = ?, message = 'it was interrupted' "
                "WHERE status = 'running' AND kind = ? RETURNING id",
                [utc_now(), kind],
            ).fetchall()
            for (number,) in stopped:
                seal(self.db.conn, "run", number)
            return self.open(kind, software, query)

    def open(self, kind: RunKind, software: str, query: Query | None = None) -> int:
        """Opens a run beside others of its kind; the caller's transaction. Returns the run's id."""
        cursor = self.db.execute(
            "INSERT INTO runs (kind, status, started_at, software, query, query_name, query_version, query_hash) "
            "VALUES (?, 'running', ?, ?, ?, ?, ?, ?)",
            [
                kind,
                utc_now(),
                software,
                *((query.text, query.name, query.version, query.hash) if query else [None] * 4),
            ],
        )
        return int(cursor.lastrowid or 0)

    def held(self) -> set[int]:
        """Returns the PMIDs that the store holds for the query."""
        return self._pmids("SELECT pmid FROM articles WHERE matched = 1 AND vanished = 0")

    def held_count(self) -> int:
        """Returns how many articles the store holds for the query."""
        sql = "SELECT count(*) FROM articles WHERE matched = 1 AND vanished = 0"
        return int(self.db.execute(sql).fetchone()[0])

    def listed(self) -> set[int]:
        """Returns the PMIDs that the last harvest saw in its window of changes."""
        return self._pmids("SELECT pmid FROM listed")

    def backlog(self) -> set[int]:
        """Returns the PMIDs that earlier harvests planned to fetch and did not."""
        sql = "SELECT pmids FROM batches WHERE kind = 'fetch' AND state IN ('pending', 'failed')"
        return {pmid for (text,) in self.db.execute(sql) for pmid in _numbers(text)}

    def read_from_files(self) -> set[int]:
        """Returns the held PMIDs whose record a file brought, not PubMed itself."""
        return self._pmids(
            "SELECT pmid FROM articles JOIN records USING (pmid) JOIN runs ON runs.id = records.run_id "
            "WHERE matched = 1 AND articles.vanished = 0 AND runs.kind <> 'harvest'"
        )

    def last_listing(self, today: str) -> LastListing:
        """Returns what the harvests so far know about when and what they listed; a day after `today` counts for none.

        A clock that once was ahead leaves such days behind.
        """
        harvests = "FROM runs WHERE kind = 'harvest' AND window_to IS NOT NULL"
        day = self.db.execute(f"SELECT max(window_to) {harvests} AND window_to <= ?", [today]).fetchone()[0]
        query = self.db.execute(f"SELECT query_hash, query_version {harvests} ORDER BY id DESC LIMIT 1").fetchone()
        in_force = self._property("query_in_force")
        known = tuple(in_force.split("\n")) if in_force else query or (None, None)
        return LastListing(day, known[0], known[1], self._property("query_accepted"))

    def accept_query(self, query: Query) -> None:
        """Writes down that what this query drops is accepted, so that a run that is killed need not ask again."""
        self._set_property("query_accepted", query.hash)

    def put_in_force(self, query: Query) -> None:
        """Writes down that the store was brought in line with this query."""
        self._set_property("query_in_force", f"{query.hash}\n{query.version}")

    def save_plan(self, run_id: int, plan: Plan) -> list[Batch]:
        """Writes a plan down and returns its batches; what earlier plans left over is replaced by it."""
        with self.store.atomic():
            self.db.execute(
                "UPDATE batches SET state = 'replaced' WHERE kind = 'fetch' AND state IN ('pending', 'failed')"
            )
            self.db.execute("DELETE FROM listed")
            self.db.conn.executemany("INSERT INTO listed (pmid) VALUES (?)", [(pmid,) for pmid in sorted(plan.listed)])
            self.db.execute(
                "UPDATE runs SET pubmed_translation = ?, warnings = ?, sweep = max(sweep, ?), window_from = ?, "
                "window_to = ?, pubmed_count = ? WHERE id = ?",
                [
                    plan.translation,
                    json.dumps(plan.warnings, ensure_ascii=False) if plan.warnings else None,
                    int(plan.full),
                    plan.window_from,
                    plan.day,
                    plan.pubmed_count,
                    run_id,
                ],
            )
            return [self._insert_batch(run_id, pmids) for pmids in plan.batches]

    def save_batch(
        self,
        run_id: int,
        batch: Batch,
        articles: Iterable[Article],
        lost: Mapping[int, str],
        origin: Origin = LIVE,
    ) -> list[Change]:
        """Writes a fetched batch: records, changes and the batch's own row, in one transaction.

        `lost` are the PMIDs that did not come or could not be read, with the reason: they become failed batches of
        their own, one a reason, which the next harvest takes up.
        """
        at = utc_now()
        articles = list(articles)
        with self.store.atomic():
            changes = self.store.save_articles(run_id, articles, at, origin)
            self.db.conn.executemany(
                "UPDATE articles SET matched = 1 WHERE pmid = ? AND matched = 0",
                [(article.pmid,) for article in articles],
            )
            self.db.execute(
                "UPDATE batches SET state = 'done', attempts = attempts + 1, finished_at = ?, pmids = ?, "
                "pmid_count = ? WHERE id = ?",
                [at, _text(article.pmid for article in articles), len(articles), batch.id],
            )
            for reason in sorted(set(lost.values())):
                failed = self._insert_batch(run_id, [pmid for pmid in sorted(lost) if lost[pmid] == reason])
                sql = "UPDATE batches SET state = 'failed', attempts = 1, message = ?, finished_at = ? WHERE id = ?"
                self.db.execute(sql, [reason, at, failed.id])
        return changes

    def failed_pmids(self, run_id: int) -> dict[int, str]:
        """Returns the PMIDs of a run that could not be had, with the reason."""
        sql = "SELECT pmids, message FROM batches WHERE run_id = ? AND state = 'failed' AND kind = 'fetch'"
        return {pmid: message or "" for text, message in self.db.execute(sql, [run_id]) for pmid in _numbers(text)}

    def mark_vanished(self, run_id: int, pmids: Iterable[int], reason: str) -> list[Change]:
        """Marks articles that PubMed no longer gives, with their changes, in one transaction."""
        pmids = sorted(pmids)
        with self.store.atomic():
            self.db.conn.executemany("UPDATE articles SET vanished = 1 WHERE pmid = ?", [(pmid,) for pmid in pmids])
            changes = [Change(pmid, "vanished", {"reason": reason}) for pmid in pmids]
            return self.store.record_changes(run_id, changes, utc_now())

    def vanished(self) -> set[int]:
        """Returns the PMIDs of stored articles that PubMed no longer gives."""
        return self._pmids("SELECT pmid FROM articles WHERE vanished = 1")

    def known(self, pmids: Iterable[int]) -> set[int]:
        """Returns those of the PMIDs that are stored, vanished or not."""
        ordered = sorted(set(pmids))
        found: set[int] = set()
        for start in range(0, len(ordered), _PMIDS_A_STATEMENT):
            chunk = ordered[start : start + _PMIDS_A_STATEMENT]
            marks = ",".join("?" * len(chunk))
            found.update(
                pmid for (pmid,) in self.db.execute(f"SELECT pmid FROM articles WHERE pmid IN ({marks})", chunk)
            )
        return found

    def finish(self, run_id: int, status: Status, message: str | None, requests: int, seconds: float) -> dict[str, Any]:
        """Closes a run, with its changes counted, and returns its row."""
        counts = self.change_counts(run_id)
        with self.store.atomic():
            self.db.execute(
                "UPDATE runs SET status = ?, finished_at = ?, message = ?, requests = ?, seconds = ?, held_count = ?, "
                "new = ?, revised = ?, retracted = ?, vanished = ?, returned = ?, retagged = ?, reparsed = ? "
                "WHERE id = ?",
                [
                    status,
                    utc_now(),
                    message,
                    requests,
                    round(seconds, 3),
                    self.held_count(),
                    *(
                        counts.get(name, 0)
                        for name in ("new", "revised", "retracted", "vanished", "returned", "retagged", "reparsed")
                    ),
                    run_id,
                ],
            )
            seal(self.db.conn, "run", run_id)
        return self.run(run_id)

    def finish_broken(self, run_id: int, error: BaseException, requests: int, seconds: float) -> None:
        """Closes a run that an exception ends, as far as the database still can be written."""
        stopped = isinstance(error, KeyboardInterrupt | SystemExit)
        known = str(error) if isinstance(error, TrackerError) else type(error).__name__
        with contextlib.suppress(sqlite3.Error):
            words = "it was stopped by hand" if stopped else known
            self.finish(run_id, "stopped" if stopped else "failed", words, requests, seconds)

    def change_counts(self, run_id: int) -> dict[str, int]:
        """Returns how many changes of each kind a run made."""
        return dict(
            self.db.execute(
                "SELECT change, count(*) FROM changes WHERE run_id = ? GROUP BY change", [run_id]
            ).fetchall()
        )

    def run(self, run_id: int) -> dict[str, Any]:
        """Returns the row of a run. Raises LedgerError where there is none."""
        for row in self.db.query("SELECT * FROM runs WHERE id = ?", [run_id]):
            return dict(row)
        raise LedgerError(f"there is no run {run_id} in {self.store.path}; ho-tracker status names the last ones")

    def runs(self, kind: RunKind | None = None, limit: int = 10) -> list[dict[str, Any]]:
        """Returns the last runs, newest first."""
        where = "WHERE kind = ?" if kind else ""
        sql = f"SELECT * FROM runs {where} ORDER BY id DESC LIMIT ?"
        return [dict(row) for row in self.db.query(sql, [*([kind] if kind else []), limit])]

    def last_done_at(self) -> str | None:
        """Returns when the last harvest that said done finished, None where none did."""
        sql = "SELECT max(finished_at) FROM runs WHERE kind = 'harvest' AND status = 'done'"
        at: str | None = self.db.execute(sql).fetchone()[0]
        return at

    def figures(self) -> dict[str, int]:
        """Returns what the store holds in numbers."""
        sql = (
            "SELECT count(*), coalesce(sum(vanished), 0), coalesce(sum(retracted), 0), "
            "coalesce(sum(tagger IS NULL), 0) FROM articles"
        )
        articles, vanished, retracted, untagged = self.db.execute(sql).fetchone()
        return {
            "held_count": self.held_count(),
            "articles": articles,
            "vanished": vanished,
            "retracted": retracted,
            "untagged": untagged,
            "backlog": len(self.backlog()),
        }

    def _insert_batch(self, run_id: int, pmids: Sequence[int]) -> Batch:
        cursor = self.db.execute(
            "INSERT INTO batches (run_id, position, kind, state, pmids, pmid_count) "
            "VALUES (?, ?, 'fetch', 'pending', ?, ?)",
            [run_id, self.next_position(run_id), _text(pmids), len(pmids)],
        )
        return Batch(int(cursor.lastrowid or 0), tuple(pmids))

    def next_position(self, run_id: int) -> int:
        """Returns the place of a run's next batch."""
        sql = "SELECT coalesce(max(position), 0) + 1 FROM batches WHERE run_id = ?"
        return int(self.db.execute(sql, [run_id]).fetchone()[0])

    def _property(self, name: str) -> str | None:
        row = self.db.execute("SELECT value FROM properties WHERE name = ?", [name]).fetchone()
        return row[0] if row else None

    def _set_property(self, name: str, value: str) -> None:
        with self.store.atomic():
            self.db.execute("INSERT OR REPLACE INTO properties (name, value) VALUES (?, ?)", [name, value])

    def _pmids(self, sql: str) -> set[int]:
        return {pmid for (pmid,) in self.db.execute(sql)}


def _text(pmids: Iterable[int]) -> str:
    return ",".join(map(str, pmids))


def _numbers(text: str | None) -> list[int]:
    return [int(number) for number in (text or "").split(",") if number]
