"""One run over the services beside PubMed: each step fails alone, is written down, and says what it did."""

import json
import logging
import time
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from db.errors import TrackerError
from db.store.ledger.ledger import Ledger, Status
from db.store.services.enrichment import ServiceState
from db.store.services.trial_reports import note_reports
from db.store.store import Store
from harvest.enrich import citations, full_text, notices, preprints, trials
from harvest.enrich.step import STEPS, EnrichReport, StepReport, Work
from harvest.enrich.wire import crossref, europe_pmc, retraction_watch
from harvest.enrich.wire.client import Service, ServiceClient
from harvest.eutils.client import Identity
from harvest.eutils.faults import ServiceError
from harvest.eutils.transport import Limits
from harvest.version import SOFTWARE

log = logging.getLogger(__name__)

_SERVICES: Mapping[str, tuple[str, Callable[[str], Service]]] = {
    "trials": (trials.URL, trials.service),
    "icite": (citations.URL, citations.service),
    "europe_pmc": (europe_pmc.URL, europe_pmc.service),
    "converter": (full_text.CONVERTER_URL, full_text.converter_service),
    "unpaywall": (full_text.UNPAYWALL_URL, full_text.unpaywall_service),
    "crossref": (crossref.URL, crossref.service),
    "retraction_watch": (retraction_watch.URL, retraction_watch.service),
}


@dataclass(frozen=True, slots=True)
class Sources:
    """Where the services are (base addresses by name where another than the usual one), who asks, and how patiently.

    `limits` None means the usual ones; `limited` False switches the limiters off, for servers on this machine.
    """

    addresses: Mapping[str, str] = field(default_factory=dict)
    identity: Identity = field(default_factory=Identity)
    limits: Limits | None = None
    limited: bool = True

    def client(self, name: str) -> ServiceClient:
        """Returns a client of one service."""
        usual, make = _SERVICES[name]
        limits = self.limits or (retraction_watch.LIMITS if name == "retraction_watch" else None)
        return ServiceClient(make(self.addresses.get(name) or usual), self.identity, limits, self.limited)


Run = Callable[[Work, Sources], StepReport]

#: Under which name the state of a step keeps what it said last.
_REPORT = "last report"


def _with(step: Callable[..., StepReport], *names: str) -> Run:
    def run(work: Work, sources: Sources) -> StepReport:
        clients = [sources.client(name) for name in names]
        try:
            return step(work, *clients)
        finally:
            for client in clients:
                client.close()

    return run


def _full_text(work: Work, sources: Sources) -> StepReport:
    # where Europe PMC stands elsewhere the public Unpaywall is left alone
    asks_unpaywall = sources.identity.email and {"unpaywall", "europe_pmc"} & set(sources.addresses) != {"europe_pmc"}
    names = ["europe_pmc", "converter", *(["unpaywall"] if asks_unpaywall else [])]
    step = full_text.update_full_text
    return _with(
        lambda work, *clients: step(work, clients[0], clients[1], clients[2] if clients[2:] else None), *names
    )(work, sources)


_NEEDS: Mapping[str, tuple[str, ...]] = {
    "trials": ("trials",),
    "citations": ("icite",),
    "full-text": ("europe_pmc", "converter"),
    "notices": ("retraction_watch", "crossref"),
    "preprints": ("europe_pmc",),
}
_RUNS: Mapping[str, Run] = {
    "trials": _with(trials.update_trials, *_NEEDS["trials"]),
    "citations": _with(citations.update_citations, *_NEEDS["citations"]),
    "full-text": _full_text,
    "notices": _with(notices.update_notices, *_NEEDS["notices"]),
    "preprints": _with(preprints.update_preprints, *_NEEDS["preprints"]),
}


def steps_within(addresses: Collection[str]) -> tuple[str, ...]:
    """Returns the steps that need no other service than those whose address is given."""
    return tuple(name for name in STEPS if set(_NEEDS[name]) <= set(addresses))


def enrich(
    store: Store,
    sources: Sources,
    now: datetime,
    only: Sequence[str] = STEPS,
    full: bool = False,
    progress: Callable[[str], None] = lambda _words: None,
) -> EnrichReport:
    """Runs the steps in `only`, in their order; whatever one of them meets, the others run.

    `now` is the moment that is written down and from which ages are counted. What ends the process (Ctrl-C) closes the
    run in the ledger; what came before it is kept.
    """
    began = time.monotonic()
    ledger = Ledger(store)
    run_id = ledger.begin("enrich", SOFTWARE)
    work = Work(store, run_id, now, full, progress)
    reports: list[StepReport] = []
    try:
        for name in STEPS:
            if name in only:
                progress(name)
                reports.append(_run_step(name, work, sources))
                _keep(reports[-1], work)
        with store.atomic():  # trials, ties and retractions of all steps are in
            note_reports(store, run_id, work.at)
    except BaseException as error:
        requests = sum(sum(report.requests.values()) for report in reports)
        ledger.finish_broken(run_id, error, requests, time.monotonic() - began)
        raise
    seconds = time.monotonic() - began
    status = _status([report.status for report in reports])
    report = EnrichReport(run_id, status, reports, seconds)
    ledger.finish(run_id, status, report.message, report.requests, seconds)
    return report


def _run_step(name: str, work: Work, sources: Sources) -> StepReport:
    try:
        return _RUNS[name](work, sources)
    except ServiceError as error:
        return StepReport(name, "postponed", message=f"{error}; nothing is lost, the next run goes on")
    except TrackerError as error:
        return StepReport(name, "failed", message=str(error))
    except Exception as error:  # a step fails alone, whatever it is
        log.exception("enrich %s failed", name)
        return StepReport(name, "failed", message=f"an error in the program ({type(error).__name__})")


def _keep(report: StepReport, work: Work) -> None:
    """Writes down what a step said, for `last_reports`."""
    kept = {**report.as_json(), "run_id": work.run_id, "at": work.at}
    with work.store.atomic():
        work.state(report.name).put(_REPORT, json.dumps(kept, ensure_ascii=False))


def last_reports(store: Store) -> list[dict[str, Any]]:
    """Returns what each step said last: its report as JSON with the run and when that was; none for what never ran."""
    texts = (ServiceState(store, name).get(_REPORT) for name in STEPS)
    return [json.loads(text) for text in texts if text]


def _status(statuses: Sequence[str]) -> Status:
    """Returns the status of a run: failed and postponed only where no step got anything done."""
    kinds = set(statuses)
    if kinds <= {"done"}:
        return "done"
    if kinds == {"postponed"}:
        return "postponed"
    return "failed" if kinds == {"failed"} else "partial"
