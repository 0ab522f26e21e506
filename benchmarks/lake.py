"""Measures the lake on generated files of NLM's form: rates, one worker beside two, memory, bytes, the import's rows.

    python -m benchmarks.lake measure FOLDER --files 10 --records 26000 --updates 2 --in-update 5000
    python -m benchmarks.lake compare FOLDER FILE...
    python -m benchmarks.lake index FOLDER --millions 38

All write below FOLDER, which may be removed afterwards. The work of a phase is the time from the start of its first
task to the end of its last one; what starting the workers takes stands beside it. With other processes on the machine
times say little: then look at processor time, which is given too.
"""

import argparse
import gzip
import os
import re
import shutil
import tempfile
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import TypeVar

from db.store.store import open_store
from db.topics import current, topic_query
from harvest.app.steps.lake import build_step
from harvest.app.steps.lake_subset import rows_on_topic
from harvest.app.steps.lake_tags import tag_in_topic, tagger_in_force
from harvest.lake.engine import Engine, run
from harvest.lake.folder import Lake, rows_in
from harvest.lake.questions import answer, connected, texts_elsewhere, write_current
from harvest.lake.records import Built, build_records
from harvest.lake.subset import subset
from harvest.lake.tags import FileToTag
from harvest.sync.bulk import EVERYTHING, import_files, on_topic
from tests.support.lakes import digest, everything_in
from tests.support.nlm_files import write_files

Task = TypeVar("Task")


@dataclass(frozen=True, slots=True)
class Timed:
    """A task's result, when it ran (seconds since the epoch), its processor time; its worker's peak memory and id."""

    built: Built
    began: float
    ended: float
    processor: float
    peak_mb: float
    worker: int


@dataclass(frozen=True, slots=True)
class Phase:
    """What one phase took with so many workers."""

    rows: int
    work: float
    wall: float
    processor: float
    peak_mb: float


def timed(task: Task, function: Callable[[Task], Built]) -> Timed:
    """Runs one task and clocks it, in whatever process."""
    began, processor = time.time(), time.process_time()
    built = function(task)
    return Timed(built, began, time.time(), time.process_time() - processor, peak_mb(), os.getpid())


def peak_mb() -> float:
    """Returns the most memory that this process had."""
    status = Path("/proc/self/status").read_text(encoding="ascii")
    return int(re.findall(r"VmHWM:\s+(\d+) kB", status)[0]) / 1024


def phase(workers: int, function: Callable[[Task], Built], tasks: Sequence[Task], names: Sequence[str]) -> Phase:
    """Runs all tasks of a phase on so many workers (none: in this process)."""
    began = time.time()
    done = list(run(Engine(workers), partial(timed, function=function), tasks, names))
    wall = time.time() - began
    results = [each.result for each in done if each.result]
    assert len(results) == len(tasks), [str(each.error) for each in done if each.error]
    work = max(each.ended for each in results) - min(each.began for each in results)
    rows = sum(each.built.rows for each in results)
    return Phase(rows, work, wall, sum(each.processor for each in results), max(each.peak_mb for each in results))


def tell(name: str, rows: int, phases: dict[int, Phase]) -> None:
    """Prints a phase for each number of workers, and how well the second worker was used."""
    for workers, found in phases.items():
        print(f"{name}, {workers} worker{'s' * (workers != 1)}: {rows} records in {found.work:.1f} s of work", end=" ")
        print(f"({found.wall:.1f} s with start), {rows / found.work:.0f}/s", end=", ")
        print(f"{rows / found.processor:.0f} per processor second, peak {found.peak_mb:.0f} MB a worker", flush=True)
    if {1, 2} <= phases.keys():
        one, two = phases[1], phases[2]
        by_time, by_processor = one.work / two.work / 2, one.processor / two.processor
        print(
            f"{name}, efficiency from one to two workers: {by_time:.2f} by time, {by_processor:.2f} by processor time"
        )


