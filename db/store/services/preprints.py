"""Writes preprints as articles with numbers of their own, and lets the journal's version take their place."""

from collections.abc import Iterable

from db.enriched import Preprint
from db.store.records.changes import record_changes
from db.store.records.revisions import Change
from db.store.records.save import save_articles
from db.store.store import Store


def save_preprints(store: Store, run_id: int, preprints: Iterable[Preprint], at: str) -> dict[str, int]:
    """Writes preprints and where they were published; returns the number of each change. The caller's transaction.

    One that has given way to its journal version is left as it is, and an older version replaces no newer one.
    """
    gone = {
        row[0] for row in store.db.execute("SELECT pmid FROM preprints JOIN articles USING (pmid) WHERE vanished = 1")
    }
    kept = list(preprints)
    sql = "SELECT pmid, version, coalesce(revised_date, '') FROM articles WHERE source <> 'pubmed'"
    held = {pmid: (version, revised) for pmid, version, revised in store.db.execute(sql)}
    newer = [
        p.article
        for p in kept
        if (p.article.version, p.article.revised_date or "") >= held.get(p.article.pmid, (0, ""))
        and p.article.pmid not in gone
    ]
    changes = save_articles(store, run_id, newer, at)
    for preprint in kept:
        pmid = preprint.article.pmid
        store.db.execute("UPDATE articles SET source = 'europe pmc' WHERE pmid = ? AND source = 'pubmed'", [pmid])
        store.db.execute(
            "INSERT INTO preprints (pmid, identifier, server, doi, published_pmid, fetched_at) "
            "VALUES (?, ?, ?, ?, ?, ?) ON CONFLICT (pmid) DO UPDATE SET server = excluded.server, doi = excluded.doi, "
            "published_pmid = coalesce(excluded.published_pmid, published_pmid), fetched_at = excluded.fetched_at",
            [pmid, preprint.identifier, preprint.server, preprint.article.doi, preprint.published_pmid, at],
        )
    counts: dict[str, int] = {}
    for change in changes:
        counts[change.change] = counts.get(change.change, 0) + 1
    return counts


def give_way_to_journals(store: Store, run_id: int, at: str) -> int:
    """Takes a preprint out of the lists once its journal version is held, and back where that has vanished.

    The journal version is the record that Europe PMC names, or PubMed's own record with the preprint's DOI. Returns
    how many gave way now. The caller's transaction.
    """
    by_doi = "(SELECT min(pmid) FROM articles AS same WHERE same.doi = preprints.doi AND same.source = 'pubmed')"
    sql = (
        f"SELECT number, hidden, published, coalesce(journal.vanished, 1) FROM (SELECT preprints.pmid AS number, "
        f"own.vanished AS hidden, coalesce(published_pmid, {by_doi}) AS published FROM preprints "
        "JOIN articles AS own USING (pmid)) LEFT JOIN articles AS journal ON journal.pmid = published ORDER BY number"
    )
    changes = []
    for pmid, hidden, published, missing in store.db.execute(sql).fetchall():
        if hidden == (not missing):
            continue
        store.db.execute("UPDATE articles SET vanished = ? WHERE pmid = ?", [int(not missing), pmid])
        detail = {} if missing else {"reason": f"published as PMID {published}"}
        changes.append(Change(pmid, "returned" if missing else "vanished", detail))
    return sum(change.change == "vanished" for change in record_changes(store, run_id, changes, at))
