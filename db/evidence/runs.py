"""What the runs did: the search log, the changes of a run, and PRISMA numbers between any two dates."""

import json
import re
import sqlite3
from collections.abc import Sequence
from dataclasses import asdict, dataclass, replace
from typing import Any

from db.changes import CHANGES
from db.errors import TrackerError
from db.preprints import FIRST, LAST, is_preprint_number
from db.select.clause import Params
from db.select.filter import ArticleFilter
from db.select.past import DATED_CHANGES, held_sql
from db.select.suggest import shown
from db.sql import dict_rows, literals
from db.topics import current

#: Changes that concern no reader unless asked for.
_QUIET = ("retagged", "reparsed")
_DATE = re.compile(r"\d{4}-\d{2}-\d{2}")


class RunLogError(TrackerError):
    """A run that does not exist, or a date that cannot be read."""


@dataclass(frozen=True, slots=True)
class Changed:
    """One change of one article."""

    run_id: int
    pmid: int
    change: str
    at: str
    title: str
    authors: str | None
    year: int | None
    study_design: str | None
    retracted: bool


@dataclass(frozen=True, slots=True)
class Prisma:
    """Numbers of a period: what stood at its start and end, and what came and went between.

    `held_before` and `held_after` are records held; `identified` came in, `returned` came back, `removed` vanished,
    `revised` and `retracted` were changed in between. `about`, `beside` and `untagged` divide `held_after` by what
    the tagger says now; `with_findings` of those on the topic state a result that was read.
    """

    start: str
    end: str
    held_before: int
    identified: int
    returned: int
    removed: int
    revised: int
    retracted: int
    held_after: int
    about: int
    beside: int
    untagged: int
    retracted_held: int
    with_findings: int

    def as_json(self) -> dict[str, Any]:
        """Returns the numbers as a JSON object; those on the topic and beside it go by the topic's id."""
        topic = current()
        named = {"about": f"about_{topic.id}", "beside": topic.beside}
        return {named.get(name, name): value for name, value in asdict(self).items()}


def read_runs(conn: sqlite3.Connection, limit: int = 60, before: int | None = None) -> list[dict[str, Any]]:
    """Returns the runs that asked PubMed or read files, the newest first; `before` is a run's number."""
    cursor = conn.execute(
        "SELECT * FROM runs WHERE kind IN ('harvest', 'import') AND (:before IS NULL OR id < :before) "
        "ORDER BY id DESC LIMIT :limit",
        {"before": before, "limit": limit},
    )
    return list(dict_rows(cursor))


def read_run(conn: sqlite3.Connection, run: int) -> dict[str, Any]:
    """Returns one run; raises RunLogError where there is none."""
    row = next(dict_rows(conn.execute("SELECT * FROM runs WHERE id = ?", [run])), None)
    if row is None:
        raise RunLogError(f"there is no run {run}; the newest runs stand on the page of what is new")
    return row


def change_counts(
    conn: sqlite3.Connection, runs: Sequence[int], chosen: ArticleFilter | None = None
) -> dict[int, dict[str, int]]:
    """Returns how many articles of a filter each run changed, by change; what has vanished counts too."""
    where, params = _changed_of(chosen)
    found: dict[int, dict[str, int]] = {run: {} for run in runs}
    rows = conn.execute(
        "SELECT run_id, change, count(*) FROM changes JOIN articles USING (pmid) "
        f"WHERE run_id IN (SELECT value FROM json_each(:runs)) AND ({where}) GROUP BY run_id, change",
        {**params, "runs": json.dumps(list(runs))},
    )
    for run, change, count in rows:
        found[run][change] = count
    return found


def read_changes(
    conn: sqlite3.Connection,
    limit: int,
    run: int | None = None,
    change: str | None = None,
    offset: int = 0,
    chosen: ArticleFilter | None = None,
) -> list[Changed]:
    """Returns changes of a filter's articles, the newest run first, within it as CHANGES has them; retagging apart.

    Raises RunLogError for a change that does not exist.
    """
    if change is not None and change not in CHANGES:
        raise RunLogError(f"there is no change {shown(change)}; it is one of {', '.join(CHANGES)}")
    where, params = _changed_of(chosen)
    order = " ".join(f"WHEN '{name}' THEN {place}" for place, name in enumerate(CHANGES))
    rows = conn.execute(
        "SELECT changes.run_id, articles.pmid, changes.change, coalesce(nullif(changes.at, ''), runs.finished_at, "
        "runs.started_at), articles.title, articles.authors, articles.year, articles.study_design, articles.retracted "
        "FROM changes JOIN articles USING (pmid) JOIN runs ON runs.id = changes.run_id "
        "WHERE (:run IS NULL OR run_id = :run) AND change = coalesce(:change, change) "
        f"AND (:change IS NOT NULL OR change NOT IN ({literals(_QUIET)})) AND change IN ({literals(CHANGES)}) "
        f"AND ({where}) "
        f"ORDER BY run_id DESC, CASE change {order} END, pmid DESC LIMIT :limit OFFSET :offset",
        {**params, "run": run, "change": change, "limit": limit, "offset": offset},
    )
    return [Changed(*(*row[:-1], bool(row[-1]))) for row in rows]


