"""The HTTP side: ESearch and EFetch as the fact sheet describes them, a log of what was asked, faults."""

import contextlib
import json
import re
import time
from collections import deque
from dataclasses import dataclass
from datetime import date
from urllib.parse import parse_qs, urlsplit
from xml.sax.saxutils import escape

from tests.support.eutils_server.corpus import Corpus, as_set
from tests.support.stand_in import StandIn, StandInHandler

REACH = 9_999
_PATH = "/entrez/eutils/"
_EFETCH_ERROR = (
    '<?xml version="1.0" encoding="UTF-8" ?>\n<!DOCTYPE eEfetchResult PUBLIC "-//NLM//DTD efetch 20131226//EN" '
    '"https://eutils.ncbi.nlm.nih.gov/eutils/dtd/20131226/efetch.dtd">\n<eFetchResult><ERROR>{}</ERROR></eFetchResult>\n'
)


@dataclass(frozen=True, slots=True)
class Asked:
    """One request as the server saw it."""

    endpoint: str
    form: dict[str, str]
    method: str
    at: float
    url: str

    @property
    def pmids(self) -> list[int]:
        """The PMIDs of an `id` list."""
        return [int(pmid) for pmid in self.form.get("id", "").split(",") if pmid.isdigit()]


class EutilsServer(StandIn[Asked]):
    """Serves a corpus on a port of its own while the `with` block runs."""

    def __init__(self, corpus: Corpus, reach: int = REACH, rate: int | None = None, pause: float = 0.0) -> None:
        super().__init__(_Handler)
        self.corpus = corpus
        self.reach = reach
        self.rate = rate
        self.pause = pause
        self.ignores_uid = False
        self.uid_ranges_are_two_ids = False
        self.warnings: tuple[str, ...] = ()
        self._recent: deque[float] = deque()

    @property
    def url(self) -> str:
        """The base address, as the client wants it."""
        return f"{self.root}{_PATH}"

    @property
    def today(self) -> date:
        """PubMed's day."""
        return self.corpus.today

    def budget(self) -> tuple[int, int]:
        """Returns how many requests a second are allowed, and how many were made in the last one, refused or not."""
        return self.rate or 3, len(self._recent)

    def answer(self, asked: Asked) -> tuple[int, bytes]:
        """Returns status and body for a request."""
        with self._lock:
            if self._too_fast():
                body = {
                    "error": "API rate limit exceeded",
                    "api-key": "127.0.0.1",
                    "count": str(len(self._recent)),
                    "limit": str(self.rate),
                }
                return 429, json.dumps(body).encode()
            match asked.endpoint:
                case "esearch":
                    return self._esearch(asked.form)
                case "efetch":
                    return self._efetch(asked.form)
        return 404, b"not found"

    def _too_fast(self) -> bool:
        if self.rate is None:
            return False
        now = time.monotonic()
        while self._recent and self._recent[0] <= now - 1:
            self._recent.popleft()
        self._recent.append(now)
        return len(self._recent) > self.rate

    def _esearch(self, form: dict[str, str]) -> tuple[int, bytes]:
        term = form.get("term", "")
        if not term:
            return 200, _search_error("Empty term and query_key - nothing todo")
        first, last = _day(form.get("mindate"), True), _day(form.get("maxdate"), False)
        limited = first is not None and last is not None
        unknown = ""
        if self.ignores_uid:
            term, ignored = re.subn(r"^\((.*)\) AND \d+:\d+\[uid\]$", r"\1", term, flags=re.DOTALL)
            unknown = "<FieldNotFound>uid</FieldNotFound>" * ignored
        if self.uid_ranges_are_two_ids and (ends := re.search(r"\) AND (\d+):(\d+)\[uid\]$", term)):
            inside = self.corpus.search(term, form.get("datetype", "edat") if limited else None, first, last)
            hits = [pmid for pmid in inside if pmid in map(int, ends.groups())]
            return 200, _search_result(len(hits), 0, hits, term, unknown, [])
        hits = self.corpus.search(term, form.get("datetype", "edat") if limited else None, first, last)
        start, size = int(form.get("retstart", "0")), int(form.get("retmax", "20"))
        if start > self.reach - 1 and len(hits) > self.reach:
            words = f"Search Backend failed: Exception:\n'retstart' cannot be larger than {self.reach - 1}."
            return 200, _search_error(words)
        warnings = list(self.warnings)
        if size > self.reach:
            warnings.append(f"Restrictions achieved: retmax was cut to {self.reach}")
        shown = hits[start : min(start + min(size, self.reach), self.reach)]
        if not limited and not hits:
            unknown += f"<PhraseNotFound>{escape(term)}</PhraseNotFound>"
        return 200, _search_result(len(hits), start, shown, term, unknown, warnings)

    def _efetch(self, form: dict[str, str]) -> tuple[int, bytes]:
        pmids = [int(pmid) for pmid in form.get("id", "").split(",") if pmid.isdigit() and int(pmid)]
        if not pmids:
            return 400, _EFETCH_ERROR.format("ID list is empty! Possibly it has no correct IDs.").encode()
        records = self.corpus.records
        return 200, as_set(records[pmid].as_xml() for pmid in dict.fromkeys(pmids) if pmid in records)


