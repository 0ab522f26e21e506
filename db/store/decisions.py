"""People's decisions: kept for good, applied over the tagger, and raised for review where the text changed."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any, Literal

from db.errors import TrackerError
from db.store.store import Store

Verdict = Literal["accept", "reject", "add", "include", "exclude", "maybe"]

#: Verdicts about a tag need a concept; verdicts about the article itself (screening) have none.
TAG_VERDICTS = ("accept", "reject", "add")
SCREENING_VERDICTS = ("include", "exclude", "maybe")


class DecisionError(TrackerError):
    """A decision on something that is not there."""


@dataclass(frozen=True, slots=True)
class Decision:
    """What a person decided about a tag of an article, or about the article itself (`concept_id` None)."""

    pmid: int
    verdict: Verdict
    who: str
    when: str
    concept_id: str | None = None
    kind: str | None = None
    reason: str | None = None
    source: str | None = None
    text_hash: str = ""


def record_decisions(store: Store, decisions: Iterable[Decision]) -> int:
    """Adds decisions with the hash of the text they were made on; returns how many were not there already.

    Raises DecisionError where the store does not hold the article or the concept. The article is tagged anew by the
    next `tag`, which applies the decision.
    """
    added = 0
    for decision in decisions:
        row = store.db.execute("SELECT text_hash FROM articles WHERE pmid = ?", [decision.pmid]).fetchone()
        if row is None:
            raise DecisionError(
                f"PMID {decision.pmid}: the store does not hold this article; harvest or import it first"
            )
        kind = _kind(store, decision)
        values = [decision.pmid, decision.concept_id, decision.verdict, decision.who, decision.reason]
        if store.db.execute(
            "SELECT 1 FROM decisions WHERE pmid = ? AND concept_id IS ? AND verdict = ? AND who = ? AND reason IS ? "
            "AND id = (SELECT max(id) FROM decisions AS d WHERE d.pmid = decisions.pmid AND d.who = decisions.who "
            "AND d.concept_id IS decisions.concept_id)",
            values,
        ).fetchone():
            continue
        store.db.execute(
            'INSERT INTO decisions (pmid, concept_id, kind, verdict, who, "when", reason, source, text_hash) '
            "VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)",
            [
                decision.pmid,
                decision.concept_id,
                kind,
                decision.verdict,
                decision.who,
                decision.when,
                decision.reason,
                decision.source,
                decision.text_hash or row[0],
            ],
        )
        if decision.concept_id is not None:
            store.db.execute("UPDATE articles SET tagger = NULL WHERE pmid = ?", [decision.pmid])
        added += 1
    return added


def decisions(store: Store) -> Iterator[Decision]:
    """Yields every decision in the order in which they were made."""
    columns = 'pmid, verdict, who, "when", concept_id, kind, reason, source, text_hash'
    for row in store.db.execute(f"SELECT {columns} FROM decisions ORDER BY id"):
        yield Decision(*row)


def to_review(store: Store) -> list[dict[str, Any]]:
    """Returns the decisions whose article's text has changed since they were made."""
    cursor = store.db.execute(
        'SELECT decisions.pmid, concept_id, verdict, who, "when", reason FROM decisions JOIN articles USING (pmid) '
        "WHERE decisions.text_hash <> articles.text_hash AND decisions.concept_id IS NOT NULL ORDER BY decisions.id"
    )
    names = [column[0] for column in cursor.description]
    return [dict(zip(names, row, strict=True)) for row in cursor]


def _kind(store: Store, decision: Decision) -> str | None:
    if decision.concept_id is None:
        return decision.kind
    row = store.db.execute("SELECT kind FROM concepts WHERE id = ?", [decision.concept_id]).fetchone()
    if row is None:
        raise DecisionError(f"concept {decision.concept_id!r} is not in the vocabulary of this store")
    kind: str = row[0]
    return kind
