"""The record as it flows between the packages: `harvest` makes `Article`s, `db.store` writes and gives them back.

Every offset is a 0-based character offset with an exclusive end. Empty text is `""` only where PubMed sent an empty
element; what is absent is `None`.
"""

from dataclasses import dataclass

from db.notices import (
    RETRACTED_PUBLICATION,
    RETRACTING,
    RETRACTION_NOTICES,
    RETRACTION_OF_PUBLICATION,
    title_says,
)
from db.sections import Section, text_hash


@dataclass(frozen=True, slots=True)
class Author:
    """One author line: a person, or a group named by `collective_name`."""

    last_name: str | None = None
    fore_name: str | None = None
    initials: str | None = None
    suffix: str | None = None
    collective_name: str | None = None
    orcid: str | None = None
    affiliation: str | None = None


@dataclass(frozen=True, slots=True)
class Qualifier:
    """A MeSH qualifier (subheading) of a heading."""

    ui: str
    term: str
    major: bool


@dataclass(frozen=True, slots=True)
class MeshHeading:
    """A MeSH heading; `major` is true where the descriptor or one of its qualifiers is starred."""

    ui: str
    term: str
    major: bool
    qualifiers: tuple[Qualifier, ...] = ()


@dataclass(frozen=True, slots=True)
class Term:
    """A controlled term with its UI: a publication type, a chemical (with registry number), a supplementary concept."""

    ui: str
    term: str
    type: str | None = None


@dataclass(frozen=True, slots=True)
class Keyword:
    """A keyword; `owner` is NOTNLM for the authors' own."""

    term: str
    major: bool
    owner: str | None


@dataclass(frozen=True, slots=True)
class Notice:
    """One CommentsCorrections entry: `kind` is PubMed's RefType, `source` its citation text."""

    kind: str
    ref_pmid: int | None
    source: str | None
    note: str | None = None


@dataclass(frozen=True, slots=True)
class RegistryNumber:
    """A trial or data-bank number; `found_in` is `databank`, `title` or `abstract`."""

    registry: str
    number: str
    found_in: str


@dataclass(frozen=True, slots=True)
class Grant:
    """One grant line."""

    number: str | None
    acronym: str | None
    agency: str | None
    country: str | None


@dataclass(frozen=True, slots=True)
class OtherAbstract:
    """An abstract in another language or a plain-language summary."""

    type: str | None
    language: str | None
    text: str


@dataclass(frozen=True, slots=True)
class ArticleId:
    """An identifier of the article itself (`doi`, `pmc`, `pii`, `mid`, `bookaccession` ...), never of a reference."""

    kind: str
    value: str


@dataclass(frozen=True, slots=True)
class HistoryDate:
    """One PubMedPubDate: `status` as PubMed names it, `date` as ISO 8601 as far as known."""

    status: str
    date: str


@dataclass(frozen=True, slots=True)
class Book:
    """The book that a PubmedBookArticle stands in."""

    title: str | None
    publisher: str | None
    place: str | None
    edition: str | None
    isbn: tuple[str, ...]
    editors: tuple[Author, ...]
    medium: str | None


@dataclass(frozen=True, slots=True)
class Article:
    """Everything that evidence work or a citation needs from one PubMed record.

    Dates are ISO 8601 as far as known ("2016", "2016-03", "2016-03-04"); `publication_date_verbatim` is what PubMed
    wrote ("2004 Nov-Dec"). `xml` is the record as PubMed sent it (UTF-8, its element alone).
    """

    pmid: int
    version: int
    title: str
    abstract: str | None
    xml: bytes
    sections: tuple[Section, ...] = ()
    vernacular_title: str | None = None
    abstract_copyright: str | None = None
    other_abstracts: tuple[OtherAbstract, ...] = ()
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
    languages: tuple[str, ...] = ()
    doi: str | None = None
    pmcid: str | None = None
    pii: str | None = None
    article_ids: tuple[ArticleId, ...] = ()
    publication_types: tuple[Term, ...] = ()
    mesh_headings: tuple[MeshHeading, ...] = ()
    supplementary_concepts: tuple[Term, ...] = ()
    chemicals: tuple[Term, ...] = ()
    keywords: tuple[Keyword, ...] = ()
    personal_name_subjects: tuple[Author, ...] = ()
    registry_numbers: tuple[RegistryNumber, ...] = ()
    grants: tuple[Grant, ...] = ()
    notices: tuple[Notice, ...] = ()
    status: str | None = None
    indexing_method: str | None = None
    created_date: str | None = None
    completed_date: str | None = None
    revised_date: str | None = None
    entrez_date: str | None = None
    history: tuple[HistoryDate, ...] = ()
    conflict_of_interest: str | None = None
    book: Book | None = None

    @property
    def text_hash(self) -> str:
        """Key of what a tagger reads: SHA-256 over title, abstract and section bounds, 16 hex digits."""
        return text_hash(self.title, self.abstract, self.sections)

    @property
    def retracted(self) -> bool:
        """True where a publication type, a notice or the title itself says that the article was retracted.

        PubMed's word for a notice of a retraction (its type, what it is the retraction of) says what the record is, so
        that its title is not asked.
        """
        types = {term.ui for term in self.publication_types}
        kinds = {notice.kind for notice in self.notices}
        if RETRACTED_PUBLICATION in types or kinds & RETRACTING:
            return True
        is_notice = RETRACTION_OF_PUBLICATION in types or bool(kinds & RETRACTION_NOTICES)
        return not is_notice and title_says(self.title) is not None


@dataclass(frozen=True, slots=True)
class Deletion:
    """A PMID that an NLM update file deletes (DeleteCitation)."""

    pmid: int


@dataclass(frozen=True, slots=True)
class BadRecord:
    """A record that could not be parsed: its PMID where one could be read, its place in the file, and why."""

    pmid: int | None
    position: int
    reason: str
