"""Brings the store in line with PubMed. First harvest, nightly and repair are this one algorithm.

List what PubMed has and what changed there, write the plan down, fetch it batch by batch, mark what vanished, compare
the two counts; while they differ and there is something left to do, do it again.
"""

import contextlib
import logging
import time
from collections import deque
from collections.abc import Iterator, Sequence

from db.store.ledger.ledger import Query, Status
from db.store.ledger.plans import Batch, Plan, Plans
from db.store.records.revisions import Origin
from db.store.store import Store
from harvest.eutils.client import Client, Fetched
from harvest.eutils.faults import CallFailedError, ServiceError
from harvest.pubmed.version import parser_version
from harvest.sync.fetching import fetch_batches
from harvest.sync.listing import Listing
from harvest.sync.plan import Options, QueryChange, Tasks, plan_tasks
from harvest.sync.report import RunReport, named
from harvest.version import SOFTWARE

log = logging.getLogger(__name__)

_ROUNDS = 3
#: Two equal numbers say little when both are 0.
_NOTHING = (
    "PubMed has no article for this query; if that is a surprise, check the query and the address of the E-utilities; "
    "if it is right, run: ho-tracker harvest --yes (or nightly --yes)"
)
#: Faults that say that PubMed has no such record, or one that cannot be read: they are the record's own.
_THE_RECORDS_OWN = ("empty set", "poisoned record")
#: So many batches in a row that fail, by whose fault it seems to be, and the service counts as down.
_FAILURES_IN_A_ROW = {"service": 3, "refused": 3, "content": 10, "too large": 1 << 30}
_PARTS_IN_A_ROW = 6
#: The whole was tried often enough: what fails in it is looked for quickly.
_ATTEMPTS_A_PART = 2


class _StopError(Exception):
    """Ends a run early with a status and words."""

    def __init__(self, status: Status, message: str) -> None:
        super().__init__(message)
        self.status = status
        self.message = message


def harvest(store: Store, client: Client, query: Query, options: Options) -> RunReport:
    """Runs one harvest and returns its report; what goes wrong on the way is in the report, not raised.

    Only an interruption (Ctrl-C) and errors of the store itself are raised; the ledger then says that the run stopped.
    """
    return _Harvest(store, client, query, options).run()


