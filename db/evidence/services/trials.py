"""Trials as readers ask for them: lists with facets, one trial, those under way, those that published nothing."""

import calendar
import json
import sqlite3
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from db.enriched import UNDER_WAY
from db.sql import dict_rows, literals
from db.store.services.trial_reports import NO_REPORT

#: A trial that was completed longer ago than this without a word is said to have published nothing.
MONTHS_TO_PUBLISH = 24
_STATUS_WORDS = {
    "NOT_YET_RECRUITING": "not yet recruiting",
    "RECRUITING": "recruiting",
    "ENROLLING_BY_INVITATION": "enrolling by invitation",
    "ACTIVE_NOT_RECRUITING": "active, not recruiting",
    "COMPLETED": "completed",
    "SUSPENDED": "suspended",
    "TERMINATED": "terminated",
    "WITHDRAWN": "withdrawn",
    "UNKNOWN": "status unknown",
}
_PHASE_WORDS = {"NA": "no phase", "EARLY_PHASE1": "early phase 1"}
#: The statuses and phases that the registry knows.
STATUSES = tuple(_STATUS_WORDS)
PHASES = (*_PHASE_WORDS, "PHASE1", "PHASE1/PHASE2", "PHASE2", "PHASE2/PHASE3", "PHASE3", "PHASE4")
CSV_COLUMNS = (
    "nct_id kind title status phase enrollment start_date completion_date has_results results_posted last_update "
    "why_stopped conditions interventions outcomes countries sponsor articles"
).split()
#: Ties that count as a trial's own paper; what its entry names as background is not its work.
REPORTS = (
    "SELECT nct_id FROM trial_articles WHERE (source = 'registry' AND kind IN ('RESULT', 'DERIVED')) "
    f"OR (source <> 'registry' AND NOT {NO_REPORT})"
)


_COLUMNS = (
    "nct_id, kind, title, official_title, acronym, status, study_type, phase, enrollment, enrollment_type, sponsor, "
    "summary, start_date, primary_completion_date, completion_date, first_posted, results_posted, last_update, "
    "has_results, why_stopped, conditions, keywords, interventions, primary_outcomes, outcomes, countries, "
    "aliases, other_ids, data_date, vanished"
)


@dataclass(frozen=True, slots=True)
class TrialRow:
    """One trial as a list shows it; `articles` are the PMIDs tied to it, held or not."""

    values: Mapping[str, Any]
    articles: tuple[int, ...]

    def __getattr__(self, name: str) -> Any:
        """Returns a column by its name."""
        try:
            return self.values[name]
        except KeyError:
            raise AttributeError(name) from None

    @property
    def status_words(self) -> str:
        """The status in words."""
        return status_words(self.values["status"])

    @property
    def url(self) -> str:
        """The trial's entry in its registry."""
        return trial_address(self.values["nct_id"])

    def as_json(self) -> dict[str, Any]:
        """Returns the trial as one JSON object."""
        return {**self.values, "has_results": bool(self.values["has_results"]), "articles": list(self.articles)}


def trial_address(nct_id: str) -> str:
    """Returns the address of a trial's entry in its registry."""
    return f"https://clinicaltrials.gov/study/{nct_id}"


def status_words(status: str | None) -> str:
    """Returns a status of the registry in words."""
    if status is None:
        return "status not stated"
    return _STATUS_WORDS.get(status, status.replace("_", " ").lower())


def phase_words(phase: str | None) -> str:
    """Returns a phase of the registry in words ("PHASE2/PHASE3" is "phase 2/3")."""
    if phase is None:
        return "phase not stated"
    if phase in _PHASE_WORDS:
        return _PHASE_WORDS[phase]
    return "phase " + phase.replace("EARLY_", "early ").replace("PHASE", "")


def all_trials(conn: sqlite3.Connection) -> list[TrialRow]:
    """Returns the trials held, the last updated first."""
    return _rows(conn, "vanished = 0", {})


