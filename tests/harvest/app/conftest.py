"""What the tests of the command share: one store of the bundled sample, imported and tagged by the command itself."""

import json
from dataclasses import dataclass
from pathlib import Path

import pytest
from click.testing import CliRunner

from harvest.app.cli import main
from harvest.sample import sample_path


@dataclass(frozen=True, slots=True)
class TaggedSample:
    """The store, and how many articles `tag` said that it tagged."""

    path: Path
    articles: int


@pytest.fixture(scope="session")
def tagged_sample(tmp_path_factory: pytest.TempPathFactory) -> TaggedSample:
    """The bundled sample, imported and tagged; copy the file before you change it."""
    path = tmp_path_factory.mktemp("sample") / "ho.db"
    for words in (("import", "--all", str(sample_path())), ("tag", "--processes", "1", "--json")):
        result = CliRunner().invoke(main, ["--db", str(path), *words])
        assert result.exit_code == 0, result.output
    return TaggedSample(path, json.loads(result.stdout)["articles"])
