"""Reads answers of E-utilities, and tells every kind of answer that is none from those that are."""

import json
import re
from collections.abc import Callable
from dataclasses import dataclass
from io import BytesIO
from typing import Any

from Bio import Entrez

from harvest.eutils.faults import FaultError, Side
from harvest.eutils.transport import Reply

_ROOT = "eSearchResult"
_DTD = "https://eutils.ncbi.nlm.nih.gov/eutils/dtd/20060628/esearch.dtd"
#: An answer names an error or two; more are not read.
_MOST_ERRORS = 5
_PROLOGUE = re.compile(
    rb"^(?:\xef\xbb\xbf)?\s*(?:<\?xml[^>]*\?>\s*)?(?:<!--.*?-->\s*)*(?:<!DOCTYPE[^>\[]*>\s*)?", re.DOTALL
)
_SPACE = re.compile(r"\s+")
#: What an error says when none of the ids is known.
_NO_IDS = "id list is empty"


@dataclass(frozen=True, slots=True)
class Search:
    """What ESearch said: all hits, the PMIDs that came with the answer, the query as PubMed read it, warnings."""

    count: int
    pmids: tuple[int, ...]
    translation: str | None
    warnings: tuple[str, ...]

    @property
    def whole(self) -> bool:
        """Whether every hit that is counted came."""
        return len(set(self.pmids)) >= self.count


class ShortPageError(FaultError):
    """A search whose answer brings fewer ids than it may, and says so: chance, or as many as the service gives."""

    def __init__(self, words: str, search: Search) -> None:
        super().__init__("fewer ids", words, "content")
        self.search = search


def check_reply(reply: Reply) -> None:
    """Raises FaultError for every answer that is not XML of the status 200."""
    text = reply.body[:4096].lstrip()
    if reply.status == 429 or (text.startswith(b"{") and b"rate limit" in text):
        raise FaultError(
            "rate limit", "the service says that requests come too fast (429)", retry_after=reply.retry_after
        )
    if reply.status != 200:
        raise _status_fault(reply)
    if not text:
        raise FaultError("empty reply", "the answer was empty", "content")
    if text[:1] in b"{[":
        raise FaultError("JSON error", f"JSON instead of XML: {_json_error(reply)}", "content")
    lowered = text.lower()
    if lowered.startswith((b"<!doctype html", b"<html")) or b"<html" in lowered[:1024]:
        raise FaultError("HTML page", "an HTML page instead of XML (maintenance?)", "service")
    if not text.startswith((b"<", b"\xef\xbb\xbf<")):
        raise FaultError("garbage", f"no XML ({_content_type(reply)})", "content")
    if b"<!ENTITY" in text:
        raise FaultError("unsafe XML", "the answer declares entities, which PubMed's never does", "content")


def read_search(reply: Reply, retmax: int) -> Search:
    """Reads ESearch; raises FaultError where the answer does not hold what it promises for `retmax` ids.

    An answer with fewer ids than that which itself says how few came (RetMax) is a ShortPageError.
    """
    check_reply(reply)
    result = _read(reply)
    try:
        count = int(result["Count"])
        pmids = tuple(int(pmid) for pmid in result.get("IdList", []))
    except (KeyError, TypeError, ValueError):
        raise FaultError("garbage", "the search result has no readable count or ids", "content") from None
    if count < 0 or any(pmid <= 0 for pmid in pmids):
        raise FaultError("garbage", "the search result has a count or an id that cannot be", "content")
    translation = result.get("QueryTranslation")
    search = Search(
        count,
        pmids,
        reply.redact(str(translation)) if translation else None,
        tuple(shown(reply.redact(warning)) for warning in _warnings(result)),
    )
    if len(set(pmids)) != min(count, retmax):
        words = f"the search counts {count} hits, but gave {len(set(pmids))} of {min(count, retmax)} ids"
        if 0 < len(set(pmids)) < min(count, retmax) and str(result.get("RetMax")) == str(len(pmids)):
            raise ShortPageError(words, search)
        raise FaultError("fewer ids" if pmids else "empty set", words, "content")
    return search


def _warnings(result: Any) -> list[str]:
    said: list[str] = []
    for group in ("ErrorList", "WarningList"):
        for name, values in (result.get(group) or {}).items():
            said.extend(f"{name}: {value}" for value in values)
    return said


