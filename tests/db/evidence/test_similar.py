"""Similar articles: the nearest by words and concepts, as a brute force finds them; never a retracted one."""

import random
import sqlite3
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from sqlite_utils import Database

from db.evidence.similar import article_vectors, build_similar, kept_vectors, nearest, similar_articles
from db.evidence.vectors import Words, build_vectors
from db.publish.publish import publish
from db.store.schema import migrate
from tests.support.made_up import add_article, add_concepts
from tests.support.stores import fill


@pytest.fixture
def conn() -> Iterator[sqlite3.Connection]:
    """Articles on two questions, one of them retracted, one vanished, one not about HO."""
    db = Database(memory=True)
    migrate(db, "memory")
    add_concepts(db.conn)
    drug, rays = "Indomethacin prevents ossification", "Irradiation after acetabular fracture"
    add_article(db.conn, 1, ["indomethacin", "hip"], title=f"{drug} in hips", year=2015)
    add_article(db.conn, 2, ["indomethacin"], title=f"{drug} in elbows", year=2016)
    add_article(db.conn, 3, ["indomethacin"], title=f"{drug}: a trial", retracted=1)
    add_article(db.conn, 4, ["radiotherapy"], title=rays, abstract="Ossification.")
    add_article(db.conn, 5, ["radiotherapy"], title=f"{rays}, again")
    add_article(db.conn, 6, ["indomethacin"], title=f"{drug}?", vanished=1)
    add_article(db.conn, 7, [], title=f"{drug} in clams", topic="not_ho")
    build_similar(db.conn)
    yield db.conn
    db.conn.close()


def test_the_nearest_come_first_with_what_they_share(conn: sqlite3.Connection) -> None:
    (near,) = [entry for entry in similar_articles(conn, 1) if entry.pmid == 2]
    assert (near.title, near.year, near.shared) == (
        "Indomethacin prevents ossification in elbows",
        2016,
        ("indomethacin",),
    )
    assert near.score > 0.5
    assert next(entry.pmid for entry in similar_articles(conn, 4)) == 5
    assert [entry.pmid for entry in similar_articles(conn, 1, limit=1)] == [2]


def test_what_is_retracted_vanished_or_off_topic_is_nobodys_neighbour_but_has_its_own(conn: sqlite3.Connection) -> None:
    others = {row[0] for row in conn.execute("SELECT other FROM similar")}
    assert others == {1, 2, 4, 5}
    assert {entry.pmid for entry in similar_articles(conn, 3)} >= {1, 2}
    assert similar_articles(conn, 99) == []


def test_a_brute_force_finds_the_same() -> None:
    chance = random.Random(3)
    words = [f"word{number}x" for number in range(40)]
    texts = [Words(" ".join(chance.choices(words, k=9))) for _ in range(60)]
    vectors = build_vectors(range(1, 61), texts)
    sought = np.asarray([chance.random() < 0.8 for _ in texts])
    matrix = np.zeros((60, len(vectors.terms)))
    matrix[vectors.rows, vectors.columns] = vectors.weights
    cosines = np.round(matrix @ matrix.T, 6)
    found = dict(nearest(vectors, sought, 5))
    assert len(found) == 60
    for row, near in found.items():
        order = sorted((o for o in range(60) if o != row and sought[o]), key=lambda o: (-cosines[row, o], -o))
        assert [other for other, _ in near] == [o for o in order[:5] if cosines[row, o] >= 0.08]


def test_vectors_are_kept_in_the_published_file_as_they_were(tmp_path: Path) -> None:
    site = tmp_path / "evidence.db"
    publish(fill(tmp_path / "ho.db", 1, 2, 3), site)
    with sqlite3.connect(site) as conn:
        made, kept = article_vectors(conn), kept_vectors(conn)
    conn.close()
    assert kept.terms == made.terms
    assert len(kept.columns) > 5
    for name in ("pmids", "starts", "columns", "weights"):
        assert np.array_equal(getattr(kept, name), getattr(made, name)), name


def test_with_few_steps_only_the_rarest_terms_of_a_row_are_followed() -> None:
    texts = [Words(f"common{'' if number % 5 else ' rare'} number{number}x ") for number in range(60)]
    vectors = build_vectors(range(1, 61), texts)
    sought = np.ones(60, np.bool_)
    everything = dict(nearest(vectors, sought, 60))
    few = dict(nearest(vectors, sought, 60, steps=60 * 12))
    assert set(few) == {row for row in range(60) if row % 5 == 0}
    for row, near in few.items():
        assert [other for other, _ in near] == [other for other in reversed(range(0, 60, 5)) if other != row]
        assert len(everything[row]) >= len(near)
