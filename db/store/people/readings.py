"""What the tagger itself said of an article, kept where a person decided on it, and how a finding is told apart.

Decisions are applied over a reading: so one that is undone brings back what the tagger said, without the tagger.
"""

import hashlib
import json
import sqlite3
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any

from db.sql import dict_rows
from db.store.store import Store
from db.tagged import ArmResult, Estimate, Finding, Mention

_ESTIMATE = ("measure", "value", "ci_low", "ci_high", "p_value", "adjusted")
_MENTION = tuple(Mention.__slots__)
_RESULT = tuple(ArmResult.__slots__)
_FINDING = tuple(name for name in Finding.__slots__ if name != "estimate")


@dataclass(frozen=True, slots=True)
class Texts:
    """The two texts of an article that mentions and findings stand in."""

    title: str
    abstract: str

    def of(self, field: str) -> str:
        """The text of a field (`title` or `abstract`)."""
        return self.title if field == "title" else self.abstract


@dataclass(frozen=True, slots=True)
class Reading:
    """The tagger's own mentions, findings and results of one text; a place in these lists is part of a row's id."""

    mentions: tuple[Mention, ...]
    findings: tuple[Finding, ...]
    results: tuple[ArmResult, ...]


def finding_of(row: Mapping[str, Any]) -> Finding:
    """Returns the finding of a row (or of `flat_finding`'s mapping); columns of no finding are passed over."""
    adjusted = row["adjusted"]
    estimate = {**{name: row[name] for name in _ESTIMATE}, "adjusted": None if adjusted is None else bool(adjusted)}
    return Finding(estimate=Estimate(**estimate), **{name: row[name] for name in _FINDING})


def flat_finding(finding: Finding) -> dict[str, Any]:
    """Returns a finding as one flat mapping, its estimate among the rest."""
    values = asdict(finding)
    return {**values.pop("estimate"), **values}


def finding_key(finding: Finding, texts: Texts) -> str:
    """Returns what a decision on a finding is kept under: its sentence in words, and who against whom on what.

    The direction is no part of it, so that another tagger's other direction meets the same decision; nor are offsets.
    """
    sentence = texts.of(finding.field)[finding.sentence_start : finding.sentence_end]
    return sentence_key(finding, sentence)


def sentence_key(finding: Finding, sentence: str) -> str:
    """Returns `finding_key` of a finding whose sentence is known in words."""
    told = [
        *(finding.kind, finding.field, sentence, finding.subject_id, finding.subject_text, finding.comparator_text),
        *(finding.outcome_id, finding.outcome_text, finding.estimate.measure, finding.estimate.value),
    ]
    return f"finding:{hashlib.sha256(json.dumps(told).encode()).hexdigest()[:16]}"


def mark_key(concept: str, field: str, start: int, words: str) -> str:
    """Returns what a decision on marked words is kept under."""
    told = json.dumps([concept, field, start, words])
    return f"mark:{hashlib.sha256(told.encode()).hexdigest()[:16]}"


def read_texts(conn: sqlite3.Connection, pmid: int) -> Texts:
    """Returns the texts of a held article."""
    title, abstract = conn.execute("SELECT title, abstract FROM articles WHERE pmid = ?", [pmid]).fetchone()
    return Texts(title, abstract or "")


def keep_reading(conn: sqlite3.Connection, pmid: int, text_hash: str, reading: Reading) -> None:
    """Keeps what the tagger said of a text in place of what it said before."""
    told = {
        "mentions": [asdict(mention) for mention in reading.mentions],
        "findings": [flat_finding(finding) for finding in reading.findings],
        "results": [asdict(result) for result in reading.results],
    }
    conn.execute(
        "INSERT INTO readings (pmid, text_hash, reading) VALUES (?, ?, ?) "
        "ON CONFLICT (pmid) DO UPDATE SET text_hash = excluded.text_hash, reading = excluded.reading",
        [pmid, text_hash, json.dumps(told, ensure_ascii=False)],
    )


def kept_reading(store: Store, pmid: int) -> Reading | None:
    """Returns what the tagger said of the present text; None where nothing is kept of it."""
    row = store.db.execute(
        "SELECT reading FROM readings JOIN articles USING (pmid, text_hash) WHERE pmid = ?", [pmid]
    ).fetchone()
    if row is None:
        return None
    told = json.loads(row[0])
    return Reading(
        tuple(Mention(**values) for values in told["mentions"]),
        tuple(finding_of(values) for values in told["findings"]),
        tuple(ArmResult(**values) for values in told["results"]),
    )


def reading_as_stored(conn: sqlite3.Connection, pmid: int) -> Reading:
    """Returns the tags of an article as its rows stand: the tagger's own where nobody has decided yet."""
    return Reading(
        tuple(Mention(**{name: row[name] for name in _MENTION}) for row in _rows(conn, "mentions", pmid)),
        tuple(finding_of(row) for row in _rows(conn, "findings", pmid)),
        tuple(ArmResult(**{name: row[name] for name in _RESULT}) for row in _rows(conn, "results", pmid)),
    )


def _rows(conn: sqlite3.Connection, table: str, pmid: int) -> list[dict[str, Any]]:
    return list(dict_rows(conn.execute(f"SELECT * FROM {table} WHERE pmid = ? ORDER BY id", [pmid])))
