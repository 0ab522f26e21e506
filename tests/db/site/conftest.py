"""A served file of made-up articles and a client that asks it in-process."""

import asyncio
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from benchmarks.generate_articles import make_evidence
from db.server import build_datasette

Ask = Callable[..., Any]


@pytest.fixture(scope="session")
def evidence(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A published file of 400 made-up articles."""
    path = tmp_path_factory.mktemp("site") / "evidence.db"
    make_evidence(path, 400)
    return path


def asking(path: Path) -> Iterator[Ask]:
    """Yields a function that asks the site over a file: `ask("/articles", params={...})`."""
    with asyncio.Runner() as runner:
        datasette = build_datasette(path)
        runner.run(datasette.invoke_startup())

        def ask(address: str, **options: Any) -> Any:
            return runner.run(datasette.client.get(address, **options))

        def post(address: str, **options: Any) -> Any:
            return runner.run(datasette.client.post(address, **options))

        ask.post = post  # type: ignore[attr-defined]
        ask.datasette = datasette  # type: ignore[attr-defined]
        yield ask


@pytest.fixture(scope="session")
def ask(evidence: Path) -> Iterator[Ask]:
    """Asks the site over the 400 made-up articles."""
    yield from asking(evidence)
