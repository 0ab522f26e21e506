"""What every writer needs: pages in full, dates, stable keys, labelled abstracts, marks, the note with our tags."""

import re
import unicodedata
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from functools import lru_cache
from typing import Literal

from db.citations.records import COMMON_PARTS, CitationRecord
from db.model import Article, Author, Section
from db.notices import MARKED, NOTICES
from db.terms import MONTH_NUMBERS, is_made_up, language

PUBMED_URL = "https://pubmed.ncbi.nlm.nih.gov/{pmid}/"

Markup = Literal["text", "html", "markdown"]
#: Newest first, or by first author as an author-date bibliography wants it.
Order = Literal["newest", "author"]


@dataclass(frozen=True, slots=True)
class Options:
    """What an export may vary: our tags (as keywords and in the note), and the markup of a formatted bibliography."""

    tags: bool = True
    markup: Markup = "text"


@dataclass(frozen=True, slots=True)
class Format:
    """One citation format.

    `write` yields the file's text piece by piece and reads records only as it writes them. `parts` are the
    parts of an article that it needs, `order` in which order its records stand.
    """

    name: str
    title: str
    extension: str
    media_type: str
    write: Callable[[Iterable[CitationRecord], Options], Iterator[str]]
    parts: frozenset[str] = COMMON_PARTS
    order: Order = "newest"
    formatted: bool = False

    def extension_for(self, options: Options) -> str:
        """Returns the ending of the file's name, without the dot."""
        return _MARKUP[options.markup][0] if self.formatted else self.extension

    def media_type_for(self, options: Options) -> str:
        """Returns the Content-Type of the file."""
        return _MARKUP[options.markup][1] if self.formatted else self.media_type


_MARKUP = {
    "text": ("txt", "text/plain; charset=utf-8"),
    "html": ("html", "text/html; charset=utf-8"),
    "markdown": ("md", "text/markdown; charset=utf-8"),
}


def page_range(pages: str | None) -> tuple[str | None, str | None]:
    """Returns first and last page with the last in full: "487-93" gives ("487", "493"), "e12" gives ("e12", None)."""
    if not pages:
        return None, None
    first, _, last = re.sub("[‐‑‒–—−]", "-", pages).split(",")[0].split(";")[0].strip().partition("-")
    first, last = first.strip(), last.strip()
    if not last or last == first:
        return first or None, None
    return first, _in_full(first, last)


def full_pages(pages: str | None) -> str | None:
    """Returns the page range in full with a hyphen ("487-493"), or the article number."""
    first, last = page_range(pages)
    return f"{first}-{last}" if last else first


def _in_full(first: str, last: str) -> str:
    """Returns the last page with what PubMed leaves out of it: "S12", "9" gives "S19"; "117.e1", "8" gives "117.e8"."""
    head = re.fullmatch(r"(.*?)(\d+)(\D?)", first)
    tail = re.fullmatch(r"(\d+)(\D?)", last)
    if not head or not tail:
        return last
    digits = tail[1]
    if len(digits) < len(head[2]):
        digits = head[2][: len(head[2]) - len(digits)] + digits
    if int(digits) < int(head[2]):
        return last
    return f"{head[1]}{digits}{tail[2]}"


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


_SEASONS = {"spring": 1, "summer": 2, "autumn": 3, "fall": 3, "winter": 4}
_PLAIN_DATE = re.compile(r"(?:[A-Za-z]{3,9}\.?|\d{1,2})?(?:\s+\d{1,2})?")
_SPAN = re.compile(
    r"(?:(?P<month>[A-Za-z]{3})[a-z.]*)?\s*(?P<day>\d{1,2})?\s*[-–/]\s*"
    r"(?:(?P<year>\d{4})\s*)?(?:(?P<end_month>[A-Za-z]{3})[a-z.]*)?\s*(?P<end_day>\d{1,2})?"
)


def citation_date(record: CitationRecord) -> CitationDate:
    """Returns the date of publication from the ISO form and PubMed's own words."""
    return parse_date(record.article.publication_date, record.article.publication_date_verbatim)


@lru_cache(maxsize=4096)
def parse_date(iso: str | None, verbatim: str | None) -> CitationDate:
    """Returns what an ISO date and PubMed's words ("2004 Nov-Dec", "Spring 2004") say together."""
    numbers = [int(part) for part in iso.split("-")] if iso else []
    year, month, day = (numbers + [None] * 3)[:3]
    words = " ".join((verbatim or "").replace(str(year), "", 1).split()) if year else ""
    season = next((number for name, number in _SEASONS.items() if name in words.lower()), None)
    if season is None and _PLAIN_DATE.fullmatch(words):
        return CitationDate(year, month, day)
    return CitationDate(year, month, day, words or None, season, _end(year, month, words) if not season else None)


def _end(year: int | None, month: int | None, words: str) -> tuple[int, ...] | None:
    span = _SPAN.fullmatch(words)
    if span is None or year is None:
        return None
    last = int(span["year"]) if span["year"] else year
    number = MONTH_NUMBERS.get((span["end_month"] or "").lower())
    if number is None and month and span["end_day"]:
        number = month
    if number is None:
        return (last,) if last != year else None
    return (last, number, int(span["end_day"])) if span["end_day"] else (last, number)


