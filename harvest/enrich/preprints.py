"""Preprints on the topic from Europe PMC, as articles with numbers of their own (see `db.preprints`).

The record that is kept is written in PubMed's own form, so that reading it again, checks and exports treat it as any
other. All of them are listed every night by one request: dates of change cannot be asked for.
"""

import html
import re
from io import BytesIO
from typing import Any

from db.enriched import Preprint
from db.model import Article, ArticleId, Author, Keyword, Term
from db.preprints import PREPRINT_TERM, PREPRINT_TYPE, preprint_number
from db.sections import Section
from db.store.services.preprints import give_way_to_journals, save_preprints
from db.terms import MONTHS
from db.topics import topic_query
from harvest.enrich.step import StepReport, Work
from harvest.enrich.topic_words import topic_words_in
from harvest.enrich.wire import europe_pmc
from harvest.enrich.wire.client import ServiceClient
from harvest.enrich.wire.values import at, day, items, pmid, text, texts, whole
from harvest.pubmed.write import write_article
from harvest.pubmed.xml import parse_articles

SERVICE = "preprints"
_HEADING = re.compile(r"<h\d>(.*?)</h\d>", re.IGNORECASE | re.DOTALL)
_TAG = re.compile(r"<[^<>]{1,200}>")
_CATEGORIES = {
    "background": "BACKGROUND", "introduction": "BACKGROUND", "objective": "OBJECTIVE", "objectives": "OBJECTIVE",
    "aim": "OBJECTIVE", "aims": "OBJECTIVE", "methods": "METHODS", "results": "RESULTS", "findings": "RESULTS",
    "conclusion": "CONCLUSIONS", "conclusions": "CONCLUSIONS", "interpretation": "CONCLUSIONS",
}  # fmt: skip


def update_preprints(work: Work, client: ServiceClient) -> StepReport:
    """Brings preprints on the topic up to date; those published in a journal give way to it. Raises ServiceError."""
    report = StepReport("preprints", asked=1)
    try:
        entries = europe_pmc.search(client, f"SRC:PPR AND ({topic_query().outside.preprints})")
    finally:
        report.requests[europe_pmc.SERVICE] = client.requests
    found = [preprint for entry in entries if (preprint := read_preprint(entry))]
    report.got = len(found)
    report.missed = len(entries) - len(found)
    with work.store.atomic():
        report.count(save_preprints(work.store, work.run_id, found, work.at))
        report.count({"published": give_way_to_journals(work.store, work.run_id, work.at)})
    return report


def read_preprint(entry: Any) -> Preprint | None:
    """Returns an entry as a preprint; None where it is none, has no title, or is not on the topic."""
    identifier = text(at(entry, "id")) or ""
    number = preprint_number(identifier)
    title = _plain(at(entry, "title"))
    if number is None or at(entry, "source") != "PPR" or not title:
        return None
    abstract, sections = _abstract(at(entry, "abstractText"))
    keywords = texts(items(entry, "keywordList", "keyword"))
    if not any(map(topic_words_in, (title, abstract, *keywords))):
        return None
    server = text(at(entry, "bookOrReportDetails", "publisher"))
    published, doi = day(at(entry, "firstPublicationDate")), text(at(entry, "doi"))
    made = Article(
        pmid=number,
        version=max(1, whole(at(entry, "versionNumber")) or 1),
        title=title,
        abstract=abstract,
        xml=b"",
        sections=sections,
        authors=tuple(filter(None, map(_author, items(entry, "authorList", "author")))),
        journal=server,
        year=whole(at(entry, "pubYear")),
        publication_date=published,
        publication_date_verbatim=_verbatim(published),
        languages=(text(at(entry, "language")) or "eng",),
        doi=doi,
        article_ids=(ArticleId("doi", doi),) if doi else (),
        publication_types=(Term(PREPRINT_TYPE, PREPRINT_TERM),),
        keywords=tuple(Keyword(word, False, "NOTNLM") for word in keywords),
        revised_date=day(at(entry, "dateOfRevision")),
        entrez_date=day(at(entry, "firstIndexDate")),
        status="Preprint",
    )
    return Preprint(_as_pubmed(made), identifier, server, _published(entry))


def _as_pubmed(article: Article) -> Article:
    """Returns an article as it is read back from its record in PubMed's form."""
    record = write_article(article)
    wrapped = b"<PubmedArticleSet>" + record + b"</PubmedArticleSet>"
    return next(item for item in parse_articles(BytesIO(wrapped)) if isinstance(item, Article))


def _published(entry: Any) -> int | None:
    """Returns the PMID of the journal version, as Europe PMC names it."""
    for link in items(entry, "commentCorrectionList", "commentCorrection"):
        if (text(at(link, "type")) or "").lower() == "preprint of" and at(link, "source") == "MED":
            return pmid(at(link, "id"))
    return None


def _author(entry: Any) -> Author | None:
    last, group = text(at(entry, "lastName")), text(at(entry, "collectiveName"))
    if not last and not group:
        return Author(collective_name=name) if (name := text(at(entry, "fullName"))) else None
    identifier = at(entry, "authorId")
    orcid = text(at(identifier, "value")) if at(identifier, "type") == "ORCID" else None
    return Author(last, text(at(entry, "firstName")), text(at(entry, "initials")), None, group, orcid)


def _abstract(value: Any) -> tuple[str | None, tuple[Section, ...]]:
    """Returns an abstract as plain text, its headed parts a line each, with their labels as sections."""
    if not isinstance(value, str):
        return None, ()
    parts = _HEADING.split(value)
    labelled = [(None, parts[0]), *zip(parts[1::2], parts[2::2], strict=False)]
    lines: list[str] = []
    sections: list[Section] = []
    position = 0
    for label, body in labelled:
        line = _plain(body)
        if not line:
            continue
        if label is not None and (name := _plain(label)):
            category = _CATEGORIES.get(name.lower().rstrip(":"))
            sections.append(Section(name.upper().rstrip(":"), category, position, position + len(line)))
        elif len(labelled) > 1:
            sections.append(Section(None, None, position, position + len(line)))
        lines.append(line)
        position += len(line) + 1
    return "\n".join(lines) or None, tuple(sections)


def _plain(value: Any) -> str | None:
    """Returns a text without markup, entities and soft hyphens."""
    if not isinstance(value, str):
        return None
    return text(html.unescape(_TAG.sub(" ", value)).replace("\u00ad", ""))


def _verbatim(iso: str | None) -> str | None:
    """Writes an ISO date as PubMed does ("2004 Nov 3")."""
    if iso is None:
        return None
    parts = iso.split("-")
    month = [MONTHS[int(parts[1]) - 1]] if len(parts) > 1 and 1 <= int(parts[1]) <= 12 else []
    return " ".join([parts[0], *month, *([str(int(parts[2]))] if len(parts) > 2 and month else [])])