def arrivals(conn: sqlite3.Connection, pmids: Sequence[int]) -> dict[int, str]:
    """Returns when articles came here last (new, or back again), ISO 8601, by PMID."""
    rows = conn.execute(
        "SELECT pmid, max(coalesce(nullif(changes.at, ''), runs.finished_at, runs.started_at)) FROM changes "
        "JOIN runs ON runs.id = run_id WHERE change IN ('new', 'returned') "
        "AND pmid IN (SELECT value FROM json_each(?)) GROUP BY pmid",
        [json.dumps(list(pmids))],
    )
    return dict(rows.fetchall())


def _changed_of(chosen: ArticleFilter | None) -> tuple[str, Params]:
    """Returns the condition of a filter whose changes are told; records that vanished are told of too."""
    return replace(ArticleFilter(topic="all") if chosen is None else chosen, vanished=True).where()


def query_parts(query: str) -> list[str]:
    """Returns the parts of a query that OR joins at its top level, each without the parentheses around it."""
    parts, depth, quoted, start = [], 0, False, 0
    for place, char in enumerate(query):
        if char == '"':
            quoted = not quoted
        elif not quoted and char in "()":
            depth += 1 if char == "(" else -1
        elif not quoted and depth == 0 and query.startswith(" OR ", place):
            parts.append(query[start:place])
            start = place + 4
    parts.append(query[start:])
    stripped = [" ".join(part.split()) for part in parts]
    return [part[1:-1].strip() if part.startswith("(") and part.endswith(")") else part for part in stripped if part]


def period(conn: sqlite3.Connection, start: str | None, end: str | None) -> tuple[str, str]:
    """Returns a period as two days; by default from the first run to the last. Raises RunLogError."""
    first, last = conn.execute(
        "SELECT min(substr(started_at, 1, 10)), max(substr(coalesce(finished_at, started_at), 1, 10)) FROM runs"
    ).fetchone()
    chosen = (start or first or "1900-01-01", end or last or "2999-12-31")
    for day in chosen:
        if not _DATE.fullmatch(day):
            raise RunLogError(f"the date {shown(day)} cannot be read; write it as 2026-01-31")
    if chosen[0] > chosen[1]:
        raise RunLogError(f"the dates run backwards; write {chosen[1]} before {chosen[0]}")
    return chosen


def prisma(conn: sqlite3.Connection, start: str, end: str) -> Prisma:
    """Returns the numbers of a period (two ISO days, both inside): what was held before, came, went, and is held."""
    before, after = _held(conn, start, inclusive=False), _held(conn, end, inclusive=True)
    counted = dict(
        conn.execute(
            f"SELECT change, count(DISTINCT pmid) FROM ({DATED_CHANGES}) WHERE day BETWEEN :start AND :end "
            f"AND pmid NOT BETWEEN {FIRST} AND {LAST} GROUP BY change",
            {"start": start, "end": end},
        ).fetchall()
    )
    held = json.dumps(sorted(after))
    topics = dict(
        conn.execute(
            "SELECT coalesce(topic, ''), count(*) FROM articles WHERE pmid IN (SELECT value FROM json_each(:held)) "
            "GROUP BY 1",
            {"held": held},
        ).fetchall()
    )
    retracted, with_findings = conn.execute(
        "SELECT coalesce(sum(retracted), 0), coalesce(sum(topic IS NOT :beside AND pmid IN "
        "(SELECT pmid FROM findings)), 0) FROM articles WHERE pmid IN (SELECT value FROM json_each(:held))",
        {"held": held, "beside": current().beside},
    ).fetchone()
    return Prisma(
        start,
        end,
        len(before),
        counted.get("new", 0),
        counted.get("returned", 0),
        counted.get("vanished", 0),
        counted.get("revised", 0),
        counted.get("retracted", 0),
        len(after),
        topics.get(current().id, 0),
        topics.get(current().beside, 0),
        topics.get("", 0),
        retracted,
        with_findings,
    )


def _held(conn: sqlite3.Connection, day: str, inclusive: bool) -> set[int]:
    """Returns the PMIDs that were held on a day (at its end, or before it began), by replaying the changes."""
    until = f"day {'<=' if inclusive else '<'} :day"
    rows = conn.execute(held_sql(until), {"day": day})
    return {pmid for (pmid,) in rows if not is_preprint_number(pmid)}  # which nobody identified in PubMed
