"""E-utilities as the harvest uses them: ESearch and EFetch, with identity, limiter, bounded retries.

Answers of ESearch are read with Biopython, records with our own streaming parser. Nothing of the caller's
identity (API key, e-mail) leaves this module but in the body of requests.
"""

import threading
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime
from io import BytesIO
from typing import TypeVar
from urllib.parse import quote_plus
from zoneinfo import ZoneInfo

from db.model import Article, BadRecord
from harvest.eutils.calls import Caller
from harvest.eutils.faults import CallFailedError, FaultError
from harvest.eutils.limiter import RATE_WITH_KEY, RATE_WITHOUT_KEY, SHARED, Limiter
from harvest.eutils.replies import Search, ShortPageError, check_reply, error_fault, read_search, shown
from harvest.eutils.transport import Limits, Reply, Transport
from harvest.pubmed.errors import EFetchReplyError, PubmedInputError, TruncatedInputError
from harvest.pubmed.xml import parse_articles

#: PubMed gives the first 9,999 hits of a search, however many there are.
REACH = 9_999
#: No service gives fewer ids at once than this; what is shorter is a fault.
_SMALLEST_PAGE = 20
TOOL = "ho-tracker"

Value = TypeVar("Value")


@dataclass(frozen=True, slots=True)
class Identity:
    """Who asks; the API key raises the allowed rate."""

    email: str | None = field(default=None, repr=False)
    api_key: str | None = field(default=None, repr=False)

    @property
    def rate(self) -> int:
        """Requests a second that NCBI allows."""
        return RATE_WITH_KEY if self.api_key else RATE_WITHOUT_KEY

    def form(self) -> dict[str, str]:
        """Returns the fields that go with every request."""
        fields = {"tool": TOOL, "email": self.email, "api_key": self.api_key}
        return {name: value for name, value in fields.items() if value}

    def redacted(self, text: str) -> str:
        """Returns a text without the key and the e-mail, whatever the service echoed into it."""
        for name, secret in (("api key", self.api_key), ("e-mail", self.email)):
            for form in (secret, quote_plus(secret)) if secret else ():
                text = text.replace(form, f"[{name}]")
        return text


@dataclass(slots=True)
class Fetched:
    """What EFetch gave for a list of PMIDs: records, unreadable ones, and those that never came."""

    articles: dict[int, Article] = field(default_factory=dict)
    bad: dict[int, str] = field(default_factory=dict)
    missing: tuple[int, ...] = ()


class Client:
    """One process's way to E-utilities; safe to share between threads.

    `limiter` None switches the limiter off, which is for servers on this machine only. `base_url` must end in
    `/entrez/eutils/`.
    """

    def __init__(
        self,
        base_url: str,
        identity: Identity | None = None,
        limits: Limits | None = None,
        limiter: Limiter | None = SHARED,
        connections: int = 16,
    ) -> None:
        self.identity = identity or Identity()
        self.limits = limits or Limits()
        self.requests = 0
        self._base_url = base_url
        self._limiter = limiter
        self._transport = Transport(self.limits, f"{TOOL} (literature tracker)", connections)
        self._caller = Caller(self.limits, limiter)
        self._lock = threading.Lock()
        self._server_time: datetime | None = None
        self._page: int | None = None

    def close(self) -> None:
        """Closes the kept connections."""
        self._transport.close()

    @property
    def today(self) -> date:
        """The day in US Eastern time, in which PubMed dates its records, by the earlier of PubMed's clock and ours."""
        now = datetime.now(UTC)
        if self._server_time is not None:
            now = min(now, self._server_time)
        return now.astimezone(ZoneInfo("America/New_York")).date()

    def search(self, term: str, limits: Mapping[str, str] | None = None, retmax: int = REACH) -> Search:
        """Asks ESearch for the first `retmax` hits of a query; `limits` are date limits.

        A service that gives fewer ids at once than is asked for, and the same number again, has changed its reach:
        what it gave is returned, and that many are expected from then on. Raises CallFailedError, ServiceDownError.
        """
        form = {"db": "pubmed", "term": term, "retmax": str(retmax), "retmode": "xml", **(limits or {})}

        def read(reply: Reply) -> Search:
            try:
                return read_search(reply, retmax)
            except ShortPageError as short:
                came = len(short.search.pmids)
                expected, self._page = self._page, came
                if came == expected and came >= _SMALLEST_PAGE:
                    return short.search
                raise

        return self._call("ESearch", "esearch.fcgi", form, read)

    def fetch(self, pmids: Sequence[int], attempts: int | None = None) -> Fetched:
        """Fetches records by PMID and compares what came with what was asked for.

        What does not come, or cannot be read, is asked for again a few times (`attempts` at most) and then named in
        the result. Raises CallFailedError where nothing at all came, ServiceDownError.
        """
        fetched = Fetched()

        def lost() -> list[int]:
            return [pmid for pmid in pmids if pmid not in fetched.articles]

        def read(reply: Reply) -> Fetched:
            _read_records(reply, fetched, frozenset(pmids))
            if missing := lost():
                kind = "fewer records" if fetched.articles else "empty set"
                words = f"{len(pmids) - len(missing)} of {len(pmids)} records came"
                raise FaultError("poisoned record" if fetched.bad else kind, words, "content")
            return fetched

        def form() -> dict[str, str]:
            return {"db": "pubmed", "retmode": "xml", "id": ",".join(map(str, lost()))}

        try:
            return self._call("EFetch", "efetch.fcgi", form, read, attempts)
        except CallFailedError:
            if not fetched.articles:
                raise
            fetched.missing = tuple(pmid for pmid in lost() if pmid not in fetched.bad)
            return fetched

    def _call(
        self,
        name: str,
        endpoint: str,
        form: Mapping[str, str] | Callable[[], Mapping[str, str]],
        read: Callable[[Reply], Value],
        attempts: int | None = None,
    ) -> Value:
        """Sends until an answer can be read, within the limits; `read` raises FaultError for one that can't."""

        def send(seconds: float) -> Reply:
            return self._send(endpoint, form() if callable(form) else form, seconds)

        return self._caller.call(name, send, read, self.identity.redacted, attempts)

    def _send(self, endpoint: str, fields: Mapping[str, str], seconds: float) -> Reply:
        if self._limiter:
            self._limiter.wait(self.identity.rate)
        with self._lock:
            self.requests += 1
        reply = self._transport.post(self._base_url + endpoint, {**fields, **self.identity.form()}, seconds)
        if reply.moment:
            self._server_time = reply.moment
        return replace(reply, redact=self.identity.redacted)


def _read_records(reply: Reply, fetched: Fetched, wanted: frozenset[int]) -> None:
    """Adds the records of one EFetch answer to what was fetched; raises FaultError where the answer is none."""
    check_reply(reply)
    try:
        for item in parse_articles(BytesIO(reply.body)):
            if isinstance(item, Article) and item.pmid in wanted:
                held = fetched.articles.get(item.pmid)
                if held is None or item.version >= held.version:
                    fetched.articles[item.pmid] = item
                fetched.bad.pop(item.pmid, None)
            elif isinstance(item, BadRecord) and item.pmid in wanted and item.pmid not in fetched.articles:
                fetched.bad[item.pmid] = item.reason
    except TruncatedInputError:
        raise FaultError("broken-off body", "the answer broke off in the middle", "content") from None
    except EFetchReplyError as error:
        raise error_fault(error.text, reply.redact) from None
    except PubmedInputError as error:
        raise FaultError(
            "wrong XML", f"the answer cannot be read: {shown(reply.redact(str(error)))}", "content"
        ) from None
