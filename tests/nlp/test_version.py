"""The tagger's version changes exactly when something changes that decides a tag."""

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from db.topics import choose, current
from nlp import version
from nlp.version import DECIDES, DECIDES_NOTHING, FOLDER, deciding_files, tagger_version, topic_files, version_of


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
    assert tagger_version() == version_of(FOLDER, current()) == version_of(copy, current())
    assert len(tagger_version()) == 12


@pytest.mark.parametrize("name", ["scoring/evaluate.py", "training/train.py", "scoring/quality.json"])
def test_what_decides_no_tag_leaves_it(copy: Path, name: str) -> None:
    path = copy / name
    path.write_text(path.read_text(encoding="utf-8") + "\n", encoding="utf-8")
    assert version_of(copy, current()) == tagger_version()


@pytest.mark.parametrize(
    "name", ["text/normal.py", "cues/context.toml", "models/results.json", "vocabulary/loader.py", "pipeline.py"]
)
def test_what_decides_a_tag_changes_it(copy: Path, name: str) -> None:
    path = copy / name
    kept = path.read_bytes()
    path.write_bytes(kept + b"\n")
    assert version_of(copy, current()) != tagger_version()
    path.write_bytes(kept)
    assert version_of(copy, current()) == tagger_version()


@pytest.mark.parametrize("module", ["np", "about"])
def test_another_library_changes_it(monkeypatch: pytest.MonkeyPatch, module: str) -> None:
    monkeypatch.setattr(getattr(version, module), "__version__", "0.0")
    assert version_of(FOLDER, current()) != tagger_version()


@pytest.fixture
def topic_copy(tmp_path: Path) -> Iterator[Path]:
    """A copy of the topic in force, and afterwards the topic again."""
    folder = tmp_path / "topic"
    shutil.copytree(current().home, folder)
    yield folder
    choose()


@pytest.mark.parametrize("name", ["vocabulary/outcome.toml", "cues/about.toml", "topic.toml"])
def test_what_the_topic_decides_changes_it(topic_copy: Path, name: str) -> None:
    before = tagger_version()
    assert topic_copy / name in topic_files(choose(topic_copy))
    assert tagger_version() == before
    with (topic_copy / name).open("a", encoding="utf-8") as file:
        file.write("# a comment\n")
    choose(topic_copy)
    assert tagger_version() != before


@pytest.mark.parametrize("name", ["overview.toml", "questions.toml", "query.toml"])
def test_what_the_site_reads_of_the_topic_leaves_it(topic_copy: Path, name: str) -> None:
    before = tagger_version()
    with (topic_copy / name).open("a", encoding="utf-8") as file:
        file.write("# a comment\n")
    choose(topic_copy)
    assert tagger_version() == before
