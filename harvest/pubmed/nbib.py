"""`.nbib` files, PubMed's export for citation managers (MEDLINE format), to articles.

The format carries less than the XML: no section labels of its own, no UIs, no notices' kinds beyond their tags. What it
has is brought into the XML form, so that a record from such a file can be stored and read again like any other.
"""

import re
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

from Bio import Medline

from db.model import (
    SECTION_SEPARATOR,
    Article,
    ArticleId,
    Author,
    BadRecord,
    Grant,
    HistoryDate,
    Keyword,
    MeshHeading,
    Notice,
    OtherAbstract,
    Qualifier,
    RegistryNumber,
    Section,
    Term,
)
from db.notices import KIND_OF_TAG, RETRACTED_PUBLICATION, RETRACTION_OF_PUBLICATION
from harvest.pubmed.dates import parse_medline_date
from harvest.pubmed.errors import EmptyInputError, MissingFileError, PubmedInputError
from harvest.pubmed.parts import normal_id, normal_orcid
from harvest.pubmed.text import fold
from harvest.pubmed.write import write_article
from harvest.pubmed.xml import parse_article

_RETRACTED = {"Retracted Publication": RETRACTED_PUBLICATION, "Retraction of Publication": RETRACTION_OF_PUBLICATION}
_PMID_IN_NOTICE = re.compile(r"[\s.]*\bPMID:\s*(\d+)\.?\s*$")
_HISTORY = re.compile(r"(\d{4}/\d{2}/\d{2})[^\[]*\[(\w+)\]")
_ID = re.compile(r"(.+?)\s*\[(\w+)\]")
_ISSN = re.compile(r"(\d{4}-\d{3}[\dXx]) \((\w+)\)")
_CHEMICAL = re.compile(r"(\S+) \((.+)\)")
#: A section label, which PubMed writes into the text in capitals: at its start, or after a sentence.
_LABEL = re.compile(r"(?:^|(?<=[.?!)\]] ))([A-Z][A-Z &/,'()-]{2,60}):\s+")


def parse_nbib(source: Path) -> Iterator[Article | BadRecord]:
    """Yields the articles of a `.nbib` file in its order.

    A record without a PMID or title comes as a BadRecord. Raises MissingFileError, EmptyInputError, and
    PubmedInputError for a file that holds no MEDLINE record at all.
    """
    try:
        text = source.read_text(encoding="utf-8-sig")
    except FileNotFoundError:
        raise MissingFileError(f"{source}: no such file; check the path") from None
    except (OSError, UnicodeDecodeError) as error:
        raise PubmedInputError(f"{source}: can't be read as UTF-8 text ({error}); export it again") from None
    if not text.strip():
        raise EmptyInputError(f"{source}: empty; nothing was read")
    records = [_unfolded(block) for block in re.split(r"\n\s*\n", text.replace("\r\n", "\n")) if block.strip()]
    if not any(line.startswith(("PMID-", "TI  -")) for lines in records for line in lines):
        raise PubmedInputError(f"{source}: holds no MEDLINE record; export it from PubMed in the format PubMed")
    for position, lines in enumerate(records, 1):
        yield _article(lines, position)


def _unfolded(block: str) -> list[str]:
    """Returns the fields of a record, each on one line."""
    return re.sub(r"\n {6}\s*", " ", block).strip("\n").split("\n")


def _article(lines: list[str], position: int) -> Article | BadRecord:
    record: dict[str, Any] = Medline.read(lines)
    pmid = str(record.get("PMID", ""))
    if not pmid.isdigit():
        reason = fold(" ".join(lines))[:80]
        return BadRecord(None, position, f"it has no PMID ({reason})")
    if not (record.get("TI") or record.get("BTI")):
        return BadRecord(int(pmid), position, "it has no title")
    article = Article(pmid=int(pmid), version=1, title="", abstract=None, xml=b"")
    for part in (_text, _journal, _dates, _ids, _indexing):
        article = replace(article, **part(record))
    article = replace(article, authors=_authors(lines), notices=_notices(record))
    return parse_article(write_article(article))


