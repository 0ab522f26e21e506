"""Imports PubMed XML files as `import --all` does and compares every stored value with what Bio.Entrez.read reads.

    python -m benchmarks.compare_with_biopython ../shared/data/real_pubmed.xml ../shared/data/pubmed20n1015.xml.gz

Distinct PMIDs are counted a third way, by a pattern over the bytes. Exit code 1 where anything differs.
"""

import argparse
import gzip
import io
import json
import re
import sqlite3
import sys
import tempfile
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from html import unescape
from pathlib import Path
from typing import Any

from Bio import Entrez

from db.store.store import open_store
from harvest.sync.bulk import Selection, import_files

Fields = dict[str, Any]

#: With escape=True, every sign of the text itself comes as a reference: what looks like a tag is one.
_TAG = re.compile(r"<[^<>]+>")
_PMID = re.compile(rb"<(?:MedlineCitation|BookDocument)\b[^>]*>\s*<PMID\b[^>]*>(\d+)<")
_EMPTY: Fields = {}
_NAMES = ("LastName", "ForeName", "Initials", "Suffix", "CollectiveName")


def plain(text: object) -> str:
    """Returns the text of what Bio.Entrez gives with escape=True: tags dropped, references resolved, spaces folded."""
    return " ".join(unescape(_TAG.sub("", str(text))).split())


def read_bytes(path: Path) -> bytes:
    """Reads a file, packed or not; Biopython refuses a DOCTYPE with http, so that becomes https."""
    data = gzip.decompress(path.read_bytes()) if path.suffix == ".gz" else path.read_bytes()
    return data.replace(b'"http://dtd.nlm.nih.gov', b'"https://dtd.nlm.nih.gov', 1)


def entrez_fields(data: bytes) -> Iterator[tuple[int, tuple[int, str], Fields]]:
    """Yields PMID, revision (version and date) and compared fields of every record as Bio.Entrez reads them."""
    read = Entrez.read(io.BytesIO(data), escape=True)
    for record in read["PubmedArticle"]:
        citation = record["MedlineCitation"]
        fields = _article_fields(citation, record["PubmedData"])
        yield int(citation["PMID"]), _revision(citation), fields
    for record in read["PubmedBookArticle"]:
        document = record["BookDocument"]
        yield int(document["PMID"]), _revision(document), _book_fields(document)


def newest(records: Iterable[tuple[int, tuple[int, str], Fields]]) -> dict[int, Fields]:
    """Returns the fields of the newest revision of each PMID, the last one on a tie."""
    held: dict[int, tuple[tuple[int, str], Fields]] = {}
    for pmid, revision, fields in records:
        if pmid not in held or revision >= held[pmid][0]:
            held[pmid] = (revision, fields)
    return {pmid: fields for pmid, (_, fields) in held.items()}


def _revision(record: Any) -> tuple[int, str]:
    return int(record["PMID"].attributes["Version"]), _date(record.get("DateRevised")) or ""


def _date(date: Any) -> str | None:
    return "-".join(date[key] for key in ("Year", "Month", "Day")) if date else None


def _article_fields(citation: Any, data: Any) -> Fields:
    source = citation["Article"]
    issue = source["Journal"]["JournalIssue"]
    date = issue["PubDate"]
    years = re.findall(r"\d{4}", date.get("Year") or date.get("MedlineDate") or "")
    return {
        "title": _title(source),
        "abstract": _abstract(source),
        "sections": _sections(source),
        "authors": _authors(source.get("AuthorList", [])),
        "affiliations": _affiliations(source.get("AuthorList", [])),
        "journal": plain(source["Journal"]["Title"]),
        "ISO abbreviation": plain(source["Journal"].get("ISOAbbreviation", ""))
        or plain(citation["MedlineJournalInfo"].get("MedlineTA", "")),
        "ISSN": plain(source["Journal"].get("ISSN", "")),
        "year": int(years[0]) if years else None,
        "doi": _doi(source, data),
        "pmcid": _own_ids(data).get("pmc"),
        "mesh": [
            (
                heading["DescriptorName"].attributes["UI"],
                plain(heading["DescriptorName"]),
                [(q.attributes["UI"], plain(q), q.attributes["MajorTopicYN"]) for q in heading["QualifierName"]],
            )
            for heading in citation.get("MeshHeadingList", [])
        ],
        "publication types": [(kind.attributes["UI"], plain(kind)) for kind in source["PublicationTypeList"]],
        "supplementary concepts": [plain(concept) for concept in citation.get("SupplMeshList", [])],
        "languages": ";".join(source["Language"]).lower(),
        "vernacular title": plain(source.get("VernacularTitle", "")),
        "volume, issue": tuple(plain(issue.get(key, "")) for key in ("Volume", "Issue")),
        "pages": plain(source.get("Pagination", _EMPTY).get("MedlinePgn", "")) or _article_number(source),
        "keywords": [plain(keyword) for group in citation.get("KeywordList", []) for keyword in group],
        "chemicals": [plain(chemical["NameOfSubstance"]) for chemical in citation.get("ChemicalList", [])],
        "grants": [plain(grant.get("GrantID", "")) for grant in source.get("GrantList", [])],
        "notices": [
            (entry.attributes["RefType"], plain(entry.get("RefSource", "")), int(entry.get("PMID", 0)))
            for entry in citation.get("CommentsCorrectionsList", [])
        ],
        "data banks": [
            plain(number)
            for bank in source.get("DataBankList", [])
            for number in bank.get("AccessionNumberList", [])
            if plain(number)
        ],
        "other abstracts": [_abstract({"Abstract": other}) for other in citation.get("OtherAbstract", [])],
        "status": citation.attributes["Status"],
        "revised": _date(citation.get("DateRevised")),
        "history": [entry.attributes["PubStatus"] for entry in data.get("History", [])],
    }


