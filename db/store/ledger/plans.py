"""What a harvest plans and has fetched: batches, the window of changes, and the query that is in force."""

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from db.model import Article
from db.store.ledger.ledger import Ledger, Query, pmids_of
from db.store.records.revisions import LIVE, Change, Origin
from db.store.records.save import save_articles
from db.store.store import utc_now


@dataclass(frozen=True, slots=True)
class Batch:
    """PMIDs that are fetched by one request; `id` is the ledger's."""

    id: int
    pmids: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Plan:
    """What a harvest will do, as it is written down before it does it.

    `today` is the US Eastern day by the clocks, `day` the one up to which changes were listed, `window_from` the first
    day of the window of changes, `listed` the PMIDs seen in it, `full` whether every record is read again.
    """

    batches: Sequence[Sequence[int]]
    listed: frozenset[int]
    window_from: str
    day: str
    today: str
    full: bool
    pubmed_count: int
    translation: str | None
    warnings: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class LastListing:
    """What earlier harvests leave for the next: the day of the last listing, and the query that is in force.

    `reread` is the day up to which the daily shares of the store were read again, `accepted_hash` is a changed query
    that somebody has accepted with what it drops.
    """

    day: str | None
    reread: str | None
    query_hash: str | None
    query_version: str | None
    accepted_hash: str | None


class Plans(Ledger):
    """The ledger as a harvest reads and writes it."""

    def listed(self) -> set[int]:
        """Returns the PMIDs that the last harvest saw in its window of changes."""
        return self.pmids_where("SELECT pmid FROM listed")

    def read_from_files(self) -> set[int]:
        """Returns the held PMIDs whose record a file brought, not PubMed itself."""
        return self.pmids_where(
            "SELECT pmid FROM articles JOIN records USING (pmid) JOIN runs ON runs.id = records.run_id "
            "WHERE matched = 1 AND articles.vanished = 0 AND runs.kind <> 'harvest'"
        )

    def last_listing(self, today: str) -> LastListing:
        """Returns what the harvests so far know about when and what they listed.

        The day is that of the newest listing, not the latest day: a clock that once was ahead leaves days to come
        behind, which must not count when it is ahead again. A day after `today` counts for none.
        """
        harvests = "FROM runs WHERE kind = 'harvest' AND window_to IS NOT NULL"
        sql = f"SELECT window_to {harvests} AND window_to <= ? ORDER BY id DESC LIMIT 1"
        listing = self.db.execute(sql, [today]).fetchone()
        query = self.db.execute(f"SELECT query_hash, query_version {harvests} ORDER BY id DESC LIMIT 1").fetchone()
        in_force = self._property("query_in_force")
        known = tuple(in_force.split("\n")) if in_force else query or (None, None)
        day = listing[0] if listing else None
        reread = self._property("reread_until")
        shares = reread if day and reread and day <= reread <= today else day
        return LastListing(day, shares, known[0], known[1], self._property("query_accepted"))

    def last_revision(self, until: str) -> str | None:
        """Returns the last day up to another on which PubMed says that a held record was revised, None for none."""
        sql = (
            "SELECT max(revised_date) FROM articles WHERE matched = 1 AND vanished = 0 AND length(revised_date) = 10 "
            "AND revised_date <= ?"
        )
        revised: str | None = self.db.execute(sql, [until]).fetchone()[0]
        return revised

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
            self._set_property("reread_until", plan.today)
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
            changes = save_articles(self.store, run_id, articles, at, origin)
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
        return {pmid: message or "" for text, message in self.db.execute(sql, [run_id]) for pmid in pmids_of(text)}

    def _insert_batch(self, run_id: int, pmids: Sequence[int]) -> Batch:
        cursor = self.db.execute(
            "INSERT INTO batches (run_id, position, kind, state, pmids, pmid_count) "
            "VALUES (?, ?, 'fetch', 'pending', ?, ?)",
            [run_id, self.next_position(run_id), _text(pmids), len(pmids)],
        )
        return Batch(int(cursor.lastrowid or 0), tuple(pmids))

    def _property(self, name: str) -> str | None:
        row = self.db.execute("SELECT value FROM properties WHERE name = ?", [name]).fetchone()
        return row[0] if row else None

    def _set_property(self, name: str, value: str) -> None:
        with self.store.atomic():
            self.db.execute("INSERT OR REPLACE INTO properties (name, value) VALUES (?, ?)", [name, value])


def _text(pmids: Iterable[int]) -> str:
    return ",".join(map(str, pmids))