def citation_key(record: CitationRecord) -> str:
    """Returns the stable key of a record: first author's name in ASCII, year, PMID ("Brandstatter2016-90000001")."""
    name = record.article.authors[0] if record.article.authors else None
    words = (name.last_name or name.collective_name or "") if name else ""
    if not words.isascii():
        words = unicodedata.normalize("NFKD", words.translate(_LETTERS)).encode("ascii", "ignore").decode()
    return f"{re.sub('[^A-Za-z]', '', words)[:24] or 'Anonymous'}{record.article.year or ''}-{record.pmid}"


#: Letters that Unicode does not take apart.
_LETTERS = str.maketrans(
    {"ß": "ss", "æ": "ae", "Æ": "Ae", "œ": "oe", "Œ": "Oe", "ø": "o", "Ø": "O", "ł": "l", "Ł": "L", "đ": "d", "Đ": "D"}
    | {"ð": "d", "Ð": "D", "þ": "th", "Þ": "Th", "ı": "i"}
)


def section_texts(article: Article) -> Iterator[tuple[Section, str]]:
    """Yields each section of an abstract with its text."""
    for section in article.sections:
        yield section, (article.abstract or "")[section.start : section.end]


def labelled_abstract(record: CitationRecord, separator: str = " ") -> str | None:
    """Returns the abstract with its section labels ("METHODS: ..."), sections parted by `separator`."""
    if not record.article.sections:
        return record.article.abstract
    parts = ((section.label, text) for section, text in section_texts(record.article))
    return separator.join(f"{label}: {text}" if label else text for label, text in parts)


def given_name(name: Author) -> str | None:
    """Returns the fore name, else the initials apart ("SK" gives "S K"), so that no reader takes them for a name."""
    if name.fore_name or not name.initials:
        return name.fore_name
    return " ".join(name.initials) if name.initials.isalpha() and name.initials.isupper() else name.initials


def name_last_first(name: Author) -> str:
    """Returns "Last, Fore, Suffix" as RIS and EndNote part it; a group by its name."""
    if name.collective_name:
        return name.collective_name
    return ", ".join(part for part in (name.last_name, given_name(name), name.suffix) if part)


def tag_note(record: CitationRecord) -> str | None:
    """Returns the namespaced note that carries our tags ("ho-tracker: intervention=indomethacin; outcome=pain")."""
    pairs = [f"{kind}={name}" for kind, name in record.tags]
    if record.study_design:
        pairs.append(f"study design={record.study_design}")
    if is_made_up(record.pmid):
        pairs.append("record=made up, no real article")
    return f"ho-tracker: {'; '.join(pair.replace(';', ',') for pair in pairs)}" if pairs else None


def mark_note(record: CitationRecord) -> str | None:
    """Returns why an article is marked ("RETRACTED. Retraction in: J Bone 2020;1:2. PMID: 7"), None where it is not."""
    if record.mark is None:
        return None
    reasons = [
        f"{NOTICES[notice.kind].reason}: {notice_text(notice.source, notice.ref_pmid)}"
        for notice in record.article.notices
        if notice.kind in MARKED
    ]
    return " ".join([f"{record.mark}.", *reasons])


def notice_text(source: str | None, ref_pmid: int | None) -> str:
    """Returns a notice's citation as PubMed shows it, with the PMID at its end."""
    pmid = f"PMID: {ref_pmid}" if ref_pmid else ""
    if not source:
        return pmid
    return f"{source}{'' if source.endswith('.') else '.'} {pmid}".strip()


def keywords(record: CitationRecord, options: Options) -> list[str]:
    """Returns the authors' keywords, the MeSH headings and our tags, each once."""
    terms = [
        *(keyword.term for keyword in record.article.keywords),
        *(heading.term for heading in record.article.mesh_headings),
    ]
    if options.tags:
        terms += [name for _, name in record.tags]
    return list({term.casefold(): term for term in reversed(terms)}.values())[::-1]


def pmcid(record: CitationRecord) -> str | None:
    """Returns the PMCID without the version that PubMed gives at times ("PMC6896244.2")."""
    value: str | None = record.article.pmcid
    return value.partition(".")[0] if value else None


def is_online_first(article: Article) -> bool:
    """Says whether PubMed cites an article by its online date: its publication model begins with Electronic."""
    return (article.publication_model or "").startswith("Electronic")


def is_whole_book(record: CitationRecord) -> bool:
    """Says whether a book record is the book itself and not a chapter of it."""
    return record.is_book and record.book.title in (None, record.article.title)


def is_chapter(record: CitationRecord) -> bool:
    """Says whether the record is a chapter of a book."""
    return record.is_book and not is_whole_book(record)


def language_codes(record: CitationRecord) -> list[tuple[str, str, str]]:
    """Returns each language of the article as (PubMed's code, ISO 639-1 code, English name)."""
    codes = [code for code in record.article.languages if code]
    return [(code, language(code).short, language(code).name) for code in codes]


_BREAKS = re.compile(r"[\s\x00-\x1f\x7f-\x9f\u2028\u2029]+")


def one_line(text: str) -> str:
    """Returns the text with line ends and control characters as single blanks, for line-based formats."""
    if text.isprintable() and "  " not in text:
        return text.strip()
    return _BREAKS.sub(" ", text).strip()