def _book_fields(document: Any) -> Fields:
    book = document["Book"]
    groups = [*book.get("AuthorList", []), *document.get("AuthorList", [])]
    people = [group for group in groups if group.attributes.get("Type") != "editors"]
    return {
        "title": plain(document.get("ArticleTitle", book["BookTitle"])),
        "abstract": _abstract(document),
        "sections": _sections(document),
        "authors": _authors([author for group in people for author in group]),
        "year": int(book["PubDate"]["Year"]),
        "publication types": [(kind.attributes["UI"], plain(kind)) for kind in document["PublicationType"]],
        "book": plain(book["BookTitle"]),
    }


def _title(source: Any) -> str:
    """The title, or the vernacular one where PubMed has no other."""
    title = plain(source["ArticleTitle"])
    return title if title not in ("", "[Not Available].") else plain(source.get("VernacularTitle", "")) or title


def _article_number(source: Any) -> str:
    """The number that stands in place of pages: the record's own valid ELocationID of the publisher."""
    numbers = [known for known in source["ELocationID"] if known.attributes["EIdType"] == "pii"]
    return next((plain(known) for known in numbers if known.attributes.get("ValidYN", "Y") == "Y"), "")


def _abstract(source: Any) -> str:
    return "\n".join(filter(None, (plain(text) for text in source.get("Abstract", _EMPTY).get("AbstractText", []))))


def _sections(source: Any) -> list[tuple[str, str, str]]:
    """The parts of a structured abstract as label, category and text."""
    texts = [text for text in source.get("Abstract", _EMPTY).get("AbstractText", []) if plain(text)]
    labels = [getattr(text, "attributes", _EMPTY) for text in texts]
    if len(texts) < 2 and not any(label.get("Label") or label.get("NlmCategory") for label in labels):
        return []
    return [
        (plain(label.get("Label", "")), label.get("NlmCategory", ""), plain(text))
        for label, text in zip(labels, texts, strict=True)
    ]


def _valid(people: Any) -> list[Any]:
    return [person for person in people if person.attributes.get("ValidYN", "Y") == "Y"]


def _authors(people: Any) -> list[tuple[str, ...]]:
    return [tuple(plain(person.get(key, "")) for key in _NAMES) for person in _valid(people)]


def _affiliations(people: Any) -> list[str]:
    return ["; ".join(plain(info["Affiliation"]) for info in person["AffiliationInfo"]) for person in _valid(people)]


def _own_ids(data: Any) -> dict[str, str]:
    ids: dict[str, str] = {}
    for known in data["ArticleIdList"]:
        ids.setdefault(known.attributes.get("IdType", "pubmed"), plain(known))
    return ids


def _doi(source: Any, data: Any) -> str | None:
    located = [plain(known) for known in source["ELocationID"] if known.attributes["EIdType"] == "doi"]
    return _own_ids(data).get("doi") or (located[0] if located else None)


def import_all(paths: Sequence[Path], store: Path) -> int:
    """Imports files into a fresh store, as `ho-tracker import --all` does; returns how many records were unreadable."""
    with open_store(store) as opened:
        report = import_files(opened, paths, Selection("all", lambda _article: True))
    return int(report.extra["unreadable"])


