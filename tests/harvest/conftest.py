"""What the harvest's tests share: the limiter does not wait, for every server is on this machine."""

import pytest

from harvest.eutils.limiter import SHARED


@pytest.fixture(autouse=True)
def _limiter_off(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(SHARED, "wait", lambda rate: None)
    monkeypatch.setattr(SHARED, "hold", lambda seconds: None)
