"""What is kept once a build: made once, never mixed between two builds, two builds at a time."""

import sqlite3
from collections.abc import Iterator
from pathlib import Path

import pytest

from db.per_build import STAMP, PerBuild


@pytest.fixture
def path(tmp_path: Path) -> Path:
    with sqlite3.connect(tmp_path / "site.db") as connection:
        connection.execute("PRAGMA journal_mode = WAL")
        connection.execute("CREATE TABLE properties (name TEXT PRIMARY KEY, value TEXT)")
    connection.close()
    return tmp_path / "site.db"


@pytest.fixture
def conn(path: Path) -> Iterator[sqlite3.Connection]:
    connection = sqlite3.connect(path, isolation_level=None)
    yield connection
    connection.close()


def build(conn: sqlite3.Connection, stamp: str) -> None:
    conn.execute("INSERT OR REPLACE INTO properties VALUES (?, ?)", [STAMP, stamp])


def counted() -> tuple[PerBuild[int], list[str]]:
    """What is made is which one it is; the list has the stamps that it was made of."""
    made: list[str] = []

    def make(conn: sqlite3.Connection) -> int:
        made.append(str(conn.execute("SELECT max(value) FROM properties").fetchone()[0]))
        return len(made)

    return PerBuild(make), made


def test_it_is_made_once_a_build_and_a_reader_keeps_the_build_that_it_sees(
    path: Path, conn: sqlite3.Connection
) -> None:
    kept, made = counted()
    assert kept.newest() is None
    build(conn, "1")
    reader = sqlite3.connect(path, isolation_level=None)
    reader.execute("BEGIN")
    assert [kept.of(reader), kept.of(conn), kept.of(reader)] == [1, 1, 1]
    build(conn, "2")
    assert [kept.of(conn), kept.of(reader), kept.newest(), kept.of(conn), kept.newest()] == [2, 1, 1, 2, 2]
    assert kept.of(reader) == 1
    build(conn, "3")
    assert kept.of(conn) == 3
    assert kept.of(reader) == 1
    build(conn, "2")  # that of which nobody asked for longest has gone
    assert kept.of(conn) == 4
    assert made == ["1", "2", "3", "2"]
    reader.close()


def test_two_files_of_one_stamp_are_two(tmp_path: Path, path: Path, conn: sqlite3.Connection) -> None:
    build(conn, "1")
    conn.execute("VACUUM INTO ?", [str(tmp_path / "other.db")])
    other = sqlite3.connect(tmp_path / "other.db")
    kept, _ = counted()
    assert [kept.of(conn), kept.of(other), kept.of(conn)] == [1, 2, 1]
    other.close()


def test_a_file_without_a_stamp_is_looked_at_again_after_any_change(path: Path, conn: sqlite3.Connection) -> None:
    kept, _ = counted()
    other = sqlite3.connect(path, isolation_level=None)
    assert [kept.of(conn), kept.of(conn), kept.of(other)] == [1, 1, 2]
    conn.execute("INSERT INTO properties VALUES ('a', '1')")
    assert kept.of(conn) == 3
    assert kept.of(other) == 4
    other.close()
