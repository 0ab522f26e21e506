"""Which articles are a trial's own work, and since which run each is known as that: told once, as a publication."""

import json
from collections.abc import Iterable

from db.sql import literals
from db.store.store import Store
from db.terms import REVIEW_DESIGNS

#: Articles that no trial has published: reviews of others' work, and protocols (MeSH: Clinical Trial Protocol).
NO_REPORT = (
    f"SELECT pmid FROM articles WHERE study_design IN ({literals(sorted(REVIEW_DESIGNS))}) "
    "UNION SELECT pmid FROM publication_types WHERE ui = 'D000078325' "
    "UNION SELECT pmid FROM publication_types WHERE term IN ('Clinical Trial Protocol', 'Review', 'Systematic Review', "
    "'Meta-Analysis')"
)
#: Ties by which an article may be said to be a trial's own: the sponsor names it as the result, or it has the trial's
#: number and is neither a review nor a protocol. Who is held and not yet tagged waits: its design is not known.
OWN_WORK = (
    "(source = 'registry' AND kind = 'RESULT') OR ((source <> 'registry' OR kind = 'DERIVED') "
    f"AND pmid NOT IN ({NO_REPORT}) AND pmid NOT IN (SELECT pmid FROM articles WHERE tagger IS NULL OR vanished = 1))"
)


def note_reports(store: Store, run_id: int, at: str) -> int:
    """Writes down which articles have become known as a trial's own, each once; returns how many trials got one.

    What a trial has already when it comes is no news of it. The caller's transaction.
    """
    sql = (
        f"SELECT DISTINCT nct_id, pmid FROM trial_articles WHERE ({OWN_WORK}) "
        "EXCEPT SELECT nct_id, pmid FROM trial_reports ORDER BY nct_id, pmid"
    )
    came: dict[str, list[int]] = {}
    for nct_id, pmid in store.db.execute(sql).fetchall():
        came.setdefault(nct_id, []).append(pmid)
    for nct_id, pmids in came.items():
        rows = [(nct_id, pmid) for pmid in pmids]
        store.db.conn.executemany("INSERT INTO trial_reports (nct_id, pmid) VALUES (?, ?)", rows)
        if store.db.execute(
            "SELECT 1 FROM trial_changes WHERE run_id = ? AND nct_id = ? AND change = 'new'", [run_id, nct_id]
        ).fetchone():
            continue
        told = sorted({*pmids, *_told_in(store, run_id, nct_id)})
        store.db.execute(
            "INSERT OR REPLACE INTO trial_changes (run_id, nct_id, change, at, detail) "
            "VALUES (?, ?, 'published', ?, ?)",
            [run_id, nct_id, at, json.dumps({"pmids": told})],
        )
    return len(came)


def _told_in(store: Store, run_id: int, nct_id: str) -> Iterable[int]:
    """Returns what the same run has noted of a trial already."""
    sql = "SELECT detail FROM trial_changes WHERE run_id = ? AND nct_id = ? AND change = 'published'"
    for (detail,) in store.db.execute(sql, [run_id, nct_id]):
        yield from json.loads(detail)["pmids"]
