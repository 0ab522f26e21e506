"""What MEDLINE text can carry of an article, in the form in which it can: for comparing its reader with the XML's."""

import re
from dataclasses import astuple, replace
from typing import Any

from db.citations.formats.nbib import printed_date
from db.model import Article, Author, Grant

#: Fields and parts of fields that the format has no place for.
NOT_CARRIED = (
    "xml",
    "version",
    "indexing_method",
    "iso_abbreviation (TA is MEDLINE's)",
    "created_date of articles",
    "medium of books",
    "UIs",
    "categories of sections, parts of an abstract without label, labels that the XML has within a text",
    "type and sections of other abstracts",
    "type of supplementary concepts",
    "references (notices of the kind Cites), notes of notices, a full stop at the end of their source",
    "which slash parts a grant's number from its agency where no acronym stands between",
    "order of ids, PMC versions",
    "order of data bank numbers and notices",
)


def _people_carried(article: Article) -> dict[str, Any]:
    return {
        "authors": [named(author) for author in article.authors],
        "affiliations": [author.affiliation for author in article.authors],
        "orcids": [author.orcid for author in article.authors],
        "investigators": [named(person) for person in article.investigators],
        "authors_complete": article.authors_complete,
    }


def carried(article: Article) -> dict[str, Any]:
    """Returns the fields of an article that MEDLINE text carries."""
    abstract = article.abstract or ""
    labelled = [(part.label, abstract[part.start : part.end]) for part in article.sections]
    running = " ".join(f"{label}: {text}" if label else text for label, text in labelled) or abstract
    return {
        "pmid": article.pmid,
        "title": article.title,
        "abstract": folded(running),
        "sections": labelled if all(label and not holds_label(text) for label, text in labelled) else [],
        "vernacular_title": article.vernacular_title or None,
        "abstract_copyright": article.abstract_copyright or None,
        "other_abstracts": [(other.language, folded(other.text)) for other in article.other_abstracts if other.text],
        **_people_carried(article),
        "journal": article.journal,
        "medline_abbreviation": article.medline_abbreviation,
        "nlm_unique_id": article.nlm_unique_id,
        "issn": (article.issn, article.issn_type, article.issn_linking),
        "country": article.country,
        "volume": article.volume or None,
        "issue": article.issue or None,
        "pages": article.pages or None,
        "year": article.year,
        "publication_date": article.publication_date,
        "publication_date_verbatim": printed_date(article.publication_date_verbatim),
        "electronic_date": article.electronic_date,
        "publication_model": article.publication_model,
        "publication_status": article.publication_status if article.book is None else None,
        "languages": article.languages,
        "doi": article.doi,
        "pmcid": (article.pmcid or "").split(".")[0],
        "ids": {(held.kind, held.value) for held in article.article_ids if held.kind not in ("pmc", "pmcid")},
        "publication_types": [term.term for term in article.publication_types],
        "mesh_headings": [
            (heading.term, heading.major, [(part.term, part.major) for part in heading.qualifiers])
            for heading in article.mesh_headings
        ],
        "supplementary_concepts": [term.term for term in article.supplementary_concepts],
        "chemicals": [(term.term, term.type) for term in article.chemicals],
        "keywords": [(keyword.term, keyword.major, keyword.owner) for keyword in article.keywords],
        "personal_name_subjects": [named(person) for person in article.personal_name_subjects],
        "registry_numbers": {(number.registry, number.number, number.found_in) for number in article.registry_numbers},
        "grants": [granted(grant) for grant in article.grants],
        "notices": sorted(
            (each.kind, each.ref_pmid or 0, (each.source or "").rstrip("."))
            for each in article.notices
            if each.kind != "Cites"
        ),
        "status": article.status,
        "completed_date": article.completed_date,
        "revised_date": article.revised_date,
        "entrez_date": article.entrez_date,
        "history": article.history,
        "conflict_of_interest": article.conflict_of_interest or None,
        "retracted": article.retracted,
        "book": replace(article.book, medium=None) if article.book else None,
    }


def holds_label(text: str) -> bool:
    """Says whether the text of a section has a label of its own in it."""
    return re.search(r"(?:^|[.)] |[a-z] (?=[A-Z]{5}))[A-Z][A-Za-z ]{4,}:", text) is not None


def granted(grant: Grant) -> tuple[str | None, ...]:
    """Returns a grant's parts; without an acronym between them, a slash in number or agency parts them as well."""
    number, acronym, agency, country = (part or None for part in astuple(grant))
    if acronym is None and "/" in f"{number}{agency}":
        return "/".join(filter(None, (number, agency))), country
    return number, acronym, agency, country


def named(person: Author) -> tuple[str | None, ...]:
    """Returns a person's name; one without fore name is written with the initials in its place."""
    fore = person.fore_name or person.initials
    return person.last_name, fore, person.initials, person.suffix, person.collective_name


def folded(text: str) -> str:
    """Returns a text with its line ends as blanks, as the format has them."""
    return re.sub(r"\s+", " ", text).strip()
