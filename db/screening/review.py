"""The desk for a running review: its list matched with the store, what became of its studies, and what to screen next.

Nothing of the list is kept here; who wants that calls `db.screening.decide.import_decisions`.
"""

import json
import re
import sqlite3
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any

from db.citations.formats.common import one_line
from db.errors import TrackerError
from db.evidence.services.trials import TrialRow, trials_finished_since
from db.notices import MARKED, NOTICES, gravest_mark
from db.screening.match import Matcher
from db.screening.rank import Ranked, rank
from db.screening.read import ScreenedRow
from db.select.filter import ArticleFilter
from db.select.suggest import shown
from db.sql import literals
from db.topics import current
from db.vectors import Vectors, is_concept, shown_term

#: When a record came into PubMed, as far as the record says.
_CAME = "coalesce(articles.entrez_date, articles.created_date, articles.publication_date)"
_DAY = re.compile(r"\d{4}-\d{2}-\d{2}")


class ReviewError(TrackerError):
    """A question about a review that cannot be answered."""


@dataclass(slots=True)
class Matched:
    """A review's list as the store knows it: PMIDs by decision, each once, in the order of the list.

    `conflict` are those that some include and some exclude; `unmatched` names the records that are not held.
    """

    rows: int = 0
    included: list[int] = field(default_factory=list)
    excluded: list[int] = field(default_factory=list)
    maybe: list[int] = field(default_factory=list)
    undecided: list[int] = field(default_factory=list)
    conflict: list[int] = field(default_factory=list)
    duplicates: int = 0
    matched_by: Counter[str] = field(default_factory=Counter)
    unmatched: list[str] = field(default_factory=list)

    @property
    def pmids(self) -> list[int]:
        """All that the list names and the store holds."""
        return [*self.included, *self.excluded, *self.maybe, *self.undecided, *self.conflict]


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
    """An article to screen: where it stands, why, and what it is."""

    ranked: Ranked
    title: str
    authors: str | None
    journal: str | None
    year: int | None
    study_design: str | None
    why: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Review:
    """All that the desk says of a review.

    `since` is the day that the candidates came into PubMed after, None for all; `numbers` are those of a PRISMA 2020
    flow chart of an update.
    """

    matched: Matched
    marked: tuple[Marked, ...]
    since: str | None
    candidates: tuple[Ranked, ...]
    numbers: dict[str, int]
    trials: tuple[TrialRow, ...] = ()


def match_rows(conn: sqlite3.Connection, rows: Iterable[ScreenedRow]) -> Matched:
    """Finds each record by PMID, else DOI, else our key, else title; people who disagree make a conflict."""
    found = Matched()
    matcher = Matcher(conn)
    verdicts: dict[int, set[str]] = {}
    for row in rows:
        found.rows += 1
        match = matcher.find(row)
        if match is None:
            ids = (f"PMID {row.pmid}" if row.pmid else "", f"DOI {row.doi}" if row.doi else "", row.title or "")
            named = one_line("; ".join(filter(None, ids)))[:160] or "no PMID, DOI or title"
            found.unmatched.append(f"record {row.number}: {named}")
            continue
        pmid, how = match
        found.duplicates += pmid in verdicts
        found.matched_by[how] += pmid not in verdicts
        verdicts.setdefault(pmid, set()).update(one.verdict for one in row.verdicts if one.concept_id is None)
    groups = {"include": found.included, "exclude": found.excluded, "maybe": found.maybe}
    for pmid, said in verdicts.items():
        if {"include", "exclude"} <= said:
            found.conflict.append(pmid)
        else:
            group = next((groups[verdict] for verdict in groups if verdict in said), found.undecided)
            group.append(pmid)
    return found


def look_over(conn: sqlite3.Connection, vectors: Vectors, matched: Matched, since: str | None = "newest") -> Review:
    """Returns what became of the included studies, and the candidates in the order in which to screen them.

    `since` is a day (YYYY-MM-DD), "newest" (the newest record that the list names) or None for everything held.
    Candidates are about the topic, neither retracted nor vanished, and not in the list. Raises ReviewError where the
    list holds no included study that the store has, or the day cannot be read.
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
    ranked = rank(vectors, matched.included, matched.excluded, to_screen, _links(conn, matched.included), sorted(there))
    return Review(
        matched,
        tuple(marked_studies(conn, matched.included)),
        day,
        tuple(ranked),
        {
            "previous_records": matched.rows,
            "previous_held": len(matched.pmids),
            "previous_not_held": len(matched.unmatched),
            "previous_duplicates": matched.duplicates,
            "previous_included": len(matched.included),
            "previous_excluded": len(matched.excluded),
            "identified": len(newer),
            f"not_about_{current().id}": len(newer) - len(on_topic),
            "retracted": len(on_topic) - len(to_screen),
            "to_screen": len(to_screen),
        },
        tuple(trials_finished_since(conn, _tested(conn, matched.included), day)),
    )


def marked_studies(conn: sqlite3.Connection, pmids: Sequence[int]) -> list[Marked]:
    """Returns those of some articles that were retracted, questioned or corrected, the gravest first."""
    asked = json.dumps(list(pmids))
    kinds: dict[int, list[str]] = {}
    for pmid, kind in conn.execute(
        f"SELECT DISTINCT pmid, kind FROM notices WHERE kind IN ({literals(sorted(MARKED))}) "
        "AND pmid IN (SELECT value FROM json_each(?))",
        [asked],
    ):
        kinds.setdefault(pmid, []).append(kind)
    found = []
    for pmid, title, authors, year, retracted in conn.execute(
        "SELECT pmid, title, authors, year, retracted FROM articles WHERE pmid IN (SELECT value FROM json_each(?))",
        [asked],
    ):
        mark = gravest_mark(kinds.get(pmid, ()), bool(retracted))
        if mark is not None:
            words = tuple(NOTICES[kind].words for kind in NOTICES if kind in kinds.get(pmid, ()))
            found.append(Marked(pmid, title, authors, year, mark, words))
    places = {NOTICES[kind].mark: place for place, kind in reversed(list(enumerate(MARKED)))}
    return sorted(found, key=lambda study: (places[study.mark], -(study.year or 0), study.pmid))


def read_candidates(conn: sqlite3.Connection, ranked: Sequence[Ranked]) -> list[Candidate]:
    """Returns what a list shows of some ranked articles, in their order."""
    rows = {
        row[0]: row[1:]
        for row in conn.execute(
            "SELECT pmid, title, authors, coalesce(iso_abbreviation, journal, book_title), year, study_design "
            "FROM articles WHERE pmid IN (SELECT value FROM json_each(?))",
            [json.dumps([entry.pmid for entry in ranked])],
        )
    }
    names = dict(conn.execute("SELECT id, name FROM concepts"))
    found = []
    for entry in ranked:
        title, authors, journal, year, design = rows[entry.pmid]
        terms = (names.get(shown_term(term)) if is_concept(term) else shown_term(term) for term in entry.reasons)
        why = tuple(dict.fromkeys(term for term in terms if term))
        found.append(Candidate(entry, title, authors, journal, year, design, why))
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


def review_object(review: Review, candidates: Sequence[Candidate]) -> dict[str, Any]:
    """Returns a review as a JSON object with the candidates named."""
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
        "candidates": [
            {
                "pmid": entry.ranked.pmid,
                "score": entry.ranked.score,
                "links": entry.ranked.links,
                "title": entry.title,
                "year": entry.year,
                "study_design": entry.study_design,
                "why": list(entry.why),
            }
            for entry in candidates
        ],
    }
