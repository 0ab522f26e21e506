"""Fetches batches in several threads while the caller stores: network, parsing and storing overlap."""

import queue
import threading
from collections.abc import Generator, Sequence
from typing import Protocol

from db.store.ledger.plans import Batch
from harvest.eutils.client import Fetched
from harvest.eutils.faults import ServiceError


class Fetcher(Protocol):
    """What fetches the records of some PMIDs."""

    def fetch(self, pmids: Sequence[int]) -> Fetched:
        """Returns what came; raises ServiceError."""


def fetch_batches(
    fetcher: Fetcher, batches: Sequence[Batch], workers: int
) -> Generator[tuple[Batch, Fetched | ServiceError], None, None]:
    """Yields each batch with its records or the error that stayed, in the order in which they arrive.

    At most `workers` batches are under way or waiting for the caller, so memory is bounded however slowly they are
    taken. Closing the iterator lets the threads end after their present request.
    """
    waiting: queue.SimpleQueue[Batch | None] = queue.SimpleQueue()
    arrived: queue.SimpleQueue[tuple[Batch, Fetched | ServiceError | BaseException]] = queue.SimpleQueue()
    room = threading.Semaphore(workers)
    stopped = threading.Event()

    def work() -> None:
        while (batch := waiting.get()) is not None:
            room.acquire()
            if stopped.is_set():
                return
            try:
                arrived.put((batch, fetcher.fetch(batch.pmids)))
            except ServiceError as error:
                arrived.put((batch, error))
            except BaseException as error:  # the caller's thread must hear of it
                arrived.put((batch, error))
                return

    count = min(workers, len(batches))
    for batch in [*batches, *[None] * count]:
        waiting.put(batch)
    for number in range(count):
        threading.Thread(target=work, daemon=True, name=f"fetch-{number}").start()
    try:
        for _ in batches:
            batch, result = arrived.get()
            if isinstance(result, BaseException) and not isinstance(result, ServiceError):
                raise result
            yield batch, result
            room.release()
    finally:
        stopped.set()
        for _ in range(count):
            room.release()
