"""A served file of made-up articles and a client that asks it in-process."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.support.generate_articles import make_evidence
from tests.support.sites import Ask, asking


@pytest.fixture(scope="session")
def evidence(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A published file of 400 made-up articles."""
    path = tmp_path_factory.mktemp("site") / "evidence.db"
    make_evidence(path, 400)
    return path


@pytest.fixture(scope="session")
def ask(evidence: Path) -> Iterator[Ask]:
    """Asks the site over the 400 made-up articles."""
    yield from asking(evidence)
