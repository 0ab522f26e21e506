"""What the store keeps of saved searches: where each stands, and which articles it has told."""

import json
import sqlite3
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class SearchState:
    """Where a saved search stands.

    `address` is the filter that its articles were told under, `after_run` the run after which it began, `began_at` the
    moment (UTC).
    """

    search: str
    address: str
    after_run: int
    began_at: str


def search_state(conn: sqlite3.Connection, search: str) -> SearchState | None:
    """Returns where a search stands; None where the store never saw it."""
    row = conn.execute(
        "SELECT search, address, after_run, began_at FROM search_states WHERE search = ?", [search]
    ).fetchone()
    return SearchState(*row) if row else None


def put_state(conn: sqlite3.Connection, state: SearchState) -> None:
    """Writes where a search stands. The caller's transaction."""
    conn.execute(
        "INSERT INTO search_states (search, address, after_run, began_at) VALUES (?, ?, ?, ?) "
        "ON CONFLICT (search) DO UPDATE SET address = excluded.address",
        [state.search, state.address, state.after_run, state.began_at],
    )


def search_problems(conn: sqlite3.Connection) -> dict[str, str]:
    """Returns why the last digest of a search was not written, by search; those without a problem are left out."""
    return dict(conn.execute("SELECT search, problem FROM search_problems ORDER BY search").fetchall())


def put_problem(conn: sqlite3.Connection, search: str, problem: str | None) -> None:
    """Writes why the digest of a search was not written, or (None) that all is well. The caller's transaction."""
    if problem is None:
        conn.execute("DELETE FROM search_problems WHERE search = ?", [search])
    else:
        conn.execute("INSERT OR REPLACE INTO search_problems (search, problem) VALUES (?, ?)", [search, problem])


@dataclass(frozen=True, slots=True)
class ListedSearch:
    """A saved search as everybody may see it: its list's address, its filter in words, the run after which it began."""

    name: str
    address: str
    words: str
    after_run: int


def put_listed(conn: sqlite3.Connection, listed: Iterable[ListedSearch]) -> None:
    """Writes which searches there are now. The caller's transaction."""
    wanted = sorted(listed, key=lambda search: search.name)
    if listed_searches(conn) != wanted:
        conn.execute("DELETE FROM searches")
        conn.executemany(
            "INSERT INTO searches (name, address, words, after_run) VALUES (?, ?, ?, ?)",
            [(search.name, search.address, search.words, search.after_run) for search in wanted],
        )


def listed_searches(conn: sqlite3.Connection) -> list[ListedSearch]:
    """Returns the saved searches that there are, by name; none in a file of an older version."""
    if not conn.execute("SELECT 1 FROM sqlite_master WHERE type = 'table' AND name = 'searches'").fetchone():
        return []
    rows = conn.execute("SELECT name, address, words, after_run FROM searches ORDER BY name")
    return [ListedSearch(*row) for row in rows]


def drop_unlisted(conn: sqlite3.Connection) -> None:
    """Takes out what searches told that are no longer there, for a file that is published. The caller's transaction."""
    gone = "search IS NOT NULL AND search NOT IN (SELECT name FROM searches)"
    conn.execute(f"DELETE FROM digest_entries WHERE digest_id IN (SELECT id FROM digests WHERE {gone})")
    for table in ("digests", "search_articles", "search_trials"):
        conn.execute(f"DELETE FROM {table} WHERE {gone}")


def told_articles(conn: sqlite3.Connection, search: str) -> dict[int, bool]:
    """Returns the articles that a search has told or held before it began, and whether as retracted, by PMID."""
    rows = conn.execute("SELECT pmid, retracted FROM search_articles WHERE search = ?", [search])
    return {pmid: bool(retracted) for pmid, retracted in rows}


def put_told(conn: sqlite3.Connection, search: str, told: Mapping[int, bool]) -> None:
    """Writes which articles a search has told (by PMID: as retracted or not). The caller's transaction."""
    conn.executemany(
        "INSERT INTO search_articles (search, pmid, retracted) VALUES (?, ?, ?) "
        "ON CONFLICT (search, pmid) DO UPDATE SET retracted = excluded.retracted",
        [(search, pmid, int(retracted)) for pmid, retracted in sorted(told.items())],
    )


def arrived_after(conn: sqlite3.Connection, run: int) -> set[int]:
    """Returns the articles that came, or came back, in a later run."""
    sql = "SELECT DISTINCT pmid FROM changes WHERE run_id > ? AND change IN ('new', 'returned')"
    return {pmid for (pmid,) in conn.execute(sql, [run])}


def retracted_after(conn: sqlite3.Connection, run: int) -> set[int]:
    """Returns the articles that were retracted in a later run."""
    sql = "SELECT DISTINCT pmid FROM changes WHERE run_id > ? AND change = 'retracted'"
    return {pmid for (pmid,) in conn.execute(sql, [run])}


def retracted_of(conn: sqlite3.Connection, pmids: Collection[int]) -> set[int]:
    """Returns those of the articles that are retracted."""
    sql = "SELECT pmid FROM articles WHERE retracted = 1 AND pmid IN (SELECT value FROM json_each(?))"
    return {pmid for (pmid,) in conn.execute(sql, [json.dumps(sorted(pmids))])}


def tagged_of(conn: sqlite3.Connection, pmids: Collection[int]) -> set[int]:
    """Returns those of the articles that a tagger has read: whose study facts and tags are there to be told."""
    sql = (
        "SELECT pmid FROM articles WHERE (tagger IS NOT NULL OR topic IS NOT NULL) "
        "AND pmid IN (SELECT value FROM json_each(?))"
    )
    return {pmid for (pmid,) in conn.execute(sql, [json.dumps(sorted(pmids))])}
