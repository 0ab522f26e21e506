"""Lakes for tests: the import's files as a lake, and two stores compared in everything but when they were made."""

import hashlib
import os
from collections.abc import Sequence
from pathlib import Path

from db.store.store import Store
from harvest.app.steps.lake import LakeReport, build_step
from harvest.lake.engine import Engine

#: What says when a thing was done, or how long it took.
_TIMES = {"started_at", "finished_at", "seconds", "fetched_at", "at", "first_seen"}
#: Seals of runs are over their times, and steps of the schema have one.
_ONLY = {"seals": "kind, number", "_sqlite_migrations": "name"}

IN_THIS_PROCESS = Engine(workers=0)


def a_lake(folder: Path, paths: Sequence[Path], engine: Engine = IN_THIS_PROCESS) -> LakeReport:
    """Builds a lake of files and returns what was done."""
    return build_step(folder, paths, engine)


def everything_in(store: Store) -> dict[str, list[tuple[object, ...]]]:
    """Returns every row of every table, less times."""
    tables = {}
    for table in store.db.table_names():
        names = [name for name in store.db[table].columns_dict if name not in _TIMES]
        columns = _ONLY.get(table) or ", ".join(f'"{name}"' for name in names)
        tables[table] = sorted(store.db.execute(f"SELECT {columns} FROM {table}").fetchall(), key=repr)
    return tables


def bytes_of(folder: Path) -> dict[str, bytes]:
    """Returns every Parquet file of a lake, by its place in it."""
    return {str(path.relative_to(folder)): path.read_bytes() for path in sorted(folder.rglob("*.parquet"))}


def own_workers() -> list[int]:
    """Returns the process ids of the workers that this process started."""
    children = Path(f"/proc/{os.getpid()}/task").glob("*/children")
    found = [int(number) for path in children for number in path.read_text(encoding="ascii").split()]
    return [number for number in found if b"spawn_main" in Path(f"/proc/{number}/cmdline").read_bytes()]


def digest(folder: Path) -> str:
    """Returns one hash over every Parquet file of a lake."""
    found = hashlib.sha256()
    for path in sorted(folder.rglob("*.parquet")):
        found.update(str(path.relative_to(folder)).encode() + b"\0" + path.read_bytes())
    return found.hexdigest()[:16]
