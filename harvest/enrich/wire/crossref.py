"""Notices from Crossref: the notice's own record says `update-to`, the paper's says `updated-by`; both are read.

A night asks once, for every notice in the world that was deposited since the last time (some hundreds a day), and keeps
those of held articles. The papers themselves are asked about where somebody says more of them than a correction.
"""

from collections.abc import Iterator, Mapping, Sequence
from datetime import date, timedelta
from typing import Any

from db.enriched import REINSTATEMENT, NoticeClaim
from db.topics import topic_query
from harvest.enrich.wire.client import Service, ServiceClient, read_json
from harvest.enrich.wire.values import at, items, text, whole
from harvest.eutils.faults import FaultError
from harvest.eutils.transport import Reply

URL = "https://api.crossref.org"
SERVICE = "crossref"
_ROWS = 1000
_MOST_PAGES = 200
#: DOIs in one question: an address of some 4,000 characters.
DOIS_A_REQUEST = 60
#: A night's question reaches back so many days beyond the last one's.
_OVERLAP = timedelta(days=2)
_KINDS = {
    "retraction": "RetractionIn",
    "removal": "RetractionIn",
    "withdrawal": "RetractionIn",
    "partial_retraction": "PartialRetractionIn",
    "expression_of_concern": "ExpressionOfConcernIn",
    "correction": "ErratumIn",
    "erratum": "ErratumIn",
    "corrigendum": "ErratumIn",
    "addendum": "ErratumIn",
    "clarification": "ErratumIn",
    "new_version": "UpdateIn",
    "new_edition": "UpdateIn",
    "reinstatement": REINSTATEMENT,
}


def service(url: str) -> Service:
    """Returns how Crossref is asked; a `mailto` brings the polite pool."""
    return Service(SERVICE, url, rate=3, identity={"email": "mailto"}, setting="HO_TRACKER_CROSSREF_URL")


def notices_since(client: ServiceClient, day: str | None, by_doi: Mapping[str, int]) -> list[NoticeClaim]:
    """Returns what notices deposited since a day say of held articles; without a day those whose title is on the topic.

    Raises ServiceError.
    """
    if day is None:
        question = {"query.bibliographic": topic_query().outside.notices, "filter": "is-update:true"}
        pages = [client.ask("works", _read_page, {**question, "select": "DOI,update-to", "rows": str(_ROWS)})]
    else:
        first = (date.fromisoformat(day[:10]) - _OVERLAP).isoformat()
        pages = list(_pages(client, {"filter": f"is-update:true,from-update-date:{first}", "select": "DOI,update-to"}))
    works = [work for page in pages for work in items(page, "message", "items")]
    return [claim for work in works for claim in _of_notice(work, by_doi)]


def notices_of(client: ServiceClient, dois: Sequence[str], by_doi: Mapping[str, int]) -> list[NoticeClaim]:
    """Returns what the records of papers say of them; DOIs that Crossref does not know are left out.

    Raises ServiceError.
    """
    found: list[NoticeClaim] = []
    # a comma parts filters, so a DOI that holds one cannot be asked for in a list
    askable = [doi for doi in dois if "," not in doi]
    size = min(DOIS_A_REQUEST, _ROWS)  # so that every paper asked for stands on the one page of the answer
    for start in range(0, len(askable), size):
        chosen = ",".join(f"doi:{doi}" for doi in askable[start : start + size])
        fields = {"filter": chosen, "select": "DOI,updated-by,update-to", "rows": str(_ROWS)}
        page = client.ask("works", _read_page, fields, allowed=(404,))
        for work in items(page, "message", "items"):
            paper = by_doi.get((text(at(work, "DOI")) or "").lower())
            if paper is not None:
                found.extend(filter(None, (_claim(paper, at(u, "DOI"), u) for u in items(work, "updated-by"))))
    return found


def _pages(client: ServiceClient, fields: Mapping[str, str]) -> Iterator[dict[str, Any]]:
    cursor = "*"
    for _ in range(_MOST_PAGES):
        page = client.ask("works", _read_page, {**fields, "rows": str(_ROWS), "cursor": cursor})
        yield page
        following = text(at(page, "message", "next-cursor"))
        if len(items(page, "message", "items")) < _ROWS or not following:
            return
        cursor = following


def _read_page(reply: Reply) -> dict[str, Any]:
    if reply.status == 404:  # in plain text: none of what was asked for is known
        return {}
    page = read_json(reply)
    if page.get("status") != "ok" or at(page, "message", "items") is None:
        raise FaultError("garbage", "the answer holds no list of works", "content")
    return page


def _of_notice(work: Any, by_doi: Mapping[str, int]) -> Iterator[NoticeClaim]:
    for update in items(work, "update-to"):
        paper = by_doi.get((text(at(update, "DOI")) or "").lower())
        if paper is not None and (claim := _claim(paper, at(work, "DOI"), update)):
            yield claim


def _claim(paper: int, notice: Any, update: Any) -> NoticeClaim | None:
    said = (text(at(update, "type")) or "").lower()
    kind, doi = _KINDS.get(said.replace("-", "_").replace(" ", "_")), (text(notice) or "").lower()
    if kind is None or not doi:
        return None
    parts = [whole(part) for part in next(iter(items(update, "updated", "date-parts")), None) or []]
    day = "-".join(f"{part:02d}" for part in parts if part) or None
    through = ", from Retraction Watch" if at(update, "source") == "retraction-watch" else ""
    return NoticeClaim(paper, "crossref", f"{doi} {kind}", kind, day, f"Crossref, doi:{doi}{through}")
