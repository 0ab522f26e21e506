"""Writes what happened to articles into the ledger: each change once a run, and what a run undoes not at all."""

import json
from collections.abc import Iterable

from db.sql import chunks
from db.store.records.revisions import Change
from db.store.store import Store

#: Of one article in one run: what takes back which earlier change.
_TAKES_BACK = {
    "returned": "vanished", "vanished": "returned", "reinstated": "retracted", "retracted": "reinstated",
}  # fmt: skip
#: In which order one run's changes of one article happened, as SQL that sorts them.
ORDER_WITHIN_A_RUN = "CASE change WHEN 'new' THEN 0 WHEN 'vanished' THEN 1 WHEN 'returned' THEN 2 ELSE 3 END"


def record_changes(store: Store, run_id: int, changes: Iterable[Change], at: str) -> list[Change]:
    """Writes changes to the ledger, each once a run, and returns those that were not there.

    An article that is new in a run is not also revised in it. One that went and came back in one run (two files of one
    import say so) has neither change: of what a run did, the ledger keeps what is left of it.
    """
    changes = list(changes)
    known: set[tuple[int, str]] = set()
    for pmids in chunks([change.pmid for change in changes]):
        marks = ",".join("?" * len(pmids))
        sql = f"SELECT pmid, change FROM changes WHERE run_id = ? AND pmid IN ({marks})"
        known.update(store.db.execute(sql, [run_id, *pmids]).fetchall())
    fresh: list[Change] = []
    undone: list[tuple[int, int, str]] = []
    for change in changes:
        opposite = (change.pmid, _TAKES_BACK.get(change.change, ""))
        if opposite in known:
            undone.append((run_id, *opposite))
            known.remove(opposite)
        elif (change.pmid, change.change) not in known and not (
            change.change == "revised" and (change.pmid, "new") in known
        ):
            fresh.append(change)
    store.db.conn.executemany("DELETE FROM changes WHERE run_id = ? AND pmid = ? AND change = ?", undone)
    store.db.conn.executemany(
        "INSERT INTO changes (run_id, pmid, change, at, detail) VALUES (?, ?, ?, ?, ?)",
        [(run_id, c.pmid, c.change, at, json.dumps(c.detail, ensure_ascii=False) if c.detail else None) for c in fresh],
    )
    return fresh
