"""An article while it is read: every field under the name that `Article` has for it, settled at the end."""

from dataclasses import dataclass, field, fields
from typing import Any

from db.model import (
    Article,
    ArticleId,
    Author,
    Book,
    Grant,
    HistoryDate,
    Keyword,
    MeshHeading,
    Notice,
    OtherAbstract,
    RegistryNumber,
    Term,
)
from db.sections import Section
from harvest.pubmed.parts import normal_issn
from harvest.pubmed.values.registries import find_registry_numbers, may_hold_registry_number

#: What PubMed writes in place of a title that it does not have.
_NO_TITLE = ("", "[Not Available].", "[Not Available]", "Not Available.", "Not Available")


@dataclass(slots=True)
class BookDraft:
    """The book around a chapter while it is read."""

    title: str | None = None
    publisher: str | None = None
    place: str | None = None
    edition: str | None = None
    medium: str | None = None
    isbn: list[str] = field(default_factory=list)
    editors: tuple[Author, ...] = ()


@dataclass(slots=True)
class Draft:
    """What was read so far; `locations` are the record's own ELocationIDs, `editors` those of a chapter."""

    pmid: int | None = None
    version: int = 1
    title: str = ""
    abstract: str | None = None
    sections: tuple[Section, ...] = ()
    vernacular_title: str | None = None
    abstract_copyright: str | None = None
    other_abstracts: list[OtherAbstract] = field(default_factory=list)
    authors: tuple[Author, ...] = ()
    investigators: tuple[Author, ...] = ()
    authors_complete: bool = True
    journal: str | None = None
    iso_abbreviation: str | None = None
    medline_abbreviation: str | None = None
    nlm_unique_id: str | None = None
    issn: str | None = None
    issn_type: str | None = None
    issn_linking: str | None = None
    country: str | None = None
    volume: str | None = None
    issue: str | None = None
    pages: str | None = None
    year: int | None = None
    publication_date: str | None = None
    publication_date_verbatim: str | None = None
    electronic_date: str | None = None
    publication_model: str | None = None
    publication_status: str | None = None
    languages: list[str] = field(default_factory=list)
    article_ids: list[ArticleId] = field(default_factory=list)
    locations: list[ArticleId] = field(default_factory=list)
    publication_types: list[Term] = field(default_factory=list)
    mesh_headings: tuple[MeshHeading, ...] = ()
    supplementary_concepts: list[Term] = field(default_factory=list)
    chemicals: tuple[Term, ...] = ()
    keywords: list[Keyword] = field(default_factory=list)
    personal_name_subjects: tuple[Author, ...] = ()
    registry_numbers: list[RegistryNumber] = field(default_factory=list)
    grants: tuple[Grant, ...] = ()
    notices: tuple[Notice, ...] = ()
    status: str | None = None
    indexing_method: str | None = None
    created_date: str | None = None
    completed_date: str | None = None
    revised_date: str | None = None
    history: tuple[HistoryDate, ...] = ()
    conflict_of_interest: str | None = None
    has_article: bool = False
    book: BookDraft | None = None
    editors: tuple[Author, ...] = ()

    def article(self, pmid: int, xml: bytes) -> Article:
        """Returns the article, with what stands in several places brought together and gaps filled as PubMed does.

        The title is the vernacular one, the abbreviation MEDLINE's, the pages the article's number (its valid
        ELocationID), the date that of the electronic edition where the record has no other.
        """
        ids = self._ids()
        title = self._title()
        electronic_year = int(self.electronic_date[:4]) if self.electronic_date else None
        as_read = {name: _settled(getattr(self, name)) for name in _AS_READ}
        return Article(
            **as_read,
            pmid=pmid,
            xml=xml,
            title=title,
            iso_abbreviation=self.iso_abbreviation or self.medline_abbreviation,
            issn=normal_issn(self.issn),
            issn_linking=normal_issn(self.issn_linking),
            pages=self.pages or _value_of("pii", self.locations),
            year=self.year or electronic_year,
            publication_date=self.publication_date or (None if self.year else self.electronic_date),
            doi=_value_of("doi", ids),
            pmcid=_value_of("pmc", ids),
            pii=_value_of("pii", ids),
            article_ids=ids,
            registry_numbers=self._registry_numbers(title),
            entrez_date=next((entry.date for entry in self.history if entry.status == "entrez"), None),
            book=self._book(),
        )

    def _title(self) -> str:
        if self.title not in _NO_TITLE:
            return self.title
        return self.vernacular_title or (self.book.title if self.book else None) or self.title

    def _ids(self) -> tuple[ArticleId, ...]:
        """Returns the list's ids, then those ELocationIDs that it lacks."""
        if not self.locations:
            return tuple(dict.fromkeys(self.article_ids))
        known = {(each.kind, each.value.lower()) for each in self.article_ids}
        added = [each for each in self.locations if (each.kind, each.value.lower()) not in known]
        return tuple(dict.fromkeys(self.article_ids + added))

    def _registry_numbers(self, title: str) -> tuple[RegistryNumber, ...]:
        abstract = self.abstract or ""
        found = self.registry_numbers
        if may_hold_registry_number(f"{title}\n{abstract}"):
            found = found + find_registry_numbers(title, "title") + find_registry_numbers(abstract, "abstract")
        numbers: dict[str, RegistryNumber] = {}
        for number in found:
            numbers.setdefault(number.number.upper(), number)
        return tuple(numbers.values())

    def _book(self) -> Book | None:
        book = self.book
        if book is None:
            return None
        editors = book.editors + self.editors
        return Book(book.title, book.publisher, book.place, book.edition, tuple(book.isbn), editors, book.medium)


def _value_of(kind: str, ids: list[ArticleId] | tuple[ArticleId, ...]) -> str | None:
    return next((known.value for known in ids if known.kind == kind), None)


def _settled(value: Any) -> Any:
    return tuple(value) if isinstance(value, list) else value


#: What `Article` takes as it was read; the others are settled from several places of the record.
_SETTLED = frozenset(
    "pmid xml title iso_abbreviation issn issn_linking pages year publication_date doi pmcid pii article_ids "
    "registry_numbers entrez_date book".split()
)
_AS_READ = tuple(entry.name for entry in fields(Article) if entry.name not in _SETTLED)
