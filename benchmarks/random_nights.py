"""Random worlds of the harvest, far more than the tests play: python -m benchmarks.random_nights [WORLDS] [SEED].

Each world has a corpus that changes, files that come late, decisions, faults, kills and wrong clocks. What
must hold after each clean night, and after the last one, is that of tests/support/histories.py.
"""

import logging
import random
import sys
import time
import traceback
from collections import Counter

from harvest.eutils.limiter import SHARED
from tests.support.histories import run_history
from tests.support.history_world import random_night


def main(worlds: int = 300, seed: int = 1) -> int:
    """Plays the worlds; prints how their nights ended, and every world that failed. Returns how many did."""
    logging.disable(logging.WARNING)
    SHARED.wait = SHARED.hold = lambda _value: None  # type: ignore[assignment, method-assign]
    began, ended, failed = time.monotonic(), Counter[str](), 0
    for number in range(worlds):
        chance = random.Random(seed * 1_000_003 + number)
        history = [random_night(chance) for _ in range(chance.randint(2, 9))]
        try:
            ended += run_history(chance.randint(0, 30), history)
        except Exception as error:
            failed += 1
            place = traceback.extract_tb(error.__traceback__)[-1]
            words = f"{type(error).__name__} in {place.name}: {place.line} {str(error)[:300]}"
            print(f"world {number} (seed {seed}): {words}", flush=True)
    said = ", ".join(f"{count} {status}" for status, count in ended.most_common())
    print(f"{worlds} worlds, {ended.total()} nights ({said}), {failed} failed, {time.monotonic() - began:.0f} s")
    return failed


if __name__ == "__main__":
    sys.exit(bool(main(*map(int, sys.argv[1:]))))
