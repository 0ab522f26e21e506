"""Screening: what people decided in a screening tool comes back as decisions, and the PRISMA numbers of a list."""

import sqlite3
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field, replace
from typing import Any

from db.citations.formats.common import one_line
from db.screening.match import Matcher
from db.screening.read import ScreenedRow
from db.select.filter import ArticleFilter
from db.select.search.index import ensure_search
from db.store.people.decisions import record_decisions
from db.store.people.verdicts import BY_TIME, SCREENING_VERDICTS, Decision
from db.store.store import Store
from db.topics import current


@dataclass(slots=True)
class ImportReport:
    """What an import of decisions did: rows read, without a decision, matched; decisions new, known, older; others."""

    rows: int = 0
    undecided: int = 0
    matched: int = 0
    added: int = 0
    known: int = 0
    older: int = 0
    matched_by: Counter[str] = field(default_factory=Counter)
    unmatched: list[str] = field(default_factory=list)


def import_decisions(store: Store, rows: Iterable[ScreenedRow], source: str, now: str) -> ImportReport:
    """Keeps the decisions of screened rows, matched by PMID, else DOI, else our key, else title; returns what it did.

    A row that already carries a concept (from our own export) becomes a decision on that tag. `now` is the time of
    decisions that have none of their own. Runs in one transaction of the caller.
    """
    report = ImportReport()
    matcher = Matcher(store.db.conn)
    for row in rows:
        report.rows += 1
        if not row.verdicts:
            report.undecided += 1
            continue
        match = matcher.find(row)
        if match is None:
            report.unmatched.append(f"row {row.number}: {_shown(row)}")
            continue
        pmid, how = match
        report.matched += 1
        report.matched_by[how] += 1
        made = [
            Decision(
                pmid, one.verdict, one.who, one.when or now, one.concept_id,
                reason=one.reason, source=source, text_hash=one.text_hash,
                target=one.target, value=one.value, was=one.was,
            )
            for one in row.verdicts
        ]  # fmt: skip
        recorded = record_decisions(store, made)
        report.added += recorded.added
        report.known += recorded.known
        report.older += recorded.older
    return report


def _shown(row: ScreenedRow) -> str:
    ids = [f"PMID {row.pmid}" if row.pmid else "", f"DOI {row.doi}" if row.doi else "", row.title or ""]
    return one_line("; ".join(filter(None, ids)))[:160] or "no PMID, DOI or title"


def prisma_numbers(connection: sqlite3.Connection, chosen: ArticleFilter) -> dict[str, Any]:
    """Returns the numbers of a PRISMA flow chart for what a resolved filter selects.

    `identified` counts all records of the filter, those not on the topic and the retracted included; `duplicates` those
    that share a DOI with another record (they stay in the list); `screened` the articles of the list with a decision.
    People who disagree on an article make a `conflict`.
    """
    if chosen.search:
        ensure_search(connection)
    listed = _pmids(connection, chosen)
    everything = replace(chosen.switched("retracted", None), topic="all" if chosen.topic == "about" else chosen.topic)
    with_retracted = chosen.switched("retracted", None)
    identified, before_retraction = _pmids(connection, everything), _pmids(connection, with_retracted)
    verdicts = dict(_verdicts(connection, listed))
    counts = Counter(verdict for verdict, _ in verdicts.values())
    reasons = Counter(reason for verdict, texts in verdicts.values() if verdict == "exclude" for reason in texts)
    return {
        "identified": len(identified),
        "duplicates": _duplicates(connection, identified),
        f"not_about_{current().id}": len(identified) - len(before_retraction),
        "retracted": _retracted(connection, identified),
        "retracted_left_out": len(before_retraction) - len(listed),
        "listed": len(listed),
        "screened": len(verdicts),
        "not_screened": len(listed) - len(verdicts),
        "included": counts["include"],
        "excluded": counts["exclude"],
        "maybe": counts["maybe"],
        "conflict": counts["conflict"],
        "exclusion_reasons": dict(sorted(reasons.items(), key=lambda pair: (-pair[1], pair[0]))),
    }


def _pmids(connection: sqlite3.Connection, chosen: ArticleFilter) -> set[int]:
    condition, params = chosen.where()
    return {row[0] for row in connection.execute(f"SELECT pmid FROM articles WHERE {condition}", params)}


def _duplicates(connection: sqlite3.Connection, pmids: set[int]) -> int:
    rows = connection.execute("SELECT pmid, lower(doi) FROM articles WHERE doi IS NOT NULL")
    dois = [doi for pmid, doi in rows if pmid in pmids]
    return len(dois) - len(set(dois))


def _retracted(connection: sqlite3.Connection, pmids: set[int]) -> int:
    return sum(row[0] in pmids for row in connection.execute("SELECT pmid FROM articles WHERE retracted"))


def _verdicts(connection: sqlite3.Connection, pmids: set[int]) -> Iterator[tuple[int, tuple[str, list[str]]]]:
    """Yields each screened article with the verdict of all people together, and their reasons."""
    if not connection.execute("SELECT 1 FROM sqlite_master WHERE name = 'decisions'").fetchone():
        return
    marks = ", ".join(f"'{verdict}'" for verdict in SCREENING_VERDICTS)
    newest: dict[int, dict[str, tuple[str, str | None]]] = {}
    sql = f"SELECT pmid, who, verdict, reason FROM decisions WHERE verdict IN ({marks}) ORDER BY {BY_TIME}"
    for pmid, who, verdict, reason in connection.execute(sql):
        if pmid in pmids:
            newest.setdefault(pmid, {})[who] = (verdict, reason)
    for pmid, people in newest.items():
        agreed = {verdict for verdict, _ in people.values()}
        reasons = sorted({reason for verdict, reason in people.values() if verdict == "exclude" and reason})
        yield pmid, (agreed.pop() if len(agreed) == 1 else "conflict", reasons)