def _first(record: dict[str, Any], *tags: str) -> str | None:
    for tag in tags:
        if value := record.get(tag):
            return fold(value if isinstance(value, str) else value[0])
    return None


def _text(record: dict[str, Any]) -> dict[str, Any]:
    abstract = _first(record, "AB")
    labels = list(_LABEL.finditer(abstract)) if abstract else []
    fields: dict[str, Any] = {"title": _first(record, "TI", "BTI") or "", "abstract": abstract}
    if abstract and labels and labels[0].start() == 0:
        ends = [match.start() for match in labels[1:]] + [len(abstract)]
        parts = [(m.group(1), abstract[m.end() : end].strip()) for m, end in zip(labels, ends, strict=True)]
        fields |= join_sections([(label, text) for label, text in parts if text])
    return fields | {
        "vernacular_title": _first(record, "TT"),
        "abstract_copyright": _first(record, "CI"),
        "other_abstracts": tuple(OtherAbstract("Publisher", None, fold(text)) for text in record.get("OAB", ())),
        "keywords": tuple(
            Keyword(fold(text.lstrip("*")), text.startswith("*"), _first(record, "OTO"))
            for text in record.get("OT", ())
        ),
        "conflict_of_interest": _first(record, "COIS"),
    }


def join_sections(parts: list[tuple[str | None, str]]) -> dict[str, Any]:
    """Returns `abstract` and `sections` made of labelled texts."""
    sections: list[Section] = []
    start = 0
    for label, text in parts:
        sections.append(Section(label, None, start, start + len(text)))
        start += len(text) + len(SECTION_SEPARATOR)
    return {"abstract": SECTION_SEPARATOR.join(text for _, text in parts), "sections": tuple(sections)}


def _journal(record: dict[str, Any]) -> dict[str, Any]:
    issns = {kind: number for number, kind in _ISSN.findall(_first(record, "IS") or "")}
    kind = next((kind for kind in ("Print", "Electronic") if kind in issns), None)
    return {
        "journal": _first(record, "JT"),
        "iso_abbreviation": _first(record, "TA"),
        "medline_abbreviation": _first(record, "TA"),
        "nlm_unique_id": _first(record, "JID"),
        "issn": issns.get(kind) if kind else None,
        "issn_type": kind,
        "issn_linking": issns.get("Linking"),
        "country": _first(record, "PL"),
        "volume": _first(record, "VI"),
        "issue": _first(record, "IP"),
        "pages": _first(record, "PG"),
        "languages": tuple(record.get("LA", ())),
    }


def _dates(record: dict[str, Any]) -> dict[str, Any]:
    date = parse_medline_date(_first(record, "DP") or "")
    history = [(status, day) for entry in record.get("PHST", ()) for day, status in _HISTORY.findall(entry)]
    if entrez := _first(record, "EDAT"):
        history = [entry for entry in history if entry[0] != "entrez"] + [("entrez", entrez)]
    return {
        "year": date.year,
        "publication_date": date.iso,
        "publication_date_verbatim": date.verbatim,
        "electronic_date": _iso(_first(record, "DEP")),
        "completed_date": _iso(_first(record, "DCOM")),
        "revised_date": _iso(_first(record, "LR")),
        "history": tuple(HistoryDate(status, day) for status, text in history if (day := _iso(text))),
        "status": _first(record, "STAT"),
        "publication_status": _first(record, "PST"),
    }


def _iso(text: str | None) -> str | None:
    digits = re.sub(r"\D", "", text or "")
    return f"{digits[:4]}-{digits[4:6]}-{digits[6:8]}" if len(digits) >= 8 else None


