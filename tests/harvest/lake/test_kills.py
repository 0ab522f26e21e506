"""Whoever is killed, worker or the whole command, costs the files at hand; the lake is as of a quiet run."""

import os
import random
import signal
import subprocess
import sys
import threading
import time
from pathlib import Path

import pytest

from harvest.lake.engine import Engine
from tests.support.lakes import a_lake, bytes_of, own_workers
from tests.support.nlm_files import write_files


def test_a_killed_worker_costs_its_file_at_most(tmp_path: Path) -> None:
    paths = write_files(tmp_path / "nlm", files=8, records=150, updates=1, in_update=40)
    a_lake(tmp_path / "quiet", paths)
    killed: list[int] = []

    def kill() -> None:
        """Kills the first worker that has put a file in place."""
        records = tmp_path / "lake" / "records"
        until = time.monotonic() + 60
        while time.monotonic() < until and not killed:
            if records.is_dir() and any(records.glob("*.parquet")) and (found := own_workers()):
                os.kill(found[0], signal.SIGKILL)
                killed.append(found[0])
            time.sleep(0.01)

    killer = threading.Thread(target=kill)
    killer.start()
    report = a_lake(tmp_path / "lake", paths, Engine(workers=2))
    killer.join()
    assert (len(killed), report.failed) == (1, {})
    assert bytes_of(tmp_path / "lake") == bytes_of(tmp_path / "quiet")
    assert not list((tmp_path / "lake").rglob(".unfinished*"))


@pytest.mark.parametrize("seed", range(2))
def test_a_killed_command_goes_on_where_it_was(tmp_path: Path, seed: int) -> None:
    paths = write_files(tmp_path / "nlm", files=6, records=150, updates=1, in_update=40)
    a_lake(tmp_path / "quiet", paths)
    records = tmp_path / "lake" / "records"
    command = [
        sys.executable,
        "-m",
        "harvest.app.cli",
        "lake",
        "build",
        "--workers",
        "0",
        "--lake",
        str(tmp_path / "lake"),
    ]
    running = subprocess.Popen([*command, *map(str, paths)], stderr=subprocess.DEVNULL, stdout=subprocess.DEVNULL)
    while running.poll() is None and not any(records.glob("*")):
        time.sleep(0.005)
    time.sleep(random.Random(seed).uniform(0, 0.4))
    running.kill()
    running.wait()
    before = {path: path.stat().st_mtime_ns for path in records.glob("[!.]*.parquet")}
    assert a_lake(tmp_path / "lake", paths).files == len(paths) - len(before)
    assert bytes_of(tmp_path / "lake") == bytes_of(tmp_path / "quiet")
    assert {path: path.stat().st_mtime_ns for path in before} == before
    assert not list((tmp_path / "lake").rglob(".unfinished*"))
