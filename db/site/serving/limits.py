"""How often somebody may do something: counted in memory over a sliding window."""

import time
from collections import OrderedDict, deque
from collections.abc import Callable

#: More people than this are not remembered; the longest unseen are forgotten first.
_MOST_KEYS = 10_000


class RateLimit:
    """At most `most` times in `seconds`, a key."""

    def __init__(self, most: int, seconds: float, clock: Callable[[], float] = time.monotonic) -> None:
        self.most, self.seconds, self.clock = most, seconds, clock
        self._times: OrderedDict[str, deque[float]] = OrderedDict()

    def wait(self, key: str) -> int:
        """Returns for how many seconds a key has to wait; 0 where it may go on."""
        times = self._fresh(key)
        if len(times) < self.most:
            return 0
        return max(1, round(times[0] + self.seconds - self.clock()))

    def count(self, key: str) -> None:
        """Counts one time."""
        times = self._fresh(key)
        times.append(self.clock())
        self._times[key] = times
        self._times.move_to_end(key)
        while len(self._times) > _MOST_KEYS:
            self._times.popitem(last=False)

    def forget(self, key: str) -> None:
        """Counts from nothing again."""
        self._times.pop(key, None)

    def _fresh(self, key: str) -> deque[float]:
        times = self._times.get(key, deque())
        while times and times[0] <= self.clock() - self.seconds:
            times.popleft()
        return times
