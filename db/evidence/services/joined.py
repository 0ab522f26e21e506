"""What other services say of one article: citations, free full text, trials, its place as a preprint."""

import sqlite3
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from db.evidence.services.trials import TrialRow, trials_of
from db.preprints import article_address, is_preprint_number
from db.sql import dict_rows

_SHOWN = 20


@dataclass(frozen=True, slots=True)
class Joined:
    """What is known beside PubMed's record; each is empty or None where nothing is.

    `citations` are iCite's figures, `link` the free full text, `cites` and `cited_by` held articles (a few, and their
    number in all), `retracted` those of `cites` that are retracted, `preprint` where this is one, `preprint_of` the
    preprint of this article.
    """

    citations: Mapping[str, Any] | None
    link: Mapping[str, Any] | None
    trials: tuple[TrialRow, ...]
    cited_by: tuple[Mapping[str, Any], ...]
    cited_by_count: int
    cites_count: int
    retracted: tuple[Mapping[str, Any], ...]
    preprint: Mapping[str, Any] | None
    preprint_of: str | None
    address: str


def read_joined(conn: sqlite3.Connection, pmid: int) -> Joined:
    """Returns what other services say of an article."""
    held = "SELECT pmid, title, year, study_design, retracted FROM articles JOIN citation_edges ON pmid = "
    citing = _rows(
        conn, f"{held} citing WHERE cited = ? ORDER BY publication_date DESC, pmid DESC LIMIT {_SHOWN}", pmid
    )
    retracted = _rows(conn, f"{held} cited WHERE citing = ? AND retracted = 1 ORDER BY pmid", pmid)
    own_preprint = conn.execute("SELECT pmid FROM preprints WHERE published_pmid = ?", [pmid]).fetchone()
    return Joined(
        _row(conn, "SELECT * FROM citations WHERE pmid = ?", pmid),
        _row(conn, "SELECT * FROM links WHERE pmid = ?", pmid),
        tuple(trials_of(conn, pmid)),
        tuple(citing),
        _count(conn, "SELECT count(*) FROM citation_edges WHERE cited = ?", pmid),
        _count(conn, "SELECT count(*) FROM citation_edges WHERE citing = ?", pmid),
        tuple(retracted) if _count(conn, "SELECT cites_retracted FROM articles WHERE pmid = ?", pmid) else (),
        _row(conn, "SELECT * FROM preprints WHERE pmid = ?", pmid) if is_preprint_number(pmid) else None,
        article_address(own_preprint[0]) if own_preprint else None,
        article_address(pmid),
    )


def _rows(conn: sqlite3.Connection, sql: str, pmid: int) -> list[dict[str, Any]]:
    cursor = conn.cursor()
    cursor.row_factory = None
    return list(dict_rows(cursor.execute(sql, [pmid])))


def _row(conn: sqlite3.Connection, sql: str, pmid: int) -> dict[str, Any] | None:
    return next(iter(_rows(conn, sql, pmid)), None)


def _count(conn: sqlite3.Connection, sql: str, pmid: int) -> int:
    return int(conn.execute(sql, [pmid]).fetchone()[0])
