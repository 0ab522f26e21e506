"""Small made-up stores for tests: rows written straight, so that each test sees what it depends on."""

import sqlite3
from collections.abc import Iterable, Sequence
from typing import Any

#: (id, kind, name, parent, synonyms)
CONCEPTS = (
    ("nsaids", "intervention", "NSAIDs", None, '["non-steroidal anti-inflammatory drugs"]'),
    ("indomethacin", "intervention", "indomethacin", "nsaids", '["indometacin"]'),
    ("celecoxib", "intervention", "celecoxib", "nsaids", "[]"),
    ("radiotherapy", "intervention", "radiotherapy", None, '["irradiation"]'),
    ("male-sex", "risk factor", "male sex", None, "[]"),
    ("ho-incidence", "outcome", "HO incidence", None, "[]"),
    ("severe-ho", "outcome", "severe HO", "ho-incidence", "[]"),
    ("hip", "site", "hip", None, "[]"),
)


def add_concepts(conn: sqlite3.Connection, concepts: Iterable[Sequence[Any]] = CONCEPTS) -> None:
    """Writes concepts, parents before children."""
    for position, (concept, kind, name, parent, synonyms) in enumerate(concepts):
        conn.execute(
            "INSERT INTO concepts (id, kind, name, parent_id, synonyms, depth, position) VALUES (?, ?, ?, ?, ?, ?, ?)",
            [concept, kind, name, parent, synonyms, 1 if parent else 0, position],
        )


def add_article(conn: sqlite3.Connection, pmid: int, tags: Iterable[str] = (), **columns: Any) -> None:
    """Writes one article with its direct tags and their ancestors."""
    values: dict[str, Any] = {
        "pmid": pmid,
        "version": 1,
        "kind": "article",
        "title": f"Article {pmid}",
        "authors_complete": 1,
        "text_hash": "0",
        "retracted": 0,
        "topic": "ho",
        **columns,
    }
    marks = ", ".join(f":{name}" for name in values)
    conn.execute(f"INSERT INTO articles ({', '.join(values)}) VALUES ({marks})", values)
    direct = set(tags)
    for tag in sorted(direct):
        line = _line(conn, tag)
        for concept, kind in line:
            conn.execute(
                "INSERT OR IGNORE INTO article_tags (pmid, concept_id, kind, direct, mentions, assertion) "
                "VALUES (?, ?, ?, ?, 1, 'affirmed')",
                [pmid, concept, kind, int(concept in direct)],
            )


def add_finding(conn: sqlite3.Connection, pmid: int, **columns: Any) -> None:
    """Writes one finding of an article; what is not named has a harmless value."""
    values: dict[str, Any] = {
        "pmid": pmid,
        "kind": "effect",
        "subject_text": "indomethacin",
        "direction": "decreases",
        "field": "abstract",
        "sentence_start": 0,
        "sentence_end": 1,
        "tagger": "test",
        **columns,
    }
    marks = ", ".join(f":{name}" for name in values)
    conn.execute(f"INSERT INTO findings ({', '.join(values)}) VALUES ({marks})", values)


def add_run(conn: sqlite3.Connection, run: int, new: Iterable[int] = (), **columns: Any) -> None:
    """Writes one finished harvest and the articles that it brought."""
    values: dict[str, Any] = {"id": run, "kind": "harvest", "status": "done", "started_at": "2026-01-01T00:00:00Z"}
    values.update(columns)
    marks = ", ".join(f":{name}" for name in values)
    conn.execute(f"INSERT INTO runs ({', '.join(values)}) VALUES ({marks})", values)
    for pmid in new:
        conn.execute("INSERT INTO changes (run_id, pmid, change, at) VALUES (?, ?, 'new', '')", [run, pmid])


def _line(conn: sqlite3.Connection, concept: str) -> list[tuple[str, str]]:
    line = []
    following: str | None = concept
    while following:
        kind, parent = conn.execute("SELECT kind, parent_id FROM concepts WHERE id = ?", [following]).fetchone()
        line.append((following, kind))
        following = parent
    return line
