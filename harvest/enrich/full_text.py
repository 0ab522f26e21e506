"""Ways to the free full text: Europe PMC, PMC's ID converter, and Unpaywall where an e-mail is set.

Europe PMC is asked once about every article and again when a month has passed; the converter about articles without a
number in PMC, oldest answer first, by one request a night; Unpaywall, one DOI a request, about those that have no link.
"""

from collections.abc import Callable, Iterable, Mapping
from typing import Any
from urllib.parse import quote

from db.enriched import FullTextAnswer
from db.store.services.enrichment import pubmed_articles
from db.store.services.full_text import choose_links, save_full_text, without_link
from harvest.enrich.step import StepReport, Work
from harvest.enrich.wire import europe_pmc
from harvest.enrich.wire.client import Service, ServiceClient, read_json
from harvest.enrich.wire.values import at, day, flag, items, pmid, text
from harvest.eutils.faults import ServiceError
from harvest.eutils.transport import Reply

CONVERTER_URL = "https://pmc.ncbi.nlm.nih.gov/tools/idconv/api/v1/articles/"
UNPAYWALL_URL = "https://api.unpaywall.org/v2"
CONVERTER, UNPAYWALL = "id converter", "unpaywall"
_SEARCH_BATCH, _CONVERTER_BATCH = 500, 200
#: Europe PMC is asked again about an article after so many days, Unpaywall after thrice as many.
_REFRESH_DAYS = 30
#: Articles younger than this get a PMC number late, when an author's manuscript is released.
_YOUNG_DAYS = 730
#: Requests that one ordinary run spends: on the converter at first, on Unpaywall at first, and on later nights.
_FIRST_CONVERTER, _FIRST_UNPAYWALL, _NIGHT = 10, 10, 1
#: How Europe PMC marks a free text.
_FREE = frozenset({"OA", "F"})


def converter_service(url: str) -> Service:
    """Returns how PMC's ID converter is asked."""
    identity = {"email": "email", "tool": "tool"}
    return Service(CONVERTER, url, rate=3, identity=identity, setting="HO_TRACKER_IDCONV_URL")


def unpaywall_service(url: str) -> Service:
    """Returns how Unpaywall is asked; it needs an e-mail."""
    return Service(UNPAYWALL, url, rate=5, identity={"email": "email"}, setting="HO_TRACKER_UNPAYWALL_URL")


def update_full_text(
    work: Work, search: ServiceClient, converter: ServiceClient, unpaywall: ServiceClient | None
) -> StepReport:
    """Brings the links to free full texts up to date; a service that fails leaves the others to work.

    Raises ServiceError where every service failed, or the last fault where some did after what came was kept.
    """
    report = StepReport("full-text")
    asks: list[tuple[ServiceClient, Callable[[Work, ServiceClient, StepReport], None]]] = [
        (search, _ask_europe_pmc),
        (converter, _ask_converter),
    ]
    if unpaywall is not None:
        asks.append((unpaywall, _ask_unpaywall))
    failures: list[str] = []
    for client, ask in asks:
        try:
            ask(work, client, report)
        except ServiceError as error:
            failures.append(str(error))
        report.requests[client.service.name] = client.requests
        with work.store.atomic():
            linked = choose_links(work.store, work.today)
    report.message = f"{linked} articles have a free full text"
    if failures:
        report.status = "postponed" if len(failures) == len(asks) else "partial"
        report.message = "; ".join(failures)
    return report


def _keep(
    work: Work, service: str, asked: Iterable[int], answers: Mapping[int, FullTextAnswer], report: StepReport
) -> None:
    wanted = list(asked)
    with work.store.atomic():
        report.got += save_full_text(work.store, answers.values(), work.at)
        work.state(service).mark_asked({number: number in answers for number in wanted}, work.at)
    report.asked += len(wanted)
    report.missed += len(wanted) - len(answers)


def _due(work: Work, service: str, pmids: Iterable[int], days: int) -> list[int]:
    """Returns what a service was never asked about, then what it was asked about too long ago."""
    candidates = list(pmids)
    state = work.state(service)
    before = work.at if work.full else work.ago(days)
    return [*state.never_asked(candidates), *state.longest_not_asked(candidates, before, len(candidates))]


