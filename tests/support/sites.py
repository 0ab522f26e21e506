"""A served file asked in-process, and random filters over it."""

import asyncio
import random
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

from db.site.server import build_datasette

Ask = Callable[..., Any]


def asking(path: Path, base_url: str = "/") -> Iterator[Ask]:
    """Yields a function that asks the site over a file: `ask("/articles", params={...})`."""
    with asyncio.Runner() as runner:
        datasette = build_datasette(path, base_url)
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


def serving(script: str, *arguments: str) -> Iterator[str]:
    """Yields the address of a site that a script serves in a process of its own; it gets a free port, then the rest."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    process = subprocess.Popen([sys.executable, "-c", script, str(port), *arguments])
    while process.poll() is None:  # however slow the machine is
        with socket.socket() as probe:
            if probe.connect_ex(("127.0.0.1", port)) == 0:
                break
        time.sleep(0.1)
    assert process.poll() is None, "the server ended; see its error above"
    yield f"http://127.0.0.1:{port}"
    process.terminate()
    process.wait()


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
