"""Random nights of saved searches: every arrival once, every retraction once, nothing else, whatever fails."""

import os
from pathlib import Path

import pytest

from tests.support.digest_world import DigestWorld
from tests.support.mail_server import mail_server

#: `WORLDS=50 pytest FILE` looks longer, `python -m benchmarks.random_digests` longest.
WORLDS = int(os.environ.get("WORLDS", "3"))
_NIGHTS = 12


@pytest.mark.parametrize("seed", range(WORLDS))
def test_digests_together_hold_every_arrival_and_retraction_once(tmp_path: Path, seed: int) -> None:
    with mail_server() as mails:
        world = DigestWorld(tmp_path, mails, seed)
        for _ in range(_NIGHTS):
            world.night()
        world.settle()
    assert world.ended["done"]
