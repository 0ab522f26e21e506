"""The ledger of the store: runs, batches, changes, and what is held; every SQL statement about them.

A run is one harvest or import. Its batches are written down before the first is fetched, and a batch's records, its
changes and its own row commit together, so that after a kill at any point the ledger says exactly what is left.
"""

import contextlib
import sqlite3
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any, Literal

from db.errors import TrackerError
from db.sql import chunks, literals, placeholders
from db.store.records.changes import record_changes
from db.store.records.revisions import Change
from db.store.seals import seal
from db.store.store import Store, utc_now

RunKind = Literal["harvest", "import", "tag", "publish", "nightly", "reparse", "enrich", "decide", "digest", "restore"]
Status = Literal["running", "done", "partial", "postponed", "stopped", "failed"]

#: The kinds of runs of which one at a time is at work, under the store's lock.
_UNDER_THE_LOCK: tuple[RunKind, ...] = ("harvest", "import", "reparse", "enrich", "restore")


class LedgerError(TrackerError):
    """The ledger has no such run."""


@dataclass(frozen=True, slots=True)
class Query:
    """A PubMed query as it was asked."""

    text: str
    name: str
    version: str
    hash: str


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
            self.close_killed([kind, *(_UNDER_THE_LOCK if kind in (*_UNDER_THE_LOCK, "nightly") else ())])
            return self.open(kind, software, query)

    def close_killed(self, kinds: Sequence[RunKind]) -> None:
        """Closes what was left open by runs of some kinds that were killed; the caller's transaction, under their lock.

        A run that stays open holds back every digest: it might still add changes.
        """
        stopped = self.db.execute(
            "UPDATE runs SET status = 'stopped', finished_at = ?, message = 'it was interrupted' "
            f"WHERE status = 'running' AND kind IN ({literals(kinds)}) RETURNING id",
            [utc_now()],
        ).fetchall()
        for (number,) in stopped:
            seal(self.db.conn, "run", number)

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
        return self.pmids_where("SELECT pmid FROM articles WHERE matched = 1 AND vanished = 0")

    def held_count(self) -> int:
        """Returns how many articles the store holds for the query."""
        sql = "SELECT count(*) FROM articles WHERE matched = 1 AND vanished = 0"
        return int(self.db.execute(sql).fetchone()[0])

    def backlog(self) -> set[int]:
        """Returns the PMIDs that earlier harvests planned to fetch and did not."""
        sql = "SELECT pmids FROM batches WHERE kind = 'fetch' AND state IN ('pending', 'failed')"
        return {pmid for (text,) in self.db.execute(sql) for pmid in pmids_of(text)}

    def mark_vanished(self, run_id: int, pmids: Iterable[int], reason: str) -> list[Change]:
        """Marks articles that PubMed no longer gives, with their changes, in one transaction."""
        pmids = sorted(pmids)
        with self.store.atomic():
            self.db.conn.executemany("UPDATE articles SET vanished = 1 WHERE pmid = ?", [(pmid,) for pmid in pmids])
            changes = [Change(pmid, "vanished", {"reason": reason}) for pmid in pmids]
            return record_changes(self.store, run_id, changes, utc_now())

    def vanished(self) -> set[int]:
        """Returns the PMIDs of stored articles that PubMed no longer gives."""
        return self.pmids_where("SELECT pmid FROM articles WHERE vanished = 1")

    def known(self, pmids: Iterable[int]) -> set[int]:
        """Returns those of the PMIDs that are stored, vanished or not."""
        found: set[int] = set()
        for some in chunks(sorted(set(pmids))):
            sql = f"SELECT pmid FROM articles WHERE pmid IN ({placeholders(some)})"
            found.update(pmid for (pmid,) in self.db.execute(sql, some))
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

    def next_position(self, run_id: int) -> int:
        """Returns the place of a run's next batch."""
        sql = "SELECT coalesce(max(position), 0) + 1 FROM batches WHERE run_id = ?"
        return int(self.db.execute(sql, [run_id]).fetchone()[0])

    def pmids_where(self, sql: str) -> set[int]:
        """Returns the PMIDs that a statement selects."""
        return {pmid for (pmid,) in self.db.execute(sql)}


def pmids_of(text: str | None) -> list[int]:
    """Returns the PMIDs that a batch names, as they are stored (\"1,2,3\")."""
    return [int(number) for number in (text or "").split(",") if number]