def _ask_europe_pmc(work: Work, client: ServiceClient, report: StepReport) -> None:
    due = _due(work, europe_pmc.SERVICE, pubmed_articles(work.store), _REFRESH_DAYS)
    for start in range(0, len(due), _SEARCH_BATCH):
        batch = due[start : start + _SEARCH_BATCH]
        ids = " OR ".join(f"EXT_ID:{number}" for number in batch)  # unquoted: quoted ones match nothing with SRC
        entries = europe_pmc.search(client, f"({ids}) AND SRC:MED")
        chosen = set(batch)
        answers = (read_entry(entry) for entry in entries)
        _keep(work, europe_pmc.SERVICE, batch, {a.pmid: a for a in answers if a and a.pmid in chosen}, report)


def read_entry(entry: Any) -> FullTextAnswer | None:
    """Returns what one entry of Europe PMC says of the full text; None where it names no PMID."""
    number = pmid(at(entry, "pmid")) or (pmid(at(entry, "id")) if at(entry, "source") == "MED" else None)
    if number is None:
        return None
    free = [
        url
        for place in items(entry, "fullTextUrlList", "fullTextUrl")
        if at(place, "availabilityCode") in _FREE and (url := _address(at(place, "url")))
    ]
    in_pmc = flag(at(entry, "inPMC")) or flag(at(entry, "inEPMC"))
    return FullTextAnswer(
        number,
        europe_pmc.SERVICE,
        min(free, default=None),
        text(at(entry, "license")),
        text(at(entry, "pmcid")) if in_pmc else None,
    )


def _ask_converter(work: Work, client: ServiceClient, report: StepReport) -> None:
    first = work.state(CONVERTER).get("begun") is None
    oldest = work.ago(_YOUNG_DAYS)[:10]
    young = [
        number
        for number, (_, pmcid, entered) in pubmed_articles(work.store).items()
        if not pmcid and (entered or "9") > oldest
    ]
    due = _due(work, CONVERTER, young, 7)
    most = len(due) if work.full else (_FIRST_CONVERTER if first else _NIGHT) * _CONVERTER_BATCH
    due = due[:most]
    for start in range(0, len(due), _CONVERTER_BATCH):
        batch = due[start : start + _CONVERTER_BATCH]
        fields = {"ids": ",".join(map(str, batch)), "idtype": "pmid", "format": "json", "versions": "no"}
        entries = client.ask("", lambda reply: items(read_json(reply), "records"), fields)
        chosen = set(batch)
        answers = filter(None, map(read_converted, entries))
        _keep(work, CONVERTER, batch, {a.pmid: a for a in answers if a.pmid in chosen}, report)
    with work.store.atomic():
        work.state(CONVERTER).put("begun", "yes")


def read_converted(record: Any) -> FullTextAnswer | None:
    """Returns what one record of the converter says; a text that is not live yet, of no day, is released never."""
    number = pmid(at(record, "requested-id")) or pmid(at(record, "pmid"))
    pmcid = text(at(record, "pmcid"))
    if number is None or pmcid is None or text(at(record, "status")) == "error":
        return None
    released = day(at(record, "release-date"))
    if released is None and flag(at(record, "live")) is False:
        released = "9999-12-31"
    return FullTextAnswer(number, CONVERTER, None, None, pmcid, released)


def _ask_unpaywall(work: Work, client: ServiceClient, report: StepReport) -> None:
    first = work.state(UNPAYWALL).get("begun") is None
    unlinked = without_link(work.store)
    dois = {n: doi for n, (doi, _, _) in pubmed_articles(work.store).items() if doi and n in unlinked}
    due = _due(work, UNPAYWALL, dois, 3 * _REFRESH_DAYS)
    for number in due[: len(due) if work.full else _FIRST_UNPAYWALL if first else _NIGHT]:
        answer = client.ask(quote(str(dois[number]), safe="/:;()._-"), _unpaywall_reader(number), allowed=(404, 422))
        _keep(work, UNPAYWALL, [number], {number: answer} if answer else {}, report)
    with work.store.atomic():
        work.state(UNPAYWALL).put("begun", "yes")


def _unpaywall_reader(number: int) -> Callable[[Reply], FullTextAnswer | None]:
    def read(reply: Reply) -> FullTextAnswer | None:
        answer = read_json(reply)
        if reply.status != 200:  # an unknown DOI, or one that it does not take: there is nothing
            return None
        best = at(answer, "best_oa_location") if flag(at(answer, "is_oa")) else None
        url = next(
            filter(None, (_address(at(best, name)) for name in ("url_for_pdf", "url", "url_for_landing_page"))), None
        )
        return FullTextAnswer(number, UNPAYWALL, url, text(at(best, "license")))

    return read


def _address(value: Any) -> str | None:
    """Returns an http(s) address; anything else is none that a page may link to."""
    found = text(value)
    return found if found and found.startswith(("https://", "http://")) and " " not in found else None
