"""Keeps the whole process under the request rate that NCBI allows, whatever threads it has."""

import threading
import time
from collections import deque

#: Requests a second without and with an API key (NCBI's rule for one address).
RATE_WITHOUT_KEY, RATE_WITH_KEY = 3, 10
#: The second is counted a little longer than it is, so that jitter on the way never makes four of three.
_SECOND = 1.04

#: A start that a busy machine delays by up to this counts as in time, or every delay would slow down all that follows.
_LATENESS = 0.01


class Limiter:
    """Lets at most `rate` requests start in any second; every thread of the process shares one."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._starts: deque[float] = deque(maxlen=RATE_WITH_KEY)
        self._held_until = 0.0

    def wait(self, rate: int) -> None:
        """Returns when one more request may start; starts are spread over the second, not sent in a burst."""
        with self._lock:
            now = time.monotonic()
            due = now
            if len(self._starts) >= rate:
                due = max(due, self._starts[-rate] + _SECOND)
            if self._starts:
                due = max(due, self._starts[-1] + 0.9 / rate)
            while now < (due := max(due, self._held_until)):  # a hold may come while we wait
                time.sleep(due - now)
                now = time.monotonic()
            self._starts.append(now - min(now - due, _LATENESS))

    def hold(self, seconds: float) -> None:
        """Lets nothing start for some seconds: the service said that we are too fast."""
        self._held_until = max(self._held_until, time.monotonic() + seconds)


#: The one limiter of the process.
SHARED = Limiter()
