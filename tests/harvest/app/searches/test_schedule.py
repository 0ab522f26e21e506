"""When a search is told: its days, missed nights, wrong clocks."""

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from harvest.app.searches.schedule import ScheduleError, read_schedule

TODAY = date(2026, 3, 4)  # a Wednesday
days = st.dates(date(2020, 1, 1), date(2030, 12, 31))
schedules = st.sampled_from(["daily", "weekly", "weekly friday", "monthly", "monthly 15", "monthly 31"])


@pytest.mark.parametrize(
    ("written", "words", "latest"),
    [
        ("daily", "daily", TODAY),
        ("weekly", "weekly monday", date(2026, 3, 2)),
        ("Weekly on Wednesday", "weekly wednesday", TODAY),
        ("weekly thursday", "weekly thursday", date(2026, 2, 26)),
        ("monthly", "monthly 1", date(2026, 3, 1)),
        ("monthly 31", "monthly 31", date(2026, 2, 28)),
        ("monthly on 4", "monthly 4", TODAY),
    ],
)
def test_the_last_day_that_it_was(written: str, words: str, latest: date) -> None:
    schedule = read_schedule(written)
    assert (schedule.words, schedule.latest(TODAY)) == (words, latest)
    assert read_schedule(schedule.words) == schedule


@pytest.mark.parametrize(
    "text", ["", "hourly", "weekly someday", "monthly 0", "monthly 32", "daily monday", "monthly ³"]
)
def test_what_cannot_be_read(text: str) -> None:
    with pytest.raises(ScheduleError):
        read_schedule(text)


@given(schedules, days, st.lists(st.integers(1, 40), max_size=30))
def test_each_of_its_days_is_told_once_and_a_missed_one_by_the_next_night(
    written: str, began: date, gaps: list[int]
) -> None:
    schedule, last, night = read_schedule(written), None, began
    for gap in gaps:
        night += timedelta(days=gap)
        passed = [day for day in _days(began, night) if schedule.latest(day) == day and day > (last or began)]
        assert schedule.is_due(last, began, night) == bool(passed)
        last = night if passed else last


@given(schedules, days, st.integers(1, 4000))
def test_a_clock_that_was_ahead_puts_nothing_off(written: str, today: date, ahead: int) -> None:
    assert read_schedule(written).is_due(today + timedelta(days=ahead), today, today)


def test_a_daily_search_is_told_in_its_first_night_others_wait_for_their_day() -> None:
    assert read_schedule("daily").is_due(None, TODAY, TODAY)
    assert not read_schedule("weekly wednesday").is_due(None, TODAY, TODAY)
    assert read_schedule("weekly thursday").is_due(None, TODAY, TODAY + timedelta(days=1))


def _days(first: date, last: date) -> list[date]:
    return [first + timedelta(days=number) for number in range((last - first).days + 1)]


@pytest.mark.parametrize(
    ("written", "today", "latest"),
    [
        ("monthly 31", date(2026, 3, 30), date(2026, 2, 28)),
        ("monthly 31", date(2026, 3, 31), date(2026, 3, 31)),
        ("monthly 31", date(2026, 4, 29), date(2026, 3, 31)),
        ("monthly 31", date(2026, 4, 30), date(2026, 4, 30)),
        ("monthly 30", date(2024, 2, 29), date(2024, 2, 29)),
        ("monthly 29", date(2026, 1, 28), date(2025, 12, 29)),
    ],
)
def test_a_day_that_a_month_does_not_have_is_its_last(written: str, today: date, latest: date) -> None:
    assert read_schedule(written).latest(today) == latest
