"""Checks that what a filter names exists, and lets people write names where URLs write ids."""

import json
import sqlite3
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from db.select.facets import FACETS, NOT_STATED, Choice, Facet, FilterError, ordered
from db.select.filter import ArticleFilter, holds_sql
from db.select.questions.understand import understand
from db.select.search.index import ensure_search
from db.select.suggest import nearest, shown
from db.terms import STUDY_DESIGNS

_CLOSED: Mapping[str, tuple[str, ...]] = {
    "study_design": STUDY_DESIGNS,
    "species": ("human", "animal", "in vitro"),
    "level": tuple("12345"),
}
_DESIGN_ALIASES = {
    "rct": "randomized controlled trial",
    "rcts": "randomized controlled trial",
    "randomised controlled trial": "randomized controlled trial",
    "trial": "randomized controlled trial",
    "meta analysis": "meta-analysis",
    "animal": "animal study",
    "in vitro": "in vitro study",
}


class UnknownConceptError(FilterError):
    """A concept that the vocabulary does not have."""


def resolve_filter(conn: sqlite3.Connection, chosen: ArticleFilter) -> tuple[ArticleFilter, dict[str, str]]:
    """Returns the filter with every name and synonym turned into its id, and the names of the concepts it uses.

    Raises UnknownConceptError or FilterError for a value that does not exist, naming the nearest ones.
    """
    lists: dict[str, Any] = {
        name: ordered(Choice(choice.facet, _value(conn, FACETS[choice.facet], choice.value)) for choice in choices)
        for name, choices in (("any_of", chosen.any_of), ("all_of", chosen.all_of), ("none_of", chosen.none_of))
    }
    sought = chosen.finding
    finding_of = _concept(conn, None, sought.of) if sought.of else None
    finding_on = _concept(conn, "outcome", sought.on) if sought.on else None
    found = replace(chosen, **lists).with_finding(of=finding_of, on=finding_on)
    if found.search:
        ensure_search(conn)
        found = replace(found, search=understand(conn, found.search))
    return found, concept_names(conn, found)


def resolve_concept(conn: sqlite3.Connection, kind: str | None, name: str) -> str:
    """Returns the id of a concept named by id, name or synonym; raises UnknownConceptError, naming near ones."""
    return _concept(conn, kind, name)


def concept_names(conn: sqlite3.Connection, chosen: ArticleFilter) -> dict[str, str]:
    """Returns the names of the concepts that a filter uses, by id."""
    ids = json.dumps(chosen.concept_ids())
    return dict(conn.execute("SELECT id, name FROM concepts WHERE id IN (SELECT value FROM json_each(?))", [ids]))


def _value(conn: sqlite3.Connection, facet: Facet, value: str) -> str:
    if facet.kind:
        return _concept(conn, facet.kind, value)
    return _column_value(conn, facet, value)


def _concept(conn: sqlite3.Connection, kind: str | None, value: str) -> str:
    found = conn.execute("SELECT kind FROM concepts WHERE id = ?", [value]).fetchone()
    if found and kind in (None, found[0]):
        return value
    rows = conn.execute(
        "SELECT id, name, synonyms FROM concepts WHERE :kind IS NULL OR kind = :kind ORDER BY position", {"kind": kind}
    ).fetchall()
    prefix, _, rest = value.partition(":")
    if rest and prefix.casefold().replace("_", " ") == kind:  # "intervention:aspirin"
        value = rest.strip()
    asked = value.casefold()
    for row in rows:
        if asked == row[0].casefold() or asked == row[1].casefold():
            return str(row[0])
    for row in rows:
        if asked in (synonym.casefold() for synonym in json.loads(row[2])):
            return str(row[0])
    known = [row[0] for row in rows] + [row[1] for row in rows]
    raise UnknownConceptError(f"there is no {kind or 'concept'} {shown(value)}; {nearest(value, known)}")


def _column_value(conn: sqlite3.Connection, facet: Facet, value: str) -> str:
    closed = _CLOSED.get(facet.name, ())
    if value == NOT_STATED or value in closed or _stands(conn, facet, value):
        return value
    sql = f"SELECT DISTINCT {facet.column} FROM articles WHERE {facet.column} IS NOT NULL ORDER BY 1"
    held = [part for row in conn.execute(sql) for part in (row[0].split(facet.separator) if facet.separator else row)]
    known = list(dict.fromkeys([*closed, *held, NOT_STATED]))
    asked = value.casefold()
    asked = _DESIGN_ALIASES.get(asked, asked) if facet.name == "study_design" else asked
    for candidate in known:
        if candidate.casefold() == asked:
            return str(candidate)
    raise FilterError(f"there is no {facet.label} {shown(value)}; {nearest(value, known)}")


def _stands(conn: sqlite3.Connection, facet: Facet, value: str) -> bool:
    condition = holds_sql(facet, "?") if facet.separator else f"{facet.column} = ?"
    return conn.execute(f"SELECT 1 FROM articles WHERE {condition} LIMIT 1", [value]).fetchone() is not None
