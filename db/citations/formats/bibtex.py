"""BibTeX that BibLaTeX reads as well: UTF-8, TeX's special characters escaped, names parted, capitals protected."""

import re
from collections.abc import Iterable, Iterator, Mapping

from db.citations.formats.common import (
    Format,
    Kind,
    Options,
    citation_key,
    given_name,
    is_chapter,
    is_preprint,
    issn,
    journal_name,
    keywords,
    kind_of,
    labelled_abstract,
    language_codes,
    mark_note,
    one_line,
    pmcid,
    tag_note,
)
from db.citations.formats.dates import citation_date
from db.citations.formats.pages import pages_of
from db.citations.records import CitationRecord
from db.model import Author
from db.preprints import article_address
from db.terms import MONTHS

#: The commands instead of `\{` and `\}`, which BibTeX would count as braces.
_ESCAPES = str.maketrans(
    {
        "\\": r"\textbackslash{}",
        "{": r"\textbraceleft{}",
        "}": r"\textbraceright{}",
        "~": r"\textasciitilde{}",
        "^": r"\textasciicircum{}",
        "&": r"\&",
        "%": r"\%",
        "$": r"\$",
        "#": r"\#",
        "_": r"\_",
    }
)
#: Pairs that TeX would join into one character (dashes, quotes, guillemets).
_LIGATURES = re.compile(r"([-'`,<>])(?=\1)|([?!])(?=`)")
_TYPES: Mapping[Kind, str] = {"chapter": "incollection", "book": "book", "preprint": "misc", "article": "article"}
_NEEDS_PROTECTION = re.compile(r"[^\W\d_]")


def write(records: Iterable[CitationRecord], options: Options) -> Iterator[str]:
    """Yields one entry an article, fields in a fixed order, parted by empty lines."""
    for record in records:
        lines = [f"  {name} = {value}," for name, value in _fields(record, options) if value]
        kind = _TYPES[kind_of(record)]
        yield "\n".join([f"@{kind}{{{citation_key(record)},", *lines, "}", "", ""])


def _fields(record: CitationRecord, options: Options) -> Iterator[tuple[str, str | None]]:
    yield "author", _names(record.article.authors)
    yield "editor", _names(record.book.editors)
    yield "title", _braced(protected(record.marked_title))
    yield "booktitle", _braced(protected(record.book.title or "")) if is_chapter(record) else None
    yield "journal", _text(journal_name(record)) if not record.is_book else None
    yield "howpublished", "{Preprint}" if is_preprint(record) else None
    yield "shortjournal", _text(record.article.iso_abbreviation)
    yield "year", f"{{{record.article.year}}}" if record.article.year else None
    yield from _issue(record)
    first, last = pages_of(record.article)
    yield "pages", _braced("--".join(escape(page) for page in (first, last) if page))
    yield "publisher", _text(record.book.publisher)
    yield "address", _text(record.book.place)
    yield "edition", _text(record.book.edition)
    yield "isbn", _text(record.book.isbn[0] if record.book.isbn else None)
    yield "issn", None if record.is_book else _text(issn(record))
    yield "doi", verbatim(record.article.doi)
    yield "pmid", f"{{{record.pmid}}}"
    yield "pmcid", verbatim(pmcid(record))
    yield "url", verbatim(article_address(record.pmid))
    yield "language", _text(" and ".join(name.lower() for _, _, name in language_codes(record)))
    yield "origtitle", _text(record.article.vernacular_title)
    yield "abstract", _text(labelled_abstract(record))
    yield "keywords", _braced(", ".join(_keyword(term) for term in keywords(record, options)))
    yield "note", _text(mark_note(record))
    # BibLaTeX takes `annote` for its own `annotation`; Zotero keeps only this one as a note.
    yield "annote", _text(tag_note(record)) if options.tags else None


