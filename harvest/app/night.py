"""One night from start to end: steps under one lock, each of which may fail alone.

The steps are handed in by the command line, which alone knows harvest, tagging and publishing together.
"""

import logging
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from db.errors import TrackerError
from db.store.ledger.ledger import Ledger, Status
from db.store.store import open_store
from harvest.app.lock import locked
from harvest.sync.report import CHANGES, EXIT_CODES
from harvest.version import SOFTWARE

log = logging.getLogger(__name__)

#: From what matters least to what matters most, when steps end differently.
_SEVERITY: tuple[Status, ...] = ("done", "partial", "stopped", "postponed", "failed")
_STATUS_OF_EXIT: dict[int, Status] = {0: "done", 2: "partial", 75: "postponed"}


@dataclass(frozen=True, slots=True)
class StepResult:
    """How a step ended, in words, and what it reports as JSON."""

    status: Status
    message: str
    details: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Step:
    """One step of a night: its name, what runs it, and whether there is anything for it to do."""

    name: str
    run: Callable[[], StepResult]
    is_due: Callable[[], bool] = lambda: True


@dataclass(frozen=True, slots=True)
class NightReport:
    """The outcome of a night: each step's result, in order."""

    run_id: int
    status: Status
    steps: Mapping[str, StepResult]
    seconds: float
    held_count: int

    @property
    def exit_code(self) -> int:
        """The exit code that goes with the status."""
        return EXIT_CODES[self.status]

    def as_json(self) -> dict[str, Any]:
        """Returns the report as one JSON object, with the harvest's figures at the top."""
        figures = {"pubmed_count": None, "held_count": self.held_count, **dict.fromkeys((*CHANGES, "requests"), 0)}
        if "harvest" in self.steps:
            figures.update(self.steps["harvest"].details)
        steps = [
            {"name": name, **result.details, "status": result.status, "message": result.message}
            for name, result in self.steps.items()
        ]
        own = {"run_id": self.run_id, "status": self.status, "seconds": round(self.seconds, 2), "steps": steps}
        return {**figures, **own, "message": self.message}

    @property
    def message(self) -> str:
        """The night in one line."""
        return "; ".join(f"{name}: {result.status} ({result.message})" for name, result in self.steps.items())

    def as_text(self) -> str:
        """Returns the report as a few lines of words."""
        lines = [f"night {self.run_id}: {self.status} after {self.seconds:.0f} seconds"]
        lines.extend(f"  {name}: {result.status}, {result.message}" for name, result in self.steps.items())
        return "\n".join(lines)


def run_night(db: Path, steps: Sequence[Step]) -> NightReport:
    """Runs the steps one after another under the store's lock and writes the night into the ledger.

    A step that fails is reported and the next ones run. Raises LockedError where another ho-tracker is at work, and
    what ends the process (Ctrl-C).
    """
    with locked(db, "nightly"):
        began = time.monotonic()
        with open_store(db) as store:
            run_id = Ledger(store).begin("nightly", SOFTWARE)
        results: dict[str, StepResult] = {}
        try:
            with _named_in_log(run_id):
                for step in steps:
                    if result := _run_step(step):
                        results[step.name] = result
        except BaseException as error:
            with open_store(db) as store:
                Ledger(store).finish_broken(run_id, error, 0, time.monotonic() - began)
            raise
        status = _SEVERITY[max((_SEVERITY.index(result.status) for result in results.values()), default=0)]
        with open_store(db) as store:
            ledger = Ledger(store)
            report = NightReport(run_id, status, results, time.monotonic() - began, ledger.held_count())
            ledger.finish(run_id, status, report.message, int(report.as_json()["requests"]), report.seconds)
        return report


def _run_step(step: Step) -> StepResult | None:
    """Runs a step and returns how it ended, None where there was nothing for it to do."""
    try:
        if not step.is_due():
            return None
        log.info("%s begins", step.name)
        result = step.run()
    except TrackerError as error:
        result = StepResult(_STATUS_OF_EXIT.get(error.exit_code, "failed"), " ".join(str(error).split()))
    except OSError as error:
        words = f"{error.filename or 'input/output'}: {error.strerror or error}; correct it and try again"
        result = StepResult("failed", words)
    except Exception as error:  # a step fails alone, whatever it is
        log.exception("%s failed", step.name)
        result = StepResult("failed", f"an error in the program ({type(error).__name__}: {error})")
    log.log(
        logging.INFO if result.status == "done" else logging.ERROR,
        "%s: %s, %s",
        step.name,
        result.status,
        result.message,
    )
    return result


@contextmanager
def _named_in_log(run_id: int) -> Iterator[None]:
    """Puts the night's run id before every line that is logged meanwhile."""

    def name(record: logging.LogRecord) -> bool:
        if not getattr(record, "night", None):
            record.night = run_id
            record.msg = f"[run {run_id}] {record.msg}"
        return True

    handlers = list(logging.getLogger().handlers)
    for handler in handlers:
        handler.addFilter(name)
    try:
        yield
    finally:
        for handler in handlers:
            handler.removeFilter(name)
