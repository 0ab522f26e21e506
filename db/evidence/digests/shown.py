"""What a reader sees of a digest's lines: the articles as they stand now, findings in words, trials."""

import json
import sqlite3
from collections import Counter
from collections.abc import Iterable, Sequence
from typing import Any

from db.evidence.articles import ListedArticle, listed_articles
from db.evidence.digests.model import Entry, in_order
from db.evidence.effects.finding_words import AGAINST, effect_words
from db.evidence.services.trial_changes import TrialChange, told_changes
from db.select.filter import ArticleFilter
from db.store.ledger.digests import ToldLine
from db.topics import current

#: So many articles under one heading are shown with their finding; the rest by their titles.
IN_FULL = 200
#: What an effect of the ledger means where it was a risk factor's direction.
_RISK = {"increases": "worse", "decreases": "better", "no association": "no difference"}


def shown_entries(
    conn: sqlite3.Connection, lines: Iterable[ToldLine], chosen: ArticleFilter | None = None, ordered: bool = False
) -> tuple[Entry, ...]:
    """Returns the articles of lines in the order of a digest (or, `ordered`, as they come).

    `chosen` is what was looked for, which chooses the finding that is shown.
    """
    kept = [line for line in lines if line.pmid is not None]
    rows = _articles(conn, [line.pmid for line in kept if line.pmid is not None])
    if not ordered:
        kept = in_order(kept, {pmid: row[3] for pmid, row in rows.items()})
    counted: Counter[str] = Counter()
    full = []
    for line in kept:
        counted[line.change] += 1
        if counted[line.change] <= IN_FULL and line.pmid is not None and line.change != "vanished":
            full.append(line.pmid)
    listed = {entry.row["pmid"]: entry for entry in listed_articles(conn, full, chosen)}
    names = dict(conn.execute("SELECT id, name FROM concepts").fetchall()) if any(map(_has_effects, kept)) else {}
    citing = _articles(conn, [pmid for line in kept for pmid in line.detail.get("cited_by", ())])
    return tuple(
        _entry(line, rows[line.pmid], listed.get(line.pmid), names, citing)
        for line in kept
        if line.pmid is not None and line.pmid in rows
    )


def shown_trials(conn: sqlite3.Connection, lines: Iterable[ToldLine]) -> tuple[TrialChange, ...]:
    """Returns the changes of trials that a written digest told, the trials as they stand now."""
    told = (
        TrialChange(line.nct_id, "", "", line.detail["change"], line.detail["at"], line.detail["words"])
        for line in lines
        if line.nct_id is not None
    )
    return tuple(told_changes(conn, told))


def _articles(conn: sqlite3.Connection, pmids: Sequence[int]) -> dict[int, tuple[Any, ...]]:
    sql = (
        "SELECT pmid, title, authors, journal, year, study_design, retracted, sample_size, "
        "(SELECT group_concat(kind, ' ') FROM notices WHERE notices.pmid = articles.pmid) "
        "FROM articles WHERE pmid IN (SELECT value FROM json_each(?))"
    )
    cursor = conn.cursor()
    cursor.row_factory = None
    return {pmid: tuple(row) for pmid, *row in cursor.execute(sql, [json.dumps(list(pmids))])}


def _entry(
    line: ToldLine,
    row: tuple[Any, ...],
    listed: ListedArticle | None,
    names: dict[str, str],
    citing: dict[int, tuple[Any, ...]],
) -> Entry:
    title, authors, journal, year, design, retracted, sample_size, notices = row
    detail = line.detail
    return Entry(
        line.change,
        line.pmid or 0,
        title,
        authors,
        journal,
        year,
        design,
        bool(retracted),
        tuple(detail.get("columns", ())),
        tuple(detail.get("notices", ())),
        sample_size,
        tuple(sorted(set((notices or "").split()))),
        bool(detail.get("arrived")),
        tuple(_effects(detail, names)),
        tuple((pmid, _citing(citing[pmid])) for pmid in detail.get("cited_by", ()) if pmid in citing),
        listed,
    )


def _has_effects(line: ToldLine) -> bool:
    return bool(line.detail.keys() & {"effects_gained", "effects_lost"})


def _effects(detail: dict[str, Any], names: dict[str, str]) -> Iterable[str]:
    for key, before in (("effects_lost", "no longer read: "), ("effects_gained", "now read: ")):
        for effect in detail.get(key, ()):
            yield before + _effect(effect, names)


def _effect(effect: Sequence[str | None], names: dict[str, str]) -> str:
    """Returns an effect as the ledger keeps it (see `db.store.tags`) in words."""
    kind, subject, outcome, against, means, conflict = effect
    risk = kind == "risk"
    meaning = "conflict" if conflict else (_RISK.get(means or "", "unclear") if risk else means or "unclear")
    said = f"{names.get(subject or '', subject or '')} {AGAINST[None if risk else against or 'not read'][0]}"
    words = effect_words(meaning, None if risk else "active")
    return (
        f"{said}: {words}"
        if risk
        else f"{said}: {words} on {names.get(outcome or '', outcome or current().short_name)}"
    )


def _citing(row: tuple[Any, ...]) -> str:
    title, authors, _, year, design, *_ = row
    first = (authors or "").split(", ")[0]
    return ", ".join(str(part) for part in (first, year, design) if part) or str(title)
