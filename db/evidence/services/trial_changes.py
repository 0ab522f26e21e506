"""What changed in trials, told in words: statuses, posted results, publications, new ones, moved ends."""

import json
import sqlite3
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from itertools import groupby
from typing import Any, Final

from db.enriched import about_topic
from db.evidence.services.trial_differences import PAPER_CHANGES, Noted, difference
from db.evidence.services.trial_papers import TrialPaper, trial_papers
from db.evidence.services.trials import phase_words, status_words
from db.store.services.trials import END_DATES

#: The changes in the order in which readers want them, with their headings; `matches` is a saved search's alone.
TRIAL_HEADINGS: Final[Mapping[str, str]] = {
    "paper retracted": "Trials whose paper has been retracted",
    "status": "Trials whose status changed",
    "results posted": "Trials with results posted in the registry",
    "published": "Trials with a new paper",
    "paper reinstated": "Trials whose paper has been reinstated",
    "new": "New trials",
    "returned": "Listed again by the registry",
    "matches": "Trials that came into this search",
    "dates": "Trials that end sooner or later than said before",
    "vanished": "No longer listed by the registry",
}
_ORDER = tuple(TRIAL_HEADINGS)
_DATE_WORDS = dict(zip(END_DATES, ("end", "primary completion"), strict=True))


@dataclass(frozen=True, slots=True)
class TrialChange:
    """One change of a trial; `words` say it ("Now terminated: slow recruitment (was recruiting)").

    The rest is the trial as it stands: `papers` are the articles that are tied to it, its own work first.
    """

    nct_id: str
    title: str
    kind: str
    change: str
    at: str
    words: str
    status: str | None = None
    phase: str | None = None
    enrollment: int | None = None
    enrollment_type: str | None = None
    interventions: str | None = None
    papers: tuple[TrialPaper, ...] = ()

    @property
    def line(self) -> str:
        """The change in one line, without the number."""
        only = "" if self.kind == about_topic() else f"(only {self.kind})"
        return f"{self.words}: {self.title.rstrip('.')}. {only}".strip()

    @property
    def facts(self) -> str:
        """The trial in a line: phase, number of people, interventions."""
        people = "n not stated"
        if self.enrollment is not None:
            people = f"n {self.enrollment:,}{' planned' if self.enrollment_type == 'ESTIMATED' else ''}"
        return " · ".join(filter(None, (phase_words(self.phase), people, self.interventions)))

    def as_json(self) -> dict[str, Any]:
        """Returns the change as a JSON object."""
        return {**asdict(self), "papers": [paper.as_json() for paper in self.papers]}


def trial_changes(conn: sqlite3.Connection, where: str, values: Sequence[Any]) -> list[TrialChange]:
    """Returns what is different by the changes that a condition over `trial_changes` means, the most telling first.

    Several changes of one kind of one trial are told as one, from the first state to the last; what was undone in
    between is none.
    """
    noted = groupby(_noted(conn, where, values, newest_reason=True), key=lambda change: change.nct_id)
    found = [change for _, changes in noted for change in difference(list(changes))]
    return sorted(_shown(conn, found), key=lambda entry: (_ORDER.index(entry.change), entry.nct_id))


def trial_history(conn: sqlite3.Connection, where: str, values: Sequence[Any]) -> list[TrialChange]:
    """Returns every change that a condition over `trial_changes` means by itself, by trial, then as they came."""
    return _shown(conn, _noted(conn, where, values))


def trials_now(conn: sqlite3.Connection, numbers: Iterable[str], change: str, at: str) -> list[TrialChange]:
    """Returns trials under one heading as they stand, by number: what is told of them is that they are there."""
    sql = "SELECT nct_id, title, kind, ?, ?, status FROM trials WHERE nct_id IN (SELECT value FROM json_each(?))"
    rows = conn.execute(f"{sql} ORDER BY nct_id", [change, at, json.dumps(sorted(numbers))]).fetchall()
    return _shown(conn, [Noted._make((*row[:5], {"status": row[5]})) for row in rows])


def told_changes(conn: sqlite3.Connection, told: Iterable[TrialChange]) -> list[TrialChange]:
    """Returns changes with the facts and papers of their trials as they stand now."""
    changes = list(told)
    numbers = sorted({change.nct_id for change in changes})
    sql = (
        "SELECT nct_id, title, kind, status, phase, enrollment, enrollment_type, interventions FROM trials "
        "WHERE nct_id IN (SELECT value FROM json_each(?))"
    )
    names = ("title", "kind", "status", "phase", "enrollment", "enrollment_type", "interventions")
    facts = {row[0]: dict(zip(names, row[1:], strict=True)) for row in conn.execute(sql, [json.dumps(numbers)])}
    papers = trial_papers(conn, numbers)
    return [
        replace(change, **facts[change.nct_id], papers=papers.get(change.nct_id, ()))
        for change in changes
        if change.nct_id in facts
    ]


def _noted(conn: sqlite3.Connection, where: str, values: Sequence[Any], newest_reason: bool = False) -> list[Noted]:
    """Returns changes as the ledger has them, by trial, then as they came.

    `newest_reason`: why a trial was stopped is what the registry says now, where its status is still that.
    """
    sql = (
        "SELECT nct_id, trials.title, trials.kind, change, at, detail, status, why_stopped "
        f"FROM trial_changes JOIN trials USING (nct_id) WHERE {where} ORDER BY nct_id, run_id"
    )
    found = []
    for *row, detail, status, why in conn.execute(sql, list(values)).fetchall():
        told = json.loads(detail) if detail else {}
        if newest_reason and row[3] == "status" and told.get("to") == status:
            told["why"] = why
        found.append(Noted._make((*row, told)))
    return found


def _shown(conn: sqlite3.Connection, noted: Sequence[Noted]) -> list[TrialChange]:
    papers = trial_papers(conn, sorted({change.nct_id for change in noted}))
    found = []
    for nct_id, title, kind, change, at, told in noted:
        if change in PAPER_CHANGES:
            own = [paper for paper in papers.get(nct_id, ()) if paper.own and paper.pmid in told["pmids"]]
            if not own:
                continue  # it was taken back meanwhile: a review, no paper of the trial's own
            told = {"papers": own}
        found.append(TrialChange(nct_id, title, kind, change, at, _words(change, told)))
    return told_changes(conn, found)


def _words(change: str, told: Mapping[str, Any]) -> str:
    why = f": {told['why'].rstrip('.')}" if told.get("why") else ""
    if change == "new":
        return f"New, {status_words(told.get('status'))}{why}"
    if change == "matches":
        return f"Came into this search, {status_words(told.get('status'))}"
    if change == "status":
        return f"Now {status_words(told.get('to'))}{why} (was {status_words(told.get('from'))})"
    if change == "dates":
        said = [
            f"{_DATE_WORDS[name]} moved from {before or 'not stated'} to {after or 'not stated'}"
            for name, (before, after) in sorted(told.items())
        ]
        words = ", ".join(said)
        return words[:1].upper() + words[1:]
    if change in PAPER_CHANGES:
        return f"{PAPER_CHANGES[change]}: " + "; ".join(paper.line for paper in told["papers"])
    return {"results posted": "Results posted", "vanished": "No longer listed", "returned": "Listed again"}[change]
