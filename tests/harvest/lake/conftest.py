"""What tests of the lake share: one of the bundled sample, tagged."""

from pathlib import Path

import pytest

from harvest.app.steps.lake_tags import tag_lake_step
from harvest.sample import sample_path
from tests.support.lakes import IN_THIS_PROCESS, a_lake


@pytest.fixture(scope="session")
def tagged_lake(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The lake, in a folder whose name a pattern would misread; copy it before you change it."""
    folder = tmp_path_factory.mktemp("lake") / "it's [a] lake"
    a_lake(folder, [sample_path()])
    tag_lake_step(folder, everything=False, engine=IN_THIS_PROCESS)
    return folder
