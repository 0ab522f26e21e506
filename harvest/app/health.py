"""Whether the tracker is well: the last night, how long ago it was, and what waits."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from db.store.ledger.ledger import Ledger
from db.store.ledger.letters import undelivered
from db.store.ledger.searches import search_problems
from db.store.people.verdicts import to_review
from db.store.store import Store
from harvest.enrich.run import last_reports
from harvest.enrich.step import StepReport

#: So many decisions that wait for another look are named.
_SHOWN = 5
#: After so long without a good night, one was missed.
OVERDUE = timedelta(hours=36)


@dataclass(frozen=True, slots=True)
class Health:
    """The state in words: `reasons` say why it is red, none when it is green."""

    reasons: tuple[str, ...]
    figures: Mapping[str, Any]

    @property
    def colour(self) -> str:
        """`green` or `red`."""
        return "red" if self.reasons else "green"

    def as_json(self) -> dict[str, Any]:
        """Returns the state as one JSON object."""
        return {"status": self.colour, "reasons": list(self.reasons), **self.figures}

    def as_text(self) -> str:
        """Returns the state as a few lines of words."""
        figures = self.figures
        lines = [self.colour, *(f"  {reason}" for reason in self.reasons)]
        if last := figures["last_harvest"]:
            lines.append(f"last harvest: run {last['id']}, {last['status']}, begun {last['started_at']}")
            counted = "was not reached" if last["pubmed_count"] is None else f"counted {last['pubmed_count']}"
            lines.append(f"PubMed {counted}, the store holds {figures['held_count']}")
        if night := figures["last_night"]:
            lines.append(f"last night: run {night['id']}, {night['status']}, begun {night['started_at']}")
        if enriched := figures["last_enrich"]:
            lines.append(f"last enrich: run {enriched['id']}, {enriched['status']}, begun {enriched['started_at']}")
            lines.extend(
                f"  {StepReport.of_json(said).as_text()}, run {said['run_id']}, {said['at']}"
                for said in enriched["services"]
            )
        lines.append(
            f"{figures['articles']} articles, {figures['vanished']} vanished, {figures['retracted']} retracted, "
            f"{figures['untagged']} untagged, {figures['backlog']} waiting to be fetched"
        )
        lines.extend(figures["advice"])
        if waiting := figures["to_review"]:
            lines.append(f"{len(waiting)} decisions on texts that have changed since; decide again, the first ones:")
            lines.extend(f"  {words}" for words in waiting[:_SHOWN])
        return "\n".join(lines)


def health(
    store: Store,
    running: Mapping[str, object] | None,
    overdue: timedelta = OVERDUE,
    advice: Sequence[str] = (),
    searches: Sequence[str] = (),
) -> Health:
    """Judges the store by its file and its ledger; `running` is who holds the lock, if anybody does.

    `advice` are lines about settings that are not as they should be, which turn nothing red; `searches` are faults of
    the file of saved searches, which do, as do digests and mails that failed.
    """
    ledger = Ledger(store)
    nights = ledger.runs("nightly", 1)
    harvests = ledger.runs("harvest", 1)
    figures = {
        "advice": list(advice),
        "last_night": _short(nights),
        "last_harvest": _short(harvests),
        "last_enrich": _last_enrich(ledger),
        "last_done_at": ledger.last_done_at(),
        "running": dict(running) if running else None,
        **ledger.figures(),
        "to_review": [standing.words for standing in to_review(store)],
    }
    reasons = [*_damage(store), *_run_reasons("night", nights, running), *_run_reasons("harvest", harvests, running)]
    reasons.extend(_age_reasons(ledger.last_done_at(), overdue))
    reasons.extend([*searches, *_search_reasons(store)])
    counted = harvests[0]["pubmed_count"] if harvests and harvests[0]["status"] == "done" else None
    if counted not in (None, figures["held_count"]):
        reasons.append(f"the store holds {figures['held_count']}, PubMed counted {counted}")
    return Health(tuple(reasons), figures)


def _search_reasons(store: Store) -> list[str]:
    """Why digests of saved searches were not written, and what of them did not arrive."""
    conn = store.db.conn
    said = [f"saved search {name}: {problem}" for name, problem in search_problems(conn).items()]
    for search, way, recipient, state, attempts, answer in undelivered(conn):
        what = f"the digest for {recipient}" if way == "mail" else f"the file {recipient}"
        end = "given up" if state == "given up" else "tried again next time"
        said.append(f"saved search {search}: {what} was not delivered ({attempts} attempts, {answer}), {end}")
    return said


def _damage(store: Store) -> list[str]:
    (said,) = store.db.execute("PRAGMA quick_check(1)").fetchone()
    return [] if said == "ok" else [f"the store is damaged ({said}); bring a backup back with: ho-tracker restore FILE"]


def _short(runs: list[dict[str, Any]]) -> dict[str, Any] | None:
    columns = ("id", "status", "started_at", "finished_at", "pubmed_count", "held_count", "message")
    return {name: runs[0][name] for name in columns} if runs else None


def _last_enrich(ledger: Ledger) -> dict[str, Any] | None:
    """Returns the last run of `enrich`, and of each service what it asked, got and missed last, and when."""
    run = _short(ledger.runs("enrich", 1))
    return {**run, "services": last_reports(ledger.store)} if run else None


def _run_reasons(name: str, runs: list[dict[str, Any]], running: Mapping[str, object] | None) -> list[str]:
    if not runs or runs[0]["status"] == "done":
        return []
    run = runs[0]
    if run["status"] == "running":
        return [] if running else [f"the last {name} (run {run['id']}) was killed; the next one goes on from there"]
    return [f"the last {name} (run {run['id']}) ended as {run['status']}: {run['message'] or 'no reason known'}"]


def _age_reasons(last_done_at: str | None, overdue: timedelta) -> list[str]:
    if last_done_at is None:
        return ["no harvest was ever finished; run: ho-tracker nightly"]
    age = datetime.now(UTC) - datetime.fromisoformat(last_done_at)
    if age <= overdue:
        return []
    hours = round(age.total_seconds() / 3600)
    return [f"the last finished harvest is {hours} hours old; is the timer running? (see docs/nightly.md)"]
