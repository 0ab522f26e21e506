"""The typed values that flow between the packages: a parsed article, its tags, its findings.

`harvest` makes `Article`s, `nlp` makes `TaggedArticle`s, `db.store` writes both. Every offset is a 0-based character
offset with an exclusive end. Empty text is `""` only where PubMed sent an empty element; what is absent is `None`.
"""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

from db.notices import RETRACTED_PUBLICATION, RETRACTING
from db.terms import ComparatorClass, Effect, Kind, Polarity

Assertion = Literal["affirmed", "negated", "hedged"]
TextField = Literal["title", "abstract"]

#: What stands between two sections of a structured abstract in `Article.abstract`.
SECTION_SEPARATOR = "\n"


@dataclass(frozen=True, slots=True)
class Section:
    """One labelled part of an abstract; `start` and `end` slice `Article.abstract`."""

    label: str | None
    category: str | None
    start: int
    end: int


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
        """True where a publication type or a notice says that the article was retracted."""
        return any(term.ui == RETRACTED_PUBLICATION for term in self.publication_types) or any(
            notice.kind in RETRACTING for notice in self.notices
        )


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


def text_hash(title: str, abstract: str | None, sections: tuple[Section, ...]) -> str:
    """Returns the key of an article's taggable text (see `Article.text_hash`)."""
    digest = hashlib.sha256()
    digest.update(title.encode())
    digest.update(b"\0")
    digest.update((abstract or "").encode())
    for section in sections:
        digest.update(f"\0{section.label or ''}\0{section.start}\0{section.end}".encode())
    return digest.hexdigest()[:16]


@dataclass(frozen=True, slots=True)
class TagInput:
    """What the tagger reads of one article: text, sections, and PubMed's own publication types and MeSH headings."""

    pmid: int
    title: str
    abstract: str | None
    sections: tuple[Section, ...] = ()
    publication_types: tuple[str, ...] = ()
    mesh_terms: tuple[str, ...] = ()
    keywords: tuple[str, ...] = ()
    text_hash: str = ""


@dataclass(frozen=True, slots=True)
class Mention:
    """One tagged stretch of text: `text` equals the `field` sliced by `start` and `end`, and stands in its sentence.

    `source` names the rule or model that found it, `cue` the words that made it negated or hedged; `confidence` is
    1.0 for rules and the model's probability otherwise.
    """

    field: TextField
    start: int
    end: int
    text: str
    kind: Kind
    concept_id: str | None
    sentence_start: int
    sentence_end: int
    section: str | None
    assertion: Assertion
    cue: str | None
    source: str
    confidence: float = 1.0


@dataclass(frozen=True, slots=True)
class Estimate:
    """A reported estimate; `p_value` keeps its sign ("<0.001"), `adjusted` is None where the text does not say."""

    measure: str | None = None
    value: float | None = None
    ci_low: float | None = None
    ci_high: float | None = None
    p_value: str | None = None
    adjusted: bool | None = None


@dataclass(frozen=True, slots=True)
class Finding:
    """A result that a sentence states.

    `kind` is `effect` (an intervention changed an outcome: increases, decreases, no difference) or `risk` (a factor
    and HO: increases, decreases, no association, unclear). Of effects, `comparator_class` says what kind of thing the
    intervention was compared with, and `effect` is the direction seen through the outcome's polarity. `conflict` names
    two signs of the sentence that disagree ("words: decreases; interval: no difference"): such a finding counts in no
    balance.
    """

    kind: Literal["effect", "risk"]
    subject_id: str | None
    subject_text: str
    comparator_text: str | None
    outcome_id: str | None
    outcome_text: str | None
    direction: str
    estimate: Estimate
    field: TextField
    sentence_start: int
    sentence_end: int
    section: str | None
    cue: str | None
    comparator_id: str | None = None
    comparator_class: ComparatorClass | None = None
    effect: Effect | None = None
    conflict: str | None = None


@dataclass(frozen=True, slots=True)
class ArmResult:
    """What one arm (or the whole cohort) showed for an outcome, as its sentence states it.

    `events` of `total` and `percent` (0 to 100) for what happened or not, `mean` and `sd` in `unit` for what was
    measured, `time` in the sentence's own words ("at 12 months").
    """

    arm_text: str
    concept_id: str | None
    outcome_id: str | None
    outcome_text: str | None
    events: int | None
    total: int | None
    percent: float | None
    mean: float | None
    sd: float | None
    unit: str | None
    time: str | None
    field: TextField
    sentence_start: int
    sentence_end: int
    section: str | None


@dataclass(frozen=True, slots=True)
class StudyFacts:
    """What the whole record says about the study; the two designs differ where PubMed's types and the text do."""

    topic: Literal["ho", "not_ho"]
    study_design: str
    design_from_types: str | None
    design_from_text: str | None
    sample_size: int | None
    sample_size_text: str | None
    species: str
    evidence_level: str | None
    sites: tuple[str, ...]
    aetiologies: tuple[str, ...]
    follow_up: str | None = None


@dataclass(frozen=True, slots=True)
class TaggedArticle:
    """All that one tagger version says about one text; `abstained` counts the results it would not decide."""

    pmid: int
    text_hash: str
    tagger: str
    facts: StudyFacts
    mentions: tuple[Mention, ...]
    findings: tuple[Finding, ...]
    results: tuple[ArmResult, ...] = ()
    abstained: int = 0
    counts: Mapping[str, int] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Concept:
    """One row of the vocabulary as the store keeps it; `parent_id` names a concept of the same kind.

    `polarity` says of an outcome which way is good for the patient, None where neither or not known.
    """

    id: str
    kind: Kind
    name: str
    parent_id: str | None
    mesh_ui: str | None
    synonyms: tuple[str, ...]
    note: str | None = None
    polarity: Polarity | None = None
