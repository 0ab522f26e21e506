"""What the ledger says between two runs: the difference of each article between then and now, under one heading."""

import json
import sqlite3
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from db.evidence.digests.model import DigestError
from db.notices import ABOUT_ARTICLE
from db.sql import literals
from db.store.ledger.digests import ToldLine, last_begun, last_finished, told_until
from db.store.records.changes import ORDER_WITHIN_A_RUN

_PRESENCE = ("new", "returned", "vanished")
_STANDING = ("retracted", "reinstated")


@dataclass(frozen=True, slots=True)
class Span:
    """The runs that a digest tells of: those after one up to another, from a moment on; `words` say where it begins."""

    words: str
    after: int
    last: int
    day: str = ""

    @property
    def where(self) -> tuple[str, list[Any]]:
        """A condition over changes (of articles or trials) and its values."""
        return "run_id > ? AND run_id <= ? AND at >= ?", [self.after, self.last, self.day]


def span_since(conn: sqlite3.Connection, since: str | None) -> Span:
    """Returns the runs since a run's number, a day (YYYY-MM-DD, UTC, counted) or, for None, the last digest of all.

    Raises DigestError for what is neither.
    """
    if since is None:  # only the digest itself must not come too early
        return Span("the last digest", told_until(conn), last_finished(conn))
    if since.isdigit():
        if not conn.execute("SELECT 1 FROM runs WHERE id = ?", [int(since[:18])]).fetchone():
            raise DigestError(f"there is no run {since}; ho-tracker status names the last one")
        return Span(f"run {since}", int(since), last_begun(conn))
    try:
        day = date.fromisoformat(since)
    except ValueError:
        raise DigestError(f"{since!r} is neither a run's number nor a day like 2026-03-01") from None
    return Span(f"{day}", 0, last_begun(conn), day.isoformat())


def changed_lines(conn: sqlite3.Connection, span: Span) -> dict[int, ToldLine]:
    """Returns what is different now about each article that changed, by PMID: the gravest, under one heading.

    What came and went in between is no difference.
    """
    where, values = span.where
    seen: dict[int, list[tuple[str, Mapping[str, Any]]]] = {}
    sql = f"SELECT pmid, change, detail FROM changes WHERE {where} ORDER BY run_id, at, {ORDER_WITHIN_A_RUN}"
    for pmid, change, detail in conn.execute(sql, values):
        seen.setdefault(pmid, []).append((change, json.loads(detail) if detail else {}))
    found = {}
    later = _first_later(conn, span, seen)
    sql = (
        "SELECT pmid, retracted, vanished, cites_retracted, (SELECT group_concat(kind, ' ') FROM notices "
        "WHERE notices.pmid = articles.pmid) FROM articles WHERE pmid IN (SELECT value FROM json_each(?))"
    )
    for pmid, retracted, vanished, cites, notices in conn.execute(sql, [json.dumps(sorted(seen))]):
        changes = seen[pmid]
        presence, standing = later.get((pmid, True)), later.get((pmid, False))
        named = _heading(
            [name for name, _ in changes],
            retracted=standing == "reinstated" if standing else bool(retracted),
            vanished=presence != "vanished" if presence else bool(vanished),
            cites_retracted=bool(cites),
            noticed=_noticed(changes, (notices or "").split()),
        )
        if named:
            change, arrived = named
            found[pmid] = ToldLine(change, pmid, None, _detail(changes, arrived))
    return found


def _first_later(conn: sqlite3.Connection, span: Span, pmids: Iterable[int]) -> dict[tuple[int, bool], str]:
    """Returns the first change after a span of whether each article is there (True), and is retracted (False).

    A run that is still at work has changed articles already: what it did is for the next digest to tell.
    """
    sql = (
        f"SELECT pmid, change FROM changes WHERE run_id > ? AND change IN ({literals((*_PRESENCE, *_STANDING))}) "
        f"AND pmid IN (SELECT value FROM json_each(?)) ORDER BY run_id DESC, at DESC, {ORDER_WITHIN_A_RUN} DESC"
    )
    rows = conn.execute(sql, [span.last, json.dumps(sorted(pmids))])
    return {(pmid, change in _PRESENCE): change for pmid, change in rows}


def _heading(
    kinds: list[str], *, retracted: bool, vanished: bool, cites_retracted: bool, noticed: bool
) -> tuple[str, bool] | None:
    """Returns the heading of one article, and whether it came here meanwhile; None where nothing is different."""
    is_there = not vanished
    first = next((kind for kind in kinds if kind in _PRESENCE), None)
    was_there = first == "vanished" if first else is_there
    if not is_there:
        return ("vanished", False) if was_there else None
    if not was_there:
        named = "new" if "new" in kinds else "returned"
        return ("retracted" if retracted else named), True
    turned = next((kind for kind in kinds if kind in _STANDING), None)
    differs = {
        "retracted": retracted and turned == "retracted",
        "notice": noticed,
        "reinstated": not retracted and turned == "reinstated",
        "cites retracted": "cites retracted" in kinds and cites_retracted,
        "revised": "revised" in kinds,
        "retagged": "retagged" in kinds,
        "cited": "cited" in kinds,
    }
    named = next((change for change, is_so in differs.items() if is_so), "")
    return (named, False) if named else None


def _noticed(changes: Iterable[tuple[str, Mapping[str, Any]]], standing: Iterable[str]) -> bool:
    """Says whether a notice came, and stands, that something is wrong with the article."""
    about = ABOUT_ARTICLE.intersection(standing)
    return any(about.intersection(detail.get("notices", ())) for _, detail in changes)


def _detail(changes: Iterable[tuple[str, Mapping[str, Any]]], arrived: bool) -> dict[str, Any]:
    """Returns what a line keeps beside its heading: columns, notices, findings read otherwise, who cites it."""
    changes = list(changes)
    kept: dict[str, Any] = {"arrived": True} if arrived else {}
    for key, source in (("columns", "columns"), ("notices", "notices"), ("cited_by", "by")):
        values = {value for _, detail in changes for value in detail.get(source, ())}
        if values:
            kept[key] = sorted(values)
    balance: Counter[str] = Counter()
    for _, detail in changes:
        effects = detail.get("effects", {})
        balance.update(json.dumps(effect) for effect in effects.get("gained", ()))
        balance.subtract(json.dumps(effect) for effect in effects.get("lost", ()))
    for key, sign in (("effects_gained", 1), ("effects_lost", -1)):
        found = sorted(effect for effect, count in balance.items() if count * sign > 0)
        if found and not arrived:
            kept[key] = [json.loads(effect) for effect in found]
    return kept
