"""Questions over everything that a lake holds, in SQL, answered by DuckDB; and which of its records hold."""

import re
from collections.abc import Iterator
from contextlib import contextmanager
from importlib.resources import files
from typing import Any

from harvest.lake.extra import LakeError, needed
from harvest.lake.folder import Lake, made_of, writing

_ROWS = 100_000


@contextmanager
def asking(lake: Lake) -> Iterator[Any]:
    """Gives a DuckDB connection that may read this lake; what it cannot hold in memory goes to the lake's folder."""
    duckdb = needed("duckdb")
    connection = duckdb.connect(config={"temp_directory": str(lake.root / ".duckdb")})
    try:
        if lake.current.exists():
            for statement in _sql("views", lake).split(";"):
                connection.execute(statement)
        yield connection
    except duckdb.Error as error:
        raise LakeError(f"{lake.root}: {' '.join(str(error).split())}") from error
    finally:
        connection.close()


def write_current(lake: Lake) -> int:
    """Writes which records hold, by PMID, and returns how many; the same records give the same bytes."""
    arrow = needed("pyarrow")
    text, number = arrow.string(), arrow.int64()
    schema = arrow.schema([("pmid", number), ("file", text), ("position", number)])
    count = 0
    with asking(lake) as connection, writing(lake.current, schema, {}) as writer:
        _name_files(connection, lake)
        found = connection.sql(_sql("current", lake)).to_arrow_reader(_ROWS)
        for batch in found:
            writer.write_batch(batch.cast(schema))
            count += batch.num_rows
    return count


def _name_files(connection: Any, lake: Lake) -> None:
    """Makes the table of the lake's files with their place in order."""
    connection.execute("CREATE TABLE files (name VARCHAR, place BIGINT, medline BOOLEAN)")
    for place, name in enumerate(lake.names()):
        made = made_of(lake.records_of(name))
        connection.execute("INSERT INTO files VALUES (?, ?, ?)", [name, place, bool(made and made.medline)])


def _sql(name: str, lake: Lake) -> str:
    """Returns a statement of this package with the lake's files in it."""
    places = {"records": str(lake.records / "*.parquet"), "current": str(lake.current)}
    text = files("harvest.lake").joinpath(f"{name}.sql").read_text(encoding="utf-8")
    return re.sub(r"\$(\w+)", lambda found: "'" + places[found[1]].replace("'", "''") + "'", text)
