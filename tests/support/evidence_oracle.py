"""The brute-force answer to what a matrix or a balance counts: plain rows and Python sets, no part of the filters."""

import sqlite3
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tests.support.oracle import Oracle, Question

EFFECTS = ("better", "worse", "no difference", "unclear", "conflict")
REVIEWS = ("meta-analysis", "systematic review", "guideline", "review")


@dataclass(frozen=True)
class Found:
    """One finding with everything that its subject and outcome belong to, and what it means for the patient."""

    pmid: int
    subjects: frozenset[str]
    outcomes: frozenset[str]
    direction: str
    has_value: bool
    against: str | None
    means: str


class EvidenceOracle(Oracle):
    """An oracle that knows the findings too."""

    def __init__(self, path: Path) -> None:
        super().__init__(path)
        with sqlite3.connect(path) as conn:
            self.kinds = dict(conn.execute("SELECT id, kind FROM concepts").fetchall())
            self.found = [
                Found(
                    row[0], self.line(row[1]), self.line(row[2]), row[3], row[4] is not None,
                    None if row[5] == "risk" else row[6] or "not read", self.means(*row[5:6], row[3], row[7], row[8]),  # type: ignore[call-arg]
                )
                for row in conn.execute(
                    "SELECT pmid, subject_id, outcome_id, direction, value, kind, comparator_class, effect, conflict "
                    "FROM findings"
                )
            ]  # fmt: skip

    @staticmethod
    def means(kind: str, direction: str, effect: str | None, conflict: str | None) -> str:
        """What a finding means for the patient: more HO with a risk factor is worse."""
        if conflict:
            return "conflict"
        if kind == "risk":
            of_risk = {"increases": "worse", "decreases": "better", "no association": "no difference"}
            return of_risk.get(direction, "unclear")
        return effect or "unclear"

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

    def balance(self, findings: Iterable[Found]) -> dict[str | None, dict[str, Any]]:
        """What findings say by class of comparator: numbers of articles, primary studies and reviews apart."""
        found: dict[str | None, dict[str, Any]] = {}
        kept = list(findings)
        for against in {finding.against for finding in kept}:
            of_class = [finding for finding in kept if finding.against == against]
            found[against] = {
                "primary": self._tally([f for f in of_class if not self._is_review(f.pmid)]),
                "reviews": self._tally([f for f in of_class if self._is_review(f.pmid)]),
            }
        return found

    def _is_review(self, pmid: int) -> bool:
        return self.rows[pmid]["study_design"] in REVIEWS

    def _tally(self, findings: list[Found]) -> dict[str, Any]:
        articles = [self.rows[pmid] for pmid in {finding.pmid for finding in findings}]
        sizes = [
            None if row["study_design"] in ("animal study", "in vitro study") else row["sample_size"]
            for row in articles
        ]
        return {
            "articles": len(sizes),
            **{effect: len({f.pmid for f in findings if f.means == effect}) for effect in EFFECTS},
            "patients": sum(size or 0 for size in sizes),
            "sized": sum(size is not None for size in sizes),
        }
