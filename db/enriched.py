"""What the services beside PubMed tell: trials, citation figures, ways to the full text, notices, preprints.

Plain values, all of them: made by `harvest.enrich`, written by `db.store.services.enrichment` and its neighbours.
"""

from dataclasses import dataclass
from typing import Literal

from db.model import Article
from db.topics import current


def about_topic() -> str:
    """Returns the kind of a trial that is about the topic."""
    return f"about {current().short_name}"


def measures_topic() -> str:
    """Returns the kind of a trial that is about something else and has the topic as one of its outcomes."""
    return f"measures {current().short_name}"


#: Trial statuses of ClinicalTrials.gov in which people are being treated or will be.
UNDER_WAY: tuple[str, ...] = ("NOT_YET_RECRUITING", "RECRUITING", "ENROLLING_BY_INVITATION", "ACTIVE_NOT_RECRUITING")

LinkSource = Literal["databank", "text", "registry"]
#: How a trial and an article are tied: the record's databank list, the number in its text, the trial's own references.
LINK_SOURCES: tuple[LinkSource, ...] = ("databank", "text", "registry")

Speaker = Literal["pubmed", "crossref", "retraction watch"]
#: Who says that something is wrong with an article.
SPEAKERS: tuple[Speaker, ...] = ("pubmed", "crossref", "retraction watch")

#: The kind of notice that undoes a retraction said before it.
REINSTATEMENT = "Reinstatement"


@dataclass(frozen=True, slots=True)
class TrialReference:
    """An article that a trial's entry names.

    `kind` is RESULT (the sponsor says so), DERIVED (the registry found the trial's number in it) or BACKGROUND.
    """

    pmid: int
    kind: str


@dataclass(frozen=True, slots=True)
class Trial:
    """One registered study. Dates are ISO 8601 as far as known ("2022-09"); lists keep the registry's order."""

    nct_id: str
    kind: str
    title: str
    status: str | None = None
    official_title: str | None = None
    acronym: str | None = None
    study_type: str | None = None
    phase: str | None = None
    enrollment: int | None = None
    enrollment_type: str | None = None
    sponsor: str | None = None
    summary: str | None = None
    start_date: str | None = None
    primary_completion_date: str | None = None
    completion_date: str | None = None
    first_posted: str | None = None
    results_posted: str | None = None
    last_update: str | None = None
    has_results: bool = False
    why_stopped: str | None = None
    conditions: tuple[str, ...] = ()
    keywords: tuple[str, ...] = ()
    interventions: tuple[str, ...] = ()
    primary_outcomes: tuple[str, ...] = ()
    outcomes: tuple[str, ...] = ()
    countries: tuple[str, ...] = ()
    aliases: tuple[str, ...] = ()
    other_ids: tuple[str, ...] = ()
    references: tuple[TrialReference, ...] = ()
    data_date: str | None = None


@dataclass(frozen=True, slots=True)
class CitationRecord:
    """What iCite says of one article: figures (None where it gives none) and both ends of its citations."""

    pmid: int
    citation_count: int | None = None
    rcr: float | None = None
    nih_percentile: float | None = None
    citations_per_year: float | None = None
    clinical_citations: int | None = None
    provisional: bool | None = None
    references: tuple[int, ...] = ()
    cited_by: tuple[int, ...] = ()
    title: str | None = None
    journal: str | None = None
    year: int | None = None
    as_of: str | None = None


@dataclass(frozen=True, slots=True)
class FullTextAnswer:
    """What one service says about the free full text of one article.

    `service` is `europe pmc`, `id converter` or `unpaywall`; `url` None means that it knows of none. `released` is the
    first day on which an embargoed text is free.
    """

    pmid: int
    service: str
    url: str | None = None
    license: str | None = None
    pmcid: str | None = None
    released: str | None = None


@dataclass(frozen=True, slots=True)
class NoticeClaim:
    """One service's word that something is wrong with an article: `kind` as in `db.notices`, or REINSTATEMENT.

    `key` is the service's own name for it (a record's number, the notice's DOI and kind); `date` is the notice's day.
    """

    pmid: int
    said_by: Speaker
    key: str
    kind: str
    date: str | None = None
    source: str | None = None
    ref_pmid: int | None = None
    reasons: str | None = None


@dataclass(frozen=True, slots=True)
class Preprint:
    """A preprint as Europe PMC has it; `article` is it in the form of an article, under its own number."""

    article: Article
    identifier: str
    server: str | None = None
    published_pmid: int | None = None