def find(name: str, lake: Lake, home: str) -> Built:
    """Finds the rows on the topic of one file; the rows of the result are those that were looked at."""
    rows_on_topic(name, lake, home)
    return Built(name, rows_in(lake.records_of(name)))


def measure(arguments: argparse.Namespace) -> None:
    """Builds, tags and takes subsets, with one worker and with two."""
    folder: Path = arguments.folder
    began = time.time()
    paths = write_files(folder / "nlm", arguments.files, arguments.records, arguments.updates, arguments.in_update)
    unpacked = sum(_unpacked_size(path) for path in paths)
    packed = sum(path.stat().st_size for path in paths)
    print(f"{len(paths)} files, {unpacked / 1e9:.2f} GB, {packed / 1e9:.2f} GB packed ({time.time() - began:.0f} s)")
    print(f"load of the machine before: {os.getloadavg()[0]:.1f}", flush=True)
    names = [path.name for path in paths]
    lakes = {workers: Lake(folder / f"lake-{workers}") for workers in arguments.workers}
    phases: dict[int, Phase] = {}
    for workers, lake in lakes.items():
        shutil.rmtree(lake.root, ignore_errors=True)
        phases[workers] = phase(workers, partial(build_records, lake=lake), paths, names)
    rows = next(iter(phases.values())).rows
    tell("build", rows, phases)
    for lake in lakes.values():
        began = time.time()
        held = write_current(lake)
        print(f"which records hold: {held} of {rows}, {time.time() - began:.1f} s")
    size = sum(path.stat().st_size for path in next(iter(lakes.values())).records.iterdir())
    print(f"records in Parquet: {size / 1e9:.2f} GB, {size / rows:.0f} bytes each", flush=True)
    function = partial(find, home=str(current().home))
    tell("find the topic", rows, {w: phase(w, partial(function, lake=lakes[w]), names, names) for w in lakes})
    _measure_tags(lakes, names)
    print("bytes of the lakes:", {workers: digest(lake.root) for workers, lake in lakes.items()}, flush=True)
    _measure_subset(next(iter(lakes.values())), paths, folder)


def _measure_tags(lakes: dict[int, Lake], names: Sequence[str]) -> None:
    version, home = tagger_in_force(everything=False).version, str(current().home)
    phases = {}
    for workers, lake in lakes.items():
        elsewhere = texts_elsewhere(lake)
        tasks = [FileToTag(name, elsewhere.get(name, ())) for name in names]
        function = partial(tag_in_topic, lake=lake, home=home, everything=False, version=version)
        phases[workers] = phase(workers, function, tasks, names)
    tell("tag (on the topic)", next(iter(phases.values())).rows, phases)


def _measure_subset(lake: Lake, paths: Sequence[Path], folder: Path) -> None:
    """Takes the topic's store and, of the first file, everything; compares both with the import of the same files."""
    first = Lake(folder / "lake-first")
    shutil.rmtree(first.root, ignore_errors=True)
    build_step(first.root, paths[:1], Engine())
    for name, source, selection, files in (
        ("the topic", lake, on_topic(topic_query()), paths),
        ("everything of the first file", first, EVERYTHING, paths[:1]),
    ):
        stores = []
        for verb in ("subset", "import"):
            with tempfile.TemporaryDirectory() as place, open_store(Path(place) / "ho.db") as store:
                began, processor = time.time(), time.process_time()
                report = subset(source, store, selection) if verb == "subset" else import_files(store, files, selection)
                kept, read = report.extra["kept"], report.extra["records"]
                print(
                    f"{verb}, {name}: {kept} of {read} records in {time.time() - began:.1f} s "
                    f"({time.process_time() - processor:.1f} s of processor time)",
                    flush=True,
                )
                stores.append(everything_in(store))
        print(f"{name}: subset equals import in every row: {stores[0] == stores[1]}", flush=True)
    began = time.time()
    sql = "SELECT year, count(*), count(*) FILTER (WHERE retracted) FROM articles GROUP BY year ORDER BY year"
    with answer(lake, sql) as found:
        years = len(list(found.rows))
    print(f"a question over all articles (years, retracted): {years} rows, {time.time() - began:.1f} s")


