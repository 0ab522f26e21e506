"""Measures parsing, and parsing plus storing, beside Bio.Entrez.read on the same records in one run.

    python -m benchmarks.parse_speed ../shared/data/real_pubmed.xml ../shared/data/pubmed20n1015.xml.gz --memory

Each is run several times in turn and its fastest run counts, the one that other processes disturbed least.
Bio.Entrez.read has the unpacked bytes in memory; the others read the file. `--memory` measures the peak of a process
that parses a generated file of 30,000 records.
"""

import argparse
import gzip
import io
import re
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

from Bio import Entrez

from benchmarks.compare_with_biopython import read_bytes
from db.model import Article
from db.store.store import open_store
from harvest.pubmed.write import write_article
from harvest.pubmed.xml import parse_articles
from harvest.sample import sample_path
from harvest.sync.bulk import Selection, import_files


def parse(path: Path, _data: bytes) -> int:
    """Parses a file with every field; returns how many records it has."""
    return sum(1 for _ in parse_articles(path))


def parse_and_store(path: Path, _data: bytes) -> int:
    """Imports a file into a fresh store, as `ho-tracker import --all` does; returns how many records it has."""
    with tempfile.TemporaryDirectory() as folder, open_store(Path(folder) / "ho.db") as store:
        import_files(store, [path], Selection("all", lambda _article: True))
        return int(store.db.execute("SELECT count(*) FROM articles").fetchone()[0])


def entrez_read(_path: Path, data: bytes) -> int:
    """Reads records with Bio.Entrez; returns how many."""
    read = Entrez.read(io.BytesIO(data))
    return len(read["PubmedArticle"]) + len(read["PubmedBookArticle"])


CANDIDATES: dict[str, Callable[[Path, bytes], int]] = {
    "Bio.Entrez.read": entrez_read,
    "parse": parse,
    "parse and store": parse_and_store,
}


def measure(path: Path, rounds: int) -> None:
    """Prints records per second of each candidate on one file, and how they compare."""
    data = read_bytes(path)
    seconds: dict[str, list[float]] = {name: [] for name in CANDIDATES}
    counts: dict[str, int] = {}
    for _ in range(rounds):
        for name, run in CANDIDATES.items():
            began = time.perf_counter()
            counts[name] = run(path, data)
            seconds[name].append(time.perf_counter() - began)
    assert counts["parse"] == counts["Bio.Entrez.read"], counts
    reference = min(seconds["Bio.Entrez.read"])
    print(f"{path} ({len(data) / 1e6:.1f} MB, best of {rounds})")
    for name, times in seconds.items():
        best = min(times)
        print(f"  {name:16} {counts['parse'] / best:8.0f} records/s  {reference / best:5.2f} times Bio.Entrez.read")


def write_large(path: Path, count: int) -> None:
    """Writes a file of made-up records, the sample's over and over under other PMIDs."""
    sample = [item for item in parse_articles(sample_path()) if isinstance(item, Article)]
    with gzip.open(path, "wb", compresslevel=1) as file:
        file.write(b"<PubmedArticleSet>\n")
        for number in range(count):
            file.write(write_article(replace(sample[number % len(sample)], pmid=number + 1)) + b"\n")
        file.write(b"</PubmedArticleSet>\n")


def measure_memory(count: int) -> None:
    """Prints the peak memory of a fresh process that parses a large file, and of one that only imports the parser."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "large.xml.gz"
        write_large(path, count)
        for label in ("nothing", "parse", "parse and store"):
            command = [sys.executable, "-m", "benchmarks.parse_speed", "--child", label, str(path)]
            peak = int(subprocess.run(command, check=True, capture_output=True, text=True).stdout)
            print(f"peak memory, {label}, {count} records: {peak / 1024:.0f} MB")


def run_child(label: str, path: Path) -> None:
    """Runs a candidate on a file, or nothing, and prints this process's peak memory in kB."""
    if label in CANDIDATES:
        CANDIDATES[label](path, b"")
    status = Path("/proc/self/status").read_text(encoding="ascii")  # ru_maxrss would count the parent's peak, too
    print(re.findall(r"VmHWM:\s+(\d+) kB", status)[0])


def main() -> None:
    """Measures every file given."""
    parser = argparse.ArgumentParser(description="Measure parsing beside Bio.Entrez.read.")
    parser.add_argument("files", nargs="*", type=Path)
    parser.add_argument("--rounds", type=int, default=9)
    parser.add_argument("--memory", action="store_true", help="measure the peak on 30,000 records, too")
    parser.add_argument("--child", help=argparse.SUPPRESS)
    arguments = parser.parse_args()
    if arguments.child is not None:
        run_child(arguments.child, arguments.files[0])
        return
    for path in arguments.files:
        measure(path, arguments.rounds)
    if arguments.memory:
        measure_memory(30_000)


if __name__ == "__main__":
    main()
