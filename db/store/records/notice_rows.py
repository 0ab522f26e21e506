"""Keeps what others than PubMed said of an article when its record is written anew, and when each notice came."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from sqlite_utils import Database

from db.enriched import REINSTATEMENT
from db.notices import (
    RETRACTED_PUBLICATION,
    RETRACTING,
    RETRACTION_NOTICES,
    RETRACTION_OF_PUBLICATION,
    sql_title_says,
)
from db.sql import chunks, literals, placeholders

#: Places of notices said by others than PubMed, so that they never meet PubMed's own.
_FIRST_POSITION = 1000
_COLUMNS = "pmid, position, kind, ref_pmid, source, note, said_by, first_seen, date"


def _has_type(ui: str) -> str:
    return f"EXISTS (SELECT 1 FROM publication_types p WHERE p.pmid = articles.pmid AND ui = '{ui}')"


def _has_notice(kinds: Iterable[str]) -> str:
    return f"EXISTS (SELECT 1 FROM notices n WHERE n.pmid = articles.pmid AND kind IN ({literals(sorted(kinds))}))"


#: Whether anybody says that an article is retracted: its types, all notices that hold, or its title where PubMed does
#: not say that it is the notice itself. As `Article.retracted`, with what others than PubMed say.
SAID_RETRACTED = (
    f"{_has_type(RETRACTED_PUBLICATION)} OR {_has_notice(RETRACTING)} OR ({sql_title_says('articles.title')} "
    f"AND NOT {_has_type(RETRACTION_OF_PUBLICATION)} AND NOT {_has_notice(RETRACTION_NOTICES)})"
)

#: When PubMed's notices were first seen, by article, kind, number and source.
FirstSeen = Mapping[tuple[Any, ...], str]


def first_seen(db: Database, pmids: Sequence[int]) -> FirstSeen:
    """Returns when each of PubMed's notices on these articles was first seen."""
    found: dict[tuple[Any, ...], str] = {}
    for some in chunks(pmids):
        sql = (
            "SELECT pmid, kind, ref_pmid, source, first_seen FROM notices WHERE said_by = 'pubmed' "
            f"AND first_seen IS NOT NULL AND pmid IN ({placeholders(some)})"
        )
        found.update((tuple(key), seen) for *key, seen in db.execute(sql, list(some)))
    return found


def complete_notices(db: Database, pmids: Sequence[int], seen: FirstSeen, at: str) -> None:
    """Completes the notices of records just written: when PubMed's were first seen, and what others say beside them.

    An article that others call retracted is marked again. The caller's transaction.
    """
    for some in chunks(pmids):
        marks = placeholders(some)
        sql = (
            f"SELECT pmid, kind, ref_pmid, source, position FROM notices WHERE pmid IN ({marks}) AND said_by = 'pubmed'"
        )
        db.conn.executemany(
            "UPDATE notices SET first_seen = ? WHERE pmid = ? AND position = ?",
            [(seen.get(tuple(key), at), key[0], place) for *key, place in db.execute(sql, list(some)).fetchall()],
        )
        insert_rows(db, holding(db, some))
        db.execute(
            f"UPDATE articles SET retracted = 1 WHERE pmid IN ({marks}) AND retracted = 0 AND ({SAID_RETRACTED})",
            list(some),
        )


def insert_rows(db: Database, rows: Iterable[tuple[Any, ...]]) -> None:
    """Writes notices said by others; the caller's transaction."""
    db.conn.executemany(f"INSERT OR REPLACE INTO notices ({_COLUMNS}) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)", rows)


def stored_rows(db: Database) -> set[tuple[Any, ...]]:
    """Returns the notices said by others as they are stored."""
    return set(db.execute(f"SELECT {_COLUMNS} FROM notices WHERE said_by <> 'pubmed'"))


def holding(db: Database, pmids: Sequence[int] | None = None) -> list[tuple[Any, ...]]:
    """Returns the rows of `notices` that follow from others' claims: all but what a later reinstatement undoes.

    A reinstatement undoes what Crossref and Retraction Watch said before it; what PubMed says is PubMed's to undo.
    """
    where = f"WHERE pmid IN ({placeholders(pmids)})" if pmids is not None else ""
    sql = f"SELECT * FROM notice_claims {where} ORDER BY pmid, coalesce(date, ''), said_by, key"
    claims: dict[int, list[dict[str, Any]]] = {}
    for claim in db.query(sql, list(pmids or ())):
        claims.setdefault(claim["pmid"], []).append(claim)
    return [
        (pmid, _FIRST_POSITION + place, c["kind"], c["ref_pmid"], c["source"], c["reasons"], c["said_by"],
         c["first_seen"], c["date"])
        for pmid, said in claims.items()
        for place, c in enumerate(_standing(said))
    ]  # fmt: skip


def _standing(claims: Sequence[Mapping[str, Any]]) -> list[Mapping[str, Any]]:
    reinstated = max((c["date"] or "" for c in claims if c["kind"] == REINSTATEMENT), default=None)
    return [c for c in claims if reinstated is None or c["kind"] not in RETRACTING or (c["date"] or "") > reinstated]
