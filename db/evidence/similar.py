"""Similar articles inside the store: worked out at publish from what articles say, offline, and read by pages.

Nearness is the cosine of two articles' vectors (`vectors.py`): 70 % the words of title, abstract and MeSH with the
study design, 30 % the concepts. An article that was retracted, vanished or is not about the topic is nobody's
neighbour, but has its own.
"""

import json
import sqlite3
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from db.evidence.vectors import Vectors, Words, build_vectors
from db.select.filter import ArticleFilter
from db.sql import chunks, placeholders

#: Neighbours that are kept of each article, and how near one must be.
KEPT, _NEAR_ENOUGH = 12, 0.08
#: A term that more articles use than this share (and than a few) makes no two of them similar; following it costs most.
_COMMON_SHARE, _FEW_ARTICLES = 0.12, 100
#: As many places are looked at in a build: in a large store only an article's rarest terms are followed, so that the
#: time grows with the number of articles and not with its square. Up to 13,000 articles this leaves nothing out.
_STEPS = 2_500_000_000

_TABLES = """
CREATE TABLE vector_terms (id INTEGER PRIMARY KEY, term TEXT NOT NULL) STRICT;
CREATE TABLE vectors (pmid INTEGER PRIMARY KEY, columns BLOB NOT NULL, weights BLOB NOT NULL) STRICT;
CREATE TABLE similar (
  pmid INTEGER NOT NULL REFERENCES articles (pmid),
  place INTEGER NOT NULL,
  other INTEGER NOT NULL REFERENCES articles (pmid),
  score REAL NOT NULL,
  PRIMARY KEY (pmid, place)
) STRICT, WITHOUT ROWID
"""


@dataclass(frozen=True, slots=True)
class Similar:
    """A near article: `score` from 0 to 1, `shared` the names of the concepts that both are tagged with."""

    pmid: int
    score: float
    title: str
    authors: str | None
    year: int | None
    study_design: str | None
    shared: tuple[str, ...]


def similar_articles(conn: sqlite3.Connection, pmid: int, limit: int = KEPT) -> list[Similar]:
    """Returns the articles nearest to one, the nearest first; none for a PMID that the published file does not hold."""
    rows = conn.execute(
        "SELECT other, score, title, authors, year, study_design FROM similar JOIN articles ON articles.pmid = other "
        "WHERE similar.pmid = ? ORDER BY place LIMIT ?",
        [pmid, limit],
    ).fetchall()
    shared: dict[int, list[str]] = {row[0]: [] for row in rows}
    names = conn.execute(
        "SELECT theirs.pmid, name FROM article_tags AS mine JOIN article_tags AS theirs USING (concept_id) "
        "JOIN concepts ON concepts.id = mine.concept_id WHERE mine.pmid = ? AND mine.direct AND theirs.direct "
        "AND theirs.pmid IN (SELECT value FROM json_each(?)) ORDER BY concepts.kind, position",
        [pmid, json.dumps(list(shared))],
    )
    for other, name in names:
        shared[other].append(name)
    return [
        Similar(other, score, title, authors, year, design, tuple(shared[other]))
        for other, score, title, authors, year, design in rows
    ]


def build_similar(conn: sqlite3.Connection) -> None:
    """Adds vectors and neighbours to a published file; called inside the build, before the file is served."""
    for statement in _TABLES.strip().split(";\n"):
        conn.execute(statement)
    vectors = article_vectors(conn)
    conn.executemany("INSERT INTO vector_terms (id, term) VALUES (?, ?)", enumerate(vectors.terms))
    conn.executemany("INSERT INTO vectors (pmid, columns, weights) VALUES (?, ?, ?)", _blobs(vectors))
    where, params = ArticleFilter().switched("retracted", False).where()
    sought = {row[0] for row in conn.execute(f"SELECT pmid FROM articles WHERE {where}", params)}
    neighbours = nearest(vectors, np.fromiter((int(pmid) in sought for pmid in vectors.pmids), bool), KEPT)
    conn.executemany(
        "INSERT INTO similar (pmid, place, other, score) VALUES (?, ?, ?, ?)",
        (
            (int(vectors.pmids[row]), place, int(vectors.pmids[other]), round(score, 3))
            for row, near in neighbours
            for place, (other, score) in enumerate(near, 1)
        ),
    )


def article_vectors(conn: sqlite3.Connection) -> Vectors:
    """Returns the vectors of all articles of a store or of a published file that is being built, in order of PMID."""
    pmids = [row[0] for row in conn.execute("SELECT pmid FROM articles ORDER BY pmid")]
    return build_vectors(pmids, _words(conn, pmids))


