"""Every form of date that PubMed writes, as ISO 8601 as far as known ("2016", "2016-03", "2016-03-04")."""

import re
from calendar import monthrange
from functools import lru_cache
from typing import NamedTuple

from lxml.etree import _Element

from db.terms import MONTH_NUMBERS
from harvest.pubmed.values.numbers import whole_number
from harvest.pubmed.values.text import fold, text_of

_YEAR = re.compile(r"(?<!\d)(1[5-9]\d\d|20\d\d)(?!\d)", re.ASCII)
_NAME = r"(jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec)[a-z]*\.?"
#: What may follow a year ("Nov-Dec", "Jan 15-31", "03 04") or stand before it ("Nov-Dec", "15 Mar").
_MONTH_AFTER = re.compile(rf"[\s,/]+(?:{_NAME}|(\d{{1,2}}))(?![a-z\d])(?:[\s,/]+(\d{{1,2}})(?!\d))?", re.IGNORECASE)
_MONTH_BEFORE = re.compile(rf"(?:(?<!\d)(\d{{1,2}})[\s.]+)?\b{_NAME}(?:[\s,.-]|$)", re.IGNORECASE)


class PublicationDate(NamedTuple):
    """A publication date: its year, ISO form of its start as far as known, and PubMed's own words."""

    year: int | None
    iso: str | None
    verbatim: str | None


def iso_date(year: str | None, month: str | None = None, day: str | None = None) -> str | None:
    """Returns the ISO form of a date's parts as far as they make sense; months are numbers or English names."""
    if not year or not _YEAR.fullmatch(year):
        return None
    number = _month_number(month)
    if not number:
        return year
    of_month = whole_number(day)
    if of_month is None or not 1 <= of_month <= monthrange(int(year), number)[1]:
        return f"{year}-{number:02d}"
    return f"{year}-{number:02d}-{of_month:02d}"


def _month_number(month: str | None) -> int | None:
    if not month:
        return None
    number = whole_number(month)
    if number is not None:
        return number if 1 <= number <= 12 else None
    return MONTH_NUMBERS.get(month[:3].lower())


def read_date(element: _Element) -> str | None:
    """Reads an element with Year, Month and Day (DateRevised, ArticleDate, PubMedPubDate ...)."""
    parts = {part.tag: part.text for part in element}
    return _stripped_date(parts.get("Year"), parts.get("Month"), parts.get("Day"))


@lru_cache(maxsize=1 << 14)
def _stripped_date(year: str | None, month: str | None, day: str | None) -> str | None:
    return iso_date(year and year.strip(), month and month.strip(), day and day.strip())


def read_publication_date(element: _Element) -> PublicationDate:
    """Reads a PubDate: Year with Month and Day or Season, or a MedlineDate.

    The efetch service writes Year and Season "Nov-Dec" where NLM's files have MedlineDate "1978 Nov-Dec": both give
    the same. A span of time counts from its start; a season of the year stands in the verbatim form only.
    """
    parts = {part.tag: text_of(part) for part in element}
    if words := parts.get("MedlineDate"):
        return parse_medline_date(words)
    return _date_of_parts(parts.get("Year"), parts.get("Month"), parts.get("Day"), parts.get("Season"))


@lru_cache(maxsize=1 << 14)
def _date_of_parts(year: str | None, month: str | None, day: str | None, season: str | None) -> PublicationDate:
    verbatim = " ".join(filter(None, (year, month, day, season)))
    if season or not year or not _YEAR.fullmatch(year):
        return parse_medline_date(verbatim)
    return PublicationDate(int(year), iso_date(year, month, day), verbatim)


def parse_medline_date(verbatim: str) -> PublicationDate:
    """Reads a date in words ("1978 Nov-Dec", "1998-1999", "Spring 2004", "2000 Jan 15-31", "1998 Dec-1999 Jan")."""
    verbatim = fold(verbatim)
    found = _YEAR.search(verbatim)
    if not found:
        return PublicationDate(None, None, verbatim or None)
    year = found.group()
    month = day = None
    if after := _MONTH_AFTER.match(verbatim, found.end()):
        month, day = after.group(1) or after.group(2), after.group(3)
    elif before := _MONTH_BEFORE.search(verbatim, 0, found.start()):
        day, month = before.group(1), before.group(2)
    return PublicationDate(int(year), iso_date(year, month, day), verbatim)
