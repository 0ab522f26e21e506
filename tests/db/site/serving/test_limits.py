"""So many times in so many seconds, a key: counted to the very second; of very many people the longest unseen go."""

import pytest

from db.site.serving import limits
from db.site.serving.desk import ReviewDesk
from db.site.serving.limits import KnownPlaces, RateLimit, place_of


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


def test_of_very_many_people_the_longest_unseen_are_forgotten(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(limits, "_MOST_KEYS", 3)
    places, counted = KnownPlaces(), RateLimit(1, 60, lambda: 0.0)
    for key in ("a", "b", "c", "a", "d"):
        places.add(key)
        counted.count(key)
    assert [places.has(key) for key in "abcd"] == [True, False, True, True]
    assert [counted.wait(key) for key in "abcd"] == [60, 0, 60, 60]


@pytest.mark.parametrize(
    ("address", "place"),
    [
        ("192.0.2.7", "192.0.2.7"), ("::ffff:192.0.2.7", "192.0.2.7"), ("2001:db8:7:1::1", "2001:db8:7::/48"),
        ("2001:db8:7:ffff::9", "2001:db8:7::/48"), ("2001:db8:8::1", "2001:db8:8::/48"), ("fe80::1%eth0", "fe80::/48"),
        ("", ""), ("proxy", "proxy"),
    ],
)  # fmt: skip
def test_a_site_is_one_place(address: str, place: str) -> None:
    assert place_of(address) == place


def test_a_desk_is_as_strict_as_its_page_of_documents_says(tmp_path: object) -> None:
    desk = ReviewDesk(tmp_path, "secret", tmp_path)  # type: ignore[arg-type]
    assert {name: (limit.most, limit.seconds) for name, limit in desk.tries.items()} == {
        "pair": (5, 900), "address": (20, 900), "name": (50, 900), "all": (300, 900),
    }  # fmt: skip
    assert (desk.writes.most, desk.writes.seconds, desk.hours) == (120, 60, 12)
    assert "secret" not in repr(desk)
