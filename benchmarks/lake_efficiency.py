"""Measures how well a second worker is used, on a machine that others use too.

    python -m benchmarks.lake_efficiency FOLDER --rounds 5

One worker and two take turns, several rounds each, over the same small files. A worker's first task loads what it needs
and does not count. The best round of each counts, the one that others disturbed least; beside it stands by how much
processor time the workers got of the time that passed, which is 1.00 where nobody disturbed them.
"""

import argparse
import shutil
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from benchmarks.lake import Timed, timed
from db.topics import current
from harvest.app.steps.lake_tags import tag_in_topic, tagger_in_force
from harvest.lake.engine import Engine, run
from harvest.lake.folder import Lake
from harvest.lake.records import Built, build_records
from harvest.lake.tags import FileToTag
from tests.support.nlm_files import write_files


@dataclass(frozen=True, slots=True)
class Round:
    """Records a second of all workers together, records a processor second, and processor time of the time passed."""

    rate: float
    per_processor_second: float
    share: float


def one_round(workers: int, function: Callable[[str], Built], names: Sequence[str]) -> Round:
    """Runs all files on so many workers; what each does after its first file counts, while all are at work."""
    done = [each.result for each in run(Engine(workers), partial(timed, function=function), names, names)]
    results = sorted((each for each in done if each), key=lambda each: each.began)
    assert len(results) == len(names)
    rate = passed = processor = 0.0
    rows = 0
    for worker in {each.worker for each in results}:
        own: list[Timed] = [each for each in results if each.worker == worker][1:]
        if not own:
            continue
        seconds = own[-1].ended - own[0].began
        count = sum(each.built.rows for each in own)
        rate, passed, rows = rate + count / seconds, passed + seconds, rows + count
        processor += sum(each.processor for each in own)
    return Round(rate, rows / processor, processor / passed)


def compare(name: str, rounds: int, work: Callable[[int], Round]) -> None:
    """Takes turns with one and two workers and prints the best of each."""
    found: dict[int, list[Round]] = {1: [], 2: []}
    for _ in range(rounds):
        for workers, so_far in found.items():
            so_far.append(work(workers))
    one, two = (max(found[workers], key=lambda each: each.rate) for workers in (1, 2))
    for workers, best in ((1, one), (2, two)):
        print(f"{name}, {workers}: {best.rate:.1f}/s, {best.per_processor_second:.1f} per processor second", end=", ")
        print(f"processor time {best.share:.2f} of the time")
    processor = max(each.per_processor_second for each in found[2]) / max(
        each.per_processor_second for each in found[1]
    )
    print(f"{name}, efficiency: {two.rate / one.rate / 2:.2f} by time, {processor:.2f} by processor time", flush=True)


def main() -> None:
    """Measures building and tagging."""
    parser = argparse.ArgumentParser(description="Measure how well a second worker is used.")
    parser.add_argument("folder", type=Path)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--files", type=int, default=12)
    parser.add_argument("--records", type=int, default=1500)
    arguments = parser.parse_args()
    folder: Path = arguments.folder
    paths = write_files(folder / "nlm", arguments.files, arguments.records, on_topic=0.05)
    by_name = {path.name: path for path in paths}
    names = list(by_name)

    def build(workers: int) -> Round:
        shutil.rmtree(folder / "lake", ignore_errors=True)
        return one_round(workers, partial(build_named, folder=folder), names)

    def tag(workers: int) -> Round:
        shutil.rmtree(folder / "lake" / "tags", ignore_errors=True)
        return one_round(workers, partial(tag_named, folder=folder, version=version), names)

    version = tagger_in_force(everything=False).version
    compare("build", arguments.rounds, build)
    compare("tag", arguments.rounds, tag)


def build_named(name: str, folder: Path) -> Built:
    """Builds one file of the folder's."""
    return build_records(folder / "nlm" / name, Lake(folder / "lake"))


def tag_named(name: str, folder: Path, version: str) -> Built:
    """Tags one file of the folder's."""
    task = FileToTag(name)
    return tag_in_topic(task, Lake(folder / "lake"), str(current().home), everything=False, version=version)


if __name__ == "__main__":
    main()
