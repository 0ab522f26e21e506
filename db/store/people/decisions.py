"""People's decisions: kept for good, applied over the tagger at once, and raised for review where the text changed."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from db.store.ledger.ledger import Ledger
from db.store.people.rules import check_decision
from db.store.people.verdicts import BY_TIME, Decision, DecisionError
from db.store.records.changes import record_changes
from db.store.seals import seal
from db.store.store import Store, utc_now
from db.store.tags import apply_people, keep_tagger_reading

_COLUMNS = 'pmid, verdict, who, "when", concept_id, kind, reason, source, text_hash, target, value, was'


@dataclass(frozen=True, slots=True)
class Recorded:
    """What became of decisions: added, known already, or older than what the same person decided on it since."""

    added: int = 0
    known: int = 0
    older: int = 0


@dataclass(frozen=True, slots=True)
class _Held:
    when: str
    verdict: str
    reason: str | None
    value: str | None
    text_hash: str


def record_decisions(store: Store, decisions: Iterable[Decision], software: str = "ho-tracker") -> Recorded:
    """Adds decisions with the hash of the text they were made on, and applies them; returns what became of them.

    A decision is known by its PMID, what it is about, person, time and verdict, and where the person's last word on it
    is the same already; one that is older than this person's last word changes nothing and is left out. Raises
    DecisionError where the store does not hold the article or the concept. Of an article that waits to be tagged the
    next `tag` applies them. Runs in a transaction of the caller; what changes is written to the ledger as a run.
    """
    added = known = older = 0
    changed: dict[int, None] = {}
    for decision in decisions:
        row = store.db.execute("SELECT text_hash FROM articles WHERE pmid = ?", [decision.pmid]).fetchone()
        if row is None:
            raise DecisionError(
                f"PMID {decision.pmid}: the store does not hold this article; harvest or import it first"
            )
        made = replace(decision, kind=_kind(store, decision))
        check_decision(store, made)
        held = _held(store, made)
        if _is_known(made, held, _newest_person(store, made)):
            known += 1
            continue
        if held and made.when < held[-1].when:
            older += 1
            continue
        if made.concept_id is not None or made.target is not None:
            keep_tagger_reading(store, made.pmid)
            changed[made.pmid] = None
        _insert(store, replace(made, text_hash=made.text_hash or row[0]))
        added += 1
    _apply(store, changed, software)
    return Recorded(added, known, older)


def next_time(store: Store, pmid: int, concept_id: str | None, target: str | None) -> str:
    """Returns the time of a decision that is made now: later than every one on the same thing, if by a second."""
    sql = 'SELECT max("when") FROM decisions WHERE pmid = ? AND concept_id IS ? AND target IS ?'
    (last,) = store.db.execute(sql, [pmid, concept_id, target]).fetchone()
    now = utc_now()
    if last is None or last < now:
        return now
    try:
        later = datetime.fromisoformat(last) + timedelta(seconds=1)
    except ValueError:
        return now
    return later.strftime("%Y-%m-%dT%H:%M:%SZ")


def _apply(store: Store, pmids: Iterable[int], software: str) -> None:
    changes = [change for pmid in pmids if (change := apply_people(store, pmid))]
    if changes:
        ledger = Ledger(store)
        run_id = ledger.open("decide", software)
        record_changes(store, run_id, changes, utc_now())
        ledger.finish(run_id, "done", "decisions of people", 0, 0.0)


def _is_known(decision: Decision, held: list[_Held], newest: str | None) -> bool:
    """Whether a person says nothing new: this very decision, or the same as last time.

    Who looked at the text as it is now (and says so by its hash) may say the same again, where it has changed since or
    somebody else has decided otherwise.
    """
    if any((one.when, one.verdict, one.value) == (decision.when, decision.verdict, decision.value) for one in held):
        return True
    if not held or decision.verdict == "withdraw":
        return False
    last = held[-1]
    same = (last.verdict, last.reason, last.value) == (decision.verdict, decision.reason, decision.value)
    return same and (not decision.text_hash or (decision.text_hash == last.text_hash and newest == decision.who))


def _newest_person(store: Store, decision: Decision) -> str | None:
    """Who decided on this last."""
    sql = (
        "SELECT who FROM decisions WHERE pmid = ? AND concept_id IS ? AND target IS ? "
        'ORDER BY "when" DESC, id DESC LIMIT 1'
    )
    row = store.db.execute(sql, [decision.pmid, decision.concept_id, decision.target]).fetchone()
    return str(row[0]) if row else None


def _held(store: Store, decision: Decision) -> list[_Held]:
    """What this person decided on this so far, by time."""
    sql = (
        'SELECT "when", verdict, reason, value, text_hash FROM decisions '
        f"WHERE pmid = ? AND concept_id IS ? AND target IS ? AND who = ? ORDER BY {BY_TIME}"
    )
    rows = store.db.execute(sql, [decision.pmid, decision.concept_id, decision.target, decision.who])
    return [_Held(*row) for row in rows]


def _insert(store: Store, decision: Decision) -> None:
    names = [name.strip('"') for name in _COLUMNS.split(", ")]
    cursor = store.db.execute(
        f"INSERT INTO decisions ({_COLUMNS}) VALUES ({', '.join('?' * len(names))})",
        [getattr(decision, name) for name in names],
    )
    seal(store.db.conn, "decision", int(cursor.lastrowid or 0))


def decisions(store: Store) -> Iterator[Decision]:
    """Yields every decision in the order in which they came."""
    for row in store.db.execute(f"SELECT {_COLUMNS} FROM decisions ORDER BY id"):
        yield Decision(*row)


def _kind(store: Store, decision: Decision) -> str | None:
    if decision.concept_id is None:
        return decision.kind
    row = store.db.execute("SELECT kind FROM concepts WHERE id = ?", [decision.concept_id]).fetchone()
    if row is None:
        raise DecisionError(f"concept {decision.concept_id!r} is not in the vocabulary of this store")
    kind: str = row[0]
    return kind
