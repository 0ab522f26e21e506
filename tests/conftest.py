"""What all tests share: no network beyond loopback, none of the user's settings, the same examples, a fresh store."""

import os
import socket
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, settings

from db.store.store import Store, open_store
from tests.support.stores import empty_file

#: The same examples in every run and no limits of time, so that a slow machine or a rare example never stops a change
#: that has nothing to do with it. `pytest --hypothesis-profile=search` looks for rare ones.
settings.register_profile(
    "same", derandomize=True, deadline=None, suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large]
)
settings.register_profile("search", settings.get_profile("same"), derandomize=False, max_examples=2000)
settings.load_profile("same")

# What the user has set for ho-tracker, or for reaching the network, is not for tests, nor for the processes they start.
for _name in [name for name in os.environ if name.startswith(("HO_TRACKER_", "NCBI_"))]:
    del os.environ[_name]
os.environ |= dict.fromkeys(("NO_PROXY", "no_proxy"), "127.0.0.1,localhost,::1")

_LOOPBACK = ("127.", "::1", "localhost", "0.0.0.0")  # noqa: S104
_connect = socket.socket.connect


def _loopback_only(self: socket.socket, address: Any) -> None:
    if self.family in (socket.AF_INET, socket.AF_INET6) and not str(address[0]).startswith(_LOOPBACK):
        raise AssertionError(f"a test tried to reach {address[0]}; tests use loopback only")
    _connect(self, address)


@pytest.fixture(autouse=True, scope="session")
def no_network() -> Iterator[None]:
    """Fails whatever reaches for another host than this machine."""
    socket.socket.connect = _loopback_only  # type: ignore[assignment, method-assign]
    yield
    socket.socket.connect = _connect  # type: ignore[method-assign]


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    """An empty store in a folder of its own."""
    with open_store(empty_file(tmp_path / "ho.db")) as opened:
        yield opened
