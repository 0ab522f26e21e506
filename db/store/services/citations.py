"""Writes what iCite says: figures, citations inside the store, who cites a retracted article, what the query misses."""

from collections.abc import Callable, Iterable

from db.enriched import CitationRecord
from db.notices import RETRACTION_OF_PUBLICATION
from db.store.records.changes import record_changes
from db.store.records.revisions import Change
from db.store.store import Store

#: Articles that a held article must be one of at least so many to cite before an outside one is looked at.
_CITED_BY_OURS = 3
#: Articles that cite a retracted one, the notices that retract it left out.
_CITES_RETRACTED = (
    "SELECT DISTINCT citing FROM citation_edges JOIN articles AS cited ON cited.pmid = cited WHERE cited.retracted = 1 "
    f"AND citing NOT IN (SELECT pmid FROM publication_types WHERE ui = '{RETRACTION_OF_PUBLICATION}') "
    "AND citing NOT IN (SELECT pmid FROM notices WHERE kind = 'RetractionOf')"
)
#: Citations by reports of trials and by guidelines that count; the design is what the tagger read.
_CITED_BY_EVIDENCE = (
    "SELECT cited, citing FROM citation_edges JOIN articles ON articles.pmid = citing WHERE retracted = 0 "
    "AND vanished = 0 AND study_design IN ('randomized controlled trial', 'non-randomized trial', 'guideline')"
)
#: The property that says since when citations are told.
_CITATIONS_TOLD = "citations_told_since"


def save_citations(store: Store, records: Iterable[CitationRecord], at: str) -> int:
    """Writes iCite's answers about held articles; returns how many differ from what was held.

    An answer whose data are older than the held one's is left out. The caller's transaction.
    """
    changed = 0
    for record in records:
        row = (
            record.citation_count,
            record.rcr,
            record.nih_percentile,
            record.citations_per_year,
            record.clinical_citations,
            None if record.provisional is None else int(record.provisional),
        )
        sql = (
            "SELECT citation_count, rcr, nih_percentile, citations_per_year, clinical_citations, provisional, as_of "
            "FROM citations WHERE pmid = ?"
        )
        held = store.db.execute(sql, [record.pmid]).fetchone()
        if held and (held[-1] or "") > (record.as_of or held[-1] or ""):
            continue
        changed += held is None or tuple(held[:-1]) != row
        store.db.execute(
            "INSERT INTO citations (pmid, citation_count, rcr, nih_percentile, citations_per_year, clinical_citations, "
            "provisional, as_of, fetched_at) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT (pmid) DO UPDATE SET "
            "citation_count = excluded.citation_count, rcr = excluded.rcr, nih_percentile = excluded.nih_percentile, "
            "citations_per_year = excluded.citations_per_year, clinical_citations = excluded.clinical_citations, "
            "provisional = excluded.provisional, as_of = excluded.as_of, fetched_at = excluded.fetched_at",
            [record.pmid, *row, record.as_of, at],
        )
        store.db.execute("DELETE FROM citation_pairs WHERE said_of = ?", [record.pmid])
        pairs = {(record.pmid, cited) for cited in record.references} | {
            (citing, record.pmid) for citing in record.cited_by
        }
        store.db.conn.executemany(
            "INSERT INTO citation_pairs (said_of, citing, cited) VALUES (?, ?, ?)",
            [(record.pmid, *pair) for pair in sorted(pairs)],
        )
    return changed


def join_citations(store: Store) -> None:
    """Works out anew which held articles cite each other; the caller's transaction."""
    # CROSS JOIN keeps the planner from walking all articles for each article, which it takes to be cheap
    joined = (
        "SELECT DISTINCT citing, cited FROM citation_pairs CROSS JOIN articles AS one ON one.pmid = citing "
        "CROSS JOIN articles AS other ON other.pmid = cited WHERE citing <> cited"
    )
    store.db.execute(f"DELETE FROM citation_edges WHERE (citing, cited) NOT IN ({joined})")
    store.db.execute(f"INSERT OR IGNORE INTO citation_edges (citing, cited) {joined}")


