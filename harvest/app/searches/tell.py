"""Makes the digests of saved searches: each in one transaction with what counts as told and what is to be sent."""

import logging
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, date, datetime

from db.errors import TrackerError
from db.evidence.digests.build import search_digest, write_search_digest
from db.evidence.digests.model import Digest, Selection
from db.evidence.digests.saved import begin_search, read_selection
from db.store.ledger.digests import WrittenDigest, written_digests, written_lines
from db.store.ledger.letters import drop_deliveries, put_letter, waiting
from db.store.ledger.searches import (
    ListedSearch,
    SearchState,
    listed_searches,
    put_listed,
    put_problem,
    search_problems,
)
from db.store.store import Store
from harvest.app.searches.compose import Letter, file_stem, write_letter
from harvest.app.searches.file import SavedSearch, SearchFile
from harvest.app.settings import Settings

log = logging.getLogger(__name__)


class _LookedAtError(Exception):
    """Takes back what was only looked at."""


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of one search: its digest (None: it was not yet time, or failed), whether it is sent, a problem."""

    name: str
    digest: Digest | None = None
    sent: bool = False
    problem: str | None = None

    @property
    def words(self) -> str:
        """The outcome in a line."""
        if self.problem:
            return f"{self.name}: {self.problem}"
        return f"{self.name}: {self.digest.summary if self.digest else 'not yet due'}"


def begin_searches(store: Store, file: SearchFile, now: datetime) -> dict[str, str]:
    """Lets new and edited searches begin, and forgets who left them; returns why some could not, by name.

    A night does this before anything else: what it brings is then told by searches that were added the day before.
    """
    problems: dict[str, str] = {}
    listed: list[ListedSearch] = []
    for search in file.searches:
        try:
            with store.atomic():
                selection = read_selection(store.db.conn, search.name, search.address, now.date())
                state = begin_search(store.db.conn, selection, utc(now))
                drop_deliveries(store.db.conn, search.name, search.who)
            listed.append(ListedSearch(search.name, state.address, selection.words, state.after_run))
        except TrackerError as error:
            problems[search.name] = str(error)
    known = {*(search.name for search in file.searches), *(entry.name for entry in file.bad)}
    with store.atomic():
        unsure = any(not entry.named for entry in file.bad)  # an entry without a name may be any
        begun = {search.name for search in listed}
        kept = [search for search in listed_searches(store.db.conn) if search.name in known or unsure]
        put_listed(store.db.conn, [*listed, *(search for search in kept if search.name not in begun)])
        for name in () if unsure else {delivery.search for delivery in waiting(store.db.conn)} - known:
            drop_deliveries(store.db.conn, name)
    return problems


def tell_searches(store: Store, file: SearchFile, settings: Settings, now: datetime) -> list[Outcome]:
    """Makes the digests of all searches whose time it is; each fails alone, and its problem is kept for `status`."""
    begin_searches(store, file, now)
    outcomes = []
    for search in file.searches:
        try:
            outcome = tell_search(store, search, settings, now, forced=False)
        except TrackerError as error:
            outcome = Outcome(search.name, problem=" ".join(str(error).split()))
        except Exception as error:  # a search fails alone, whatever it is
            log.exception("the digest of a saved search failed")
            outcome = Outcome(search.name, problem=f"an error in the program ({type(error).__name__})")
        with store.atomic():
            put_problem(store.db.conn, search.name, outcome.problem)
        outcomes.append(outcome)
    with store.atomic():  # who is no longer in the file has no problem
        for name in search_problems(store.db.conn).keys() - {search.name for search in file.searches}:
            put_problem(store.db.conn, name, None)
    return [*outcomes, *(Outcome(entry.name, problem=entry.problem) for entry in file.bad)]


def tell_search(store: Store, search: SavedSearch, settings: Settings, now: datetime, forced: bool) -> Outcome:
    """Makes a search's digest if it is its time, or `forced`, writes it down as told, and keeps what is to be sent.

    All in one transaction: killed at any point, either all of it is there or nothing. Raises TrackerError.
    """
    conn = store.db.conn
    with store.atomic():
        selection, state = _begun(store, search, now)
        last = next(iter(written_digests(conn, search.name)), None)
        if not forced and not search.when.is_due(_day(last, now), _local(state.began_at, now), now.date()):
            return Outcome(search.name)
        digest, news = search_digest(conn, selection, state)
        said = not digest.quiet or (search.quiet == "once" and not _was_quiet(store, last))
        letter = write_letter(search, digest, settings, now) if said else None
        number = write_search_digest(conn, digest, news, utc(now))
        if letter is not None:
            if settings.smtp_url and search.who:
                put_letter(conn, number, letter.message_id, letter.mail, "mail", search.who)
            else:
                name = f"{file_stem(search.name)}-{now.date()}-{number}.{letter.ending}"
                put_letter(conn, number, letter.message_id, letter.document, "file", [name])
    return Outcome(search.name, digest, said)


def look_at_search(store: Store, search: SavedSearch, settings: Settings, now: datetime) -> tuple[Digest, Letter]:
    """Returns what a search would tell now, and its mail; the store stays as it is."""
    found: list[tuple[Digest, Letter]] = []
    with _taken_back(store):
        digest, _ = search_digest(store.db.conn, *_begun(store, search, now))
        found.append((digest, write_letter(search, digest, settings, now)))
    return found[0]


def mark_search(store: Store, search: SavedSearch, now: datetime) -> Digest:
    """Writes a search's digest down as told without sending it; returns it."""
    with store.atomic():
        digest, news = search_digest(store.db.conn, *_begun(store, search, now))
        write_search_digest(store.db.conn, digest, news, utc(now))
    return digest


def utc(now: datetime) -> str:
    """Returns a moment as the store keeps it."""
    return now.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def _begun(store: Store, search: SavedSearch, now: datetime) -> tuple[Selection, SearchState]:
    selection = read_selection(store.db.conn, search.name, search.address, now.date())
    return selection, begin_search(store.db.conn, selection, utc(now))


@contextmanager
def _taken_back(store: Store) -> Iterator[None]:
    try:
        with store.atomic():
            yield
            raise _LookedAtError
    except _LookedAtError:
        pass


def _day(last: WrittenDigest | None, now: datetime) -> date | None:
    return _local(last.written_at, now) if last else None


def _local(moment: str, now: datetime) -> date:
    """Returns the day of a kept moment by the clock on which `now` was read."""
    return datetime.fromisoformat(moment).astimezone(now.tzinfo).date()


def _was_quiet(store: Store, last: WrittenDigest | None) -> bool:
    return last is not None and not written_lines(store.db.conn, last.id)
