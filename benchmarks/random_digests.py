"""Random nights of saved searches, far more than the tests play: python -m benchmarks.random_digests [NIGHTS] [SEED].

What must hold of every digest, and of what every recipient got, is that of tests/support/digest_world.py.
"""

import logging
import sys
import tempfile
import time
import traceback
from collections import Counter
from pathlib import Path

from tests.support.digest_world import DigestWorld
from tests.support.mail_server import mail_server

_NIGHTS_A_WORLD = 25


def main(nights: int = 2000, seed: int = 1) -> int:
    """Plays the nights; prints how they ended, and every world that failed. Returns how many did."""
    logging.disable(logging.CRITICAL)
    began, ended, failed, mails = time.monotonic(), Counter[str](), 0, 0
    for number in range(-(-nights // _NIGHTS_A_WORLD)):
        with tempfile.TemporaryDirectory() as folder, mail_server() as server:
            world = DigestWorld(Path(folder), server, seed * 1_000_003 + number)
            try:
                for _ in range(_NIGHTS_A_WORLD):
                    world.night()
                world.settle()
            except Exception as error:
                failed += 1
                place = traceback.extract_tb(error.__traceback__)[-1]
                words = f"{type(error).__name__} in {place.name}: {place.line} {str(error)[:400]}"
                print(f"world {number} (seed {seed}): {words}", flush=True)
            ended += world.ended
            mails += len(server.taken)
    said = ", ".join(f"{count} {name}" for name, count in ended.most_common())
    print(f"{ended.total()} nights ({said}), {mails} mails, {failed} worlds failed, {time.monotonic() - began:.0f} s")
    return failed


if __name__ == "__main__":
    sys.exit(bool(main(*map(int, sys.argv[1:]))))
