"""Europe PMC's search: pages by cursor, its errors that come with status 200, one entry where a list is due."""

from collections.abc import Iterator
from typing import Any

from harvest.enrich.wire.client import Service, ServiceClient, read_json
from harvest.enrich.wire.values import at, items, text
from harvest.eutils.faults import FaultError
from harvest.eutils.replies import shown
from harvest.eutils.transport import Reply

URL = "https://www.ebi.ac.uk/europepmc/webservices/rest"
SERVICE = "europe pmc"
_PAGE = 1000
_MOST_PAGES = 100


def service(url: str) -> Service:
    """Returns how Europe PMC is asked; it takes an e-mail."""
    return Service(SERVICE, url, rate=3, identity={"email": "email"}, setting="HO_TRACKER_EUROPEPMC_URL")


def search(client: ServiceClient, query: str) -> list[Any]:
    """Returns every entry (`core`) that a query finds. Raises ServiceError."""
    found: list[Any] = []
    cursor = "*"
    for _ in range(_MOST_PAGES):
        form = {
            "query": query,
            "resultType": "core",
            "format": "json",
            "pageSize": str(_PAGE),
            "cursorMark": cursor,
        }
        page = client.ask("searchPOST", _read, form=form)
        results = list(_results(page))
        found.extend(results)
        following = text(page.get("nextCursorMark"))
        # the echo of our own cursor stands encoded in the answer, the next one raw: only the next one tells the end
        if not results or following is None or following == cursor or len(found) >= int(page["hitCount"]):
            return found
        cursor = following
    return found


def _results(page: dict[str, Any]) -> Iterator[Any]:
    return (entry for entry in items(page, "resultList", "result") if isinstance(entry, dict))


def _read(reply: Reply) -> dict[str, Any]:
    page = read_json(reply)
    if "errMsg" in page:
        said = shown(reply.redact(str(page["errMsg"])))
        raise FaultError("error with status 200", f"the service says: {said}", "content")
    hits = at(page, "hitCount")
    if not isinstance(hits, int) or at(page, "resultList") is None:
        raise FaultError("error with status 200", "the service answers nothing to this question", "content")
    return page
