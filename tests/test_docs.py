"""The documents: made pages are up to date, links lead somewhere, lock files are whole and name no host."""

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
DOCUMENTS = sorted([*ROOT.glob("*.md"), *(ROOT / "docs").rglob("*.md")])


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with the pages as they are made now.

    They are made by a process of their own, as `make docs` does: click keeps what commands called before it had.
    """
    folder = tmp_path_factory.mktemp("docs")
    environment = {**os.environ, "COLUMNS": "300", "FORCE_COLOR": "1"}
    subprocess.run([sys.executable, "-m", "docs.generate", str(folder)], cwd=ROOT, env=environment, check=True)
    return folder


@pytest.mark.parametrize("page", ["commands.md", "data-dictionary.md", "filters.md"])
def test_a_made_page_is_up_to_date(made: Path, page: str) -> None:
    written = (ROOT / "docs" / page).read_text(encoding="utf-8")
    assert written == (made / page).read_text(encoding="utf-8"), "run: make docs"


@pytest.mark.parametrize("document", DOCUMENTS, ids=lambda path: path.name)
def test_every_local_link_leads_somewhere(document: Path) -> None:
    for target in re.findall(r"\]\((?!https?://|#|mailto:)([^)#\s]+)", document.read_text(encoding="utf-8")):
        assert (document.parent / target).exists(), target


def test_every_setting_is_explained() -> None:
    code = (ROOT / "harvest" / "app" / "settings.py").read_text(encoding="utf-8")
    named = set(re.findall(r'"((?:HO_TRACKER|NCBI)_[A-Z_]+)"', code))
    page = (ROOT / "docs" / "settings.md").read_text(encoding="utf-8")
    assert len(named) > 20
    assert {name for name in named if f"`{name}`" not in page} == set()


def test_the_readme_names_the_make_targets_that_exist() -> None:
    targets = set(re.findall(r"^([a-z]+):", (ROOT / "Makefile").read_text(encoding="utf-8"), re.MULTILINE))
    named = set(re.findall(r"^make ([a-z]+)", (ROOT / "README.md").read_text(encoding="utf-8"), re.MULTILINE))
    assert named
    assert named <= targets


@pytest.mark.parametrize("name", ["requirements.lock", "requirements-dev.lock"])
def test_a_lock_file_has_hashes_and_names_no_host(name: str) -> None:
    text = (ROOT / name).read_text(encoding="utf-8")
    pins = re.findall(r"^\S+==\S+.*(?:\n    --hash=sha256:[0-9a-f]{64}.*)+", text, re.MULTILINE)
    assert len(pins) == len(re.findall(r"^\S+==", text, re.MULTILINE)) > 20
    assert "://" not in text
