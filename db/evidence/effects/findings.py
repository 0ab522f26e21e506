"""Findings as sentences: what abstracts state of a subject or on an outcome, one an article, the strongest first."""

import json
import math
import sqlite3
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from db.evidence.effects.estimates import RATIOS, stated_interval
from db.evidence.index.article_index import ArticleIndex
from db.evidence.index.bits import flags_of
from db.select.clause import narrower_sql
from db.select.filter import ArticleFilter
from db.select.sought import COMPARATOR_SQL, CONFLICT, EFFECT_SQL
from db.sql import dict_rows
from db.terms import DESIGN_PLACES, STUDY_DESIGNS

#: What a concept's findings are found by: the column of its place in a finding.
_COLUMNS = {"of": "subject_id", "on": "outcome_id"}


@dataclass(frozen=True, slots=True)
class FindingKey:
    """A finding's place in an order and what it is grouped by; the rest is read by `read_findings`."""

    id: int
    pmid: int
    subject_id: str | None
    outcome_id: str | None
    comparator_class: str | None
    effect: str
    has_interval: bool
    weight: tuple[Any, ...]


def rank_findings(
    conn: sqlite3.Connection, index: ArticleIndex, chosen: ArticleFilter, side: str, concept: str
) -> list[FindingKey]:
    """Returns the findings of a filter's articles whose subject (`side` of) or outcome (on) is a concept or narrower.

    Findings in conflict come last; then the strongest designs, those with an estimate and interval, the most precise,
    the newest. What the filter seeks of findings is dropped; retracted articles are left out unless it asks for them.
    """
    base = chosen.without_finding().for_evidence()
    flags = flags_of(index.matching(conn, base), len(index.pmids))
    rows = conn.execute(
        f"SELECT findings.id, pmid, subject_id, outcome_id, {COMPARATOR_SQL}, {EFFECT_SQL}, measure, value, ci_low, "
        "ci_high, articles.study_design, articles.year FROM findings JOIN articles USING (pmid) "
        f"WHERE {_COLUMNS[side]} IN ({narrower_sql(':concept')})",
        {"concept": concept},
    )
    found = []
    for number, pmid, subject, outcome, against, effect, measure, value, low, high, design, year in rows:
        if not flags[index.places[pmid]]:
            continue
        width = math.inf
        interval = stated_interval(measure, value, low, high) if value is not None else None
        if interval is not None:
            low, high = interval
            width = math.log(high / low) if measure in RATIOS and low > 0 else high - low
        place = DESIGN_PLACES.get(design or "", len(STUDY_DESIGNS))
        weight = (effect == CONFLICT, place, value is None, width, -(year or 0), number)
        found.append(FindingKey(number, pmid, subject, outcome, against, effect, interval is not None, weight))
    return sorted(found, key=lambda key: key.weight)


def one_an_article(ranked: Sequence[FindingKey], limit: int) -> list[FindingKey]:
    """Returns the first finding of each article, so that one article never fills a list."""
    found: dict[int, FindingKey] = {}
    for key in ranked:
        found.setdefault(key.pmid, key)
        if len(found) == limit:
            break
    return list(found.values())


def read_findings(conn: sqlite3.Connection, ids: Sequence[int]) -> list[dict[str, Any]]:
    """Returns findings in the order of their ids.

    Each has the finding's columns, `subject`, `outcome` and `comparator` (names), `against` (the class of comparator),
    `means` (one of SOUGHT_EFFECTS), `sentence`, and the article's `authors`, `year`, `study_design`, `sample_size`.
    """
    cursor = conn.execute(
        f"SELECT findings.*, {COMPARATOR_SQL} AS against, {EFFECT_SQL} AS means, subjects.name AS subject, "
        "outcomes.name AS outcome, comparators.name AS comparator, articles.authors, articles.year, "
        "articles.study_design, articles.sample_size, "
        "substr(CASE findings.field WHEN 'title' THEN articles.title ELSE articles.abstract END, "
        "findings.sentence_start + 1, findings.sentence_end - findings.sentence_start) AS sentence "
        "FROM findings JOIN articles ON articles.pmid = findings.pmid "
        "LEFT JOIN concepts AS subjects ON subjects.id = findings.subject_id "
        "LEFT JOIN concepts AS outcomes ON outcomes.id = findings.outcome_id "
        "LEFT JOIN concepts AS comparators ON comparators.id = findings.comparator_id "
        "WHERE findings.id IN (SELECT value FROM json_each(?))",
        [json.dumps(list(ids))],
    )
    found = {row["id"]: row for row in dict_rows(cursor)}
    return [found[number] for number in ids]
