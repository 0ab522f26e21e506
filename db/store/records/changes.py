"""Writes what happened to articles into the ledger: each change once a run."""

import json
from collections.abc import Iterable

from db.sql import chunks
from db.store.records.revisions import Change
from db.store.store import Store


def record_changes(store: Store, run_id: int, changes: Iterable[Change], at: str) -> list[Change]:
    """Writes changes to the ledger, each once a run, and returns those that were not there.

    An article that is new in a run is not also revised in it.
    """
    changes = list(changes)
    known: set[tuple[int, str]] = set()
    for pmids in chunks([change.pmid for change in changes]):
        marks = ",".join("?" * len(pmids))
        sql = f"SELECT pmid, change FROM changes WHERE run_id = ? AND pmid IN ({marks})"
        known.update(store.db.execute(sql, [run_id, *pmids]).fetchall())
    fresh = [
        change
        for change in changes
        if (change.pmid, change.change) not in known
        and not (change.change == "revised" and (change.pmid, "new") in known)
    ]
    store.db.conn.executemany(
        "INSERT INTO changes (run_id, pmid, change, at, detail) VALUES (?, ?, ?, ?, ?)",
        [(run_id, c.pmid, c.change, at, json.dumps(c.detail, ensure_ascii=False) if c.detail else None) for c in fresh],
    )
    return fresh
