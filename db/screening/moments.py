"""When a decision was made, as files write it: brought into the one form by which the newest decision is found."""

import re
from datetime import UTC, datetime, timedelta

#: What the store keeps: a UTC moment, or a day.
_OURS = re.compile(r"\d{4}-\d\d-\d\d(?:T\d\d:\d\d:\d\d(?:\.\d+)?Z)?", re.ASCII)
_DAY_FIRST = re.compile(
    r"(\d{1,2})([./-])(\d{1,2})\2(\d{4})(?:,? (\d{1,2}):(\d\d)(?::(\d\d))?( ?[AaPp][Mm])?)?", re.ASCII
)
_YEAR_FIRST = re.compile(r"(\d{4})/(\d{1,2})/(\d{1,2})(?: (\d{1,2}):(\d\d)(?::(\d\d))?)?", re.ASCII)
_NUMBER = re.compile(r"\d{4,10}(?:[.,]\d+)?", re.ASCII)
#: Day 0 of Excel's numbers, the days that may be meant (1982 to 2119), and the least number that counts seconds.
_EXCEL, _DAYS, _SECONDS = datetime(1899, 12, 30, tzinfo=UTC), range(30_000, 80_000), 100_000_000


def moment(text: str) -> str | None:
    """Returns a moment in UTC, ISO 8601, from any way in which a table writes it; None where it cannot be told.

    ISO with or without T and offset, 2025/12/31, 31.12.2025, 31/12/2025 or 12/31/2025 where one of the two is no month
    (else nobody knows), numbers of days as Excel keeps them, seconds since 1970. A time without offset counts as UTC.
    """
    text = " ".join(text.split())
    if _OURS.fullmatch(text):
        return text
    try:
        found = _read(text)
    except (ValueError, OverflowError):
        return None
    if found is None:
        return None
    found = found.replace(tzinfo=UTC) if found.tzinfo is None else found.astimezone(UTC)
    return found.strftime("%Y-%m-%dT%H:%M:%SZ")


def _read(text: str) -> datetime | None:
    if found := _DAY_FIRST.fullmatch(text):
        first, sign, second, year = int(found[1]), found[2], int(found[3]), int(found[4])
        if sign != "." and first <= 12 and second <= 12 and first != second:
            return None
        day, month = (first, second) if sign == "." or first > 12 else (second, first)
        return datetime(year, month, day, *_time(found[5], found[6], found[7], found[8]))
    if found := _YEAR_FIRST.fullmatch(text):
        return datetime(int(found[1]), int(found[2]), int(found[3]), *_time(found[4], found[5], found[6], None))
    if _NUMBER.fullmatch(text):
        number = float(text.replace(",", "."))
        if number >= _SECONDS:
            return datetime.fromtimestamp(number, UTC)
        return _EXCEL + timedelta(days=number) if int(number) in _DAYS else None
    return datetime.fromisoformat(text)


def _time(hour: str | None, minute: str | None, second: str | None, half: str | None) -> tuple[int, int, int]:
    hours = int(hour or 0)
    if half:
        hours = hours % 12 + 12 * (half.strip().lower() == "pm")
    return hours, int(minute or 0), int(second or 0)
