"""Reads values out of answers that may miss any key or hold anything: what is not as expected is None, no error."""

import re
from collections.abc import Iterator
from typing import Any

_DATE = re.compile(r"(\d{4})(?:-(\d{2})(?:-(\d{2}))?)?", re.ASCII)
_LARGEST_PMID = 999_999_999


def at(value: Any, *path: str) -> Any:
    """Returns what stands at a path of keys, None where any of them is missing."""
    for key in path:
        if not isinstance(value, dict):
            return None
        value = value.get(key)
    return value


def items(value: Any, *path: str) -> list[Any]:
    """Returns the list at a path; a single value where a list is due is a list of one, nothing is an empty one."""
    found = at(value, *path)
    if found is None:
        return []
    return found if isinstance(found, list) else [found]


def text(value: Any) -> str | None:
    """Returns a text without blanks around it and with single ones inside, None for what is empty or no text."""
    if not isinstance(value, str):
        return None
    return " ".join(value.split()) or None


def texts(values: Any) -> tuple[str, ...]:
    """Returns the texts of a list, each once, in order."""
    found = [text(value) for value in (values if isinstance(values, list) else [values])]
    return tuple(dict.fromkeys(value for value in found if value))


def number(value: Any) -> float | None:
    """Returns a number, written as one or as text."""
    if isinstance(value, bool):
        return None
    try:
        read = float(value)
    except (TypeError, ValueError, OverflowError):
        return None
    return read if read == read and abs(read) < 1e15 else None


def whole(value: Any) -> int | None:
    """Returns a whole number, written as one or as text."""
    read = number(value)
    return int(read) if read is not None and read == int(read) else None


def pmid(value: Any) -> int | None:
    """Returns a PMID; None for 0, for text that is no number, for numbers that cannot be one."""
    read = whole(value.strip() if isinstance(value, str) else value)
    return read if read is not None and 0 < read <= _LARGEST_PMID else None


def pmids(values: Any) -> tuple[int, ...]:
    """Returns the PMIDs of a list, or of a text parted by blanks or commas; each once, in order."""
    if isinstance(values, str):
        values = re.split(r"[\s,;]+", values)
    found: Iterator[int | None] = (pmid(value) for value in (values if isinstance(values, list) else []))
    return tuple(dict.fromkeys(value for value in found if value))


def flag(value: Any) -> bool | None:
    """Returns a yes or no in any of the forms that services use: true, "Yes", "Y", 1."""
    if isinstance(value, bool):
        return value
    if isinstance(value, str):
        return {"yes": True, "y": True, "true": True, "no": False, "n": False, "false": False}.get(
            value.strip().lower()
        )
    return bool(value) if value in (0, 1) else None


def day(value: Any) -> str | None:
    """Returns a date in ISO 8601 as far as it is known (2024, 2024-03, 2024-03-15); a time after it is cut off."""
    match = _DATE.match(value) if isinstance(value, str) else None
    return match[0] if match else None
