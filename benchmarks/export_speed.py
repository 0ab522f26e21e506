"""Exports many made-up articles in every format: records and megabytes a second, first byte, peak memory.

    python -m benchmarks.export_speed --count 50000

Each format runs in a process of its own, so that peak memory is its own. Formatted bibliographies go through
citeproc-py, so they are measured over `--formatted` records.
"""

import argparse
import os
import resource
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from db.citations import FORMATS, Options
from db.citations.manifest import Checksum
from db.citations.selection import open_for_reading, select, write_list
from db.select.filter import ArticleFilter
from tests.support.generate_articles import make_evidence


def measure(database: Path, name: str, limit: int) -> str:
    """Exports once; returns the figures as one line."""
    wanted = FORMATS[name]
    with open_for_reading(database) as connection:
        started = time.perf_counter()
        selection = select(connection, ArticleFilter(), wanted.order)
        if limit:
            selection = type(selection)(
                selection.chosen, selection.words, selection.pmids[:limit], 0, 0, (), selection.missing
            )
        checksum = Checksum()
        first = 0.0
        with Path(os.devnull).open("wb") as sink:
            for piece in checksum.encoded(write_list(connection, selection, wanted, Options())):
                first = first or time.perf_counter() - started
                sink.write(piece)
        seconds = time.perf_counter() - started
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    count = len(selection.pmids)
    return (
        f"{name:10} {count:6} records {seconds:7.2f} s {count / seconds:8.0f} records/s "
        f"{checksum.size / seconds / 1e6:6.1f} MB/s first byte {first * 1000:6.0f} ms peak memory {peak:5.0f} MB"
    )


def main() -> None:
    """Prints one line a format."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--count", type=int, default=50_000)
    parser.add_argument("--formatted", type=int, default=1_000, help="records of a formatted bibliography")
    parser.add_argument("--database", type=Path, help="measure this file, not a made-up one")
    parser.add_argument("--one", choices=FORMATS, help="measure this format in this process")
    parser.add_argument("--limit", type=int, default=0, help="only so many records (with --one)")
    arguments = parser.parse_args()
    if arguments.one:
        print(measure(arguments.database, arguments.one, arguments.limit))
        return
    with tempfile.TemporaryDirectory() as folder:
        database = arguments.database or Path(folder) / "evidence.db"
        if not arguments.database:
            make_evidence(database, arguments.count)
        print(f"load before: {os.getloadavg()[0]:.1f} on {os.cpu_count()} cores")
        for name, wanted in FORMATS.items():
            limit = arguments.formatted if wanted.formatted else 0
            command = [sys.executable, "-m", "benchmarks.export_speed", "--one", name, "--limit", str(limit)]
            subprocess.run([*command, "--database", str(database)], check=True)


if __name__ == "__main__":
    main()
