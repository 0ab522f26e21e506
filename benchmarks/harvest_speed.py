"""How fast a first harvest is, and in how much memory, against the tests' E-utilities server in a process of its own.

    python -m benchmarks.harvest_speed [--records 50000] [--latency 0.5]

Three figures: records a second with the limiter off, peak memory of the harvesting process, and the part of the allowed
request rate that is used with the limiter on while each answer takes `--latency` seconds.
"""

import argparse
import math
import multiprocessing
import resource
import sys
import tempfile
import time
from datetime import date, timedelta
from multiprocessing.connection import Connection
from pathlib import Path

from db.store.ledger.ledger import Query
from db.store.store import open_store
from harvest.eutils.client import Client, Identity
from harvest.eutils.limiter import Limiter
from harvest.sync.harvest import harvest
from harvest.sync.plan import Options
from tests.support.eutils_server import Corpus, EutilsServer

QUERY = Query("heterotopic ossification", "benchmark", "1", "benchmark")
#: As long as a real structured abstract.
_ABSTRACT = "Heterotopic ossification was seen on radiographs of 12 of 48 hips (25%; 95% CI 14 to 40; p < 0.05). " * 16


def main() -> int:
    """Prints the figures; returns the exit code."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--records", type=int, default=50_000)
    parser.add_argument("--one-day", type=int, default=12_000, help="so many of them were created on one day")
    parser.add_argument("--latency", type=float, default=0.5)
    parser.add_argument("--limited", type=int, default=18_000, help="records of the run with the limiter on")
    arguments = parser.parse_args()
    speed(arguments.records, arguments.one_day)
    for key in (None, "key"):
        use_of_the_rate(arguments.limited, arguments.latency, key)
    return 0


def speed(count: int, one_day: int) -> None:
    """Measures a first harvest without the limiter."""
    with Server(count, one_day, 0.0) as url, tempfile.TemporaryDirectory() as folder:
        began = time.monotonic()
        with open_store(Path(folder) / "ho.db") as store:
            client = Client(url, limiter=None)
            report = harvest(store, client, QUERY, Options())
        seconds = time.monotonic() - began
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    print(
        f"limiter off: {report.status}, {report.held_count} of {report.pubmed_count} records, "
        f"{report.requests} requests, {seconds:.1f} s, {report.held_count / seconds:.0f} records/s, "
        f"peak memory {peak:.0f} MB"
    )


def use_of_the_rate(count: int, latency: float, key: str | None) -> None:
    """Measures how much of the allowed rate a first harvest uses, from its first EFetch to its last."""
    starts: list[float] = []
    limiter = _Watched(starts)
    workers = 16 if key else 8
    with (
        Server(count, 0, latency) as url,
        tempfile.TemporaryDirectory() as folder,
        open_store(Path(folder) / "d") as store,
    ):
        client = Client(url, Identity(None, key), limiter=limiter, connections=workers)
        harvest(store, client, QUERY, Options(workers=workers))
        allowed = client.identity.rate
    fetches = starts[-math.ceil(count / 200) :]
    used = (len(fetches) - 1) / (fetches[-1] - fetches[0])
    most = max(sum(start <= other < start + 1 for other in starts) for start in starts)
    print(
        f"limiter on ({allowed} a second, answers after {latency} s): {len(starts)} requests in "
        f"{starts[-1] - starts[0]:.1f} s; while records are fetched {used:.2f} a second = {used / allowed:.1%} "
        f"of the allowed rate, at most {most} in any second"
    )


class _Watched(Limiter):
    def __init__(self, starts: list[float]) -> None:
        super().__init__()
        self.watched = starts

    def wait(self, rate: int) -> None:
        """Waits as the limiter does, and notes when the request may start."""
        super().wait(rate)
        self.watched.append(time.monotonic())


class Server:
    """The E-utilities server in another process, so that its work and memory are not counted."""

    def __init__(self, count: int, one_day: int, latency: float) -> None:
        ours, theirs = multiprocessing.get_context("spawn").Pipe()
        self._pipe = ours
        arguments = (theirs, count, one_day, latency)
        self._process = multiprocessing.get_context("spawn").Process(target=_serve, args=arguments, daemon=True)

    def __enter__(self) -> str:
        self._process.start()
        url: str = self._pipe.recv()
        return url

    def __exit__(self, *_error: object) -> None:
        self._process.terminate()
        self._process.join()


def _serve(pipe: Connection, count: int, one_day: int, latency: float) -> None:
    corpus = Corpus(date(2026, 3, 2))
    for number in range(count):
        created = date(1990, 1, 1) + timedelta(days=(number * 7919) % 12_000)
        corpus.add(1000 + 3 * number, date(2020, 5, 5) if number < one_day else created, abstract=_ABSTRACT)
    with EutilsServer(corpus, pause=latency) as server:
        pipe.send(server.url)
        time.sleep(3600)


if __name__ == "__main__":
    sys.exit(main())
