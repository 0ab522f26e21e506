"""One browser and one served file of made-up articles for all tests of pages in a browser."""

import os
import shutil
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.support.generate_articles import make_evidence

CHROMIUM = os.environ.get("CHROMIUM") or shutil.which("chromium") or shutil.which("chromium-browser")
_OURS = ("http://127.0.0.1:", "blob:")
_DEMO = "from harvest.app.cli import main; main(args=['demo', '--no-serve'])"
_SERVE = """import sys
from pathlib import Path
from db.site.server import serve
serve(Path(sys.argv[1]), "127.0.0.1", int(sys.argv[2]))"""


@pytest.fixture(scope="session")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The address of a site of 300 made-up articles."""
    path = tmp_path_factory.mktemp("browser") / "evidence.db"
    make_evidence(path, 300)
    yield from _serving(path)


@pytest.fixture(scope="session")
def demo(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The address of the demonstration: the bundled sample, with trials, preprints and what else services say."""
    folder = tmp_path_factory.mktemp("demo")
    subprocess.run([sys.executable, "-c", _DEMO], cwd=folder, check=True, capture_output=True)
    yield from _serving(folder / "ho-tracker-demo" / "evidence.db")


def _serving(path: Path) -> Iterator[str]:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    process = subprocess.Popen([sys.executable, "-c", _SERVE, str(path), str(port)])
    while process.poll() is None:  # however slow the machine is
        with socket.socket() as probe:
            if probe.connect_ex(("127.0.0.1", port)) == 0:
                break
        time.sleep(0.1)
    assert process.poll() is None, "the server ended; see its error above"
    yield f"http://127.0.0.1:{port}"
    process.terminate()
    process.wait()


@pytest.fixture(scope="session")
def browser() -> Iterator[Any]:
    playwright_api = pytest.importorskip("playwright.sync_api", reason="playwright is not installed")
    if CHROMIUM is None:
        pytest.skip("no Chromium found; install it or name it in CHROMIUM")
    with playwright_api.sync_playwright() as api:
        opened = api.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox", "--disable-gpu"])
        yield opened
        opened.close()


@pytest.fixture
def page(browser: Any) -> Iterator[Any]:
    """A page that fails its test where it logs an error or asks another host."""
    context = browser.new_context(viewport={"width": 1400, "height": 900}, accept_downloads=True)
    opened = context.new_page()
    wrong: list[str] = []
    opened.on("console", lambda said: wrong.append(said.text) if said.type in ("error", "warning") else None)
    opened.on("pageerror", lambda error: wrong.append(str(error)))
    opened.on("request", lambda asked: wrong.append(asked.url) if not asked.url.startswith(_OURS) else None)
    yield opened
    context.close()
    assert wrong == []
