"""So many times in so many seconds, a key: counted to the very second."""

import pytest

from db.site.serving.limits import RateLimit


@pytest.mark.parametrize(("later", "seconds"), [(0, 60), (0.4, 60), (30, 30), (59, 1), (59.9, 1), (60, 0), (61, 0)])
def test_whoever_has_used_a_limit_up_waits_until_the_window_has_passed(later: float, seconds: int) -> None:
    now = [100.0]
    limit = RateLimit(2, 60, lambda: now[0])
    assert limit.wait("a") == 0
    limit.count("a")
    assert limit.wait("a") == 0
    limit.count("a")
    now[0] += later
    assert limit.wait("a") == seconds
    assert limit.wait("b") == 0


def test_the_window_slides_and_may_be_forgotten() -> None:
    now = [0.0]
    limit = RateLimit(2, 60, lambda: now[0])
    for moment in (0, 30):
        now[0] = moment
        limit.count("a")
    assert limit.wait("a") == 30
    now[0] = 60
    assert limit.wait("a") == 0
    limit.count("a")
    assert limit.wait("a") == 30
    limit.forget("a")
    assert limit.wait("a") == 0
