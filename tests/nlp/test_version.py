"""The tagger's version changes exactly when something changes that decides a tag."""

import shutil
from pathlib import Path

import pytest

from nlp import version
from nlp.version import DECIDES, DECIDES_NOTHING, FOLDER, deciding_files, tagger_version, version_of


@pytest.fixture(scope="module")
def copy(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A copy of the package."""
    folder = tmp_path_factory.mktemp("package") / "nlp"
    shutil.copytree(FOLDER, folder, ignore=shutil.ignore_patterns("gold", "__pycache__"))
    return folder


def test_every_part_of_the_package_decides_or_does_not() -> None:
    there = {path.name for path in FOLDER.iterdir() if path.name != "__pycache__"}
    assert there == set(DECIDES) | set(DECIDES_NOTHING)
    assert not set(DECIDES) & set(DECIDES_NOTHING)
    assert {path.suffix for path in deciding_files()} == {".py", ".toml", ".json", ".npz"}


def test_the_version_is_of_the_installed_package(copy: Path) -> None:
    assert tagger_version() == version_of(FOLDER) == version_of(copy)
    assert len(tagger_version()) == 12


@pytest.mark.parametrize("name", ["scoring/evaluate.py", "training/train.py", "scoring/quality.json"])
def test_what_decides_no_tag_leaves_it(copy: Path, name: str) -> None:
    path = copy / name
    path.write_text(path.read_text(encoding="utf-8") + "\n", encoding="utf-8")
    assert version_of(copy) == tagger_version()


@pytest.mark.parametrize(
    "name", ["text/normal.py", "cues/context.toml", "models/results.json", "vocabulary/outcome.toml", "pipeline.py"]
)
def test_what_decides_a_tag_changes_it(copy: Path, name: str) -> None:
    path = copy / name
    kept = path.read_bytes()
    path.write_bytes(kept + b"\n")
    assert version_of(copy) != tagger_version()
    path.write_bytes(kept)
    assert version_of(copy) == tagger_version()


@pytest.mark.parametrize("module", ["np", "about"])
def test_another_library_changes_it(monkeypatch: pytest.MonkeyPatch, module: str) -> None:
    monkeypatch.setattr(getattr(version, module), "__version__", "0.0")
    assert version_of(FOLDER) != tagger_version()
