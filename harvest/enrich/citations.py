"""Citation figures and citations from iCite (NIH Open Citation Collection), and the recall check that they allow.

iCite's data move once a month and its answers do not say when. So a quiet night asks once, for what is new and for the
articles with most citations: where one of these has changed, the data have moved, and all are asked again.
"""

from collections.abc import Iterable, Sequence

from db.enriched import CitationRecord
from db.store.services.citations import (
    count_candidates,
    join_citations,
    mark_cited_by_evidence,
    mark_citing_retracted,
    most_cited,
    outside_and_unread,
    save_candidates,
    save_citations,
)
from db.store.services.enrichment import pubmed_articles
from harvest.enrich.step import StepReport, Work
from harvest.enrich.topic_words import topic_words_in
from harvest.enrich.wire.client import Service, ServiceClient, read_json
from harvest.enrich.wire.values import at, day, flag, items, number, pmid, pmids, text, whole
from harvest.eutils.transport import Reply

URL = "https://icite.od.nih.gov/api"
SERVICE = "icite"
#: The service takes 1,000 at once, but they stand in the address, which is best kept below 4,096 characters.
BATCH = 400
#: All is asked anew after so many days even where the probe saw no change.
_REFRESH_DAYS = 31
#: A refresh that broke off goes on where it stopped for so many days; later what it had asked may be old itself.
_RESUME_DAYS = 7
#: An article that iCite does not know is asked about again within so many days of its entry, then only with all others.
_YOUNG_DAYS = 180
#: Requests that one run spends on titles of articles outside the store.
_CANDIDATE_REQUESTS = 3


def service(url: str) -> Service:
    """Returns how iCite is asked; it takes no identity but the program's name in the header."""
    return Service(SERVICE, url, rate=1, setting="HO_TRACKER_ICITE_URL")


def update_citations(work: Work, client: ServiceClient) -> StepReport:
    """Brings citation figures up to date, joins citations inside the store. Raises ServiceError."""
    report = StepReport("citations")
    state = work.state(SERVICE)
    articles = pubmed_articles(work.store)
    fresh = state.never_asked(articles)
    refreshed = state.get("refreshed_at")
    unfinished = state.get("refreshing_since")
    begun = work.at
    try:
        moved = False
        if not (work.full or unfinished or refreshed is None or refreshed < work.ago(_REFRESH_DAYS)):
            young = {p for p, (_, _, entered) in articles.items() if (entered or "9") > work.ago(_YOUNG_DAYS)}
            waiting = sorted(state.unknown() & young, reverse=True)[: BATCH // 2]
            probe = [p for p in most_cited(work.store, BATCH) if p not in waiting][: BATCH - len(waiting)]
            room = BATCH - len(fresh) % BATCH if fresh else BATCH  # what is left in the last batch of new ones
            moved = _ask(work, client, report, [*fresh, *[*waiting, *probe][:room]], new=set(fresh) | set(waiting))
        else:
            moved = True
        if moved:
            resumes = unfinished is not None and unfinished >= work.ago(_RESUME_DAYS) and not work.full
            begun = unfinished if unfinished is not None and resumes else work.at
            with work.store.atomic():
                state.put("refreshing_since", begun)
            stale = state.longest_not_asked(list(articles), begun, len(articles))
            stale = [*state.never_asked(articles), *stale]
            _ask(work, client, report, stale, new=set())
        _look_outside(work, client)
    finally:
        report.requests[SERVICE] = client.requests
    with work.store.atomic():
        if moved:
            state.put("refreshed_at", begun)
            state.put("refreshing_since", None)
        join_citations(work.store)
        report.count({"cites retracted": mark_citing_retracted(work.store, work.run_id, work.at)})
        report.count({"cited": mark_cited_by_evidence(work.store, work.run_id, work.at)})
        misses = count_candidates(work.store)
    report.message = f"{misses} articles outside the query that three of ours cite carry a word of the topic"
    return report


def _ask(work: Work, client: ServiceClient, report: StepReport, wanted: Sequence[int], new: set[int]) -> bool:
    """Asks about articles batch by batch, each kept before the next; returns whether a known one has changed."""
    moved = False
    for start in range(0, len(wanted), BATCH):
        batch = wanted[start : start + BATCH]
        records = ask_icite(client, batch)
        report.asked += len(batch)
        report.got += len(records)
        report.missed += len(batch) - len(records)
        known = {record.pmid for record in records}
        with work.store.atomic():
            old = [record for record in records if record.pmid not in new]
            changed = save_citations(work.store, old, work.at)
            moved = moved or changed > 0
            changed += save_citations(work.store, [r for r in records if r.pmid in new], work.at)
            work.state(SERVICE).mark_asked({pmid: pmid in known for pmid in batch}, work.at)
        report.count({"figures changed": changed})
    return moved


def _look_outside(work: Work, client: ServiceClient) -> None:
    """Reads the titles of articles outside the store that held ones cite; only where this run asked for more anyhow."""
    if client.requests <= 1 and not work.full and work.state(SERVICE).get("refreshed_at"):
        return
    for _ in range(_CANDIDATE_REQUESTS):
        wanted = outside_and_unread(work.store, BATCH)
        if not wanted:
            return
        records = ask_icite(client, wanted)
        with work.store.atomic():
            save_candidates(work.store, wanted, records, lambda title: "; ".join(topic_words_in(title)), work.at)
        if len(wanted) < BATCH:
            return


def ask_icite(client: ServiceClient, wanted: Iterable[int]) -> list[CitationRecord]:
    """Returns what iCite says of articles, at most `BATCH`; those that it does not know are left out."""
    asked = list(wanted)
    if not asked:
        return []
    path = f"pubs?pmids={','.join(map(str, asked))}"
    records = client.ask(path, _read, allowed=(404,))
    chosen = set(asked)
    return list({record.pmid: record for record in records if record.pmid in chosen}.values())


def _read(reply: Reply) -> list[CitationRecord]:
    answer = read_json(reply)
    if reply.status == 404:
        return []
    return [record for entry in items(answer, "data") if (record := read_citation(entry))]


def read_citation(entry: object) -> CitationRecord | None:
    """Returns one entry of iCite, in its form of today or that before July 2025; None where it names no PMID."""
    number_ = pmid(at(entry, "pmid"))
    if number_ is None:
        return None
    clinical = at(entry, "cited_by_clin")
    return CitationRecord(
        pmid=number_,
        citation_count=whole(at(entry, "citation_count")),
        rcr=number(at(entry, "relative_citation_ratio")),
        nih_percentile=number(at(entry, "nih_percentile")),
        citations_per_year=number(at(entry, "citations_per_year")),
        clinical_citations=None if clinical is None else len(pmids(clinical)),
        provisional=flag(at(entry, "provisional")),
        references=tuple(sorted(pmids(at(entry, "references")))),
        cited_by=tuple(sorted(pmids(at(entry, "cited_by")))),
        title=text(at(entry, "title")),
        journal=text(at(entry, "journal")),
        year=whole(at(entry, "year")),
        as_of=_as_of(text(at(entry, "last_modified"))),
    )


def _as_of(modified: str | None) -> str | None:
    """Reads the day of "02/25/2024, 09:52:59" or of an ISO date."""
    if modified and modified[2:3] == "/" and modified[5:6] == "/":
        return f"{modified[6:10]}-{modified[:2]}-{modified[3:5]}"
    return day(modified)
