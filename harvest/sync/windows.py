"""Cuts a search that is larger than one answer of PubMed: by date, and by PMID where one day is still too much."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from datetime import date, timedelta
from typing import Literal

from harvest.eutils.faults import ServiceError
from harvest.eutils.replies import Search

DateField = Literal["crdt", "edat", "mdat"]

#: Date limits that leave nothing out; PubMed takes years up to 3000.
FIRST_DAY, LAST_DAY = date(1800, 1, 1), date(3000, 12, 31)
FIRST_PMID, LAST_PMID = 1, 999_999_999
#: PubMed began to number records here; cutting before it would cost requests that find nothing.
_FIRST_RECORD = date(1965, 1, 1)


class ListingError(ServiceError):
    """PubMed's answers to parts of a search do not add up to the whole."""

    exit_code = 2


@dataclass(frozen=True, slots=True)
class Window:
    """A part of a query's hits: between two days by one of the dates, and between two PMIDs."""

    field: DateField | None = None
    first: date = FIRST_DAY
    last: date = LAST_DAY
    low: int = FIRST_PMID
    high: int = LAST_PMID

    def term(self, query: str) -> str:
        """Returns the query with this part's PMID limits."""
        if (self.low, self.high) == (FIRST_PMID, LAST_PMID):
            return query
        return f"({query}) AND {self.low}:{self.high}[uid]"

    def date_limits(self) -> dict[str, str]:
        """Returns the form fields of this part's date limits."""
        if self.field is None:
            return {}
        return {"datetype": self.field, "mindate": f"{self.first:%Y/%m/%d}", "maxdate": f"{self.last:%Y/%m/%d}"}

    def halves_by_date(self, today: date) -> "tuple[Window, Window] | None":
        """Returns the two halves of more than one day; None for a single day or no date limit."""
        if self.field is None or self.first >= self.last:
            return None
        low = max(self.first, min(_FIRST_RECORD, self.last))
        if low < today:
            middle = low + (min(self.last, today) - low) // 2
        else:  # beyond today (a clock is behind) each step is twice as long as the one before
            middle = low + min(low - today, (self.last - low) // 2)
        middle = min(max(middle, self.first), self.last - timedelta(days=1))
        return replace(self, last=middle), replace(self, first=middle + timedelta(days=1))

    def halves_by_pmid(self, highest: int) -> "tuple[Window, Window] | None":
        """Returns the two halves of a PMID range; None where it is one PMID. `highest` is the largest PMID known."""
        if self.low >= self.high:
            return None
        high = min(self.high, max(highest, self.low))
        middle = min(self.low + (high - self.low) // 2, self.high - 1)
        return replace(self, high=middle), replace(self, low=middle + 1)


class Lister:
    """Lists all PMIDs of parts of one query, whatever their number."""

    def __init__(self, search: Callable[[str, dict[str, str]], Search], query: str, today: date) -> None:
        self._search = search
        self._query = query
        self._today = today
        self._highest = FIRST_PMID
        self._heeded: set[str | None] = set()

    def ask(self, part: Window) -> Search:
        """Asks for one part: all its hits are counted, the first ones come with the answer."""
        answer = self._search(part.term(self._query), part.date_limits())
        self._highest = max(self._highest, *answer.pmids, 1)
        return answer

    def parts(self, part: Window, answer: Search | None = None) -> Iterator[tuple[int, ...]]:
        """Yields the PMIDs of a part in as many answers as it takes.

        Raises ListingError where PubMed counts more in a part than can be cut any further, ServiceError.
        """
        answer = answer or self.ask(part)
        yield answer.pmids
        if answer.whole:
            return
        by_date, by_pmid = part.halves_by_date(self._today), part.halves_by_pmid(self._highest)
        for kind, halves in ((part.field, by_date), ("uid", by_pmid)):
            answers = self._ask_halves(halves, answer.count, kind) if halves else []
            for half, half_answer in answers:
                yield from self.parts(half, half_answer)
            if answers:
                return
        raise ListingError(
            f"PubMed counts {answer.count} hits in a part of the search that cannot be cut any further; "
            "nothing was marked, try again later"
        )

    def _ask_halves(self, halves: tuple[Window, Window], count: int, kind: str | None) -> list[tuple[Window, Search]]:
        """Asks for the halves of a part of so many hits, and only where the first doesn't say what the second holds.

        Returns none where PubMed pays no attention to this kind of limit, or the halves hold less than the whole:
        cutting further by it would never end, or lose hits.
        """
        first, second = halves
        answer = self.ask(first)
        if 0 < answer.count < count or (answer.count >= count and kind not in self._heeded):
            rest = self.ask(second)
        else:
            rest = Search(max(count - answer.count, 0), (), None, ())
        if min(answer.count, rest.count) >= count or answer.count + rest.count < count:
            return []
        self._heeded.add(kind)
        return [(first, answer), (second, rest)]

    def collect(self, part: Window) -> set[int]:
        """Returns all PMIDs of a part."""
        return {pmid for pmids in self.parts(part) for pmid in pmids}
