"""The step lake build: files to the records of a lake, and how any step runs over its files."""

import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import TypeVar

from db.errors import TrackerError
from harvest.app.lock import locked
from harvest.app.progress import progress
from harvest.lake.engine import Done, Engine, run
from harvest.lake.folder import Lake
from harvest.lake.questions import write_current
from harvest.lake.records import Built, build_records, read_again
from harvest.sync.files import check_files

Task = TypeVar("Task")


class LakePartError(TrackerError):
    """Some files could not be read; the others are done."""

    exit_code = 2


@dataclass(slots=True)
class LakeReport:
    """What was made: files anew and files that stood already, their rows, what the lake holds now, and what failed."""

    files: int = 0
    files_already_there: int = 0
    rows: int = 0
    current: int = 0
    failed: dict[str, str] = field(default_factory=dict)
    seconds: float = 0.0

    def add(self, name: str, done: Done[Task, Built]) -> None:
        """Counts what became of one file."""
        if done.result is None:
            self.failed[name] = str(done.error)
        elif done.result.skipped:
            self.files_already_there += 1
        else:
            self.files += 1
            self.rows += done.result.rows

    @property
    def problem(self) -> TrackerError | None:
        """The error to end with: none, or what could not be read; of exit code 1 where nothing else was done."""
        if not self.failed:
            return None
        told = "; ".join(list(self.failed.values())[:5])
        more = f"; and {len(self.failed) - 5} more" if len(self.failed) > 5 else ""
        kind = LakePartError if self.files or self.files_already_there else TrackerError
        return kind(f"{told}{more}")


@contextmanager
def writing_lake(folder: Path, command: str) -> Iterator[Lake]:
    """Gives the lake in a folder, which is made where it is not there, to one writer at a time."""
    folder.mkdir(parents=True, exist_ok=True)
    with locked(folder / "lake", command):
        lake = Lake(folder)
        lake.clear_unfinished()
        try:
            yield lake
        finally:
            lake.clear_unfinished()


def build_step(folder: Path, paths: Sequence[Path], engine: Engine) -> LakeReport:
    """Makes the records of files, and says which of all records hold.

    A file that is wrong is left out and named; the others are made. One that stands there already, made of the same
    bytes by the same parser, is not read again.
    """
    check_files(paths)
    _check_names(paths)
    report = LakeReport()
    with writing_lake(folder, "lake build") as lake:
        began = time.monotonic()
        run_files(report, engine, partial(build_records, lake=lake), paths, [path.name for path in paths], "Building")
        return _with_current(report, lake, began)


def read_again_step(folder: Path, engine: Engine) -> LakeReport:
    """Reads the records that another version of the parser read once more, out of the lake itself."""
    Lake(folder).check()
    report = LakeReport()
    with writing_lake(folder, "lake build") as lake:
        began = time.monotonic()
        names = lake.names()
        run_files(report, engine, partial(read_again, lake=lake), names, names, "Reading again")
        return _with_current(report, lake, began)


def run_files(
    report: LakeReport,
    engine: Engine,
    function: Callable[[Task], Built],
    tasks: Sequence[Task],
    names: Sequence[str],
    label: str,
) -> None:
    """Runs a function on files and counts in the report what became of each."""
    by_task = dict(zip(tasks, names, strict=True))
    for done in progress(run(engine, function, tasks, names), len(tasks), label, every=10):
        report.add(by_task[done.task], done)


def _with_current(report: LakeReport, lake: Lake, began: float) -> LakeReport:
    if lake.names():
        report.current = write_current(lake)
    report.seconds = round(time.monotonic() - began, 2)
    return report


def _check_names(paths: Sequence[Path]) -> None:
    names = [path.name for path in paths]
    for name in names:
        if names.count(name) > 1:
            raise TrackerError(f"{name}: two files of this name; a lake keeps one of each, rename one of them")
