"""What every writer needs: pages in full, dates, stable keys, labelled abstracts, marks, the note with our tags."""

import re
import unicodedata
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from typing import Literal

from db.citations.records import COMMON_PARTS, CitationRecord
from db.model import Article, Author
from db.notices import MARKED, NOTICES, RETRACTING, title_says
from db.preprints import PREPRINT_TYPE
from db.sections import Section
from db.terms import is_made_up, language

Markup = Literal["text", "html", "markdown"]
Kind = Literal["chapter", "book", "preprint", "article"]
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
    """Returns the namespaced note that carries our tags ("ho-tracker: intervention=aspirin; outcome=pain")."""
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
    said = title_says(record.article.title)
    if record.retracted and said and not any(notice.kind in RETRACTING for notice in record.article.notices):
        reasons.insert(0, f"The title says {said}.")
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


def is_preprint(record: CitationRecord) -> bool:
    """Says whether PubMed calls an article a preprint: no journal has reviewed it."""
    return any(term.ui == PREPRINT_TYPE or term.term.lower() == "preprint" for term in record.article.publication_types)


def journal_name(record: CitationRecord) -> str | None:
    """Returns the journal, by its abbreviation where the record has no more."""
    return record.article.journal or record.article.iso_abbreviation


def issn(record: CitationRecord) -> str | None:
    """Returns the journal's ISSN, the linking one where the record has no other."""
    return record.article.issn or record.article.issn_linking


def is_whole_book(record: CitationRecord) -> bool:
    """Says whether a book record is the book itself and not a chapter of it."""
    return record.is_book and record.book.title in (None, record.article.title)


def is_chapter(record: CitationRecord) -> bool:
    """Says whether the record is a chapter of a book."""
    return record.is_book and not is_whole_book(record)


def kind_of(record: CitationRecord) -> Kind:
    """Returns what a record is, as every format tells its types apart; a preprint is no article of a journal."""
    if is_chapter(record):
        return "chapter"
    if is_whole_book(record):
        return "book"
    return "preprint" if is_preprint(record) else "article"


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
