"""Kills random workers at random times while a lake is built, and compares each lake with that of a quiet run.

    python -m benchmarks.lake_kills FOLDER --kills 50 --seed 1

It writes below FOLDER, which may be removed afterwards.
"""

import argparse
import os
import random
import shutil
import signal
import threading
from pathlib import Path

from harvest.app.steps.lake import build_step
from harvest.lake.engine import Engine
from tests.support.lakes import digest, own_workers
from tests.support.nlm_files import write_files


def kills(arguments: argparse.Namespace) -> None:
    """Kills a random worker at random times, and compares each lake with that of a quiet run."""
    folder: Path = arguments.folder
    chance = random.Random(arguments.seed)
    paths = write_files(folder / "nlm", files=24, records=600, updates=2, in_update=200, seed=arguments.seed)
    build_step(folder / "quiet", paths, Engine())
    right, killed, rounds = digest(folder / "quiet"), 0, 0
    while killed < arguments.kills:
        lake = folder / f"round-{rounds}"
        killer = Killer(random.Random(chance.random()), arguments.kills - killed)
        killer.start()
        report = build_step(lake, paths, Engine(workers=2))
        killer.stopped.set()
        killer.join()
        killed, rounds = killed + killer.killed, rounds + 1
        whole = (digest(lake), list(lake.rglob(".unfinished*"))) == (right, [])
        print(f"round {rounds}: {killer.killed} workers killed, {len(report.failed)} files failed, whole: {whole}")
        assert whole, report.failed
        shutil.rmtree(lake)
    print(f"{killed} workers killed in {rounds} rounds: every lake whole")


class Killer(threading.Thread):
    """Kills one of this process's own workers now and then, at most so many times."""

    def __init__(self, chance: random.Random, most: int) -> None:
        super().__init__(daemon=True)
        self.stopped, self.killed, self._chance, self._most = threading.Event(), 0, chance, most

    def run(self) -> None:
        """Kills until it is stopped."""
        while self.killed < self._most and not self.stopped.wait(self._chance.uniform(0.5, 4)):
            if found := own_workers():
                os.kill(self._chance.choice(found), signal.SIGKILL)
                self.killed += 1


def main() -> None:
    """Kills."""
    parser = argparse.ArgumentParser(description="Kill workers of a lake.")
    parser.add_argument("folder", type=Path)
    parser.add_argument("--kills", type=int, default=50)
    parser.add_argument("--seed", type=int, default=1)
    kills(parser.parse_args())


if __name__ == "__main__":
    main()
