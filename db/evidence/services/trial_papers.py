"""The articles that are tied to trials, as a line of a trial shows them."""

import json
import sqlite3
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from db.store.services.trial_reports import OWN_WORK

#: What ties an article to a trial, the most telling last.
_TIES = ("background in the trial's entry", "it has the trial's number", "named by the sponsor as its result")


@dataclass(frozen=True, slots=True)
class TrialPaper:
    """An article tied to a trial: `own` is the trial's own work, `tie` says what ties them, in words.

    `held` says that it is in the store; only then there are `words` ("Holm A, 2024, cohort") and `retracted` is known.
    """

    pmid: int
    own: bool
    tie: str
    held: bool
    words: str
    retracted: bool

    @property
    def line(self) -> str:
        """The article in a line, with what ties it to the trial."""
        flag = "RETRACTED " if self.retracted else ""
        return f"{flag}PMID {self.pmid}{f' ({self.words})' if self.words else ''}, {self.tie}"

    def as_json(self) -> dict[str, Any]:
        """Returns the article as a JSON object."""
        return {"pmid": self.pmid, "own": self.own, "tie": self.tie, "held": self.held, "retracted": self.retracted}


def trial_papers(conn: sqlite3.Connection, numbers: Sequence[str]) -> dict[str, tuple[TrialPaper, ...]]:
    """Returns the articles tied to trials, by the trial's number: its own work first, then by PMID.

    Of the others only those that are held: what a trial's entry names as background alone is not its work.
    """
    tied = (
        "SELECT nct_id, pmid, CASE WHEN source <> 'registry' OR kind = 'DERIVED' THEN 1 WHEN kind = 'RESULT' THEN 2 "
        f"ELSE 0 END AS tie, ({OWN_WORK}) AS own FROM trial_articles WHERE nct_id IN (SELECT value FROM json_each(?))"
    )
    sql = (
        "SELECT nct_id, pmid, max(own), max(tie), max(articles.pmid IS NOT NULL), authors, year, study_design, "
        f"coalesce(retracted, 0) FROM ({tied}) LEFT JOIN articles USING (pmid) WHERE coalesce(vanished, 0) = 0 "
        "GROUP BY nct_id, pmid ORDER BY nct_id, pmid"
    )
    cursor = conn.cursor()
    cursor.row_factory = None
    found: dict[str, list[TrialPaper]] = {}
    for nct_id, pmid, own, tie, held, *said, retracted in cursor.execute(sql, [json.dumps(list(numbers))]):
        if own or held:
            paper = TrialPaper(pmid, bool(own), _TIES[tie], bool(held), _words(*said), bool(retracted))
            found.setdefault(nct_id, []).append(paper)
    return {nct_id: tuple(sorted(papers, key=lambda p: (not p.own, p.pmid))) for nct_id, papers in found.items()}


def _words(authors: str | None, year: int | None, design: str | None) -> str:
    first = (authors or "").split(", ")[0]
    return ", ".join(str(part) for part in (first, year, design) if part)