def _read(reply: Reply) -> Any:
    """Reads ESearch's answer with Biopython, against the DTD it ships, whatever DTD the answer names."""
    content = reply.body[_PROLOGUE.match(reply.body).end() :]  # type: ignore[union-attr]
    if errors := errors_in(content):
        raise error_fault(errors, reply.redact)
    if not content.startswith(b"<" + _ROOT.encode()):
        if not content.rstrip().endswith(b">"):
            raise FaultError("broken-off body", "the answer broke off in the middle", "content")
        beginning = reply.redact(content.decode("utf-8", "replace")[:200])[:40]
        raise FaultError("wrong XML", f"XML of another kind, which begins {beginning!r}", "content")
    head = f'<?xml version="1.0" encoding="UTF-8"?><!DOCTYPE {_ROOT} PUBLIC "" "{_DTD}">'
    try:
        return Entrez.read(BytesIO(head.encode() + content), validate=False)
    except Exception as error:  # Biopython lets expat's and its own errors through, several of them bare
        kind = "broken-off body" if not content.rstrip().endswith(f"</{_ROOT}>".encode()) else "garbage"
        raise FaultError(kind, f"the answer is no whole XML ({type(error).__name__})", "content") from None


def errors_in(content: bytes) -> str:
    """Returns the text of the first ERROR elements of an answer, empty where there is none; linear in its size."""
    found: list[bytes] = []
    place = 0
    while len(found) < _MOST_ERRORS and (start := content.find(b"<ERROR", place)) >= 0:
        begin = content.find(b">", start) + 1
        end = content.find(b"</ERROR>", begin) if begin else -1
        if end < 0:
            break
        found.append(content[begin:end])
        place = end
    return b" ".join(found).decode("utf-8", "replace")


def error_fault(text: str, redact: Callable[[str], str]) -> FaultError:
    """Names an ERROR inside XML by what it says, without the caller's secrets."""
    text = shown(redact(text))
    if _NO_IDS in text.lower():
        return FaultError("empty set", f"none of the ids is known: {text}", "content")
    return FaultError("ERROR in XML", f"the service answered with an error: {text}", "content")


def _status_fault(reply: Reply) -> FaultError:
    status = reply.status
    if errors := errors_in(reply.body):
        fault = error_fault(errors, reply.redact)
        return FaultError(fault.kind, f"{fault.words} (HTTP {status})", fault.side, reply.retry_after)
    if reply.body.lstrip().startswith(b"{") and "api key" in (said := _json_error(reply)).lower():
        return FaultError("wrong API key", f"the service says: {said}; check NCBI_API_KEY", "refused")
    if status >= 500 or status in (400, 408, 425):
        return FaultError(f"HTTP {status}", f"HTTP {status}", "service", reply.retry_after)
    if 300 <= status < 400:
        return FaultError(
            f"HTTP {status}", f"HTTP {status}: it sends us elsewhere; check HO_TRACKER_EUTILS_URL", "refused"
        )
    if status == 413:
        return FaultError("HTTP 413", "HTTP 413: the request is too large", "too large")
    hint = {404: "; check HO_TRACKER_EUTILS_URL", 403: "; NCBI may have blocked this address"}.get(status, "")
    side: Side = "service" if status == 403 else "refused"
    return FaultError(f"HTTP {status}", f"HTTP {status}{hint}", side, reply.retry_after)


def _json_error(reply: Reply) -> str:
    try:
        value = json.loads(reply.body, strict=False)
    except (ValueError, RecursionError):
        return "cut off"
    while isinstance(value, dict):
        found = value.get("error") or value.get("ERROR") or value.get("esearchresult")
        if found is None:
            return "no records"
        value = found
    return shown(reply.redact(str(value)))


def _content_type(reply: Reply) -> str:
    return f"Content-Type {shown(reply.redact(reply.content_type))}" if reply.content_type else "no Content-Type"


def shown(text: str) -> str:
    """Returns a text from outside as one short line; secrets are taken out before, as a cut could leave half of one."""
    text = _SPACE.sub(" ", text).strip()
    return text if len(text) <= 160 else f"{text[:157]}..."
