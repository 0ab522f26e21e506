"""The brute-force answer to what a matrix or a balance counts: plain rows and Python sets, no part of the filters."""

import sqlite3
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tests.support.oracle import Oracle, Question


@dataclass(frozen=True)
class Found:
    """One finding with everything that its subject and outcome belong to."""

    pmid: int
    subjects: frozenset[str]
    outcomes: frozenset[str]
    direction: str
    has_value: bool


class EvidenceOracle(Oracle):
    """An oracle that knows the findings too."""

    def __init__(self, path: Path) -> None:
        super().__init__(path)
        with sqlite3.connect(path) as conn:
            self.kinds = dict(conn.execute("SELECT id, kind FROM concepts").fetchall())
            self.found = [
                Found(pmid, self.line(subject), self.line(outcome), direction, value is not None)
                for pmid, subject, outcome, direction, value in conn.execute(
                    "SELECT pmid, subject_id, outcome_id, direction, value FROM findings"
                )
            ]

    def line(self, concept: str | None) -> frozenset[str]:
        """A concept and all that it belongs to."""
        found = set()
        while concept:
            found.add(concept)
            concept = self.parents[concept]
        return frozenset(found)

    def roots(self, kind: str) -> list[str]:
        """The top groups of a kind."""
        return [concept for concept, parent in self.parents.items() if parent is None and self.kinds[concept] == kind]

    def articles(self, asked: Question, wanted: Callable[[Found], bool]) -> set[int]:
        """The articles of a question that have a wanted finding."""
        inside = self.matching(asked)
        return {finding.pmid for finding in self.found if finding.pmid in inside and wanted(finding)}

    def designs(self, pmids: set[int]) -> dict[str, int]:
        """How many articles each design has."""
        counted: dict[str, int] = {}
        for pmid in pmids:
            design: Any = self.rows[pmid]["study_design"] or "not stated"
            counted[design] = counted.get(design, 0) + 1
        return counted
