"""Whoever decides beside a night neither fails nor fails it; benchmarks/night_beside_decide.py looks longer."""

from pathlib import Path

from tests.support.busy_night import busy_night


def test_a_night_and_decisions_beside_it_do_each_other_no_harm(tmp_path: Path) -> None:
    result = busy_night(tmp_path, 120)
    assert (result.night.status, result.failed, result.problems) == ("done", (), ())
    assert result.batches >= 120
    assert result.decided > 3