def mark_citing_retracted(store: Store, run_id: int, at: str) -> int:
    """Marks the articles that cite a retracted one and takes the mark from others; returns how many are new.

    Each is told once, in the ledger under `run_id`. The caller's transaction.
    """
    now = {row[0] for row in store.db.execute(_CITES_RETRACTED)}
    before = {row[0] for row in store.db.execute("SELECT pmid FROM articles WHERE cites_retracted = 1")}
    for pmids, mark in ((before - now, 0), (now - before, 1)):
        store.db.conn.executemany(
            f"UPDATE articles SET cites_retracted = {mark} WHERE pmid = ?", [(pmid,) for pmid in sorted(pmids)]
        )
    told = {row[0] for row in store.db.execute("SELECT pmid FROM changes WHERE change = 'cites retracted'")}
    fresh = [Change(pmid, "cites retracted") for pmid in sorted(now - before - told)]
    record_changes(store, run_id, fresh, at)
    return len(fresh)


def mark_cited_by_evidence(store: Store, run_id: int, at: str) -> int:
    """Tells the articles that a trial's report or a guideline of the store newly cites; returns how many.

    What stood before anybody looked is told of nobody. Each citation is told once, in the ledger under `run_id`, also
    where it goes and comes again. The caller's transaction.
    """
    begun = store.db.execute("SELECT 1 FROM properties WHERE name = ?", [_CITATIONS_TOLD]).fetchone()
    sql = f"SELECT cited, citing FROM ({_CITED_BY_EVIDENCE}) EXCEPT SELECT cited, citing FROM told_citations"
    fresh = store.db.execute(sql).fetchall()
    store.db.conn.executemany("INSERT INTO told_citations (cited, citing) VALUES (?, ?)", fresh)
    if not begun:
        store.db.execute("INSERT INTO properties (name, value) VALUES (?, ?)", [_CITATIONS_TOLD, at])
        return 0
    by: dict[int, list[int]] = {}
    for cited, citing in sorted(fresh):
        by.setdefault(cited, []).append(citing)
    return len(record_changes(store, run_id, [Change(cited, "cited", {"by": ids}) for cited, ids in by.items()], at))


def most_cited(store: Store, limit: int) -> list[int]:
    """Returns the held articles with most citations, which the first change of iCite's data shows in."""
    sql = (
        "SELECT pmid FROM citations JOIN articles USING (pmid) WHERE articles.vanished = 0 AND source = 'pubmed' "
        "ORDER BY citation_count DESC, pmid DESC LIMIT ?"
    )
    return [row[0] for row in store.db.execute(sql, [limit])]


def outside_and_unread(store: Store, limit: int) -> list[int]:
    """Returns articles outside the store that at least three held ones cite and that were not looked at, most first."""
    sql = (
        "SELECT cited FROM (SELECT DISTINCT citing, cited FROM citation_pairs "
        "CROSS JOIN articles ON articles.pmid = citing) WHERE cited NOT IN (SELECT pmid FROM articles) "
        "AND cited NOT IN (SELECT pmid FROM recall_candidates) "
        f"GROUP BY cited HAVING count(*) >= {_CITED_BY_OURS} ORDER BY count(*) DESC, cited DESC LIMIT ?"
    )
    return [row[0] for row in store.db.execute(sql, [limit])]


def save_candidates(
    store: Store, asked: Iterable[int], records: Iterable[CitationRecord], words_in: Callable[[str], str], at: str
) -> None:
    """Writes down titles of articles outside the store, with the topic's words in them; the caller's transaction."""
    found = {record.pmid: record for record in records}
    for pmid in asked:
        record = found.get(pmid)
        title = record.title if record else None
        store.db.execute(
            "INSERT OR REPLACE INTO recall_candidates (pmid, cited_by, title, journal, year, words, fetched_at) "
            "VALUES (?, 0, ?, ?, ?, ?, ?)",
            [
                pmid,
                title,
                record.journal if record else None,
                record.year if record else None,
                words_in(title) or None if title else None,
                at,
            ],
        )


def count_candidates(store: Store) -> int:
    """Counts anew how many held articles cite each candidate, drops those that are held by now; returns the misses.

    A miss is cited by at least three held articles and carries a word of the topic. The caller's transaction.
    """
    store.db.execute("DELETE FROM recall_candidates WHERE pmid IN (SELECT pmid FROM articles)")
    store.db.execute(
        "UPDATE recall_candidates SET cited_by = (SELECT count(DISTINCT citing) FROM citation_pairs "
        "WHERE cited = recall_candidates.pmid AND citing IN (SELECT pmid FROM articles))"
    )
    sql = f"SELECT count(*) FROM recall_candidates WHERE cited_by >= {_CITED_BY_OURS} AND words IS NOT NULL"
    return int(store.db.execute(sql).fetchone()[0])
