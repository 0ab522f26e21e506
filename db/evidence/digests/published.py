"""Saved searches as the published file has them: what each has not told yet, and what it told before."""

import sqlite3
from datetime import UTC, datetime

from db.atom import Entry as FeedEntry
from db.evidence.digests.build import search_digest, written_digest
from db.evidence.digests.data import feed_entries
from db.evidence.digests.lines import Links
from db.evidence.digests.model import Digest, Selection
from db.evidence.digests.saved import read_selection
from db.store.ledger.digests import WrittenDigest, written_digests
from db.store.ledger.searches import ListedSearch, SearchState, listed_searches


def listed_search(conn: sqlite3.Connection, name: str) -> ListedSearch | None:
    """Returns a saved search by its name; None where there is none."""
    return next((search for search in listed_searches(conn) if search.name == name), None)


def selection_of(conn: sqlite3.Connection, search: ListedSearch) -> Selection:
    """Returns what a saved search is of as a filter; raises FilterError where its concepts are gone."""
    return read_selection(conn, search.name, search.address, datetime.now(UTC).date())


def waiting_digest(conn: sqlite3.Connection, search: ListedSearch) -> Digest:
    """Returns what a search has not told yet, as far as this file knows: what its next digest will say, or has said."""
    state = SearchState(search.name, search.address, search.after_run, "")
    return search_digest(conn, selection_of(conn, search), state)[0]


def earlier_digests(
    conn: sqlite3.Connection, search: ListedSearch, limit: int, before: int | None = None
) -> list[WrittenDigest]:
    """Returns the digests that a search has told, the newest first."""
    return written_digests(conn, search.name, limit, before)


def earlier_digest(conn: sqlite3.Connection, search: ListedSearch, number: int) -> Digest | None:
    """Returns a digest of a search by its number, its articles as they stand now; None where there is none."""
    found = written_digests(conn, search.name, 1, number + 1)
    if not found or found[0].id != number:
        return None
    return written_digest(conn, found[0], selection_of(conn, search))


def search_feed(conn: sqlite3.Connection, search: ListedSearch, links: Links, digests: int) -> list[FeedEntry]:
    """Returns what a search's feed holds: what is not told yet, then its last so many digests."""
    selection = selection_of(conn, search)
    told = [waiting_digest(conn, search)]
    told += [written_digest(conn, one, selection) for one in written_digests(conn, search.name, digests)]
    return [entry for digest in told for entry in feed_entries(digest, links)]
