"""A served file asked in-process, and random filters over it."""

import asyncio
import random
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

from db.site.server import build_datasette

Ask = Callable[..., Any]


def asking(path: Path) -> Iterator[Ask]:
    """Yields a function that asks the site over a file: `ask("/articles", params={...})`."""
    with asyncio.Runner() as runner:
        datasette = build_datasette(path)
        runner.run(datasette.invoke_startup())

        def ask(address: str, **options: Any) -> Any:
            return runner.run(datasette.client.get(address, **options))

        def post(address: str, **options: Any) -> Any:
            return runner.run(datasette.client.post(address, **options))

        def request(method: str, address: str, **options: Any) -> Any:
            return runner.run(datasette.client.request(method, address, **options))

        ask.request = request  # type: ignore[attr-defined]
        ask.post = post  # type: ignore[attr-defined]
        ask.datasette = datasette  # type: ignore[attr-defined]
        yield ask


def random_filters(conn: Any, count: int) -> list[list[tuple[str, str]]]:
    """Random filters of one to three parameters that exist in the file."""
    chance = random.Random(7)
    concepts = conn.execute("SELECT kind, id FROM concepts ORDER BY id").fetchall()
    filters = []
    for _ in range(count):
        params = []
        for _ in range(chance.randint(0, 2)):
            kind, concept = chance.choice(concepts)
            prefix = chance.choice(["", "", "not_"])
            params.append((prefix + kind.replace(" ", "_"), concept))
        if chance.random() < 0.5:
            first = chance.randint(1980, 2020)
            params.append(("year", f"{first}-{first + chance.randint(0, 30)}"))
        if chance.random() < 0.3:
            params.append(("q", chance.choice(["hip", "bone -knee", "title:ossification", '"spinal cord"'])))
        filters.append(params)
    return filters
