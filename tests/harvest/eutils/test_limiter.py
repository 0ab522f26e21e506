"""The limiter: never more starts in a second than allowed, whatever threads there are. Time is simulated."""

import threading
import time
from itertools import pairwise

import pytest

from harvest.eutils.client import Client, Identity
from harvest.eutils.limiter import SHARED, Limiter


class Clock:
    """A clock that moves only when somebody sleeps."""

    def __init__(self) -> None:
        self.now = 100.0
        self.late = 0.0004

    def monotonic(self) -> float:
        return self.now

    def sleep(self, seconds: float) -> None:
        self.now += seconds + self.late


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    made = Clock()
    monkeypatch.undo()
    monkeypatch.setattr("harvest.eutils.limiter.time", made)
    return made


@pytest.mark.parametrize("late", [0.0004, 0.009])
@pytest.mark.parametrize("rate", [3, 10])
def test_the_rate_is_used_and_never_passed(clock: Clock, rate: int, late: float) -> None:
    limiter = Limiter()
    clock.late = late
    starts = []
    for _ in range(200):
        limiter.wait(rate)
        starts.append(clock.now)
        clock.now += 0.001
    for first, beyond in zip(starts, starts[rate:], strict=False):
        assert beyond - first > 1
    assert (len(starts) - 1) / (starts[-1] - starts[0]) > 0.95 * rate
    assert min(after - before for before, after in pairwise(starts)) > 0.5 / rate


def test_a_hold_holds_every_thread(clock: Clock) -> None:
    limiter = Limiter()
    limiter.wait(3)
    limiter.hold(20)
    limiter.hold(1)  # asked for by another thread: it shortens nothing
    limiter.wait(3)
    assert clock.now >= 120


def test_threads_share_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.undo()
    limiter, starts, lock = Limiter(), [], threading.Lock()

    def work() -> None:
        for _ in range(3):
            limiter.wait(10)
            with lock:
                starts.append(time.monotonic())

    threads = [threading.Thread(target=work) for _ in range(7)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    starts.sort()
    assert all(beyond - first > 1 for first, beyond in zip(starts, starts[10:], strict=False))


def test_every_client_has_the_one_limiter_unless_told_otherwise() -> None:
    first, second = Client("http://127.0.0.1/entrez/eutils/"), Client("http://127.0.0.1/entrez/eutils/")
    assert first._limiter is second._limiter is SHARED
    assert (Identity().rate, Identity(api_key="key").rate) == (3, 10)
