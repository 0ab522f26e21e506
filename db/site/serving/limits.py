"""How often somebody may do something: counted in memory over a sliding window; and who tries, by where from."""

import time
from collections import OrderedDict, deque
from collections.abc import Callable
from ipaddress import IPv6Address, ip_address, ip_network

#: More people than this are not remembered; the longest unseen are forgotten first.
_MOST_KEYS = 10_000
#: An IPv6 site gets a network of this size to itself (RFC 6177), so that one visitor has any number of addresses.
_SITE_BITS = 48


def place_of(address: str) -> str:
    """Returns where an address belongs to: an IPv4 address itself, an IPv6 address its site (/48), else the words."""
    try:
        found = ip_address(address.partition("%")[0])
    except ValueError:
        return address
    if not isinstance(found, IPv6Address):
        return str(found)
    return str(found.ipv4_mapped or ip_network((found, _SITE_BITS), strict=False))


class KnownPlaces:
    """Who signed in from where, as long as the server runs; the longest unseen are forgotten first."""

    def __init__(self) -> None:
        self._keys: OrderedDict[str, None] = OrderedDict()

    def has(self, key: str) -> bool:
        """Says whether somebody signed in from there."""
        return key in self._keys

    def add(self, key: str) -> None:
        """Remembers that somebody did."""
        self._keys[key] = None
        self._keys.move_to_end(key)
        while len(self._keys) > _MOST_KEYS:
            self._keys.popitem(last=False)


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
