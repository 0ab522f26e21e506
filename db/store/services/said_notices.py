"""Writes what Crossref and Retraction Watch say of articles, and puts what holds of it beside PubMed's own notices."""

from collections.abc import Iterable, Mapping

from db.enriched import REINSTATEMENT, NoticeClaim
from db.notices import ABOUT_ARTICLE, RETRACTING
from db.sql import literals
from db.store.records.changes import record_changes
from db.store.records.notice_rows import SAID_RETRACTED, holding, insert_rows, stored_rows
from db.store.records.revisions import Change
from db.store.store import Store


def save_claims(store: Store, said_by: str, claims: Iterable[NoticeClaim], at: str, pmids: set[int] | None) -> int:
    """Writes a service's claims about held articles; returns how many are new.

    A claim keeps the moment at which it was first seen. What the service no longer says goes: of all articles, or of
    `pmids` alone where only they were asked about; an empty set takes nothing away. The caller's transaction.
    """
    kept = {(claim.pmid, claim.key): claim for claim in claims}
    sql = "SELECT pmid, key, first_seen FROM notice_claims WHERE said_by = ?"
    held = {(pmid, key): seen for pmid, key, seen in store.db.execute(sql, [said_by])}
    gone = [key for key in held if key not in kept and (pmids is None or key[0] in pmids)]
    store.db.conn.executemany(
        "DELETE FROM notice_claims WHERE said_by = ? AND pmid = ? AND key = ?", [(said_by, *key) for key in gone]
    )
    store.db.conn.executemany(
        "INSERT OR REPLACE INTO notice_claims (pmid, said_by, key, kind, date, source, ref_pmid, reasons, first_seen) "
        "VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)",
        [
            (c.pmid, said_by, c.key, c.kind, c.date, c.source, c.ref_pmid, c.reasons, held.get(key, at))
            for key, c in sorted(kept.items())
        ],
    )
    return len(kept.keys() - held.keys())


def place_notices(store: Store, run_id: int, at: str) -> dict[str, int]:
    """Puts the claims that hold beside PubMed's notices and marks the articles that somebody calls retracted.

    A reinstatement undoes what Crossref and Retraction Watch said before it; what PubMed says is PubMed's to undo.
    Each change of the mark is told once. Returns the number of each change. The caller's transaction.
    """
    rows = holding(store.db)
    stored = stored_rows(store.db)
    if stored != set(rows):
        store.db.execute("DELETE FROM notices WHERE said_by <> 'pubmed'")
        insert_rows(store.db, rows)
    sql = f"SELECT pmid, retracted FROM articles WHERE retracted <> ({SAID_RETRACTED}) ORDER BY pmid"
    changes = []
    for pmid, retracted in store.db.execute(sql).fetchall():
        store.db.execute("UPDATE articles SET retracted = ? WHERE pmid = ?", [1 - retracted, pmid])
        said_by = sorted({row[6] for row in rows if row[0] == pmid and row[2] in RETRACTING})
        changes.append(
            Change(pmid, "reinstated" if retracted else "retracted", {"said_by": said_by} if said_by else {})
        )
    changes += _questioned(store, {(row[0], row[2]) for row in rows} - {(row[0], row[2]) for row in stored})
    told = record_changes(store, run_id, changes, at)
    return {change: sum(c.change == change for c in told) for change in ("retracted", "reinstated", "notice")}


def _questioned(store: Store, fresh: Iterable[tuple[int, str]]) -> list[Change]:
    """Returns the changes of articles that a service newly calls corrected or questioned (PMID and kind of notice).

    What PubMed says too, or what was told before, is no news.
    """
    found: dict[int, list[str]] = {}
    for pmid, kind in sorted(set(fresh)):
        if kind not in ABOUT_ARTICLE - RETRACTING:
            continue
        by_pubmed = "SELECT 1 FROM notices WHERE pmid = ? AND kind = ? AND said_by = 'pubmed'"
        told = (
            "SELECT 1 FROM changes JOIN json_each(changes.detail, '$.notices') AS said "
            "WHERE changes.pmid = ? AND said.value = ? AND change IN ('notice', 'revised')"
        )
        if not any(store.db.execute(sql, [pmid, kind]).fetchone() for sql in (by_pubmed, told)):
            found.setdefault(pmid, []).append(kind)
    return [Change(pmid, "notice", {"notices": kinds}) for pmid, kinds in found.items()]


def articles_by_doi(store: Store) -> Mapping[str, int]:
    """Returns the PMID of every held article by its DOI in small letters; of two with one DOI the older record."""
    sql = "SELECT doi, pmid FROM articles WHERE doi IS NOT NULL AND source = 'pubmed' ORDER BY pmid DESC"
    return {doi.lower(): pmid for doi, pmid in store.db.execute(sql)}


def dois_under_suspicion(store: Store) -> list[str]:
    """Returns the DOIs of articles of which somebody says more than that they were corrected."""
    kinds = literals(sorted({*RETRACTING, "PartialRetractionIn", "ExpressionOfConcernIn"}))
    sql = (
        "SELECT doi FROM articles WHERE doi IS NOT NULL AND source = 'pubmed' AND (retracted = 1 OR pmid IN "
        f"(SELECT pmid FROM notices WHERE kind IN ({kinds})) OR pmid IN (SELECT pmid FROM notice_claims WHERE kind IN "
        f"({kinds}, '{REINSTATEMENT}'))) ORDER BY doi"
    )
    return sorted({row[0].lower() for row in store.db.execute(sql)})
