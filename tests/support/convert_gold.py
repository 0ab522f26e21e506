"""Converts gold-form records (JSONL) to PubMed XML: makes the bundled samples.

    python -m tests.support.convert_gold nlp/training/gold/dev_ortho.jsonl nlp/training/gold/dev_other.jsonl
    python -m tests.support.convert_gold --plain db/topics/osteonecrosis/sample/gold.jsonl -o RECORDS.xml

Every record is made up. A few are dressed with odd forms that real records have (tests/support/sample_dressing.py). The
same input gives the same bytes.
"""

import argparse
import json
from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

from db.model import Article, ArticleId, Author, HistoryDate, Keyword, MeshHeading, Qualifier, Term
from db.sections import SECTION_SEPARATOR, Section
from harvest.pubmed.values.dates import parse_medline_date
from harvest.pubmed.write import write_article, write_set
from harvest.sample import sample_path
from tests.support.sample_dressing import ADDITIONS, MARKUP, dressing

COMMENT = (
    "MADE UP: every record in this file was written for ho-tracker's sample and tests. None is a real article: PMIDs"
    " start at 90000001, DOIs use the test prefix 10.5555, people and registry numbers are invented."
)
TYPE_UIS = {
    "Case Reports": "D002363",
    "Clinical Trial": "D016430",
    "Clinical Trial, Phase II": "D017427",
    "Clinical Trial, Phase III": "D017428",
    "Comment": "D016420",
    "Comparative Study": "D003160",
    "Controlled Clinical Trial": "D018848",
    "English Abstract": "D004740",
    "Journal Article": "D016428",
    "Letter": "D016422",
    "Meta-Analysis": "D017418",
    "Multicenter Study": "D016448",
    "Practice Guideline": "D017065",
    "Randomized Controlled Trial": "D016449",
    "Research Support, Non-U.S. Gov't": "D013485",
    "Retracted Publication": "D016441",
    "Review": "D016454",
    "Systematic Review": "D000078182",
}
QUALIFIER_UIS = {
    "administration & dosage": "Q000008",
    "adverse effects": "Q000009",
    "analysis": "Q000032",
    "blood": "Q000097",
    "chemically induced": "Q000139",
    "complications": "Q000150",
    "diagnosis": "Q000175",
    "diagnostic imaging": "Q000000981",
    "drug effects": "Q000187",
    "drug therapy": "Q000188",
    "epidemiology": "Q000453",
    "etiology": "Q000209",
    "genetics": "Q000235",
    "immunology": "Q000276",
    "injuries": "Q000293",
    "metabolism": "Q000378",
    "methods": "Q000379",
    "pathology": "Q000473",
    "pharmacology": "Q000494",
    "prevention & control": "Q000517",
    "radiotherapy": "Q000532",
    "rehabilitation": "Q000534",
    "surgery": "Q000601",
    "therapeutic use": "Q000627",
    "therapy": "Q000628",
}


def read_gold(paths: list[Path]) -> Iterator[Article]:
    """Yields the records of gold files as articles, without their annotations."""
    for path in paths:
        with path.open(encoding="utf-8") as lines:
            for line in lines:
                if line.strip():
                    yield to_article(json.loads(line))


def _joined(parts: list[tuple[str | None, str]]) -> dict[str, Any]:
    """The abstract and the sections that labelled texts make."""
    sections: list[Section] = []
    start = 0
    for label, text in parts:
        sections.append(Section(label, None, start, start + len(text)))
        start += len(text) + len(SECTION_SEPARATOR)
    return {"abstract": SECTION_SEPARATOR.join(text for _, text in parts), "sections": tuple(sections)}


