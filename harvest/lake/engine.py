"""Runs one function on many files: in this process, on local processes of Dask's, or on any cluster of Dask's.

A file is one task, and a task puts its result in place itself: a worker that is killed or lost costs the file that it
was at, which another one begins anew.
"""

import contextlib
import logging
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any, Generic, TypeVar

from db.errors import TrackerError
from harvest.lake.extra import LakeError, needed

log = logging.getLogger(__name__)

Task = TypeVar("Task")
Result = TypeVar("Result")

#: How many workers may die over one file before it is given up. Dask's own is three: too few where a cluster takes its
#: machines away at will.
_DEATHS = 20
#: Seconds that a local worker may take to start, or to start again.
_PATIENCE = 10


@dataclass(frozen=True, slots=True)
class Engine:
    """Where tasks run: at a scheduler's address, else on local processes, else (no workers) in this process."""

    workers: int = 0
    scheduler: str | None = None


@dataclass(frozen=True, slots=True)
class Done(Generic[Task, Result]):
    """A task with its result, or with the error that it ended in."""

    task: Task
    result: Result | None = None
    error: TrackerError | None = None


def run(
    engine: Engine, function: Callable[[Task], Result], tasks: Sequence[Task], names: Sequence[str]
) -> Iterator[Done[Task, Result]]:
    """Yields each task as it ends, in any order; a TrackerError costs its task, any other error ends all.

    `names` are what the tasks are called where they run, each another.
    """
    if not engine.workers and not engine.scheduler:
        for task in tasks:
            yield _here(function, task)
        return
    with _client(engine, len(tasks)) as client:
        yield from _there(client, function, dict(zip(names, tasks, strict=True)))


def _here(function: Callable[[Task], Result], task: Task) -> Done[Task, Result]:
    try:
        return Done(task, function(task))
    except TrackerError as error:
        return Done(task, error=error)


def _there(client: Any, function: Callable[[Task], Result], tasks: dict[str, Task]) -> Iterator[Done[Task, Result]]:
    distributed = needed("distributed")
    futures = {client.submit(_here, function, task, key=name, pure=False): name for name, task in tasks.items()}
    try:
        for future in distributed.as_completed(futures):
            name = futures.pop(future)
            try:
                yield future.result()
            except distributed.KilledWorker:
                told = f"{name}: {_DEATHS} workers died over it; look at their memory, then run the same command again"
                yield Done(tasks[name], error=LakeError(told))
            future.release()
    finally:
        client.cancel(list(futures))


@contextmanager
def _client(engine: Engine, tasks: int) -> Iterator[Any]:
    """Gives a client of the scheduler at an address, or of local workers, which only this user's processes reach."""
    distributed, dask = needed("distributed"), needed("dask")
    logging.getLogger("distributed").setLevel(logging.CRITICAL)  # what costs a file is told by its task
    if engine.scheduler:
        try:
            client = distributed.Client(engine.scheduler, timeout=20)
        except (OSError, ValueError) as error:
            told = f"{engine.scheduler}: no Dask scheduler answers there"
            raise LakeError(f"{told}; check the address, or leave --scheduler out") from error
        with client:
            yield client
        return
    workers = min(engine.workers, max(tasks, 1))
    with (
        dask.config.set({"distributed.scheduler.allowed-failures": _DEATHS}),
        distributed.LocalCluster(
            n_workers=0,
            threads_per_worker=1,
            security=True,
            dashboard_address="127.0.0.1:0",
            scheduler_kwargs={"dashboard": False},
            memory_limit=0,
            silence_logs=logging.CRITICAL,
        ) as cluster,
        distributed.Client(cluster) as client,
        _kept_up(cluster, client, workers),
    ):
        yield client


@contextmanager
def _kept_up(cluster: Any, client: Any, workers: int) -> Iterator[None]:
    """Starts workers, and others for those that stay away: Dask gives one up that is killed while it starts."""
    stopped = threading.Event()

    def look() -> None:
        since = time.monotonic()
        while not stopped.wait(1):
            with contextlib.suppress(Exception):  # the scheduler is closing, or too busy to answer
                if (here := len(client.nthreads())) >= workers:
                    since = time.monotonic()
                elif time.monotonic() - since > _PATIENCE:
                    cluster.scale(len(cluster.worker_spec) + workers - here)
                    since = time.monotonic()

    cluster.scale(workers)
    watch = threading.Thread(target=look, daemon=True, name="lake-workers")
    watch.start()
    try:
        yield
    finally:
        stopped.set()
        watch.join()
