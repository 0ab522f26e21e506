"""When a saved search is told: daily, weekly on a day, monthly on a day; days are those of this machine's clock."""

import calendar
import re
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Literal

from db.errors import TrackerError
from db.select.suggest import shown

WEEKDAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
_WRITTEN = re.compile(r"(daily)|(weekly)(?:\s+(?:on\s+)?([a-z]+))?|(monthly)(?:\s+(?:on\s+)?(\d{1,2}))?", re.ASCII)


class ScheduleError(TrackerError):
    """A time that cannot be read."""


@dataclass(frozen=True, slots=True)
class Schedule:
    """How often, and on which day: of the week (0 is Monday) or of the month (1 to 31; a short month's last day)."""

    often: Literal["daily", "weekly", "monthly"]
    day: int = 0

    @property
    def words(self) -> str:
        """The schedule as it is written in a file."""
        if self.often == "daily":
            return "daily"
        return f"{self.often} {WEEKDAYS[self.day] if self.often == 'weekly' else self.day}"

    def latest(self, today: date) -> date:
        """Returns the last day up to today on which it was the day."""
        if self.often == "daily":
            return today
        if self.often == "weekly":
            return today - timedelta(days=(today.weekday() - self.day) % 7)
        this_month = _in_month(today.year, today.month, self.day)
        if this_month <= today:
            return this_month
        before = today.replace(day=1) - timedelta(days=1)
        return _in_month(before.year, before.month, self.day)

    def is_due(self, last: date | None, began: date, today: date) -> bool:
        """Says whether it is time: since the `last` digest, or since the search `began`, its day has come.

        A night that was missed is made up for by the next one. A day that lies ahead of today was a wrong clock's and
        puts nothing off.
        """
        since = last or (None if self.often == "daily" else began)
        return since is None or since > today or self.latest(today) > since


def read_schedule(text: str) -> Schedule:
    """Reads "daily", "weekly", "weekly friday", "monthly" or "monthly 15"; raises ScheduleError."""
    match = _WRITTEN.fullmatch(text.strip().lower())
    if match is None:
        raise ScheduleError(f"when cannot be {shown(text)}; write daily, weekly monday, or monthly 15")
    if match[1]:
        return Schedule("daily")
    if match[2]:
        day = match[3] or "monday"
        if day not in WEEKDAYS:
            raise ScheduleError(f"there is no day {shown(day)}; it is one of {', '.join(WEEKDAYS)}")
        return Schedule("weekly", WEEKDAYS.index(day))
    number = int(match[5] or 1)
    if not 1 <= number <= 31:
        raise ScheduleError(f"a month has no day {number}; write one from 1 to 31")
    return Schedule("monthly", number)


def _in_month(year: int, month: int, day: int) -> date:
    return date(year, month, min(day, calendar.monthrange(year, month)[1]))
