"""Reported estimates: the numbers that abstracts state, in the order that a reader weighs them."""

import json
import math
import sqlite3
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

from db.select.clause import narrower_sql
from db.select.filter import ArticleFilter
from db.select.sought import COMPARATOR_SQL
from db.terms import COMPARATOR_CLASSES, DESIGN_PLACES, REVIEW_DESIGNS

#: Measures that belong on a logarithmic axis with its line at 1.
RATIOS = ("OR", "RR", "HR", "IRR")
#: Only findings whose words and figures agree.
_AGREEING = "findings.conflict IS NULL"
_MOST_PMIDS = 400


@dataclass(frozen=True, slots=True)
class ReportedEstimate:
    """One finding with a number, as its abstract states it; `sentence` is the text it stands in."""

    finding_id: int
    pmid: int
    authors: str
    year: int | None
    retracted: bool
    study_design: str | None
    evidence_level: str | None
    sample_size: int | None
    subject_id: str
    subject: str
    outcome_id: str | None
    outcome: str | None
    comparator: str | None
    comparator_class: str | None
    direction: str
    measure: str | None
    value: float
    ci_low: float | None
    ci_high: float | None
    p_value: str | None
    adjusted: bool | None
    sentence: str

    @property
    def ratio(self) -> bool:
        """True where the estimate can stand on a logarithmic axis."""
        return self.measure in RATIOS and self.value > 0

    @property
    def review(self) -> bool:
        """True where the article sums up other studies, which may stand in the same plot."""
        return self.study_design in REVIEW_DESIGNS

    @property
    def interval(self) -> tuple[float, float] | None:
        """The interval as low and high bound; None where the abstract states none that can be one."""
        return stated_interval(self.measure, self.value, self.ci_low, self.ci_high)

    @property
    def study(self) -> str:
        """First author and year, as a plot labels it."""
        return f"{self.authors} {self.year or 'n.d.'}"


@dataclass(frozen=True, slots=True)
class Ranked:
    """An estimate's place in the order of a plot: enough to count and to page, the rest is read by `read_estimates`."""

    finding_id: int
    pmid: int


def rank_estimates(
    conn: sqlite3.Connection,
    chosen: ArticleFilter,
    subject: str | None = None,
    outcome: str | None = None,
    kind: str | None = None,
) -> list[Ranked]:
    """Returns the estimates of a filter's articles by what was compared, reviews after studies.

    Within these the strongest designs come first, the most precise first among equals. Estimates whose sentence
    disagrees with itself are left out.

    `subject` and `outcome` are concepts (narrower ones are included); `kind` is the subject's kind where any will do.
    Retracted articles are left out unless the filter asks for them.
    """
    where, params = chosen.for_evidence().without_finding().where()
    conditions = ["findings.value IS NOT NULL", "findings.subject_id IS NOT NULL", _AGREEING, f"({where})"]
    for column, concept in (("subject_id", subject), ("outcome_id", outcome)):
        if concept is not None:
            params[f"e_{column}"] = concept
            conditions.append(f"findings.{column} IN ({narrower_sql(f':e_{column}')})")
    if kind is not None:
        params["e_kind"] = kind
        conditions.append("findings.subject_id IN (SELECT id FROM concepts WHERE kind = :e_kind)")
    rows = conn.execute(
        "SELECT articles.study_design, findings.measure, findings.value, findings.ci_low, findings.ci_high, "
        f"articles.year, {COMPARATOR_SQL}, findings.id, findings.pmid FROM findings "
        "JOIN articles ON articles.pmid = findings.pmid "
        f"WHERE {' AND '.join(conditions)}",
        params,
    ).fetchall()
    rows.sort(key=_weight)
    return [Ranked(row[7], row[8]) for row in rows]


def read_estimates(conn: sqlite3.Connection, ranked: Sequence[Ranked]) -> list[ReportedEstimate]:
    """Returns estimates with all that a plot, table or file tells of them, in the order of `ranked`."""
    asked = json.dumps([entry.finding_id for entry in ranked])
    rows = conn.execute(f"{_SELECT} WHERE findings.id IN (SELECT value FROM json_each(?))", [asked])
    found = {row[0]: _estimate(row) for row in rows}
    return [found[entry.finding_id] for entry in ranked]


