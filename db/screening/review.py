"""The desk for a running review: its list matched with the store, what became of its studies, and what to screen next.

Nothing of the list is kept here; who wants that calls `db.screening.decide.import_decisions`.
"""

import json
import re
import sqlite3
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from db.errors import TrackerError
from db.evidence.services.trials import TrialRow, trials_finished_since
from db.evidence.vectors import Vectors, is_concept, shown_term
from db.notices import MARKED, NOTICES, gravest_mark
from db.screening.match import Matched
from db.screening.rank import Ranked, rank
from db.select.filter import ArticleFilter
from db.select.suggest import shown
from db.sql import literals
from db.topics import current

#: When a record came into PubMed, as far as the record says.
_CAME = "coalesce(articles.entrez_date, articles.created_date, articles.publication_date)"
_DAY = re.compile(r"\d{4}-\d{2}-\d{2}")


class ReviewError(TrackerError):
    """A question about a review that cannot be answered."""


@dataclass(frozen=True, slots=True)
class Marked:
    """An included study of which PubMed says something: `mark` is the gravest, `notices` are the words for each."""

    pmid: int
    title: str
    authors: str | None
    year: int | None
    mark: str
    notices: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Candidate:
    """An article to screen: where it stands, why, and what it is; `mark` where it was retracted or corrected."""

    ranked: Ranked
    title: str
    authors: str | None
    journal: str | None
    year: int | None
    study_design: str | None
    why: tuple[str, ...]
    mark: str | None


@dataclass(frozen=True, slots=True)
class Review:
    """All that the desk says of a review.

    `since` is the day that the candidates came into PubMed after, None for all; `undecided` are the list's own records
    that wait for a decision; `numbers` are those of a PRISMA 2020 flow chart of an update.
    """

    matched: Matched
    marked: tuple[Marked, ...]
    since: str | None
    undecided: tuple[Ranked, ...]
    candidates: tuple[Ranked, ...]
    numbers: dict[str, int]
    trials: tuple[TrialRow, ...] = ()


def look_over(conn: sqlite3.Connection, vectors: Vectors, matched: Matched, since: str | None = "newest") -> Review:
    """Returns what became of the included studies, and the candidates in the order in which to screen them.

    `since` is a day (YYYY-MM-DD), "newest" (the newest record that the list names) or None for everything held.
    Candidates are about the topic, neither retracted nor vanished, and not in the list. The list's undecided records
    are put in order apart, told from its excludes alone: what the search left aside says nothing of them. Raises
    ReviewError where the list holds no included study that the store has, or the day cannot be read.
    """
    if not matched.included:
        raise ReviewError(
            f"none of the {matched.rows} records is an included study that is held here, so nothing can be learnt; "
            "bring the studies that the review included"
        )
    day = _newest(conn, matched.pmids) if since == "newest" else since
    if day is not None and not _DAY.fullmatch(day):
        raise ReviewError(f"the day {shown(day)} cannot be read; write it as 2026-01-31")
    everything = ArticleFilter(topic="all")
    newer = _newer(conn, everything, day, matched.pmids)
    on_topic = _newer(conn, ArticleFilter(), day, matched.pmids)
    to_screen = _newer(conn, ArticleFilter().switched("retracted", False), day, matched.pmids)
    there = set(_newer(conn, ArticleFilter().switched("retracted", False), None, matched.pmids)) - set(to_screen)
    links = _links(conn, matched.included)
    ranked = rank(vectors, matched.included, matched.excluded, to_screen, links, sorted(there))
    waiting = matched.undecided
    undecided = rank(vectors, matched.included, matched.excluded, waiting, links) if waiting else []
    return Review(
        matched,
        tuple(marked_studies(conn, matched.included)),
        day,
        tuple(undecided),
        tuple(ranked),
        {
            "previous_records": matched.rows,
            "previous_held": len(matched.pmids),
            "previous_not_held": len(matched.unmatched),
            "previous_duplicates": matched.duplicates,
            "previous_included": len(matched.included),
            "previous_excluded": len(matched.excluded),
            "previous_undecided": len(matched.undecided),
            "identified": len(newer),
            f"not_about_{current().id}": len(newer) - len(on_topic),
            "retracted": len(on_topic) - len(to_screen),
            "to_screen": len(to_screen),
        },
        tuple(trials_finished_since(conn, _tested(conn, matched.included), day)),
    )


def marked_studies(conn: sqlite3.Connection, pmids: Sequence[int]) -> list[Marked]:
    """Returns those of some articles that were retracted, questioned or corrected, the gravest first."""
    found = []
    for pmid, (mark, notices) in _marks(conn, pmids).items():
        title, authors, year = conn.execute(
            "SELECT title, authors, year FROM articles WHERE pmid = ?", [pmid]
        ).fetchone()
        found.append(Marked(pmid, title, authors, year, mark, notices))
    places = {NOTICES[kind].mark: place for place, kind in reversed(list(enumerate(MARKED)))}
    return sorted(found, key=lambda study: (places[study.mark], -(study.year or 0), study.pmid))


