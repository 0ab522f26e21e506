"""What PubMed has for the query tonight: every PMID where that can be proved, and what was changed since last time.

A listing is complete when the PMIDs of all answers, taken together, are as many as PubMed counts: then they are the
hits, whatever order and whichever parts they came in.
"""

import logging
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta

from db.store.ledger import LastListing
from harvest.eutils.client import Client
from harvest.eutils.replies import Search
from harvest.sync.windows import FIRST_PMID, LAST_PMID, Lister, Slice

log = logging.getLogger(__name__)

#: Days that the window of changes reaches back behind the last listing: PubMed's indexes lag and its days are Eastern.
OVERLAP = timedelta(days=7)
#: Missed nights up to this many make the next one no dearer.
_SLACK = timedelta(days=3)
#: A sweep is done at least this often.
SWEEP_EVERY = timedelta(days=28)
#: PMID ranges of what is held are cut to this part of the reach, to leave room for what is new in them.
_FILL = 0.95
#: So many ranges more than the first answer may be asked for every night to prove that the store is complete.
_NIGHTLY_RANGES = 3


@dataclass(frozen=True, slots=True)
class Known:
    """What the store knows before a listing."""

    held: frozenset[int]
    listed: frozenset[int]
    last: LastListing
    sweep: bool


@dataclass(frozen=True, slots=True)
class Listing:
    """What PubMed said: `pmids` are the hits (all of them if `complete`), `stale` those to be read again.

    `listed` is what the window of changes held, for the next night; `window_from` is its first day.
    """

    count: int
    pmids: frozenset[int]
    complete: bool
    stale: frozenset[int]
    listed: frozenset[int]
    day: date
    window_from: date
    swept: bool
    translation: str | None
    warnings: tuple[str, ...]


def list_pubmed(client: Client, query: str, known: Known, reach: int) -> Listing:
    """Lists the hits of a query and what changed among them; raises ServiceError, ListingError."""

    def search(term: str, limits: dict[str, str]) -> Search:
        return client.search(term, limits, retmax=reach)

    first = search(query, {})
    today = client.today
    lister = Lister(search, query, today)
    sweep = known.sweep or _sweep_is_due(known.last, today)
    pmids = set(first.pmids)
    last_day = min(date.fromisoformat(known.last.day), today) if known.last.day else today
    page = reach if first.whole else len(set(first.pmids))
    complete = _complete(lister, first, pmids, known.held, sweep, page, last_day)
    since = last_day
    if sweep and known.last.sweep_day:
        since = min(since, date.fromisoformat(known.last.sweep_day))
    window_from = since - OVERLAP
    fresh = lister.collect(Slice("mdat", first=last_day))
    overlap = lister.collect(Slice("mdat", first=window_from, last=last_day - timedelta(days=1)))
    listed = fresh | overlap
    if today - window_from > OVERLAP + _SLACK:  # what was changed long ago may be changed again under a later date
        listed = lister.collect(Slice("mdat", first=today - OVERLAP))
    return Listing(
        count=first.count,
        pmids=frozenset(pmids),
        complete=complete,
        stale=frozenset(fresh | (overlap if sweep else overlap - known.listed)),
        listed=frozenset(listed),
        day=today,
        window_from=window_from,
        swept=complete and sweep,
        translation=first.translation,
        warnings=first.warnings,
    )


def _sweep_is_due(last: LastListing, today: date) -> bool:
    return not last.sweep_day or today - date.fromisoformat(last.sweep_day) >= SWEEP_EVERY


def _complete(
    lister: Lister, first: Search, pmids: set[int], held: frozenset[int], sweep: bool, reach: int, last_day: date
) -> bool:
    """Adds to `pmids` until it holds every hit, or enough to know that it and what is held do; says which."""
    if len(pmids) == first.count:
        return True
    ranges = _ranges_of_the_rest(held, pmids, reach)
    by_ranges = len(held | pmids) * 2 > first.count and (sweep or len(ranges) <= _NIGHTLY_RANGES)
    if by_ranges:
        for part in ranges:
            pmids.update(lister.ask(part).pmids)
            if len(pmids) == first.count:
                return True
    elif not sweep:
        for part in _windows(last_day - OVERLAP):
            pmids |= lister.collect(part)
        if len(held | pmids) == first.count:
            return False
    log.info("PubMed counts %d hits, the store would have %d: listing all", first.count, len(held | pmids))
    for part in (Slice("crdt"), Slice()):
        answer = Search(first.count, first.pmids, None, ())
        for more in lister.parts(part, answer):
            pmids.update(more)
            if len(pmids) == first.count:
                return True
    return False


def _windows(since: date) -> Iterator[Slice]:
    """Yields the two windows in which new records stand: by creation date, and by entry date."""
    yield Slice("crdt", first=since)
    yield Slice("edat", first=since)


def _ranges_of_the_rest(held: frozenset[int], pmids: set[int], reach: int) -> list[Slice]:
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
    return [Slice(low=start, high=end) for start, end in zip(cuts, ends, strict=True)]
