"""Which articles are a trial's own work, and since which run each is known as that: told once, as a publication."""

import json
from collections.abc import Iterable

from db.sql import literals
from db.store.store import Store
from db.terms import REVIEW_DESIGNS

_REVIEW_TERMS = ("Clinical Trial Protocol", "Review", "Systematic Review", "Meta-Analysis")
#: That the article of a row of `trial_articles` is one that no trial has published: a review of others' work, or a
#: protocol (MeSH: Clinical Trial Protocol).
NO_REPORT = (
    "(EXISTS (SELECT 1 FROM articles WHERE articles.pmid = trial_articles.pmid "
    f"AND study_design IN ({literals(sorted(REVIEW_DESIGNS))})) "
    "OR EXISTS (SELECT 1 FROM publication_types WHERE publication_types.pmid = trial_articles.pmid "
    f"AND (ui = 'D000078325' OR term IN ({literals(_REVIEW_TERMS)}))))"
)
#: Ties by which an article may be said to be a trial's own: the sponsor names it as the result, or it has the trial's
#: number and is neither a review nor a protocol. Who is held and not yet tagged waits: its design is not known.
OWN_WORK = (
    f"(source = 'registry' AND kind = 'RESULT') OR ((source <> 'registry' OR kind = 'DERIVED') AND NOT {NO_REPORT} "
    "AND NOT EXISTS (SELECT 1 FROM articles WHERE articles.pmid = trial_articles.pmid "
    "AND (tagger IS NULL OR articles.vanished = 1)))"
)


def note_reports(store: Store, run_id: int, at: str) -> int:
    """Writes down what is new about trials' own articles, each once; returns how many changes of trials that makes.

    An article has become known as a trial's own (what a trial has already when it comes is no news of it), or one that
    was known has been retracted or reinstated. The caller's transaction.
    """
    known = store.db.execute("SELECT nct_id, pmid, retracted FROM trial_reports").fetchall()
    store.db.execute(
        "INSERT INTO trial_reports (nct_id, pmid, retracted) SELECT DISTINCT nct_id, pmid, coalesce(retracted, 0) "
        f"FROM (SELECT nct_id, pmid FROM trial_articles WHERE {OWN_WORK}) LEFT JOIN articles USING (pmid) "
        "WHERE true ON CONFLICT (nct_id, pmid) DO UPDATE SET retracted = excluded.retracted"
    )
    before = {(nct_id, pmid): retracted for nct_id, pmid, retracted in known}
    came: dict[tuple[str, str], list[int]] = {}
    sql = "SELECT nct_id, pmid, retracted FROM trial_reports ORDER BY nct_id, pmid"
    for nct_id, pmid, retracted in store.db.execute(sql).fetchall():
        if (nct_id, pmid) not in before:
            came.setdefault((nct_id, "published"), []).append(pmid)
        elif before[nct_id, pmid] != retracted:
            came.setdefault((nct_id, "paper retracted" if retracted else "paper reinstated"), []).append(pmid)
    new = {
        row[0]
        for row in store.db.execute("SELECT nct_id FROM trial_changes WHERE run_id = ? AND change = 'new'", [run_id])
    }
    told = [key for key in came if key[0] not in new]
    for nct_id, change in told:
        pmids = sorted({*came[nct_id, change], *_told_in(store, run_id, nct_id, change)})
        store.db.execute(
            "INSERT OR REPLACE INTO trial_changes (run_id, nct_id, change, at, detail) VALUES (?, ?, ?, ?, ?)",
            [run_id, nct_id, change, at, json.dumps({"pmids": pmids})],
        )
    return len(told)


def _told_in(store: Store, run_id: int, nct_id: str, change: str) -> Iterable[int]:
    """Returns what the same run has noted of a trial already."""
    sql = "SELECT detail FROM trial_changes WHERE run_id = ? AND nct_id = ? AND change = ?"
    for (detail,) in store.db.execute(sql, [run_id, nct_id, change]):
        yield from json.loads(detail)["pmids"]
