"""What the server holds: records with PubMed's three dates, and everything that happens to them between two nights."""

import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field, replace
from datetime import date
from xml.sax.saxutils import escape

DATE_FIELDS = {"crdt": "created", "edat": "entered", "mdat": "modified"}
_UIDS = re.compile(r"^\((?P<query>.*)\) AND (?P<low>\d+):(?P<high>\d+)\[uid\]$", re.DOTALL | re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Record:
    """One record: its text, whether the query finds it, and the days by which PubMed finds it."""

    pmid: int
    created: date
    entered: date
    modified: date
    title: str = "Ossification about the hip"
    abstract: str = "Made-up text."
    revised: date | None = None
    retracted_by: int | None = None
    notices: tuple[tuple[str, int], ...] = ()
    mesh: tuple[str, ...] = ()
    on_topic: bool = True
    book: bool = False
    version: int = 1
    xml: bytes | None = None

    def as_xml(self) -> bytes:
        """Returns the record as EFetch gives it."""
        if self.xml is not None:
            return self.xml
        return (self._book_xml() if self.book else self._article_xml()).encode()

    def _article_xml(self) -> str:
        mesh = "".join(
            f'<MeshHeading><DescriptorName UI="D{number:06}" MajorTopicYN="N">{escape(term)}</DescriptorName>'
            "</MeshHeading>"
            for number, term in enumerate(self.mesh, 1)
        )
        types = '<PublicationType UI="D016428">Journal Article</PublicationType>'
        said = self.notices
        if self.retracted_by:
            types += '<PublicationType UI="D016441">Retracted Publication</PublicationType>'
            said = (("RetractionIn", self.retracted_by), *said)
        notices = "".join(
            f'<CommentsCorrections RefType="{kind}"><RefSource>J Made Up. 2026</RefSource>'
            f'<PMID Version="1">{pmid}</PMID></CommentsCorrections>'
            for kind, pmid in said
        )
        if notices:
            notices = f"<CommentsCorrectionsList>{notices}</CommentsCorrectionsList>"
        return (
            '<PubmedArticle><MedlineCitation Status="MEDLINE" Owner="NLM">'
            f'<PMID Version="{self.version}">{self.pmid}</PMID>{_date("DateRevised", self.revised or self.modified)}'
            '<Article PubModel="Print"><Journal><JournalIssue CitedMedium="Print"><PubDate><Year>2020</Year></PubDate>'
            "</JournalIssue><Title>Journal of made-up records</Title></Journal>"
            f"<ArticleTitle>{escape(self.title)}</ArticleTitle>"
            f"<Abstract><AbstractText>{escape(self.abstract)}</AbstractText></Abstract>"
            "<Language>eng</Language>"
            f"<PublicationTypeList>{types}</PublicationTypeList></Article>{notices}"
            f"{f'<MeshHeadingList>{mesh}</MeshHeadingList>' if mesh else ''}</MedlineCitation>"
            f'<PubmedData><History><PubMedPubDate PubStatus="entrez">{_parts(self.entered)}</PubMedPubDate></History>'
            "<PublicationStatus>ppublish</PublicationStatus><ArticleIdList>"
            f'<ArticleId IdType="pubmed">{self.pmid}</ArticleId>'
            "</ArticleIdList></PubmedData></PubmedArticle>"
        )

    def _book_xml(self) -> str:
        return (
            f'<PubmedBookArticle><BookDocument><PMID Version="1">{self.pmid}</PMID>'
            '<ArticleIdList><ArticleId IdType="bookaccession">NBK1</ArticleId></ArticleIdList>'
            "<Book><Publisher><PublisherName>Made-up House</PublisherName></Publisher>"
            "<BookTitle>Made-up chapters</BookTitle><PubDate><Year>2020</Year></PubDate></Book>"
            f"<ArticleTitle>{escape(self.title)}</ArticleTitle><Language>eng</Language>"
            f"<Abstract><AbstractText>{escape(self.abstract)}</AbstractText></Abstract>"
            f"{_date('DateRevised', self.revised or self.modified)}</BookDocument></PubmedBookArticle>"
        )


def _parts(day: date) -> str:
    return f"<Year>{day.year}</Year><Month>{day.month:02}</Month><Day>{day.day:02}</Day>"


def _date(name: str, day: date) -> str:
    return f"<{name}>{_parts(day)}</{name}>"


@dataclass(slots=True)
class Corpus:
    """All records of the service, and what a query text finds among them.

    `today` is the day on which the next change happens. `finds` maps other query texts than the topic's to their
    meaning; any text that is not in it finds what is on the topic.
    """

    today: date
    records: dict[int, Record] = field(default_factory=dict)
    finds: dict[str, Callable[[Record], bool]] = field(default_factory=dict)

    def add(self, pmid: int, created: date | None = None, entered: date | None = None, **fields: object) -> Record:
        """Adds a record, dated today unless it is said otherwise (a back-dated entry)."""
        created = created or self.today
        modified = fields.pop("modified", None) or created
        record = Record(pmid, created, entered or created, modified, **fields)  # type: ignore[arg-type]
        self.records[pmid] = record
        return record

    def revise(self, pmid: int, **fields: object) -> None:
        """Changes a record; its modification date becomes today."""
        fields = {"modified": self.today, "revised": self.today, **fields}
        self.records[pmid] = replace(self.records[pmid], **fields)  # type: ignore[arg-type]

    def retract(self, pmid: int, by: int) -> None:
        """Retracts a record by a notice."""
        self.revise(pmid, retracted_by=by, title=f"RETRACTED: {self.records[pmid].title}")

    def delete(self, pmid: int) -> Record:
        """Takes a record away, as a merge or deletion does; returns it."""
        return self.records.pop(pmid)

    def restore(self, record: Record) -> None:
        """Puts a deleted record back, with all its old dates."""
        self.records[record.pmid] = record

    def search(
        self, term: str, field_name: str | None = None, first: date | None = None, last: date | None = None
    ) -> list[int]:
        """Returns the PMIDs that a term finds, newest first, within PMID limits in the term and date limits."""
        low, high = 0, 10**12
        if found := _UIDS.match(term):
            term, low, high = found["query"], int(found["low"]), int(found["high"])
        meaning = self.finds.get(term, lambda record: record.on_topic)
        attribute = DATE_FIELDS.get(field_name or "")
        hits = [
            record
            for record in self.records.values()
            if low <= record.pmid <= high
            and meaning(record)
            and (attribute is None or (first or date.min) <= getattr(record, attribute) <= (last or date.max))
        ]
        hits.sort(key=lambda record: (record.created, record.pmid), reverse=True)
        return [record.pmid for record in hits]

    def matching(self) -> dict[int, Record]:
        """Returns what the topic's query finds."""
        return {pmid: record for pmid, record in self.records.items() if record.on_topic}


def as_set(records: Iterable[bytes]) -> bytes:
    """Returns records as one EFetch answer."""
    return (
        b'<?xml version="1.0" ?>\n<!DOCTYPE PubmedArticleSet PUBLIC "-//NLM//DTD PubMedArticle, 1st January 2025//EN" '
        b'"https://dtd.nlm.nih.gov/ncbi/pubmed/out/pubmed_250101.dtd">\n<PubmedArticleSet>\n'
        + b"\n".join(records)
        + b"\n</PubmedArticleSet>"
    )
