"""The difference that several changes of one trial make: from the first state to the last, what was undone is none."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any, Final, NamedTuple

#: Changes of a trial's own papers, and how each is said before them.
PAPER_CHANGES: Final[Mapping[str, str]] = {
    "paper retracted": "Paper retracted",
    "published": "A paper",
    "paper reinstated": "Paper reinstated",
}
_PRESENCE = ("vanished", "returned")


class Noted(NamedTuple):
    """A change as the ledger has it: of which trial, what, when (UTC), and what more there is to say."""

    nct_id: str
    title: str
    kind: str
    change: str
    at: str
    told: Mapping[str, Any]


def difference(changes: Sequence[Noted]) -> list[Noted]:
    """Returns what is different after some changes of one trial, in the order in which they came; one a kind."""
    by_kind: dict[str, list[Noted]] = {}
    for change in changes:
        by_kind.setdefault(change.change, []).append(change)
    present = [change.change for change in changes if change.change in _PRESENCE]
    came_and_went = bool(present) and present[0] != present[-1]
    if "new" in by_kind:
        if present and not came_and_went:
            return []  # it came and is gone again
        kept = {kind: by_kind[kind] for kind in ("new", "results posted") if kind in by_kind}
        return [_new(noted, by_kind.get("status", ())) if kind == "new" else noted[-1] for kind, noted in kept.items()]
    told = {kind: _TOLD[kind](noted) for kind, noted in by_kind.items() if kind in _TOLD}
    told |= _papers(changes)
    told |= {kind: noted[-1].told for kind, noted in by_kind.items() if kind == "results posted"}
    if present and not came_and_went:
        told[present[-1]] = {}
    return [by_kind[kind][-1]._replace(told=what) for kind, what in told.items() if what is not None]


def _new(noted: Sequence[Noted], statuses: Sequence[Noted]) -> Noted:
    """Returns that a trial is new, with the status that it has come to."""
    if not statuses:
        return noted[-1]
    last = statuses[-1].told
    return noted[-1]._replace(told={"status": last.get("to"), "why": last.get("why")})


def _status(noted: Sequence[Noted]) -> Mapping[str, Any] | None:
    first, last = noted[0].told, noted[-1].told
    return {**last, "from": first.get("from")} if first.get("from") != last.get("to") else None


def _dates(noted: Sequence[Noted]) -> Mapping[str, Any] | None:
    moved: dict[str, list[str | None]] = {}
    for change in noted:
        for name, (before, after) in change.told.items():
            moved[name] = [moved.get(name, [before])[0], after]
    return {name: ends for name, ends in moved.items() if ends[0] != ends[1]} or None


def _papers(changes: Sequence[Noted]) -> dict[str, Mapping[str, Any] | None]:
    """Returns which papers came, and which are retracted or not, otherwise than before."""
    came: set[int] = set()
    turns: dict[int, list[str]] = {}
    for change in changes:
        if change.change == "published":
            came.update(change.told["pmids"])
        elif change.change in PAPER_CHANGES:
            for pmid in change.told["pmids"]:
                turns.setdefault(pmid, []).append(change.change)
    ends = {pmid: kinds[-1] for pmid, kinds in turns.items() if kinds[0] == kinds[-1]}
    found = {kind: sorted(pmid for pmid, end in ends.items() if end == kind) for kind in PAPER_CHANGES}
    found["published"] = sorted(came)
    return {kind: {"pmids": pmids} for kind, pmids in found.items() if pmids}


_TOLD: Mapping[str, Callable[[Sequence[Noted]], Mapping[str, Any] | None]] = {"status": _status, "dates": _dates}
