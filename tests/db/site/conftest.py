"""A served file of made-up articles and a client that asks it in-process."""

import sqlite3
from collections.abc import Iterator
from pathlib import Path

import pytest

from db.evidence.index.article_index import ArticleIndex
from db.site.serving import accounts
from tests.support.evidence_oracle import EvidenceOracle
from tests.support.generate_articles import make_evidence
from tests.support.sites import Ask, asking


@pytest.fixture(autouse=True, scope="module")
def light_passwords() -> Iterator[None]:
    """Passwords whose hash costs little; what one costs where the site is served is looked at by a test of its own."""
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(accounts, "_COST", 2)
        yield


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


@pytest.fixture(scope="module")
def conn(evidence: Path) -> Iterator[sqlite3.Connection]:
    """The published file, read beside the site."""
    connection = sqlite3.connect(evidence)
    yield connection
    connection.close()


@pytest.fixture(scope="module")
def index(conn: sqlite3.Connection) -> ArticleIndex:
    """The counts of the published file."""
    return ArticleIndex(conn)


@pytest.fixture(scope="module")
def oracle(evidence: Path) -> EvidenceOracle:
    """What a brute-force count of the published file says of its findings."""
    return EvidenceOracle(evidence)
