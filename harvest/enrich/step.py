"""What every service's step is given, and what it reports."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

from db.store.services.enrichment import ServiceState
from db.store.store import Store

STEPS = ("trials", "citations", "full-text", "notices", "preprints")


@dataclass(frozen=True, slots=True)
class Work:
    """What a step works with: the store, the run, the moment that counts as now, and whether all is asked anew."""

    store: Store
    run_id: int
    now: datetime
    full: bool = False
    progress: Callable[[str], None] = lambda _words: None

    @property
    def at(self) -> str:
        """Now in UTC, ISO 8601 to the second."""
        return self.now.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")

    @property
    def today(self) -> str:
        """Today in UTC, ISO 8601."""
        return self.at[:10]

    def ago(self, days: int) -> str:
        """Returns the moment so many days ago, as `at` is written."""
        return (self.now.astimezone(UTC) - timedelta(days=days)).strftime("%Y-%m-%dT%H:%M:%SZ")

    def state(self, service: str) -> ServiceState:
        """Returns where a service stands."""
        return ServiceState(self.store, service)


@dataclass(slots=True)
class StepReport:
    """What a step asked, got and missed: counts of records, requests by service, changes by name, words."""

    name: str
    status: str = "done"
    asked: int = 0
    got: int = 0
    missed: int = 0
    requests: dict[str, int] = field(default_factory=dict)
    changes: dict[str, int] = field(default_factory=dict)
    data_date: str | None = None
    message: str | None = None

    def count(self, changes: Mapping[str, int]) -> None:
        """Adds numbers of changes."""
        for name, number in changes.items():
            if number:
                self.changes[name] = self.changes.get(name, 0) + number

    def as_json(self) -> dict[str, Any]:
        """Returns the report as one JSON object."""
        return {
            "name": self.name,
            "status": self.status,
            "asked": self.asked,
            "got": self.got,
            "missed": self.missed,
            "requests": dict(self.requests),
            "changes": dict(self.changes),
            "data_date": self.data_date,
            "message": self.message,
        }

    @classmethod
    def of_json(cls, said: Mapping[str, Any]) -> "StepReport":
        """Returns the report that `as_json` wrote, whatever else stands beside it."""
        return cls(**{name: said[name] for name in cls.__dataclass_fields__})

    def as_text(self) -> str:
        """Returns the report as one line."""
        sums = f"{self.asked} asked, {self.got} got, {self.missed} missed"
        changes = ", ".join(f"{count} {name}" for name, count in self.changes.items()) or "no changes"
        requests = sum(self.requests.values())
        said = f"; {self.message}" if self.message else ""
        plural = "" if requests == 1 else "s"
        return f"{self.name}: {self.status}, {changes} ({sums}, {requests} request{plural}){said}"


@dataclass(frozen=True, slots=True)
class EnrichReport:
    """The outcome of a run over several services."""

    run_id: int
    status: str
    steps: Sequence[StepReport]
    seconds: float

    @property
    def requests(self) -> int:
        """Requests of all services together."""
        return sum(sum(step.requests.values()) for step in self.steps)

    @property
    def message(self) -> str:
        """The run in one line."""
        return "; ".join(step.as_text() for step in self.steps)

    def as_json(self) -> dict[str, Any]:
        """Returns the report as one JSON object."""
        return {
            "run_id": self.run_id,
            "status": self.status,
            "requests": self.requests,
            "seconds": round(self.seconds, 2),
            "message": self.message,
            "services": [step.as_json() for step in self.steps],
        }

    def as_text(self) -> str:
        """Returns the report as a few lines of words."""
        head = f"{self.status} (run {self.run_id}), {self.requests} requests, {self.seconds:.1f} seconds"
        return "\n".join([head, *(f"  {step.as_text()}" for step in self.steps)])