def _marks(conn: sqlite3.Connection, pmids: Sequence[int]) -> dict[int, tuple[str, tuple[str, ...]]]:
    """Returns the gravest mark of each marked article with the words for each of its notices."""
    asked = json.dumps(list(pmids))
    kinds: dict[int, list[str]] = {}
    for pmid, kind in conn.execute(
        f"SELECT DISTINCT pmid, kind FROM notices WHERE kind IN ({literals(sorted(MARKED))}) "
        "AND pmid IN (SELECT value FROM json_each(?))",
        [asked],
    ):
        kinds.setdefault(pmid, []).append(kind)
    found = {}
    for pmid, retracted in conn.execute(
        "SELECT pmid, retracted FROM articles WHERE pmid IN (SELECT value FROM json_each(?))", [asked]
    ):
        mark = gravest_mark(kinds.get(pmid, ()), bool(retracted))
        if mark is not None:
            found[pmid] = mark, tuple(NOTICES[kind].words for kind in NOTICES if kind in kinds.get(pmid, ()))
    return found


def read_candidates(conn: sqlite3.Connection, ranked: Sequence[Ranked]) -> list[Candidate]:
    """Returns what a list shows of some ranked articles, in their order."""
    pmids = [entry.pmid for entry in ranked]
    rows = {
        row[0]: row[1:]
        for row in conn.execute(
            "SELECT pmid, title, authors, coalesce(iso_abbreviation, journal, book_title), year, study_design "
            "FROM articles WHERE pmid IN (SELECT value FROM json_each(?))",
            [json.dumps(pmids)],
        )
    }
    names = dict(conn.execute("SELECT id, name FROM concepts"))
    marks = _marks(conn, pmids)
    found = []
    for entry in ranked:
        terms = (names.get(shown_term(term)) if is_concept(term) else shown_term(term) for term in entry.reasons)
        why = tuple(dict.fromkeys(term for term in terms if term))
        mark = marks[entry.pmid][0] if entry.pmid in marks else None
        title, authors, journal, year, design = rows[entry.pmid]
        found.append(Candidate(entry, title, authors, journal, year, design, why, mark))
    return found


def _newest(conn: sqlite3.Connection, pmids: Sequence[int]) -> str | None:
    sql = f"SELECT max(substr({_CAME}, 1, 10)) FROM articles WHERE pmid IN (SELECT value FROM json_each(?))"
    day: str | None = conn.execute(sql, [json.dumps(list(pmids))]).fetchone()[0]
    return day if day and _DAY.fullmatch(day) else None


def _newer(conn: sqlite3.Connection, chosen: ArticleFilter, day: str | None, known: Sequence[int]) -> list[int]:
    where, params = chosen.where()
    rows = conn.execute(
        f"SELECT pmid FROM articles WHERE ({where}) AND (:r_day IS NULL OR {_CAME} IS NULL OR {_CAME} > :r_day) "
        "AND pmid NOT IN (SELECT value FROM json_each(:r_known)) ORDER BY pmid",
        {**params, "r_day": None if day is None else f"{day}T99", "r_known": json.dumps(list(known))},
    )
    return [row[0] for row in rows]


def _tested(conn: sqlite3.Connection, included: Sequence[int]) -> list[str]:
    """Returns the interventions that at least a quarter of the included studies are tagged with in their own words."""
    rows = conn.execute(
        "SELECT concept_id FROM article_tags WHERE kind = 'intervention' AND direct "
        "AND pmid IN (SELECT value FROM json_each(?)) GROUP BY concept_id HAVING count(*) * 4 >= ?",
        [json.dumps(list(included)), len(included)],
    )
    return [row[0] for row in rows]


def _links(conn: sqlite3.Connection, included: Sequence[int]) -> dict[int, int]:
    """Returns how many of the included each article cites or is cited by, as far as citations are held."""
    asked = json.dumps(list(included))
    rows = conn.execute(
        "WITH included (pmid) AS (SELECT value FROM json_each(?)) "
        "SELECT near, count(DISTINCT study) FROM ("
        "SELECT citing AS near, cited AS study FROM citation_edges JOIN included ON included.pmid = cited "
        "UNION SELECT cited, citing FROM citation_edges JOIN included ON included.pmid = citing) GROUP BY near",
        [asked],
    )
    return dict(rows.fetchall())


def review_object(
    review: Review, candidates: Sequence[Candidate], undecided: Sequence[Candidate] = ()
) -> dict[str, Any]:
    """Returns a review as a JSON object with the first candidates and the first undecided of its list named."""
    matched = review.matched
    return {
        "records": matched.rows,
        "matched": len(matched.pmids),
        "matched_by": dict(matched.matched_by),
        "unmatched": matched.unmatched,
        "duplicates": matched.duplicates,
        "included": len(matched.included),
        "excluded": len(matched.excluded),
        "maybe": len(matched.maybe),
        "undecided": len(matched.undecided),
        "conflict": matched.conflict,
        "marked": [
            {"pmid": study.pmid, "title": study.title, "mark": study.mark, "notices": list(study.notices)}
            for study in review.marked
        ],
        "since": review.since,
        "prisma": review.numbers,
        "trials": [
            {name: trial.values[name] for name in ("nct_id", "title", "status", "completion_date", "results_posted")}
            for trial in review.trials
        ],
        "undecided_in_order": [_candidate_object(entry) for entry in undecided],
        "candidates": [_candidate_object(entry) for entry in candidates],
    }


def _candidate_object(entry: Candidate) -> Mapping[str, Any]:
    return {
        "pmid": entry.ranked.pmid,
        "score": entry.ranked.score,
        "links": entry.ranked.links,
        "title": entry.title,
        "year": entry.year,
        "study_design": entry.study_design,
        "mark": entry.mark,
        "why": list(entry.why),
    }
