"""Notices from Crossref and Retraction Watch beside PubMed's own, each with who said it and when first."""

from db.store.services.citations import mark_citing_retracted
from db.store.services.enrichment import pubmed_articles
from db.store.services.said_notices import articles_by_doi, dois_under_suspicion, place_notices, save_claims
from harvest.enrich.step import StepReport, Work
from harvest.enrich.wire import crossref, retraction_watch
from harvest.enrich.wire.client import ServiceClient
from harvest.eutils.faults import ServiceError


def update_notices(work: Work, file: ServiceClient, works: ServiceClient) -> StepReport:
    """Brings the notices of both services up to date; one that fails leaves the other to work."""
    report = StepReport("notices")
    failures: list[str] = []
    suspected = dois_under_suspicion(work.store)
    for client, ask in ((file, _ask_retraction_watch), (works, _ask_crossref)):
        try:
            ask(work, client, report)
        except ServiceError as error:
            failures.append(str(error))
        report.requests[client.service.name] = client.requests
        with work.store.atomic():
            report.count(place_notices(work.store, work.run_id, work.at))
            report.count({"cites retracted": mark_citing_retracted(work.store, work.run_id, work.at)})
    try:
        _ask_about_papers(work, works, report, suspected)
    except ServiceError as error:
        failures.append(str(error))
    report.requests[works.service.name] = works.requests
    with work.store.atomic():
        report.count(place_notices(work.store, work.run_id, work.at))
        report.count({"cites retracted": mark_citing_retracted(work.store, work.run_id, work.at)})
    if failures:
        report.status = "postponed" if len(set(failures)) > 1 else "partial"
        report.message = "; ".join(dict.fromkeys(failures))
    return report


def _ask_retraction_watch(work: Work, client: ServiceClient, report: StepReport) -> None:
    """Reads the file where it has changed, or where articles have come that it was not read for."""
    state = work.state(retraction_watch.SERVICE)
    held = set(pubmed_articles(work.store))
    fresh = state.never_asked(held)
    etag = None if fresh or work.full else state.get("etag")
    report.asked += 1
    rows = int(state.get("rows") or 0)
    found = retraction_watch.read_file(client, etag, rows, held, articles_by_doi(work.store))
    if found is None:
        return
    report.got += len(found.claims)
    with work.store.atomic():
        new = save_claims(work.store, retraction_watch.SERVICE, found.claims, work.at, None)
        report.count({"notices": new})
        state.mark_asked(dict.fromkeys(held, True), work.at)
        state.put("etag", found.etag)
        state.put("rows", str(found.rows))


def _ask_crossref(work: Work, client: ServiceClient, report: StepReport) -> None:
    state = work.state(crossref.SERVICE)
    report.asked += 1
    claims = crossref.notices_since(client, None if work.full else state.get("since"), articles_by_doi(work.store))
    report.got += len(claims)
    with work.store.atomic():
        report.count({"notices": save_claims(work.store, crossref.SERVICE, claims, work.at, set())})
        state.put("since", work.today)


def _ask_about_papers(work: Work, client: ServiceClient, report: StepReport, suspected: list[str]) -> None:
    """Asks about the papers of which somebody says more than a correction, where their list has changed.

    And about articles that came since the last run: their notices may be older than what a night asks for.
    """
    state = work.state(crossref.SERVICE)
    by_doi = articles_by_doi(work.store)
    dois = {pmid: doi for doi, pmid in by_doi.items()}
    fresh = state.never_asked(dois) if state.get("papers") is not None else []
    now = sorted(by_doi) if work.full else dois_under_suspicion(work.store)
    known = set((state.get("papers") or "").split())
    asked = now if work.full or set(now) != set(suspected) or state.get("papers") is None else sorted(set(now) - known)
    asked = sorted({*asked, *(dois[pmid] for pmid in fresh)})
    claims = crossref.notices_of(client, asked, by_doi)
    report.asked += len(asked)
    report.got += len(claims)
    with work.store.atomic():
        report.count({"notices": save_claims(work.store, crossref.SERVICE, claims, work.at, set())})
        state.mark_asked(dict.fromkeys(dois, True), work.at)
        state.put("papers", " ".join(dois_under_suspicion(work.store)))