def kept_vectors(conn: sqlite3.Connection) -> Vectors:
    """Returns the vectors that a published file keeps, in order of PMID."""
    rows = conn.execute("SELECT pmid, columns, weights FROM vectors ORDER BY pmid").fetchall()
    terms = tuple(row[0] for row in conn.execute("SELECT term FROM vector_terms ORDER BY id"))
    columns = np.frombuffer(b"".join(row[1] for row in rows), "<i4")
    weights = np.frombuffer(b"".join(row[2] for row in rows), "<f2")
    starts = np.concatenate([[0], np.cumsum([len(row[1]) // 4 for row in rows])]).astype(np.int64)
    pmids = np.asarray([row[0] for row in rows], np.int64)
    return Vectors(pmids, terms, starts, columns.astype(np.int32), weights.astype(np.float32))


def nearest(
    vectors: Vectors, sought: NDArray[np.bool_], limit: int, steps: int = _STEPS
) -> Iterator[tuple[int, list[tuple[int, float]]]]:
    """Yields each row with its nearest other rows and their cosines, the nearest first; only rows that are `sought`.

    Of equally near ones the newer (the higher PMID) comes first. Terms are followed to the articles that have them,
    the rarest first while `steps` last for each row alike; those that are too common are not.
    """
    number = len(vectors.pmids)
    used = np.bincount(vectors.columns, minlength=len(vectors.terms))
    common = used > max(_FEW_ARTICLES, number * _COMMON_SHARE)
    order = np.argsort(vectors.columns, kind="stable")
    rows, weights = vectors.rows[order], vectors.weights[order]
    bounds = np.concatenate([[0], np.cumsum(used)])
    for row in range(number):
        entries = np.arange(vectors.starts[row], vectors.starts[row + 1])
        columns = vectors.columns[entries]
        entries = entries[_followed(used[columns], steps // number) & ~common[columns]]
        spans = [(bounds[column], bounds[column + 1]) for column in vectors.columns[entries].tolist()]
        if not spans:
            continue
        found = np.concatenate([rows[start:end] for start, end in spans])
        products = np.concatenate([weights[start:end] for start, end in spans])
        times = np.repeat(vectors.weights[entries], [end - start for start, end in spans])
        others, scores = _summed(found, products * times, number)
        scores = np.round(scores * (sought[others] & (others != row)), 6)
        near = np.flatnonzero(scores >= max(_NEAR_ENOUGH, _nth(scores, limit)))
        best = near[np.lexsort((-vectors.pmids[others[near]], -scores[near]))][:limit]
        yield row, [(int(others[place]), float(scores[place])) for place in best]


def _followed(used: NDArray[np.int64], steps: int) -> NDArray[np.bool_]:
    """Returns which terms of a row are followed: the rarest (by the articles that use them), as far as steps reach."""
    order = np.argsort(used, kind="stable")
    followed = np.zeros(len(used), np.bool_)
    followed[order] = np.cumsum(used[order]) <= steps
    return followed


def _summed(
    found: NDArray[np.int64], products: NDArray[np.float32], number: int
) -> tuple[NDArray[np.int64], NDArray[np.float64]]:
    """Returns rows and the sum of the products of each: all rows, or where few are found these alone."""
    if len(found) > number // 8:
        return np.arange(number), np.bincount(found, products, number).astype(np.float64)
    others, places = np.unique(found, return_inverse=True)
    return others, np.bincount(places, products, len(others)).astype(np.float64)


def _nth(scores: NDArray[np.float64], place: int) -> float:
    """Returns the score at a place, the highest first; 0 where there are fewer."""
    return float(np.partition(scores, -place)[-place]) if len(scores) > place else 0.0


def _blobs(vectors: Vectors) -> Iterator[tuple[int, bytes, bytes]]:
    for row, pmid in enumerate(vectors.pmids.tolist()):
        entries = slice(int(vectors.starts[row]), int(vectors.starts[row + 1]))
        yield pmid, vectors.columns[entries].astype("<i4").tobytes(), vectors.weights[entries].astype("<f2").tobytes()


def _words(conn: sqlite3.Connection, pmids: Sequence[int]) -> Iterator[Words]:
    for chunk in chunks(pmids):
        marks = placeholders(chunk)
        texts = {
            row[0]: row[1:]
            for row in conn.execute(
                f"SELECT pmid, title, abstract, study_design FROM articles WHERE pmid IN ({marks})", list(chunk)
            )
        }
        headings = _grouped(conn, f"SELECT pmid, term FROM mesh_headings WHERE pmid IN ({marks})", chunk)
        concepts = _grouped(conn, f"SELECT pmid, concept_id FROM article_tags WHERE pmid IN ({marks})", chunk)
        for pmid in chunk:
            title, abstract, design = texts[pmid]
            said = [*headings.get(pmid, ()), *([f"design: {design}"] if design else [])]
            yield Words(title, abstract or "", said, concepts.get(pmid, ()))


def _grouped(conn: sqlite3.Connection, sql: str, pmids: Sequence[int]) -> dict[int, list[str]]:
    found: dict[int, list[str]] = {}
    for pmid, value in conn.execute(f"{sql} ORDER BY pmid, 2", list(pmids)):
        found.setdefault(pmid, []).append(value)
    return found