class _Handler(StandInHandler):
    def _answer(self, form: str) -> None:
        owner: EutilsServer = self.server.owner  # type: ignore[assignment]
        endpoint = urlsplit(self.path).path.removeprefix(_PATH).removesuffix(".fcgi")
        fields = {name: values[-1] for name, values in parse_qs(form, keep_blank_values=True).items()}
        asked = Asked(endpoint, fields, self.command, time.monotonic(), self.path)
        if not self.meets(asked):
            return
        fault = owner.fault_for(asked)
        code, body = owner.answer(asked)
        with contextlib.suppress(OSError):
            if fault:
                fault.answer(self, body)
            else:
                self.reply(code, body, "text/xml; charset=UTF-8" if body.startswith(b"<") else "application/json")


def _day(text: str | None, first: bool) -> date | None:
    """Reads YYYY, YYYY/MM or YYYY/MM/DD, as the first or last day that it means."""
    if not text:
        return None
    parts = [int(part) for part in text.split("/")]
    year = parts[0]
    month = parts[1] if len(parts) > 1 else (1 if first else 12)
    if len(parts) > 2:
        return date(year, month, parts[2])
    if first:
        return date(year, month, 1)
    following = date(year + month // 12, month % 12 + 1, 1)
    return date.fromordinal(following.toordinal() - 1)


def _search_result(count: int, start: int, pmids: list[int], term: str, unknown: str, warnings: list[str]) -> bytes:
    ids = "\n".join(f"<Id>{pmid}</Id>" for pmid in pmids)
    said = "".join(f"<OutputMessage>{escape(warning)}</OutputMessage>" for warning in warnings)
    if not count:
        said += "<OutputMessage>No items found.</OutputMessage>"
    listed = f"<ErrorList>{unknown}</ErrorList>" if unknown else ""
    listed += f"<WarningList>{said}</WarningList>" if said else ""
    return (
        '<?xml version="1.0" encoding="UTF-8" ?>\n<!DOCTYPE eSearchResult PUBLIC "-//NLM//DTD esearch 20060628//EN" '
        '"https://eutils.ncbi.nlm.nih.gov/eutils/dtd/20060628/esearch.dtd">\n'
        f"<eSearchResult><Count>{count}</Count><RetMax>{len(pmids)}</RetMax><RetStart>{start}</RetStart>"
        f"<IdList>\n{ids}\n</IdList><TranslationSet/><QueryTranslation>{escape(term)}</QueryTranslation>{listed}"
        "</eSearchResult>\n"
    ).encode()


def _search_error(words: str) -> bytes:
    return (
        '<?xml version="1.0" encoding="UTF-8" ?>\n<!DOCTYPE eSearchResult PUBLIC "-//NLM//DTD esearch 20060628//EN" '
        '"https://eutils.ncbi.nlm.nih.gov/eutils/dtd/20060628/esearch.dtd">\n'
        f"<eSearchResult><ERROR>{escape(words)}</ERROR></eSearchResult>\n"
    ).encode()