def _ids(record: dict[str, Any]) -> dict[str, Any]:
    found = [match for text in (record.get("LID"), *record.get("AID", ())) for match in _ID.findall(text or "")]
    ids = [ArticleId(kind, normal_id(kind, fold(value))) for value, kind in found]
    if pmc := _first(record, "PMC"):
        ids.append(ArticleId("pmc", normal_id("pmc", pmc)))
    numbers = [text.partition("/") for text in record.get("SI", ())]
    return {
        "article_ids": tuple(dict.fromkeys(ids)),
        "registry_numbers": tuple(RegistryNumber(bank, number, "databank") for bank, _, number in numbers if number),
        "grants": tuple(_grant(text) for text in record.get("GR", ())),
    }


def _grant(text: str) -> Grant:
    """Reads "NUMBER/ACRONYM/AGENCY/COUNTRY", of which the first two may lack."""
    parts: list[str | None] = [part or None for part in fold(text).split("/")]
    country = parts.pop() if len(parts) > 1 else None
    agency = parts.pop()
    acronym = parts.pop() if len(parts) > 1 else None
    return Grant("/".join(filter(None, parts)) or None, acronym, agency, country)


def _indexing(record: dict[str, Any]) -> dict[str, Any]:
    chemicals = [match for text in record.get("RN", ()) if (match := _CHEMICAL.fullmatch(fold(text)))]
    return {
        "publication_types": tuple(Term(_RETRACTED.get(name, ""), name) for name in record.get("PT", ())),
        "mesh_headings": tuple(_heading(fold(text)) for text in record.get("MH", ())),
        "chemicals": tuple(Term("", match[2], None if match[1] == "0" else match[1]) for match in chemicals),
        "supplementary_concepts": tuple(Term("", fold(text)) for text in record.get("NM", ())),
    }


def _heading(text: str) -> MeshHeading:
    """Reads "*Term/qualifier/*qualifier", the star being that of a major topic."""
    term, *names = text.split("/")
    qualifiers = tuple(Qualifier("", name.lstrip("*"), name.startswith("*")) for name in names)
    return MeshHeading("", term.lstrip("*"), "*" in text, qualifiers)


def _notices(record: dict[str, Any]) -> tuple[Notice, ...]:
    notices = []
    for tag, kind in KIND_OF_TAG.items():
        for text in record.get(tag, ()):
            found = _PMID_IN_NOTICE.search(text)
            source = fold(text[: found.start()] if found else text)
            notices.append(Notice(kind, int(found.group(1)) if found else None, source or None))
    return tuple(notices)


def _authors(lines: list[str]) -> tuple[Author, ...]:
    """Reads the authors with what belongs to each, which stands after the name; Bio.Medline would part them."""
    authors: list[dict[str, Any]] = []
    for line in lines:
        tag, value = line[:4].strip(), fold(line[6:])
        if tag == "FAU":
            last, _, fore = value.partition(", ")
            authors.append({"last_name": last, "fore_name": fore or None})
        elif tag == "CN":
            authors.append({"collective_name": value})
        elif tag == "AU" and authors and "initials" not in authors[-1] and authors[-1].get("last_name"):
            authors[-1] |= _initials(authors[-1]["last_name"], value)
        elif tag == "AU":
            last, _, initials = value.rpartition(" ")
            authors.append({"last_name": last or initials, "initials": initials if last else None})
        elif tag == "AUID" and authors:
            authors[-1]["orcid"] = normal_orcid(value)
        elif tag == "AD" and authors:
            authors[-1]["affiliation"] = "; ".join(filter(None, (authors[-1].get("affiliation"), value)))
    return tuple(Author(**author) for author in authors)


def _initials(last_name: str, short_form: str) -> dict[str, str | None]:
    """Reads what follows the last name in "Smith JA Jr": initials and suffix."""
    rest = short_form.removeprefix(last_name).split()
    return {"initials": rest[0] if rest else None, "suffix": " ".join(rest[1:]) or None}
