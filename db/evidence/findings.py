"""Findings as sentences: what abstracts state about a concept, the strongest designs first."""

import sqlite3
from typing import Any

from db.evidence.balance import Direction
from db.select.clause import narrower_sql
from db.select.filter import ArticleFilter
from db.sql import dict_rows
from db.terms import STUDY_DESIGNS

_DESIGN_ORDER = " ".join(f"WHEN '{design}' THEN {place}" for place, design in enumerate(STUDY_DESIGNS))


def stated_findings(
    conn: sqlite3.Connection, column: str, concept: str, direction: Direction, limit: int
) -> list[dict[str, Any]]:
    """Returns findings of a direction whose subject or outcome (`column`: finding_of, finding_on) is a concept.

    Each row has the finding's columns, `subject`, `outcome`, `sentence` and the article's `authors`, `year`,
    `study_design`, `sample_size`. What one sentence states under two names of one concept counts once. Retracted
    articles are left out; strongest designs first, then with an estimate, then the newest.
    """
    where, params = ArticleFilter().for_evidence().where()
    own = {"finding_of": "subject_id", "finding_on": "outcome_id"}[column]
    marks = ", ".join(f":d{place}" for place in range(len(direction.stored)))
    params |= {f"d{place}": stored for place, stored in enumerate(direction.stored)}
    cursor = conn.execute(
        "SELECT findings.*, subjects.name AS subject, outcomes.name AS outcome, articles.authors, articles.year, "
        "articles.study_design, articles.sample_size, "
        "substr(CASE findings.field WHEN 'title' THEN articles.title ELSE articles.abstract END, "
        "findings.sentence_start + 1, findings.sentence_end - findings.sentence_start) AS sentence, "
        "min(findings.id) AS first "  # SQLite takes the other columns from the row of the minimum
        "FROM findings JOIN articles ON articles.pmid = findings.pmid "
        "LEFT JOIN concepts AS subjects ON subjects.id = findings.subject_id "
        "LEFT JOIN concepts AS outcomes ON outcomes.id = findings.outcome_id "
        f"WHERE findings.{own} IN ({narrower_sql(':concept')}) AND findings.direction IN ({marks}) AND ({where}) "
        "GROUP BY findings.pmid, coalesce(findings.subject_id, findings.subject_text), "
        "coalesce(findings.outcome_id, findings.outcome_text), findings.field, findings.sentence_start, findings.value "
        f"ORDER BY CASE articles.study_design {_DESIGN_ORDER} ELSE {len(STUDY_DESIGNS)} END, findings.value IS NULL, "
        "articles.publication_date DESC, findings.id LIMIT :limit",
        {**params, "concept": concept, "limit": limit},
    )
    return list(dict_rows(cursor))
