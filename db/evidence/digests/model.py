"""A digest as a value: what changed, under which headings, of the whole store or of one saved search."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from db.changes import HEADINGS
from db.errors import TrackerError
from db.evidence.articles import ListedArticle
from db.evidence.services.trial_changes import TrialChange
from db.select.filter import ArticleFilter
from db.store.ledger.digests import ToldLine
from db.store.people.verdicts import Standing

#: The headings of articles in the order in which a reader wants to know: the ledger's changes, and one that only a
#: search has. Changes of trials stand after `TRIALS_AFTER`.
DIGEST_HEADINGS: Final[Mapping[str, str]] = {
    "retracted": HEADINGS["retracted"],
    "notice": HEADINGS["notice"],
    "reinstated": HEADINGS["reinstated"],
    "cites retracted": HEADINGS["cites retracted"],
    "new": HEADINGS["new"],
    "returned": HEADINGS["returned"],
    "matches": "Came into this search by other tags or a changed record",
    "revised": HEADINGS["revised"],
    "retagged": HEADINGS["retagged"],
    "cited": HEADINGS["cited"],
    "vanished": HEADINGS["vanished"],
}
TRIALS_AFTER: Final = "revised"
TRIALS_HEADING: Final = "Trials"
REVIEWS_HEADING: Final = "Decisions on texts that have changed since: please look again"
#: Headings under which an article is told for the first time.
ARRIVALS: Final = ("new", "returned", "matches")


class DigestError(TrackerError):
    """A run or day that the digest cannot begin at."""


@dataclass(frozen=True, slots=True)
class Selection:
    """The articles of a saved search: its name, its filter with names resolved, and the filter in words."""

    name: str
    chosen: ArticleFilter
    words: str


@dataclass(frozen=True, slots=True)
class Entry:
    """One article in the digest; `retracted` is its state now, `notices` the kinds that came to it meanwhile.

    `standing` are all kinds of notice that it has now. `arrived` says that it is told for the first time whatever its
    heading, `effects` in words which findings were read otherwise before, `cited_by` which trials' reports and
    guidelines cite it now. `listed` is what a list shows of it (design, n, finding, sentence); None where there are too
    many to show each in full.
    """

    change: str
    pmid: int
    title: str
    authors: str | None
    journal: str | None
    year: int | None
    study_design: str | None
    retracted: bool
    columns: tuple[str, ...]
    notices: tuple[str, ...]
    sample_size: int | None = None
    standing: tuple[str, ...] = ()
    arrived: bool = False
    effects: tuple[str, ...] = ()
    cited_by: tuple[tuple[int, str], ...] = ()
    listed: ListedArticle | None = None


@dataclass(frozen=True, slots=True)
class Section:
    """One heading of a digest with what stands under it: articles, or trials, or decisions to look at again."""

    heading: str
    articles: tuple[Entry, ...] = ()
    trials: tuple[TrialChange, ...] = ()
    reviews: tuple[Standing, ...] = ()

    def __len__(self) -> int:
        return len(self.articles) + len(self.trials) + len(self.reviews)


@dataclass(frozen=True, slots=True)
class Digest:
    """Everything that changed; `since` in words, from the run after `after_run` to `last_run`.

    `reviews` are the decisions of people whose article's text has changed since, whenever that was. `search` is the
    saved search that it is about, None for the whole store. `lines` are what is kept of it when it is written, `at` is
    when it was written, else when the last of its runs ended (UTC).
    """

    since: str
    last_run: int
    entries: tuple[Entry, ...]
    reviews: tuple[Standing, ...] = ()
    trials: tuple[TrialChange, ...] = ()
    after_run: int = 0
    search: Selection | None = None
    lines: tuple[ToldLine, ...] = ()
    at: str = ""

    def of(self, change: str) -> list[Entry]:
        """Returns the entries of one change."""
        return [entry for entry in self.entries if entry.change == change]

    @property
    def counts(self) -> dict[str, int]:
        """How many articles each heading has."""
        return {change: len(self.of(change)) for change in DIGEST_HEADINGS}

    @property
    def quiet(self) -> bool:
        """Whether there is nothing to tell."""
        return not (self.entries or self.trials)

    @property
    def title(self) -> str:
        """What it is about, in one line."""
        return f"{self.search.name}: changes since {self.since}" if self.search else f"Changes since {self.since}"

    @property
    def summary(self) -> str:
        """What it holds in numbers."""
        said = ", ".join(f"{count} {_COUNTED.get(change, change)}" for change, count in self.counts.items() if count)
        trials = f"{len(self.trials)} changes of trials" if self.trials else ""
        return ", ".join(filter(None, (said, trials))) or "nothing changed"

    def sections(self) -> Iterator[Section]:
        """Yields the headings that have something under them, a retraction first."""
        for change, heading in DIGEST_HEADINGS.items():
            if entries := self.of(change):
                yield Section(heading, articles=tuple(entries))
            if change == TRIALS_AFTER and self.trials:
                yield Section(TRIALS_HEADING, trials=self.trials)
        if self.reviews:
            yield Section(REVIEWS_HEADING, reviews=self.reviews)


#: How a heading's articles are counted in a line, where not by its name.
_COUNTED = {
    "notice": "corrected or questioned",
    "matches": "matching now",
    "cited": "newly cited",
}
_PLACES = {change: place for place, change in enumerate(DIGEST_HEADINGS)}


def in_order(lines: Sequence[ToldLine], years: Mapping[int, int | None]) -> list[ToldLine]:
    """Returns the lines of articles by heading, then the newest year, then PMID; `years` are those of the articles."""
    return sorted(lines, key=lambda line: (_PLACES[line.change], -(years.get(line.pmid or 0) or 0), line.pmid))


def packed_trial(trial: TrialChange) -> ToldLine:
    """Returns a change of a trial as a line that is kept."""
    detail: dict[str, Any] = {"change": trial.change, "at": trial.at, "words": trial.words}
    return ToldLine("trial", None, trial.nct_id, detail)
