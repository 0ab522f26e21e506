"""A digest as a value: what changed, under which headings, of the whole store or of one saved search."""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from itertools import groupby
from typing import Any, Final

from db.changes import HEADINGS
from db.errors import TrackerError
from db.evidence.articles import ListedArticle
from db.evidence.services.trial_changes import TRIAL_HEADINGS, TrialChange
from db.evidence.services.trials import trial_address
from db.select.addresses.list_address import ListFilter
from db.select.filter import ArticleFilter
from db.select.trial_filter import TrialFilter
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
    """What a saved search is of, articles or trials: its name, its filter with names resolved, the filter in words.

    `today` is the day by which a filter of trials counts how long ago one was completed.
    """

    name: str
    chosen: ListFilter
    words: str
    today: date

    @property
    def articles(self) -> ArticleFilter | None:
        """The filter of articles; None where the search is of trials."""
        return self.chosen if isinstance(self.chosen, ArticleFilter) else None

    @property
    def trials(self) -> TrialFilter | None:
        """The filter of trials; None where the search is of articles."""
        return self.chosen if isinstance(self.chosen, TrialFilter) else None


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
class TrialEntry:
    """One trial in the digest: what changed most, under whose heading it stands, and what else did."""

    first: TrialChange
    also: tuple[TrialChange, ...] = ()

    @property
    def nct_id(self) -> str:
        """The trial's number in its registry."""
        return self.first.nct_id

    @property
    def url(self) -> str:
        """The trial's entry in its registry."""
        return trial_address(self.first.nct_id)

    @property
    def more(self) -> tuple[str, ...]:
        """What stands below its line: what else changed, then phase, number of people and interventions."""
        return (*(change.words for change in self.also), self.first.facts)


@dataclass(frozen=True, slots=True)
class Section:
    """One heading of a digest with what stands under it: articles, or trials, or decisions to look at again."""

    heading: str
    articles: tuple[Entry, ...] = ()
    trials: tuple[TrialEntry, ...] = ()
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
        if self.of_trials:
            counted = Counter(entry.first.change for entry in self.trial_entries)
            trials = ", ".join(f"{counted[name]} {_TRIALS_COUNTED[name]}" for name in TRIAL_HEADINGS if counted[name])
        return ", ".join(filter(None, (said, trials))) or "nothing changed"

    @property
    def of_trials(self) -> bool:
        """Whether it is the digest of a saved search of trials."""
        return self.search is not None and self.search.trials is not None

    @property
    def trial_entries(self) -> tuple[TrialEntry, ...]:
        """The trials, each once, by their headings' order and number."""
        by_trial = sorted(self.trials, key=lambda change: (change.nct_id, _TRIAL_PLACES[change.change]))
        groups = (tuple(group) for _, group in groupby(by_trial, key=lambda change: change.nct_id))
        entries = (TrialEntry(group[0], group[1:]) for group in groups)
        return tuple(sorted(entries, key=lambda entry: (_TRIAL_PLACES[entry.first.change], entry.first.nct_id)))

    def sections(self) -> Iterator[Section]:
        """Yields the headings that have something under them, a retraction or a trial's new status first."""
        if self.of_trials:
            for change, trials in groupby(self.trial_entries, key=lambda entry: entry.first.change):
                yield Section(TRIAL_HEADINGS[change], trials=tuple(trials))
            return
        for change, heading in DIGEST_HEADINGS.items():
            if entries := self.of(change):
                yield Section(heading, articles=tuple(entries))
            if change == TRIALS_AFTER and self.trials:
                yield Section(TRIALS_HEADING, trials=self.trial_entries)
        if self.reviews:
            yield Section(REVIEWS_HEADING, reviews=self.reviews)


#: How a heading's articles are counted in a line, where not by its name.
_COUNTED = {
    "notice": "corrected or questioned",
    "matches": "matching now",
    "cited": "newly cited",
}
#: The same of trials.
_TRIALS_COUNTED = {
    "paper retracted": "with a retracted paper",
    "paper reinstated": "with a reinstated paper",
    "status": "with another status",
    "results posted": "with results posted",
    "published": "with a paper",
    "new": "new",
    "returned": "listed again",
    "matches": "matching now",
    "dates": "with another end",
    "vanished": "no longer listed",
}
_TRIAL_PLACES = {change: place for place, change in enumerate(TRIAL_HEADINGS)}
_PLACES = {change: place for place, change in enumerate(DIGEST_HEADINGS)}


def in_order(lines: Sequence[ToldLine], years: Mapping[int, int | None]) -> list[ToldLine]:
    """Returns the lines of articles by heading, then the newest year, then PMID; `years` are those of the articles."""
    return sorted(lines, key=lambda line: (_PLACES[line.change], -(years.get(line.pmid or 0) or 0), line.pmid))


def packed_trial(trial: TrialChange) -> ToldLine:
    """Returns a change of a trial as a line that is kept."""
    detail: dict[str, Any] = {"change": trial.change, "at": trial.at, "words": trial.words}
    return ToldLine("trial", None, trial.nct_id, detail)
