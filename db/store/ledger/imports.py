"""Files in the ledger: which were imported, and what NLM's files delete, in whatever order they come."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from db.sql import chunks
from db.store.ledger.ledger import Ledger
from db.store.records.revisions import Change
from db.store.store import utc_now


@dataclass(frozen=True, slots=True)
class ImportedFile:
    """A file that was imported; `selection` names what of it was kept, `problem` what of it could not be read."""

    name: str
    checksum: str
    selection: str
    records: int
    problem: str | None = None


def file_is_done(ledger: Ledger, checksum: str, selection: str, name: str | None = None) -> bool:
    """Says whether a file of this checksum was imported whole, with this selection, before.

    `name` is given where it counts: NLM may give the same records once more under a later number.
    """
    sql = (
        "SELECT 1 FROM batches WHERE kind = 'file' AND state = 'done' AND checksum = ? AND reason = ? "
        "AND source = coalesce(?, source)"
    )
    return ledger.db.execute(sql, [checksum, selection, name]).fetchone() is not None


def save_file(ledger: Ledger, run_id: int, file: ImportedFile) -> int:
    """Writes down that a file was imported and returns its batch; one with a problem is read when it is named again.

    The caller's transaction.
    """
    cursor = ledger.db.execute(
        "INSERT INTO batches (run_id, position, kind, state, reason, source, checksum, pmid_count, attempts, message, "
        "finished_at) VALUES (?, ?, 'file', ?, ?, ?, ?, ?, 1, ?, ?)",
        [
            run_id,
            ledger.next_position(run_id),
            "failed" if file.problem else "done",
            file.selection,
            file.name,
            file.checksum,
            file.records,
            file.problem,
            utc_now(),
        ],
    )
    return int(cursor.lastrowid or 0)


def delete_by_file(ledger: Ledger, run_id: int, pmids: Iterable[int], source: str | None) -> list[Change]:
    """Marks what a file deletes as vanished, but for what a later of NLM's files brought; returns the changes.

    Deletions of numbered files are remembered, so that an earlier file that comes later brings nothing back.
    """
    deleted = sorted(set(pmids))
    if source:
        sql = (
            "INSERT INTO deletions (pmid, source) VALUES (?, ?) ON CONFLICT (pmid) DO UPDATE SET "
            "source = max(source, excluded.source)"
        )
        ledger.db.conn.executemany(sql, [(pmid, source) for pmid in deleted])
    condition = "vanished = 0 AND NOT (:source IS NOT NULL AND coalesce(records.named_in, '') > coalesce(:source, ''))"
    gone = _present(ledger, deleted, condition, {"source": source})
    return ledger.mark_vanished(run_id, gone, "NLM deleted it")


def apply_deletions(ledger: Ledger, run_id: int, pmids: Sequence[int]) -> list[Change]:
    """Marks as vanished what a later file than that of its record deleted, or the end of that file."""
    condition = "vanished = 0 AND EXISTS (SELECT 1 FROM deletions d WHERE d.pmid = articles.pmid "
    gone = _present(ledger, sorted(set(pmids)), f"{condition} AND d.source >= records.named_in)", {})
    return ledger.mark_vanished(run_id, gone, "NLM deleted it")


def _present(ledger: Ledger, pmids: Sequence[int], condition: str, values: dict[str, str | None]) -> list[int]:
    found: list[int] = []
    for part in chunks(pmids):
        named = {f"p{place}": pmid for place, pmid in enumerate(part)}
        listed = ", ".join(f":{name}" for name in named)
        sql = f"SELECT pmid FROM articles JOIN records USING (pmid) WHERE pmid IN ({listed}) AND {condition}"
        found.extend(pmid for (pmid,) in ledger.db.execute(sql, {**named, **values}))
    return found
