"""People's decisions: kept for good, applied over the tagger, and raised for review where the text changed."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Literal

from db.errors import TrackerError
from db.store.seals import seal
from db.store.store import Store

Verdict = Literal["accept", "reject", "add", "include", "exclude", "maybe"]

#: Verdicts about a tag need a concept; verdicts about the article itself (screening) have none.
TAG_VERDICTS = ("accept", "reject", "add")
SCREENING_VERDICTS = ("include", "exclude", "maybe")
#: The order of decisions: by their own time, then by arrival. The last one is in force.
BY_TIME = '"when", decisions.id'


#: What is said of a decision that was made on another text.
CHANGED_SINCE = " (the text has changed since; please look again)"


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


@dataclass(frozen=True, slots=True)
class Recorded:
    """What became of decisions: added, known already, or older than what the same person decided on it since."""

    added: int = 0
    known: int = 0
    older: int = 0


def record_decisions(store: Store, decisions: Iterable[Decision]) -> Recorded:
    """Adds decisions with the hash of the text they were made on; returns what became of them.

    A decision is known by its PMID, concept, person, time and verdict, and where the person's last word on the tag is
    the same already; one that is older than this person's last word changes nothing and is left out. Raises
    DecisionError where the store does not hold the article or the concept. The article is tagged anew by the next
    `tag`, which applies the decision.
    """
    added = known = older = 0
    for decision in decisions:
        row = store.db.execute("SELECT text_hash FROM articles WHERE pmid = ?", [decision.pmid]).fetchone()
        if row is None:
            raise DecisionError(
                f"PMID {decision.pmid}: the store does not hold this article; harvest or import it first"
            )
        kind = _kind(store, decision)
        held = _held(store, decision)
        if any((when, verdict) == (decision.when, decision.verdict) for when, verdict, _ in held):
            known += 1
            continue
        if held and decision.when < held[-1][0]:
            older += 1
            continue
        if held and held[-1][1:] == (decision.verdict, decision.reason):
            known += 1
            continue
        _insert(store, decision, kind, decision.text_hash or row[0])
        added += 1
    return Recorded(added, known, older)


def _held(store: Store, decision: Decision) -> list[tuple[str, str, str | None]]:
    """What this person decided on this tag so far, by time: (when, verdict, reason)."""
    sql = (
        'SELECT "when", verdict, reason FROM decisions WHERE pmid = ? AND concept_id IS ? AND who = ? '
        f"ORDER BY {BY_TIME}"
    )
    return store.db.execute(sql, [decision.pmid, decision.concept_id, decision.who]).fetchall()


def _insert(store: Store, decision: Decision, kind: str | None, text_hash: str) -> None:
    cursor = store.db.execute(
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
            text_hash,
        ],
    )
    seal(store.db.conn, "decision", int(cursor.lastrowid or 0))
    if decision.concept_id is not None:
        store.db.execute("UPDATE articles SET tagger = NULL WHERE pmid = ?", [decision.pmid])


def decisions(store: Store) -> Iterator[Decision]:
    """Yields every decision in the order in which they came."""
    columns = 'pmid, verdict, who, "when", concept_id, kind, reason, source, text_hash'
    for row in store.db.execute(f"SELECT {columns} FROM decisions ORDER BY id"):
        yield Decision(*row)


@dataclass(frozen=True, slots=True)
class Standing:
    """The decision in force on one tag of one article, and whether the text has changed since it was made."""

    pmid: int
    concept_id: str
    verdict: Verdict
    who: str
    when: str
    reason: str | None
    text_changed: bool

    @property
    def words(self) -> str:
        """The decision in one line."""
        said = f"PMID {self.pmid}: {self.verdict} {self.concept_id}, {self.who}, {self.when[:10]}"
        return f"{said}: {self.reason}" if self.reason else said


def decisions_in_force(store: Store, pmid: int | None = None) -> list[Standing]:
    """Returns the decision in force on each tag, by PMID and concept: the newest by its own time, whoever made it."""
    sql = (
        'SELECT pmid, concept_id, verdict, who, "when", reason, decisions.text_hash <> articles.text_hash '
        "FROM decisions JOIN articles USING (pmid) WHERE concept_id IS NOT NULL AND (:pmid IS NULL OR pmid = :pmid) "
        f"ORDER BY {BY_TIME}"
    )
    newest = {(row[0], row[1]): row for row in store.db.execute(sql, {"pmid": pmid})}
    return [
        Standing(number, concept, verdict, who, when, reason, bool(changed))
        for number, concept, verdict, who, when, reason, changed in (newest[key] for key in sorted(newest))
    ]


def to_review(store: Store) -> list[Standing]:
    """Returns the decisions in force whose article's text has changed since they were made."""
    return [standing for standing in decisions_in_force(store) if standing.text_changed]


def _kind(store: Store, decision: Decision) -> str | None:
    if decision.concept_id is None:
        return decision.kind
    row = store.db.execute("SELECT kind FROM concepts WHERE id = ?", [decision.concept_id]).fetchone()
    if row is None:
        raise DecisionError(f"concept {decision.concept_id!r} is not in the vocabulary of this store")
    kind: str = row[0]
    return kind