class _Harvest:
    def __init__(self, store: Store, client: Client, query: Query, options: Options) -> None:
        self.ledger = Plans(store)
        self.client = client
        self.query = query
        self.options = options
        self.began = time.monotonic()
        self.run_id = 0
        self.stored = 0
        self.pubmed_count: int | None = None
        self.warnings: tuple[str, ...] = ()

    def run(self) -> RunReport:
        if self.options.dry_run:
            return self._dry_run()
        self.run_id = self.ledger.begin("harvest", SOFTWARE, self.query)
        log.info("run %d: asking PubMed", self.run_id)
        status: Status
        message: str | None
        try:
            status, message = self._rounds()
        except _StopError as stop:
            status, message = stop.status, stop.message
        except ServiceError as error:
            status, message = "postponed", f"{error}; nothing is lost, the next run goes on from here"
        except BaseException as error:
            seconds = time.monotonic() - self.began
            self.ledger.finish_broken(self.run_id, error, self.client.requests, seconds)
            raise
        return self._close(status, message)

    def _rounds(self) -> tuple[Status, str | None]:
        for number in range(_ROUNDS):
            tasks = self._tasks(first=not number)
            if number and not (tasks.new or tasks.again or tasks.gone):
                break
            if not tasks.listing.count and not self.options.yes:
                raise _StopError("stopped", _NOTHING)
            self._ask_about(tasks.change)
            self._fetch(tasks)
            self._mark_gone(tasks)
            if problems := list(self._problems(tasks.listing)):
                return "partial", "; ".join(problems)
            self.ledger.put_in_force(self.query)
            if self.ledger.held_count() == tasks.listing.count:
                return "done", None
        held = self.ledger.held_count()
        if held == self.pubmed_count:
            return "done", None
        return "partial", f"PubMed counts {self.pubmed_count} and the store holds {held}; the next run compares again"

    def _problems(self, listing: Listing) -> Iterator[str]:
        """Yields what of this round could not be had, each in words."""
        if lost := self.ledger.failed_pmids(self.run_id):
            count = f"{len(lost)} record{'s' * (len(lost) != 1)}"
            yield f"{count} could not be had and will be asked for next time: {named(lost)}"
        if not listing.complete:
            yield (
                f"PubMed counts {listing.count} hits, but its answers name {len(listing.pmids)}; "
                "nothing was marked as vanished, the next run asks again"
            )
        if listing.problem:
            yield f"what was changed could not be listed ({listing.problem}); the next run asks again"

    def _tasks(self, first: bool = True) -> Tasks:
        tasks = plan_tasks(self.ledger, self.client, self.query, self.options, first)
        self.pubmed_count, self.warnings = tasks.listing.count, tasks.listing.warnings
        return tasks

    def _ask_about(self, change: QueryChange | None) -> None:
        """Has a changed query confirmed before it drops anything; once is enough, though that run may be killed."""
        if change is None or not change.dropped:
            return
        accepted = self.ledger.last_listing("9999-12-31").accepted_hash == self.query.hash
        if accepted or self.options.yes or self.options.confirm(change):
            self.ledger.accept_query(self.query)
            return
        raise _StopError(
            "stopped",
            f"the query changed: it would add {change.added} and drop {change.dropped} of {change.held} articles; "
            "nothing was changed; look with ho-tracker harvest --dry-run, accept with --yes (nightly --yes too)",
        )

    def _fetch(self, tasks: Tasks) -> None:
        """Writes the plan down and fetches it; with a limit, the rest stays in the ledger for the next run."""
        pmids = [*tasks.new, *tasks.again]
        limit = self.options.limit if self.options.limit is not None else len(pmids)
        size = self.options.batch_size
        now = _chunks(pmids[:limit], size)
        listing = tasks.listing
        plan = Plan(
            batches=[*now, *_chunks(pmids[limit:], size)],
            listed=listing.listed,
            window_from=listing.window_from.isoformat(),
            day=listing.day.isoformat(),
            today=listing.today.isoformat(),
            full=self.options.full,
            pubmed_count=listing.count,
            translation=listing.translation,
            warnings=listing.warnings,
        )
        batches = self.ledger.save_plan(self.run_id, plan)
        log.info("run %d: PubMed counts %d, %d records to fetch", self.run_id, listing.count, len(pmids))
        self._fetch_all(batches[: len(now)], min(limit, len(pmids)))
        if limit < len(pmids):
            raise _StopError("partial", f"{len(pmids) - limit} records are left for the next run (--limit {limit})")

    def _fetch_all(self, batches: Sequence[Batch], total: int) -> None:
        failures: list[tuple[Batch, CallFailedError]] = []
        in_a_row = 0
        with contextlib.closing(fetch_batches(self.client, batches, self.options.workers)) as results:
            for batch, result in results:
                if isinstance(result, CallFailedError):
                    log.warning("run %d: %s", self.run_id, result)
                    failures.append((batch, result))
                    in_a_row += 1
                    if in_a_row >= _FAILURES_IN_A_ROW[result.fault.side]:
                        raise result
                elif isinstance(result, ServiceError):
                    raise result
                else:
                    in_a_row = 0
                    self._save(batch, result, _lost(result), total)
        for batch, error in failures:
            self._fetch_in_parts(batch, error, total)

    def _fetch_in_parts(self, batch: Batch, error: CallFailedError, total: int) -> None:
        """Halves a batch that fails as a whole until what fails is alone, and stores the rest."""
        waiting = deque(_halves(batch.pmids))
        fetched = Fetched()
        lost: dict[int, str] = {} if waiting else dict.fromkeys(batch.pmids, error.fault.words)
        in_a_row = 0
        while waiting:
            pmids = waiting.popleft()
            try:
                part = self.client.fetch(pmids, _ATTEMPTS_A_PART)
            except CallFailedError as failure:
                in_a_row += 1
                halves = _halves(pmids)
                if in_a_row < _PARTS_IN_A_ROW and halves:
                    waiting.extend(halves)
                else:
                    lost.update(dict.fromkeys(pmids, failure.fault.words))
                if in_a_row >= _PARTS_IN_A_ROW:
                    lost.update({pmid: failure.fault.words for rest in waiting for pmid in rest})
                    break
            else:
                in_a_row = 0
                fetched.articles.update(part.articles)
                lost.update(_lost(part))
        if not fetched.articles and not self.stored and error.fault.kind not in _THE_RECORDS_OWN:
            raise error
        self._save(batch, fetched, lost, total)

    def _save(self, batch: Batch, fetched: Fetched, lost: dict[int, str], total: int) -> None:
        articles = [fetched.articles[pmid] for pmid in batch.pmids if pmid in fetched.articles]
        self.ledger.save_batch(self.run_id, batch, articles, lost, Origin(parser=parser_version()))
        for pmid, reason in sorted(lost.items()):
            log.warning("run %d: PMID %d could not be had: %s", self.run_id, pmid, reason)
        self.stored += len(articles)
        self.options.progress(self.stored, total)

    def _mark_gone(self, tasks: Tasks) -> None:
        """Marks what PubMed no longer gives, unless so much is gone that PubMed itself must be in trouble."""
        gone = tasks.gone
        if not gone:
            return
        if not self.options.yes and tasks.loses_much:
            raise _StopError(
                "stopped",
                f"PubMed counts {tasks.listing.count} and {len(gone)} of the {tasks.held} articles held are not among "
                "them: more than 2 % in one night, so none was marked as vanished; if that is right, run: ho-tracker "
                "harvest --yes (or nightly --yes)",
            )
        reason = "no longer matches the query" if tasks.change else "PubMed no longer gives it for the query"
        self.ledger.mark_vanished(self.run_id, gone, reason)

    def _close(self, status: Status, message: str | None) -> RunReport:
        seconds = time.monotonic() - self.began
        row = self.ledger.finish(self.run_id, status, message, self.client.requests, seconds)
        return RunReport(
            run_id=self.run_id,
            status=status,
            pubmed_count=self.pubmed_count,
            held_count=row["held_count"],
            changes=self.ledger.change_counts(self.run_id),
            requests=self.client.requests,
            seconds=seconds,
            message=message,
            lost=self.ledger.failed_pmids(self.run_id),
            warnings=self.warnings,
        )

    def _dry_run(self) -> RunReport:
        """Says what a run would do, and writes nothing."""
        tasks = self._tasks()
        returning = self.ledger.vanished() & set(tasks.new)
        words = (
            f"would fetch {len(tasks.new)} new and look again at {len(tasks.again)}, mark {len(tasks.gone)} vanished"
        )
        if tasks.loses_much:
            words += "; that is more than 2 % of the store, so a run would mark none of them without --yes"
        if tasks.change:
            words = f"the query changed: it would add {tasks.change.added} and drop {tasks.change.dropped} articles"
        return RunReport(
            run_id=None,
            status="dry-run",
            pubmed_count=tasks.listing.count,
            held_count=tasks.held,
            changes={
                "new": len(tasks.new) - len(returning),
                "returned": len(returning),
                "vanished": len(tasks.gone),
            },
            requests=self.client.requests,
            seconds=time.monotonic() - self.began,
            message=words,
            warnings=self.warnings,
            extra={"query_changed": tasks.change is not None, "to_read_again": len(tasks.again)},
        )


def _chunks(pmids: Sequence[int], size: int) -> list[Sequence[int]]:
    return [pmids[start : start + size] for start in range(0, len(pmids), size)]


def _halves(pmids: Sequence[int]) -> list[Sequence[int]]:
    middle = len(pmids) // 2
    return [pmids[:middle], pmids[middle:]] if middle else []


def _lost(fetched: Fetched) -> dict[int, str]:
    return {**dict.fromkeys(fetched.missing, "PubMed lists it but does not give it"), **fetched.bad}
