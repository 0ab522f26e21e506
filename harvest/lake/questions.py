"""Questions over everything that a lake holds, in SQL, answered by DuckDB; and which of its records hold."""

import hashlib
import re
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from importlib.resources import files
from pathlib import Path
from typing import Any

from harvest.lake.extra import LakeError, needed
from harvest.lake.folder import Lake, made_of, metadata_of, rows_in, writing

_ROWS = 100_000
#: Rows that are taken as values at a time.
_ROWS_AT_HAND = 500


@dataclass(frozen=True, slots=True)
class Answer:
    """The columns of an answer and its rows, which are read as they are taken."""

    columns: tuple[str, ...]
    rows: Iterator[tuple[Any, ...]]


@contextmanager
def connected(lake: Lake) -> Iterator[Any]:
    """Gives a DuckDB connection; what it cannot hold in memory goes to the lake's folder.

    Whatever DuckDB refuses comes as a LakeError of one line.
    """
    duckdb = needed("duckdb")
    connection = duckdb.connect(config={"temp_directory": str(lake.root / ".duckdb")})
    try:
        yield connection
    except duckdb.Error as error:
        raise LakeError(f"{lake.root}: {' '.join(str(error).split())}") from error
    finally:
        connection.close()


@contextmanager
def asking(lake: Lake) -> Iterator[Any]:
    """Gives a DuckDB connection with the views of the lake.

    Raises LakeError where there is none, or where its files are others than those that `current` was told from.
    """
    lake.check()
    if metadata_of(lake.current).get("files") != _fingerprint(lake):
        raise LakeError(
            f"{lake.root}: its files changed, or a build was broken off; run: ho-tracker lake build --again"
        )
    with connected(lake) as connection:
        _make_views(connection, "views", lake)
        if lake.latest_tags():
            _make_views(connection, "tag_views", lake)
        yield connection


@contextmanager
def answer(lake: Lake, sql: str) -> Iterator[Answer]:
    """Gives the answer to a question in SQL; raises LakeError where there is no lake, or DuckDB refuses it."""
    with asking(lake) as connection:
        result = connection.execute(sql)
        columns = tuple(column[0] for column in result.description or ())
        yield Answer(columns, _rows(result))


def _rows(result: Any) -> Iterator[tuple[Any, ...]]:
    while rows := result.fetchmany(_ROWS_AT_HAND):
        yield from rows


def write_current(lake: Lake) -> int:
    """Writes which records hold, by PMID, and returns how many; the same records give the same bytes.

    Where it was written for the same files before, it stays.
    """
    arrow = needed("pyarrow")
    made_for = _fingerprint(lake)
    if metadata_of(lake.current).get("files") == made_for:
        return rows_in(lake.current)
    text, number = arrow.string(), arrow.int64()
    schema = arrow.schema([("pmid", number), ("file", text), ("position", number)])
    count = 0
    with connected(lake) as connection, writing(lake.current, schema, {"files": made_for}) as writer:
        _name_files(connection, lake)
        found = connection.sql(_sql("current", lake)).to_arrow_reader(_ROWS)
        for table in _of_equal_size(found, schema):
            writer.write_table(table, row_group_size=_ROWS)
            count += table.num_rows
    return count


def _fingerprint(lake: Lake) -> str:
    """Returns one hash over which files the lake holds, and what they were made of."""
    found = [(name, made.checksum, made.parser) for name in lake.names() if (made := made_of(lake.records_of(name)))]
    return hashlib.sha256(repr(found).encode()).hexdigest()[:16]


def texts_elsewhere(lake: Lake) -> dict[str, tuple[int, ...]]:
    """Returns of each file the places of the texts that an earlier file, or place, of the lake holds already."""
    with connected(lake) as connection:
        _name_files(connection, lake)
        found = connection.execute(_sql("elsewhere", lake)).fetchall()
    return {file: tuple(positions) for file, positions in found}


def rows_by_pmid(lake: Lake, folder: Path) -> Iterator[dict[str, Any]]:
    """Yields the rows of a folder's Parquet files in order of PMID; none where it holds no file."""
    paths = sorted(folder.glob("[!.]*.parquet"))
    if not paths:
        return
    with connected(lake) as connection:
        found = connection.read_parquet([str(path) for path in paths]).order("pmid")
        for batch in found.to_arrow_reader(_ROWS_AT_HAND):
            yield from batch.to_pylist()


def _of_equal_size(batches: Iterable[Any], schema: Any) -> Iterator[Any]:
    """Yields the rows of batches in tables of one size, so that how the batches are cut shows nowhere."""
    arrow = needed("pyarrow")
    waiting = schema.empty_table()
    for batch in batches:
        waiting = arrow.concat_tables([waiting, arrow.Table.from_batches([batch.cast(schema)])])
        while waiting.num_rows >= _ROWS:
            yield waiting.slice(0, _ROWS).combine_chunks()
            waiting = waiting.slice(_ROWS)
    if waiting.num_rows:
        yield waiting.combine_chunks()


def _name_files(connection: Any, lake: Lake) -> None:
    """Makes the table of the lake's files with their place in order."""
    connection.execute("CREATE TABLE files (name VARCHAR, place BIGINT, medline BOOLEAN)")
    for place, name in enumerate(lake.names()):
        made = made_of(lake.records_of(name))
        connection.execute("INSERT INTO files VALUES (?, ?, ?)", [name, place, bool(made and made.medline)])


def _make_views(connection: Any, name: str, lake: Lake) -> None:
    for statement in _sql(name, lake).split(";"):
        connection.execute(statement)


def _sql(name: str, lake: Lake) -> str:
    """Returns statements of this package with the lake's files in them."""
    text = files("harvest.lake").joinpath(f"{name}.sql").read_text(encoding="utf-8")
    return re.sub(r"\$(\w+)", lambda found: _listed(_paths(found[1], lake)), text)


def _paths(what: str, lake: Lake) -> list[Path]:
    if what == "records":
        return [lake.records_of(name) for name in lake.names()]
    if what == "current":
        return [lake.current]
    tagger, selection = lake.latest_tags() or ("", "")
    if what == "concepts":
        return [lake.concepts(tagger)]
    return sorted(lake.tags(tagger, selection).glob("[!.]*.parquet"))


def _listed(paths: Iterable[Path]) -> str:
    """Returns paths as a list in SQL: a pattern would read brackets in a folder's name as one."""
    return "[" + ", ".join("'" + str(path).replace("'", "''") + "'" for path in paths) + "]"