def count_by_subject(conn: sqlite3.Connection, kind: str, limit: int) -> list[tuple[str, str, int]]:
    """Returns the subjects of a kind with most estimates (id, name, count), as `rank_estimates` counts them alone."""
    where, params = ArticleFilter().for_evidence().where()
    rows = conn.execute(
        "SELECT concepts.id, concepts.name, count(*) AS n FROM findings "
        "JOIN articles ON articles.pmid = findings.pmid JOIN concepts ON concepts.id = findings.subject_id "
        f"WHERE findings.value IS NOT NULL AND {_AGREEING} AND concepts.kind = :e_kind AND ({where}) "
        "GROUP BY concepts.id ORDER BY n DESC, concepts.name LIMIT :e_limit",
        {**params, "e_kind": kind, "e_limit": limit},
    )
    return [(row[0], row[1], row[2]) for row in rows]


def count_pairs(conn: sqlite3.Connection, limit: int) -> list[tuple[str, str, str, str, int]]:
    """Returns the pairs of intervention and outcome with most estimates (ids and names in turn, count)."""
    where, params = ArticleFilter().for_evidence().where()
    rows = conn.execute(
        "SELECT subjects.id, subjects.name, outcomes.id, outcomes.name, count(*) AS n FROM findings "
        "JOIN articles ON articles.pmid = findings.pmid JOIN concepts AS subjects ON subjects.id = findings.subject_id "
        "JOIN concepts AS outcomes ON outcomes.id = findings.outcome_id "
        f"WHERE findings.value IS NOT NULL AND {_AGREEING} AND subjects.kind = 'intervention' AND ({where}) "
        "GROUP BY subjects.id, outcomes.id ORDER BY n DESC, subjects.name, outcomes.name LIMIT :e_limit",
        {**params, "e_limit": limit},
    )
    return [(row[0], row[1], row[2], row[3], row[4]) for row in rows]


def list_filter(chosen: ArticleFilter, ranked: Sequence[Ranked]) -> ArticleFilter | None:
    """Returns the filter whose list is the articles of some estimates; None where they are too many for an address."""
    pmids = tuple(sorted({entry.pmid for entry in ranked}))
    if len(pmids) > _MOST_PMIDS:
        return None
    return replace(chosen.without_finding(), pmids=pmids)


_SELECT = f"""SELECT findings.id, articles.pmid, articles.first_author, articles.year, articles.retracted,
  articles.study_design, articles.evidence_level, articles.sample_size, subjects.id, subjects.name,
  outcomes.id, coalesce(outcomes.name, findings.outcome_text),
  coalesce(findings.comparator_text, comparators.name), {COMPARATOR_SQL},
  findings.direction,
  findings.measure, findings.value, findings.ci_low, findings.ci_high, findings.p_value, findings.adjusted,
  substr(CASE findings.field WHEN 'title' THEN articles.title ELSE articles.abstract END,
    findings.sentence_start + 1, findings.sentence_end - findings.sentence_start)
FROM findings JOIN articles ON articles.pmid = findings.pmid
JOIN concepts AS subjects ON subjects.id = findings.subject_id
LEFT JOIN concepts AS outcomes ON outcomes.id = findings.outcome_id
LEFT JOIN concepts AS comparators ON comparators.id = findings.comparator_id"""


def _estimate(row: Sequence[object]) -> ReportedEstimate:
    values = list(row)
    values[2] = values[2] or "no author"
    values[4] = bool(values[4])
    values[20] = None if values[20] is None else bool(values[20])
    values[21] = values[21] or ""
    return ReportedEstimate(*values)  # type: ignore[arg-type]


def _weight(row: Sequence[Any]) -> tuple[int, bool, int, float, int, int]:
    """Sorts by what was compared, reviews apart, design, width of the interval on the measure's scale, newest."""
    design, measure, value, low, high, year, against, finding, _ = row
    width = math.inf
    interval = stated_interval(measure, value, low, high)
    if interval is not None:
        low, high = interval
        width = math.log(high / low) if measure in RATIOS and value > 0 else high - low
    panel = (*COMPARATOR_CLASSES, None).index(against)
    return (
        panel,
        design in REVIEW_DESIGNS,
        DESIGN_PLACES.get(design or "", len(DESIGN_PLACES)),
        width,
        -(year or 0),
        finding,
    )


def stated_interval(
    measure: str | None, value: float, low: float | None, high: float | None
) -> tuple[float, float] | None:
    """Returns an interval as low and high bound; None where none is stated or where it cannot be one."""
    if low is None or high is None or low > high or (measure in RATIOS and value > 0 and low <= 0):
        return None
    return low, high
