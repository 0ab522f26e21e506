"""How to harvest, and what a harvest has to do: what PubMed has is compared with what the store holds."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date

from db.store.ledger.ledger import Query
from db.store.ledger.plans import Plans
from harvest.eutils.client import REACH, Client
from harvest.sync.listing import Known, Listing, list_pubmed

#: More than this part of the store gone in one night is PubMed's trouble until somebody says otherwise.
GONE_LIMIT = 0.02
#: Every record is read again within so many days: not every change moves a date that can be asked for.
REREAD_WITHIN = 28


@dataclass(frozen=True, slots=True)
class QueryChange:
    """What another query would do to the store."""

    added: int
    dropped: int
    held: int
    version_before: str | None
    version_now: str


@dataclass(frozen=True, slots=True)
class Options:
    """How to harvest; `confirm` is asked before a changed query drops articles, `progress` told of stored records.

    `full` reads every record again; otherwise so many are that each is read within `reread_within` days (0: none).
    """

    full: bool = False
    limit: int | None = None
    dry_run: bool = False
    yes: bool = False
    batch_size: int = 200
    workers: int = 8
    reach: int = REACH
    reread_within: int = REREAD_WITHIN
    confirm: Callable[[QueryChange], bool] = lambda _change: False
    progress: Callable[[int, int], None] = lambda _stored, _total: None


@dataclass(frozen=True, slots=True)
class Tasks:
    """What a listing asks for: records to fetch, new ones first, and held ones that are gone."""

    listing: Listing
    new: tuple[int, ...]
    again: tuple[int, ...]
    gone: tuple[int, ...]
    held: int
    change: QueryChange | None

    @property
    def loses_much(self) -> bool:
        """Whether so much is gone, with the query unchanged, that PubMed itself must be in trouble."""
        return self.change is None and len(self.gone) > max(1, GONE_LIMIT * self.held)


def plan_tasks(ledger: Plans, client: Client, query: Query, options: Options, first: bool) -> Tasks:
    """Lists what PubMed has, and compares it with what the store has; rereading is for the first round.

    Raises ServiceError.
    """
    held = frozenset(ledger.held())

    def known_on(today: date) -> Known:
        day = ledger.last_listing(today.isoformat()).day
        revised = ledger.last_revision(day or today.isoformat())
        return Known(held, frozenset(ledger.listed()), _day(day or revised), _day(revised))

    listing = list_pubmed(client, query.text, known_on, options.reach)
    last = ledger.last_listing(listing.today.isoformat())
    new = listing.pmids - held
    backlog = ledger.backlog()
    again = listing.stale | (backlog & listing.pmids if listing.complete else backlog)
    if first:
        again |= _reread(ledger, options, held, last.reread, listing.today)
    gone = held - listing.pmids - listing.stale if listing.complete else frozenset()
    changed = last.query_hash is not None and last.query_hash != query.hash
    change = QueryChange(len(new), len(gone), len(held), last.query_version, query.version)
    return Tasks(
        listing,
        tuple(sorted(new)),
        tuple(sorted(again - new - gone)),
        tuple(sorted(gone)),
        len(held),
        change if changed else None,
    )


def _day(text: str | None) -> date | None:
    return date.fromisoformat(text) if text else None


def _reread(ledger: Plans, options: Options, held: frozenset[int], last: str | None, today: date) -> frozenset[int]:
    """Returns the held PMIDs to read again though nothing says that they changed.

    All of them where the run is full; else the share of each day since the last time, and what a file brought:
    PubMed's own answer is the truth.
    """
    if options.full:
        return held
    share: set[int] = ledger.read_from_files()
    within = options.reread_within
    if within and last:
        missed = min(within, (today - date.fromisoformat(last)).days)
        residues = {(today.toordinal() - days) % within for days in range(missed)}
        share |= {pmid for pmid in held if pmid % within in residues}
    return frozenset(share)