def _issue(record: CitationRecord) -> Iterator[tuple[str, str | None]]:
    """Yields month, volume, number; a season or span goes into BibLaTeX's `issue`, as its `month` takes no words."""
    date = citation_date(record)
    yield "month", MONTHS[date.month - 1].lower() if date.month else None
    yield "day", f"{{{date.day}}}" if date.day else None
    yield "issue", _text(date.shown_words)
    yield "volume", _text(record.article.volume)
    yield "number", _text(record.article.issue)


def escape(text: str) -> str:
    """Returns text on one line with TeX's special characters as commands; all others stay Unicode."""
    return _LIGATURES.sub(r"\1\2{}", one_line(text).translate(_ESCAPES))


def verbatim(text: str | None) -> str | None:
    """Returns a DOI or URL in braces, unescaped as BibLaTeX wants it; what would break the file percent-encoded."""
    if not text:
        return None
    encoded = re.sub(r"[{}\\]", lambda found: f"%{ord(found.group()):02X}", one_line(text))
    return f"{{{encoded}}}"


def protected(text: str) -> str:
    """Returns escaped text with braces around words that hold capitals, which styles would put into lower case."""
    words = one_line(text).split(" ")
    return " ".join(_protected_word(word, number == 0) for number, word in enumerate(words))


def _protected_word(word: str, is_first: bool) -> str:
    rest = word
    if is_first:
        first = _NEEDS_PROTECTION.search(word)
        rest = word[first.end() :] if first else word
    escaped = escape(word)
    return f"{{{escaped}}}" if rest != rest.lower() else escaped


def _text(text: str | None) -> str | None:
    return _braced(escape(text)) if text else None


def _braced(escaped: str) -> str | None:
    return f"{{{escaped}}}" if escaped else None


def _keyword(term: str) -> str:
    """Returns one keyword; in braces where it holds what parts keywords ("Femur Head, Necrosis")."""
    return f"{{{escape(term)}}}" if re.search("[,;]", term) else escape(term)


def _names(names: Iterable[Author]) -> str | None:
    return _braced(" and ".join(filter(None, map(bibtex_name, names))))


def bibtex_name(name: Author) -> str:
    """Returns "von Last, Jr, First"; a group in braces, so that BibTeX takes it for one word."""
    if name.collective_name:
        return f"{{{escape(name.collective_name)}}}"
    fore = given_name(name)
    if not name.last_name:
        return f"{{{escape(fore)}}}" if fore else ""
    parts = [_last_name(name.last_name), _part(name.suffix), _part(fore)]
    return ", ".join(part for part in parts if part)


def _last_name(last_name: str) -> str:
    """Returns a last name so that its particle in front is found, and nothing else taken for one.

    BibTeX takes every word up to the last one in lower case for the particle: "Garcia de la Torre" would lose its
    first half. So what follows the leading particle is put into braces where it holds another word in lower case.
    """
    words = one_line(last_name).split(" ")
    leading = 0
    while leading < len(words) - 1 and words[leading][:1].islower():
        leading += 1
    rest = words[leading:]
    name = " ".join(map(escape, rest))
    if _must_be_whole(name) or (len(rest) > 1 and any(word[:1].islower() for word in rest)):
        name = f"{{{name}}}"
    particle = " ".join(map(escape, words[:leading]))
    if _must_be_whole(particle):
        return f"{{{escape(last_name)}}}"
    return f"{particle} {name}".strip()


def _part(text: str | None) -> str | None:
    if not text:
        return None
    escaped = escape(text)
    return f"{{{escaped}}}" if _must_be_whole(escaped) else escaped


def _must_be_whole(escaped: str) -> bool:
    """Says whether a part of a name holds what a reader of names would stumble over: a comma, a command, an "and"."""
    return "," in escaped or "\\" in escaped or any(word.lower() == "and" for word in escaped.split(" "))


FORMAT = Format("bibtex", "BibTeX", "bib", "application/x-bibtex; charset=utf-8", write)