def unpublished_trials(conn: sqlite3.Connection, today: date) -> list[TrialRow]:
    """Returns the trials that were completed more than 24 months before `today`, without a paper or posted results.

    A date that is known to the month or year counts as the last day of it, so that no trial is accused too early.
    """
    where = f"vanished = 0 AND status = 'COMPLETED' AND has_results = 0 AND nct_id NOT IN ({REPORTS})"
    return [row for row in _rows(conn, where, {}) if _long_ago(row.completion_date, today)]


def trials_under_way(conn: sqlite3.Connection, concept_id: str) -> list[TrialRow]:
    """Returns the trials under way that are tagged with a concept or a narrower one, the last updated first."""
    where = (
        f"vanished = 0 AND status IN ({literals(UNDER_WAY)}) "
        "AND nct_id IN (SELECT nct_id FROM trial_tags WHERE concept_id = :concept)"
    )
    return _rows(conn, where, {"concept": concept_id})


def trials_finished_since(conn: sqlite3.Connection, concepts: Collection[str], day: str | None) -> list[TrialRow]:
    """Returns the trials tagged with one of some concepts that ended, or posted results, after a day (None: ever).

    A date that is known to the month or year counts as the last day of it.
    """
    where = (
        "vanished = 0 AND (status IN ('COMPLETED', 'TERMINATED') OR has_results = 1) "
        "AND (:day IS NULL OR coalesce(completion_date, '') || '-99' > :day OR coalesce(results_posted, '') > :day) "
        "AND nct_id IN (SELECT nct_id FROM trial_tags WHERE concept_id IN (SELECT value FROM json_each(:concepts)))"
    )
    return _rows(conn, where, {"day": day, "concepts": json.dumps(sorted(concepts))})


def trial(conn: sqlite3.Connection, nct_id: str) -> TrialRow | None:
    """Returns one trial by its number or an alias of it, None where it is not held."""
    number = nct_id.upper()
    found = _rows(conn, "nct_id = :number", {"number": number}) or _rows(
        conn, "instr('; ' || aliases || '; ', '; ' || :number || '; ') > 0", {"number": number}
    )
    return found[0] if found else None


def trials_of(conn: sqlite3.Connection, pmid: int) -> list[TrialRow]:
    """Returns the trials that an article is tied to."""
    return _rows(conn, "nct_id IN (SELECT nct_id FROM trial_articles WHERE pmid = :pmid)", {"pmid": pmid})


def completed_long_ago(completion_date: str | None, today: date) -> bool:
    """Returns whether a completion date lies more than 24 months back."""
    return _long_ago(completion_date, today)


def _long_ago(completion_date: str | None, today: date) -> bool:
    if not completion_date:
        return False
    year, month, day = (*map(int, completion_date.split("-")), 0, 0)[:3]
    month = month or 12
    day = day or calendar.monthrange(year, month)[1]
    months = year * 12 + month + MONTHS_TO_PUBLISH
    due_year, due_month = divmod(months - 1, 12)
    due_day = min(day, calendar.monthrange(due_year, due_month + 1)[1])
    return date(due_year, due_month + 1, due_day) < today


def _rows(conn: sqlite3.Connection, where: str, params: Mapping[str, Any]) -> list[TrialRow]:
    cursor = conn.cursor()
    cursor.row_factory = None
    sql = f"SELECT {_COLUMNS} FROM trials WHERE {where} ORDER BY last_update DESC, nct_id DESC"
    rows = list(dict_rows(cursor.execute(sql, params)))
    ties = _articles(conn, (row["nct_id"] for row in rows))
    return [TrialRow(row, ties.get(row["nct_id"], ())) for row in rows]


def _articles(conn: sqlite3.Connection, numbers: Iterable[str]) -> dict[str, tuple[int, ...]]:
    wanted = set(numbers)
    found: dict[str, tuple[int, ...]] = {}
    for row in conn.execute("SELECT DISTINCT nct_id, pmid FROM trial_articles ORDER BY nct_id, pmid"):
        if row[0] in wanted:
            found[row[0]] = (*found.get(row[0], ()), row[1])
    return found
