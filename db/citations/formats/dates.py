"""Publication dates as citations show them: what PubMed's words say, and which date PubMed cites by."""

import re
from dataclasses import dataclass
from functools import lru_cache

from db.citations.records import CitationRecord
from db.model import Article
from db.terms import MONTH_NUMBERS


@dataclass(frozen=True, slots=True)
class CitationDate:
    """A publication date: year, month and day as far as known, PubMed's words where they say more, and their meaning.

    `words` is a season or a span without its first year ("Spring", "Nov-Dec", "15-31"), `season` 1 (spring) to 4
    (winter), `end` the last (year, month, day) of a span.
    """

    year: int | None = None
    month: int | None = None
    day: int | None = None
    words: str | None = None
    season: int | None = None
    end: tuple[int, ...] | None = None

    @property
    def shown_words(self) -> str | None:
        """The words as they can stand alone: a span of years with its first one ("1977-1978 Fall-Winter")."""
        return f"{self.year}{self.words}" if self.words and self.words.startswith("-") else self.words


_SEASONS = {"spring": 1, "summer": 2, "autumn": 3, "fall": 3, "winter": 4}
_PLAIN_DATE = re.compile(r"(?:[A-Za-z]{3,9}\.?|\d{1,2})?(?:\s+\d{1,2})?")
_SPAN = re.compile(
    r"(?:(?P<month>[A-Za-z]{3})[a-z.]*)?\s*(?P<day>\d{1,2})?\s*[-–/]\s*"
    r"(?:(?P<year>\d{4})\s*)?(?:(?P<end_month>[A-Za-z]{3})[a-z.]*)?\s*(?P<end_day>\d{1,2})?"
)
#: A month before its year ("Dec 2003"), with a day before or between ("15 Mar 2004", "Mar 15, 2004").
_MONTH_FIRST = re.compile(r"\b(?:(\d{1,2})\s+)?([A-Za-z]{3})[a-z]*\.?\s+(?:(\d{1,2}),?\s+)?(\d{4})\b")


def citation_date(record: CitationRecord) -> CitationDate:
    """Returns the date of publication from the ISO form and PubMed's own words."""
    return parse_date(record.article.publication_date, record.article.publication_date_verbatim)


def is_online_first(article: Article) -> bool:
    """Says whether PubMed cites an article by its online date: its publication model begins with Electronic."""
    return (article.publication_model or "").startswith("Electronic")


@lru_cache(maxsize=4096)
def parse_date(iso: str | None, verbatim: str | None) -> CitationDate:
    """Returns what an ISO date and PubMed's words ("2004 Nov-Dec", "Spring 2004", "Dec 2003-Jan 2004") say together."""
    numbers = [int(part) for part in iso.split("-")] if iso else []
    year, month, day = (numbers + [None] * 3)[:3]
    if not year:
        return CitationDate(year, month, day)
    words = _words(verbatim or "", year)
    season = next((number for name, number in _SEASONS.items() if name in words.lower()), None)
    if season is None and _PLAIN_DATE.fullmatch(words):
        return CitationDate(year, month, day)
    return CitationDate(year, month, day, words or None, season, _end(year, month, words))


def _words(verbatim: str, year: int) -> str:
    """Returns what a date's words say besides its year, years before months throughout, without empty brackets."""
    ordered = _MONTH_FIRST.sub(_year_first, verbatim)
    rest = re.sub(r"[()\[\]]", " ", ordered.replace(str(year), "", 1))
    return " ".join(rest.split()).strip(" ,;.")


def _year_first(date: re.Match[str]) -> str:
    day = date[1] or date[3]
    if date[2].lower() not in MONTH_NUMBERS:
        return date.group()
    return f"{date[4]} {date[2]}{f' {int(day)}' if day else ''}"


def _end(year: int, month: int | None, words: str) -> tuple[int, ...] | None:
    span = _SPAN.fullmatch(words)
    if span is None:
        return _last_year(year, words)
    last = int(span["year"]) if span["year"] else year
    number = MONTH_NUMBERS.get((span["end_month"] or "").lower())
    if number is None and month and span["end_day"]:
        number = month
    if number is None:
        return _last_year(year, words)
    return (last, number, int(span["end_day"])) if span["end_day"] else (last, number)


def _last_year(year: int, words: str) -> tuple[int, ...] | None:
    """Returns the year in which a span of seasons ends ("1977-1978 Fall-Winter"); None where it is the same one."""
    years = [int(found) for found in re.findall(r"(?<!\d)(?:1[5-9]|20)\d\d(?!\d)", words, re.ASCII)]
    return (max(years),) if years and max(years) > year else None
