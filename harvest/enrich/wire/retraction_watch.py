"""The Retraction Watch file (Crossref): one CSV of all retractions, corrections, concerns and reinstatements."""

import csv
import io
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from db.enriched import REINSTATEMENT, NoticeClaim
from harvest.enrich.wire.client import Service, ServiceClient, read_text
from harvest.enrich.wire.values import pmid
from harvest.eutils.faults import FaultError
from harvest.eutils.transport import Limits, Reply

URL = "https://gitlab.com/crossref/retraction-watch-data/-/raw/main/retraction_watch.csv"
SERVICE = "retraction watch"
#: The file is some 60 MiB and comes slowly at times.
LIMITS = Limits(request=300.0, call=600.0, outage=600.0, reply_bytes=1 << 28)
_COLUMNS = ("Record ID", "RetractionNature", "OriginalPaperPubMedID", "OriginalPaperDOI", "RetractionDate")
_KINDS = {
    "retraction": "RetractionIn",
    "correction": "ErratumIn",
    "expression of concern": "ExpressionOfConcernIn",
    "reinstatement": REINSTATEMENT,
}
#: A file that lost more than this share of its rows from one day to the next is taken to be cut off.
_MOST_LOST = 0.05


@dataclass(frozen=True, slots=True)
class RetractionFile:
    """The file as it came: its rows about held articles, how many rows it has in all, and its mark (ETag)."""

    claims: tuple[NoticeClaim, ...]
    rows: int
    etag: str | None


def service(url: str) -> Service:
    """Returns how the file is asked for; no identity goes with it."""
    return Service(SERVICE, url, rate=1, setting="HO_TRACKER_RETRACTION_WATCH_URL")


def read_file(
    client: ServiceClient, etag: str | None, rows_before: int, held: set[int], by_doi: Mapping[str, int]
) -> RetractionFile | None:
    """Returns the file, None where it is the one whose mark was `etag`.

    `held` are the PMIDs and `by_doi` the DOIs in small letters of held articles. Raises ServiceError.
    """

    def read(reply: Reply) -> RetractionFile | None:
        if reply.status == 304:
            return None
        claims, rows = _read_rows(read_text(reply).removeprefix("\ufeff"), held, by_doi)
        if rows < rows_before * (1 - _MOST_LOST):
            words = f"the file has {rows} rows where it had {rows_before}; it seems to be cut off"
            raise FaultError("broken-off body", words, "content")
        return RetractionFile(tuple(claims), rows, reply.headers.get("ETag"))

    return client.ask("", read, headers={"If-None-Match": etag} if etag else None, allowed=(304,))


def _read_rows(content: str, held: set[int], by_doi: Mapping[str, int]) -> tuple[list[NoticeClaim], int]:
    csv.field_size_limit(1 << 24)
    reader = csv.DictReader(io.StringIO(content, newline=""), strict=True)
    claims: list[NoticeClaim] = []
    rows = 0
    try:
        missing = [name for name in _COLUMNS if name not in (reader.fieldnames or ())]
        if missing:
            raise FaultError("garbage", f"the file has no column {missing[0]!r}; its form has changed", "content")
        for row in reader:
            rows += 1
            claims.extend(_claims(row, held, by_doi))
    except csv.Error as error:
        raise FaultError("broken-off body", f"the file is no whole CSV ({error})", "content") from None
    return claims, rows


def _claims(row: Mapping[str, str | None], held: set[int], by_doi: Mapping[str, int]) -> Iterator[NoticeClaim]:
    kind = _KINDS.get((row.get("RetractionNature") or "").strip().lower())
    paper = pmid(row.get("OriginalPaperPubMedID"))
    if paper not in held:
        paper = by_doi.get((row.get("OriginalPaperDOI") or "").strip().lower())
    record = (row.get("Record ID") or "").strip()
    if kind is None or paper is None or not record:
        return
    doi = (row.get("RetractionDOI") or "").strip()
    named = f", doi:{doi}" if doi.startswith("10.") else ""
    reasons = "; ".join(reason.strip(" +") for reason in (row.get("Reason") or "").split(";") if reason.strip(" +"))
    yield NoticeClaim(
        paper,
        "retraction watch",
        record,
        kind,
        _day(row.get("RetractionDate")),
        f"Retraction Watch record {record}{named}",
        pmid(row.get("RetractionPubMedID")),
        reasons or None,
    )


def _day(written: str | None) -> str | None:
    """Reads "5/20/2010 0:00", month first."""
    parts = (written or "").split(" ")[0].split("/")
    if len(parts) != 3 or not all(part.isdigit() for part in parts):
        return None
    month, day, year = map(int, parts)
    return f"{year:04d}-{month:02d}-{day:02d}" if 1 <= month <= 12 and 1 <= day <= 31 and year > 1000 else None
