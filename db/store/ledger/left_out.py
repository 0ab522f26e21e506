"""What files held and the store left out, off its topic: an earlier revision may come later, and be on the topic."""

import zlib
from array import array
from collections.abc import Mapping
from dataclasses import dataclass
from itertools import accumulate, pairwise
from pathlib import Path

from db.store.ledger.ledger import Ledger

#: How new a revision is: PMID version and DateRevised, the greater the newer.
Revision = tuple[int, str]
#: PMIDs as the steps between them (those of a yearly file follow each other), versions, days as 20260102.
_CODES = ("Q", "I", "I")


@dataclass(frozen=True, slots=True)
class Leaving:
    """A file that was imported, with PMIDs that it holds and that were left out then."""

    path: Path
    place: str | None
    checksum: str
    pmids: frozenset[int]


def save_left_out(ledger: Ledger, batch: int, path: Path, place: str | None, revisions: Mapping[int, Revision]) -> None:
    """Writes down what an imported file held and was not kept, the newest revision of each PMID.

    `place` is the file's in NLM's order, None where it has none. The caller's transaction.
    """
    if revisions:
        sql = "INSERT INTO left_out (batch_id, path, place, lowest, highest, revisions) VALUES (?, ?, ?, ?, ?, ?)"
        ledger.db.execute(sql, [batch, str(path.resolve()), place, min(revisions), max(revisions), _packed(revisions)])


def files_to_read(ledger: Ledger, place: str | None, arrived: Mapping[int, Revision]) -> list[Leaving]:
    """Returns the files that hold a newer revision of articles that arrived just now in the file of a place.

    A later one of NLM's files counts whatever its revision: it says that the article is there. In NLM's order,
    unnumbered files last.
    """
    if not arrived:
        return []
    sql = (
        "SELECT path, place, checksum, revisions FROM left_out JOIN batches ON batches.id = batch_id "
        "WHERE highest >= ? AND lowest <= ? ORDER BY place IS NULL, place, batch_id"
    )
    found: dict[str, Leaving] = {}
    for path, other, checksum, packed in ledger.db.execute(sql, [min(arrived), max(arrived)]):
        later, unordered = bool(place and other and other >= place), not (place and other)
        revisions = _unpacked(packed)
        pmids = {
            pmid
            for pmid in arrived.keys() & revisions.keys()
            if later or (revisions[pmid], unordered) > (_comparable(arrived[pmid]), False)
        }
        if pmids:
            before = found[checksum].pmids if checksum in found else frozenset[int]()
            found[checksum] = Leaving(Path(path), other, checksum, before | pmids)
    return list(found.values())


def ask_again_for(ledger: Ledger, file: Leaving, problem: str) -> None:
    """Writes down that an imported file is to be read again when it is named again; the caller's transaction."""
    sql = "UPDATE batches SET state = 'failed', message = ? WHERE kind = 'file' AND checksum = ? AND state = 'done'"
    ledger.db.execute(sql, [problem, file.checksum])


def _comparable(revision: Revision) -> tuple[int, int]:
    version, day = revision
    return min(version, 0xFFFFFFFF), int(day.replace("-", "").ljust(8, "0")[:8] or 0)


def _packed(revisions: Mapping[int, Revision]) -> bytes:
    pmids = sorted(revisions)
    versions, days = zip(*(_comparable(revisions[pmid]) for pmid in pmids), strict=True)
    columns = ((high - low for low, high in pairwise([0, *pmids])), versions, days)
    return zlib.compress(b"".join(array(code, column).tobytes() for code, column in zip(_CODES, columns, strict=True)))


def _unpacked(packed: bytes) -> dict[int, tuple[int, int]]:
    data = zlib.decompress(packed)
    count = len(data) // sum(array(code).itemsize for code in _CODES)
    columns, start = [], 0
    for code in _CODES:
        column = array(code)
        end = start + count * column.itemsize
        column.frombytes(data[start:end])
        columns.append(column)
        start = end
    steps, versions, days = columns
    return dict(zip(accumulate(steps), zip(versions, days, strict=True), strict=True))
