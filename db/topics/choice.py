"""Which topic is in force: one a process, chosen by the command line, the setting, or a published file.

Nothing reads a topic at import time: what is made from one is made when it is first asked for and kept beside the
topic it was made for (`per_topic`), so that a process may choose before it begins, and tests may choose again.
"""

import os
import sqlite3
import tomllib
from collections.abc import Callable
from functools import cache, lru_cache, wraps
from pathlib import Path
from typing import ParamSpec, TypeVar

from db.topics.topic import Topic, TopicError, load, read_published, to_publish

#: The environment's name for the setting.
VARIABLE = "HO_TRACKER_TOPIC"

FOLDER = Path(__file__).parent
#: More than the topics that any process has.
_MOST_KEPT = 1024

Arguments = ParamSpec("Arguments")
Result = TypeVar("Result")

_in_force: list[Topic] = []


def bundled() -> tuple[str, ...]:
    """Returns the names of the topics that come with the tracker, the one without a setting first."""
    first: str = tomllib.loads((FOLDER / "bundled.toml").read_text(encoding="utf-8"))["default"]
    names = sorted(path.parent.name for path in FOLDER.glob("*/topic.toml"))
    return (first, *(name for name in names if name != first))


def _bundled_folders() -> dict[str, Path]:
    """The folder of each bundled topic, by its name and by its id, which stores and sites know it by."""
    folders = {name: FOLDER / name for name in bundled()}
    return {**{load(folder).id: folder for folder in folders.values()}, **folders}


def choose(named: str | Path | None = None) -> Topic:
    """Puts a topic in force: a folder, the name or id of a bundled one, or (None) what the environment or nobody names.

    Raises TopicError for a folder that is none.
    """
    named = named or os.environ.get(VARIABLE, "").strip() or bundled()[0]
    _in_force[:] = [_loaded(_folder(named))]
    return _in_force[0]


def choose_published(text: str) -> Topic:
    """Puts the topic in force that a published file carries; the one in force stays where it is the same."""
    if not _in_force or text != _published(_in_force[0]):
        _in_force[:] = [read_published(text)]
    return _in_force[0]


def take_topic(conn: sqlite3.Connection) -> None:
    """Puts the topic in force that a published file carries; one of an older version carries none."""
    row = conn.execute("SELECT value FROM properties WHERE name = 'topic_files'").fetchone()
    if row is not None:
        choose_published(row[0])


def current() -> Topic:
    """Returns the topic in force; where none was chosen, the one that the environment names, else the first bundled."""
    return _in_force[0] if _in_force else choose()


def per_topic(function: Callable[Arguments, Result]) -> Callable[Arguments, Result]:
    """Keeps what a function of hashable arguments returns, for each topic: what it read of one is not for another."""

    @lru_cache(maxsize=_MOST_KEPT)
    def kept(_topic: Topic, *args: Arguments.args, **options: Arguments.kwargs) -> Result:
        return function(*args, **options)

    @wraps(function)
    def of(*args: Arguments.args, **options: Arguments.kwargs) -> Result:
        return kept(_in_force[0] if _in_force else choose(), *args, **options)  # type: ignore[arg-type]

    return of


def _folder(named: str | Path) -> Path:
    if os.sep not in str(named) and str(named) in (folders := _bundled_folders()):
        return folders[str(named)]
    folder = Path(named).expanduser()
    if not folder.is_dir():
        known = ", ".join(bundled())
        raise TopicError(folder, "", f"there is no such topic folder, and no bundled topic of that name ({known})")
    return folder.resolve()


def _loaded(folder: Path) -> Topic:
    """Returns the topic of a folder; the same value as long as its files are the same, so that what is kept stays."""
    stamps = tuple((path.name, path.stat().st_mtime_ns) for path in sorted(folder.rglob("*")) if path.is_file())
    return _read(folder, stamps)


@lru_cache(maxsize=16)
def _read(folder: Path, _stamps: tuple[tuple[str, int], ...]) -> Topic:
    return load(folder)


@cache
def _published(topic: Topic) -> str:
    return to_publish(topic)
