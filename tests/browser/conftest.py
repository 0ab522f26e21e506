"""One browser and one served file of made-up articles for all tests of pages in a browser."""

import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from typing import Any

import pytest

from tests.support.generate_articles import make_evidence
from tests.support.sites import serving

CHROMIUM = os.environ.get("CHROMIUM") or shutil.which("chromium") or shutil.which("chromium-browser")
_OURS = ("http://127.0.0.1:", "blob:")
_DEMO = "from harvest.app.cli import main; main(args=['demo', '--no-serve'])"
_SERVE = """import sys
from pathlib import Path
from db.site.server import serve
serve(Path(sys.argv[2]), "127.0.0.1", int(sys.argv[1]))"""


@pytest.fixture(scope="session")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The address of a site of 300 made-up articles."""
    path = tmp_path_factory.mktemp("browser") / "evidence.db"
    make_evidence(path, 300)
    yield from serving(_SERVE, str(path))


@pytest.fixture(scope="session")
def demo(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The address of the demonstration: the bundled sample, with trials, preprints and what else services say."""
    folder = tmp_path_factory.mktemp("demo")
    subprocess.run([sys.executable, "-c", _DEMO], cwd=folder, check=True, capture_output=True)
    yield from serving(_SERVE, str(folder / "ho-tracker-demo" / "evidence.db"))


@pytest.fixture(scope="module")
def browser() -> Iterator[Any]:
    """A browser for one module: while it runs so does its event loop, beside which no other test's can be started."""
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
