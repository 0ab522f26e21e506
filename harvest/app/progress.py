"""How far long work is: a bar on a terminal, log lines elsewhere."""

import logging
import sys
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from typing import TypeVar

import click

log = logging.getLogger("ho_tracker")

Value = TypeVar("Value")

#: Items between two log lines.
EVERY = 1000


@contextmanager
def progress_shown(label: str, every: int = EVERY) -> Iterator[Callable[[int, int], None]]:
    """Gives a function that is told how many items are done and how many there are.

    It moves a bar on a terminal, and elsewhere writes a log line whenever another `every` items are done.
    """
    if not sys.stderr.isatty():
        said = 0

        def write(done: int, total: int) -> None:
            nonlocal said
            if done // every > said:
                said = done // every
                log.info("%s: %d of %d", label, done, total)

        yield write
        return
    with click.progressbar(length=1, label=label, file=sys.stderr) as bar:

        def move(done: int, total: int) -> None:
            bar.length = max(total, 1)
            bar.update(done - bar.pos)

        yield move


def progress(items: Iterable[Value], length: int, label: str, every: int = EVERY) -> Iterator[Value]:
    """Yields the items, and shows how many of them were yielded."""
    with progress_shown(label, every) as show:
        for done, item in enumerate(items, 1):
            yield item
            show(done, length)
