"""What all tests share: no network beyond loopback, and a fresh store."""

import socket
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from db.store import Store, open_store

_LOOPBACK = ("127.", "::1", "localhost", "0.0.0.0")  # noqa: S104
_connect = socket.socket.connect


def _loopback_only(self: socket.socket, address: Any) -> None:
    if self.family in (socket.AF_INET, socket.AF_INET6) and not str(address[0]).startswith(_LOOPBACK):
        raise AssertionError(f"a test tried to reach {address[0]}; tests use loopback only")
    _connect(self, address)


@pytest.fixture(autouse=True, scope="session")
def no_network() -> Iterator[None]:
    """Fails whatever reaches for another host than this machine."""
    socket.socket.connect = _loopback_only  # type: ignore[method-assign]
    yield
    socket.socket.connect = _connect  # type: ignore[method-assign]


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    """An empty store in a folder of its own."""
    with open_store(tmp_path / "ho.db") as opened:
        yield opened