def to_article(record: dict[str, Any]) -> Article:
    """Makes an article of one gold-form record; fields that the form may lack are left out."""
    sections = [(part["label"], part["text"]) for part in record["abstract"]]
    text = _joined(sections) if sections else {}
    if len(sections) == 1 and sections[0][0] is None:
        text["sections"] = ()
    words = record.get("medline_date") or " ".join(filter(None, (record.get("year"), record.get("month"))))
    date = parse_medline_date(words)
    types = record["publication_types"]
    doi, pmc = record.get("doi"), record.get("pmc")
    ids = ([ArticleId("doi", doi)] if doi else []) + ([ArticleId("pmc", pmc)] if pmc else [])
    return Article(
        pmid=int(record["pmid"]),
        version=1,
        title=record["title"],
        abstract=text.get("abstract"),
        xml=b"",
        sections=text.get("sections", ()),
        authors=tuple(_author(author) for author in record.get("authors", ())),
        journal=record.get("journal"),
        iso_abbreviation=record.get("iso"),
        medline_abbreviation=record.get("iso"),
        volume=record.get("volume") or None,
        issue=record.get("issue") or None,
        pages=record.get("pages") or None,
        year=date.year,
        publication_date=date.iso,
        publication_date_verbatim=date.verbatim,
        publication_model="Print",
        publication_status="ppublish",
        languages=(record.get("language", "eng"),),
        doi=doi,
        pmcid=pmc,
        article_ids=tuple(ids),
        publication_types=tuple(Term(TYPE_UIS.get(name, ""), name) for name in types),
        mesh_headings=tuple(_heading(heading) for heading in record["mesh"]),
        keywords=tuple(Keyword(term, False, "NOTNLM") for term in record["keywords"]),
        status="MEDLINE" if record["mesh"] else "In-Process",
        **_dates(date.iso or "", bool(record["mesh"])),
    )


def _author(author: dict[str, str]) -> Author:
    if "collective" in author:
        return Author(collective_name=author["collective"])
    return Author(author["last"], author.get("fore"), author.get("initials"), affiliation=author.get("affiliation"))


def _heading(heading: dict[str, Any]) -> MeshHeading:
    qualifiers = tuple(Qualifier(QUALIFIER_UIS.get(name, ""), name, False) for name in heading["qualifiers"])
    return MeshHeading(heading["ui"], heading["term"], heading["major"], qualifiers)


def _dates(published: str, indexed: bool) -> dict[str, Any]:
    """Makes dates in PubMed's order: into Entrez on the day of publication, indexed and revised later."""
    if not published:
        return {}
    year, month = int(published[:4]), int(published[5:7] or 1)
    entrez, completed = f"{year}-{month:02d}-10", f"{year + 1}-{month:02d}-15"
    return {
        "history": (HistoryDate("pubmed", entrez), HistoryDate("entrez", entrez)),
        "entrez_date": entrez,
        "completed_date": completed if indexed else None,
        "revised_date": f"{year + 1}-{month:02d}-20" if indexed else entrez,
    }


def sample_records(paths: list[Path], additions: Sequence[Article] = ADDITIONS) -> Iterator[bytes]:
    """Yields the sample's records as XML: the gold ones, some dressed, and those that only the sample has."""
    for article in (*read_gold(paths), *additions):
        dressed = replace(article, **dressing(article))
        xml = write_article(dressed)
        for plain, marked in MARKUP.get(article.pmid, ()):
            assert plain.encode() in xml, (article.pmid, plain)
            xml = xml.replace(plain.encode(), marked.encode(), 1)
        yield xml


def main() -> None:
    """Writes the sample."""
    parser = argparse.ArgumentParser(description="Convert gold-form records to PubMed XML.")
    parser.add_argument("files", nargs="+", type=Path, metavar="RECORDS.jsonl")
    parser.add_argument("--plain", action="store_true", help="without the records that only the first sample has")
    parser.add_argument("-o", "--output", type=Path, help="default: the sample of the topic in force")
    arguments = parser.parse_args()
    records = list(sample_records(arguments.files, () if arguments.plain else ADDITIONS))
    output = arguments.output or sample_path()
    output.write_bytes(write_set(records, COMMENT))
    print(f"{output}: {len(records)} records, {output.stat().st_size} bytes")


if __name__ == "__main__":
    main()