def _unpacked_size(path: Path) -> int:
    size = 0
    with gzip.open(path) as file:
        while chunk := file.read(1 << 24):
            size += len(chunk)
    return size


def compare(arguments: argparse.Namespace) -> None:
    """Compares the subset of a lake of some files with their import, for everything and for the topic."""
    folder, paths = arguments.folder, arguments.files
    for workers in (0, 1, 2):
        report = build_step(folder / f"workers-{workers}", paths, Engine(workers))
        size = sum(path.stat().st_size for path in (folder / f"workers-{workers}" / "records").iterdir())
        words = f"{report.rows} rows, {report.current} hold, {size / max(report.rows, 1):.0f} bytes a row"
        print(f"{workers} workers: {words}, bytes {digest(folder / f'workers-{workers}')}")
    for name, selection in (("everything", EVERYTHING), ("the topic", on_topic(topic_query()))):
        stores = []
        for verb in ("subset", "import"):
            with tempfile.TemporaryDirectory() as place, open_store(Path(place) / "ho.db") as store:
                taken = verb == "subset"
                report_of = (
                    subset(Lake(folder / "workers-0"), store, selection)
                    if taken
                    else import_files(store, paths, selection)
                )
                print(f"{verb}, {name}: {report_of.extra['kept']} of {report_of.extra['records']} records")
                stores.append(everything_in(store))
        print(f"{name}: subset equals import in every row: {stores[0] == stores[1]}", flush=True)


def index(arguments: argparse.Namespace) -> None:
    """Says which of so many million rows hold, in a process of its own, and how much memory that takes.

    The rows are made up and have only the columns that decide it; one in twenty is a revision.
    """
    lake = Lake(arguments.folder / "index")
    shutil.rmtree(lake.root, ignore_errors=True)
    lake.records.mkdir(parents=True, exist_ok=True)
    rows = arguments.millions * 1_000_000
    with connected(lake) as connection:
        for number in range(20):
            first, last = rows * number // 20, rows * (number + 1) // 20
            name = f"pubmed26n{number + 1:04}.xml.gz"
            connection.execute(
                f"COPY (SELECT '{name}' AS file, i - {first} AS position, 'article' AS kind, 1 AS version, "
                "CASE WHEN i % 20 = 0 THEN i // 2 ELSE i END AS pmid, '2025-12-01' AS revised_date, "
                f"md5(i::VARCHAR)[:16] AS tag_key FROM range({first}, {last}) r(i)) TO '{lake.records_of(name)}'"
            )
    for what, work in (("which records hold", write_current), ("texts that an earlier file holds", texts_elsewhere)):
        began = time.time()
        found = work(lake)
        count = found if isinstance(found, int) else sum(map(len, found.values()))
        print(f"{what}: {count} of {rows}, {time.time() - began:.1f} s, peak so far {peak_mb():.0f} MB", flush=True)


def main() -> None:
    """Measures, or compares."""
    parser = argparse.ArgumentParser(description="Measure the lake on generated files.")
    verbs = parser.add_subparsers(required=True)
    measuring = verbs.add_parser("measure")
    measuring.add_argument("folder", type=Path)
    measuring.add_argument("--files", type=int, default=10)
    measuring.add_argument("--records", type=int, default=26_000)
    measuring.add_argument("--updates", type=int, default=2)
    measuring.add_argument("--in-update", type=int, default=5_000)
    measuring.add_argument("--workers", type=int, nargs="+", default=[1, 2])
    measuring.set_defaults(run=measure)
    comparing = verbs.add_parser("compare")
    comparing.add_argument("folder", type=Path)
    comparing.add_argument("files", type=Path, nargs="+")
    comparing.set_defaults(run=compare)
    indexing = verbs.add_parser("index")
    indexing.add_argument("folder", type=Path)
    indexing.add_argument("--millions", type=int, default=38)
    indexing.set_defaults(run=index)
    arguments = parser.parse_args()
    arguments.run(arguments)


if __name__ == "__main__":
    main()
