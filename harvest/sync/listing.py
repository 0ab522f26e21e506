"""What PubMed has for the query tonight: every PMID where that can be proved, and what was changed since last time.

A listing is complete when the PMIDs of all answers, taken together, are as many as PubMed counts: then they are the
hits, whatever order and whichever parts they came in.
"""

import logging
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, timedelta

from harvest.eutils.client import Client
from harvest.eutils.replies import Search
from harvest.sync.windows import FIRST_PMID, LAST_PMID, Lister, ListingError, Window

log = logging.getLogger(__name__)

#: Days that the window of changes reaches back behind the last listing: PubMed's indexes lag and its days are Eastern.
OVERLAP = timedelta(days=7)
#: Missed nights up to this many make the next one no dearer.
_SLACK = timedelta(days=3)
#: PMID ranges of what is held are cut to this part of the reach, to leave room for what is new in them.
_FILL = 0.95


@dataclass(frozen=True, slots=True)
class Known:
    """What the store knows before a listing: what it holds, what the last listing saw in its window, and its day.

    `revised` is the last day, up to that one, on which PubMed says that a held record was revised.
    """

    held: frozenset[int]
    listed: frozenset[int]
    last_day: date | None
    revised: date | None = None


@dataclass(frozen=True, slots=True)
class Listing:
    """What PubMed said: `pmids` are the hits (all of them if `complete`), `stale` those to be read again.

    `today` is the day by the clocks. `listed` is what the window of changes held, for the next night; `window_from` is
    its first day, `day` the one on which it ends, as far as that can be believed. `problem` says why the window could
    not be read: then both stay what they were.
    """

    count: int
    pmids: frozenset[int]
    complete: bool
    stale: frozenset[int]
    listed: frozenset[int]
    day: date
    today: date
    window_from: date
    translation: str | None
    warnings: tuple[str, ...]
    problem: str | None = None


def list_pubmed(client: Client, query: str, known_on: Callable[[date], Known], reach: int) -> Listing:
    """Lists the hits of a query and what changed among them; raises ServiceError.

    `known_on` is asked what the store knows, with PubMed's day of the listing.
    """

    def search(term: str, limits: dict[str, str]) -> Search:
        return client.search(term, limits, retmax=reach)

    first = search(query, {})
    today = client.today
    known = known_on(today)
    lister = Lister(search, query, today)
    last_day = known.last_day or today
    page = reach if first.whole else len(set(first.pmids))
    pmids = set(first.pmids)
    complete = _complete(lister, first, pmids, known.held, page)
    window_from = last_day - OVERLAP
    problem = None
    try:
        stale, listed, day = _changed(lister, known, last_day, today)
    except ListingError as error:
        problem, stale, listed, day = str(error), set(), set(known.listed), last_day
    return Listing(
        count=first.count,
        pmids=frozenset(pmids),
        complete=complete,
        stale=frozenset(stale),
        listed=frozenset(listed),
        day=day,
        today=today,
        window_from=window_from,
        translation=first.translation,
        warnings=first.warnings,
        problem=problem,
    )


def _changed(lister: Lister, known: Known, last_day: date, today: date) -> tuple[set[int], set[int], date]:
    """Returns what was changed since the last listing, what the window of changes holds for the next one, and its day.

    Days may lie in the future, where PubMed's clock and ours are both ahead; the dates of PubMed's records do not. So
    what is dated after the newest held revision counts as changed, and after a gap the day is only believed where
    something was changed in the week before it.
    """
    window_from = last_day - OVERLAP
    fresh_from = last_day
    if known.revised and window_from <= known.revised:
        fresh_from = min(last_day, known.revised + timedelta(days=1))
    fresh = lister.collect(Window("mdat", first=fresh_from))
    overlap = lister.collect(Window("mdat", first=window_from, last=fresh_from - timedelta(days=1)))
    if today - window_from <= OVERLAP + _SLACK:
        return fresh | (overlap - known.listed), fresh | overlap, today
    # what was changed long ago may be changed again under a later date
    listed = lister.collect(Window("mdat", first=today - OVERLAP))
    return fresh | (overlap - known.listed), listed, today if listed else last_day


def _complete(lister: Lister, first: Search, pmids: set[int], held: frozenset[int], reach: int) -> bool:
    """Adds to `pmids` until it holds every hit; says whether it does."""
    if len(pmids) == first.count:
        return True
    if len(held | pmids) * 2 > first.count:
        for part in _ranges_of_the_rest(held, pmids, reach):
            pmids.update(lister.ask(part).pmids)
            if len(pmids) == first.count:
                return True
    log.info("PubMed counts %d hits, %d are known: listing all", first.count, len(pmids))
    for part in (Window("crdt"), Window()):
        answer = Search(first.count, first.pmids, None, ())
        try:
            for more in lister.parts(part, answer):
                pmids.update(more)
                if len(pmids) == first.count:
                    return True
        except ListingError as error:
            log.info("%s", error)
    return False


def _ranges_of_the_rest(held: frozenset[int], pmids: set[int], reach: int) -> list[Window]:
    """Returns PMID ranges that hold what is held and was not in the first answer, each within the reach."""
    rest = held - pmids
    if not rest:
        return []
    low, high = min(rest), max(rest)
    between = sorted(pmid for pmid in held if low <= pmid <= high)
    size = max(1, int(reach * _FILL))
    cuts = [between[start] for start in range(0, len(between), size)]
    cuts[0] = FIRST_PMID if low == min(held) else low
    ends = [cut - 1 for cut in cuts[1:]] + [LAST_PMID if high == max(held) else high]
    return [Window(low=start, high=end) for start, end in zip(cuts, ends, strict=True)]