def stored_fields(store: Path) -> dict[int, Fields]:
    """Returns the compared fields of every article as its tables hold them."""
    connection = sqlite3.connect(store)
    connection.row_factory = sqlite3.Row
    try:
        articles = connection.execute("SELECT * FROM articles ORDER BY pmid").fetchall()
        return {article["pmid"]: _stored(article, _Parts(connection, article["pmid"])) for article in articles}
    finally:
        connection.close()


class _Parts:
    """The rows that belong to one article."""

    def __init__(self, connection: sqlite3.Connection, pmid: int) -> None:
        self._connection, self._pmid = connection, pmid

    def __call__(self, table: str, columns: str) -> list[tuple[Any, ...]]:
        """Returns rows of a table in their order, absent values as empty texts."""
        sql = f"SELECT {columns} FROM {table} WHERE pmid = ? ORDER BY position"
        rows = self._connection.execute(sql, [self._pmid])
        return [tuple("" if value is None else value for value in row) for row in rows]

    def texts(self, table: str, column: str) -> list[str]:
        """Returns one column of a table's rows in their order."""
        return [value for (value,) in self(table, column)]


def _stored(article: sqlite3.Row, parts: _Parts) -> Fields:
    abstract = article["abstract"] or ""
    fields: Fields = {
        "title": article["title"],
        "abstract": abstract,
        "sections": [
            (label, category, abstract[start:end])
            for label, category, start, end in parts("sections", 'label, category, start, "end"')
        ],
        "authors": parts("authors", "last_name, fore_name, initials, suffix, collective_name"),
        "year": article["year"],
        "publication types": parts("publication_types", "ui, term"),
    }
    if article["kind"] == "book":
        return fields | {"book": article["book_title"]}
    return fields | {
        "affiliations": parts.texts("authors", "affiliation"),
        "journal": article["journal"],
        "ISO abbreviation": article["iso_abbreviation"] or "",
        "ISSN": article["issn"] or "",
        "doi": article["doi"],
        "pmcid": article["pmcid"],
        "mesh": [
            (ui, term, [(q["ui"], q["term"], "Y" if q["major"] else "N") for q in json.loads(qualifiers)])
            for ui, term, qualifiers in parts("mesh_headings", "ui, term, qualifiers")
        ],
        "supplementary concepts": parts.texts("supplementary_concepts", "term"),
        "languages": article["language"],
        "vernacular title": article["vernacular_title"] or "",
        "volume, issue": (article["volume"] or "", article["issue"] or ""),
        "pages": article["pages"] or "",
        "keywords": parts.texts("keywords", "term"),
        "chemicals": parts.texts("chemicals", "term"),
        "grants": parts.texts("grants", "number"),
        "notices": parts("notices", "kind, source, coalesce(ref_pmid, 0)"),
        "data banks": [
            number for number, found_in in parts("registry_numbers", "number, found_in") if found_in == "databank"
        ],
        "other abstracts": parts.texts("other_abstracts", "text"),
        "status": article["status"],
        "revised": article["revised_date"],
        "history": parts.texts("history_dates", "status"),
    }


def compare(paths: Sequence[Path]) -> bool:
    """Prints how far the store and the other reading agree; says whether they do in everything."""
    data = [read_bytes(path) for path in paths]
    expected = newest(record for part in data for record in entrez_fields(part))
    counted = {int(pmid) for part in data for pmid in _PMID.findall(part)}
    with tempfile.TemporaryDirectory() as folder:
        store = Path(folder) / "ho.db"
        unreadable = import_all(paths, store)
        found = stored_fields(store)
    print(f"distinct PMIDs: {len(found)} stored, {len(expected)} by Bio.Entrez, {len(counted)} by pattern")
    print(f"unreadable records: {unreadable}")
    agreed, total, shown = Counter[str](), Counter[str](), 0
    for pmid, fields in expected.items():
        for name, value in fields.items():
            total[name] += 1
            same = pmid in found and found[pmid][name] == value
            agreed[name] += same
            if not same and shown < 20:
                shown += 1
                print(
                    f"  {pmid} {name}:\n    stored     {found.get(pmid, _EMPTY).get(name)!r}\n    Bio.Entrez {value!r}"
                )
    for name in total:
        print(f"  {name:22} {agreed[name]:6} of {total[name]:6}  {100 * agreed[name] / total[name]:6.2f} %")
    return agreed == total and set(found) == set(expected) == counted and not unreadable


def main() -> None:
    """Compares all files given as one import."""
    parser = argparse.ArgumentParser(description="Compare the store with Bio.Entrez.read.")
    parser.add_argument("files", nargs="+", type=Path)
    sys.exit(0 if compare(parser.parse_args().files) else 1)


if __name__ == "__main__":
    main()
