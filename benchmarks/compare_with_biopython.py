"""Compares what the parser reads with what Bio.Entrez.read reads, field by field, over real PubMed files.

    python -m benchmarks.compare_with_biopython ../shared/data/real_pubmed.xml ../shared/data/pubmed20n1015.xml.gz

Distinct PMIDs are counted a third way, by a pattern over the bytes. Exit code 1 where anything differs.
"""

import argparse
import gzip
import io
import re
import sys
from collections import Counter
from collections.abc import Iterator
from html import unescape
from pathlib import Path
from typing import Any

from Bio import Entrez

from db.model import Article, Deletion
from harvest.pubmed_xml import parse_article, parse_articles

#: With escape=True, every sign of the text itself comes as a reference: what looks like a tag is one.
_TAG = re.compile(r"<[^<>]+>")
_PMID = re.compile(rb"<(?:MedlineCitation|BookDocument)\b[^>]*>\s*<PMID\b[^>]*>(\d+)<")
_EMPTY: dict[str, Any] = {}


def plain(text: object) -> str:
    """Returns the text of what Bio.Entrez gives with escape=True: tags dropped, references resolved, spaces folded."""
    return " ".join(unescape(_TAG.sub("", str(text))).split())


def read_bytes(path: Path) -> bytes:
    """Reads a file, packed or not; Biopython refuses a DOCTYPE with http, so that becomes https."""
    data = gzip.decompress(path.read_bytes()) if path.suffix == ".gz" else path.read_bytes()
    return data.replace(b'"http://dtd.nlm.nih.gov', b'"https://dtd.nlm.nih.gov', 1)


def entrez_fields(data: bytes) -> Iterator[tuple[int, dict[str, Any]]]:
    """Yields PMID and compared fields of every record as Bio.Entrez reads them."""
    read = Entrez.read(io.BytesIO(data), escape=True)
    for record in read["PubmedArticle"]:
        citation = record["MedlineCitation"]
        yield int(citation["PMID"]), _article_fields(citation, record["PubmedData"])
    for record in read["PubmedBookArticle"]:
        document = record["BookDocument"]
        yield int(document["PMID"]), _book_fields(document)


def _article_fields(citation: Any, data: Any) -> dict[str, Any]:
    source = citation["Article"]
    date = source["Journal"]["JournalIssue"]["PubDate"]
    years = re.findall(r"\d{4}", date.get("Year") or date.get("MedlineDate") or "")
    return {
        "title": plain(source["ArticleTitle"]),
        "abstract": _abstract(source),
        "authors": _authors(source.get("AuthorList", [])),
        "journal": plain(source["Journal"]["Title"]),
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
        "languages": [str(language) for language in source["Language"]],
        "vernacular title": plain(source["VernacularTitle"]) if "VernacularTitle" in source else None,
        "volume, issue": tuple(plain(source["Journal"]["JournalIssue"].get(key, "")) for key in ("Volume", "Issue")),
        "keywords": [plain(keyword) for group in citation.get("KeywordList", []) for keyword in group],
        "chemicals": [plain(chemical["NameOfSubstance"]) for chemical in citation.get("ChemicalList", [])],
        "grants": [plain(grant.get("GrantID", "")) for grant in source.get("GrantList", [])],
        "notices": [entry.attributes["RefType"] for entry in citation.get("CommentsCorrectionsList", [])],
        "revised": "-".join(citation["DateRevised"][key] for key in ("Year", "Month", "Day"))
        if "DateRevised" in citation
        else None,
        "history": [entry.attributes["PubStatus"] for entry in data.get("History", [])],
    }


def _book_fields(document: Any) -> dict[str, Any]:
    book = document["Book"]
    groups = [*book.get("AuthorList", []), *document.get("AuthorList", [])]
    people = [group for group in groups if group.attributes.get("Type") != "editors"]
    return {
        "title": plain(document.get("ArticleTitle", book["BookTitle"])),
        "abstract": _abstract(document),
        "authors": _authors([author for group in people for author in group]),
        "year": int(book["PubDate"]["Year"]),
        "publication types": [(kind.attributes["UI"], plain(kind)) for kind in document["PublicationType"]],
        "book": plain(book["BookTitle"]),
    }


def _abstract(source: Any) -> str:
    return "\n".join(filter(None, (plain(text) for text in source.get("Abstract", _EMPTY).get("AbstractText", []))))


def _authors(people: Any) -> list[tuple[str, ...]]:
    keys = ("LastName", "ForeName", "Initials", "Suffix", "CollectiveName")
    return [
        tuple(plain(person.get(key, "")) for key in keys)
        for person in people
        if person.attributes.get("ValidYN", "Y") == "Y"
    ]


def _own_ids(data: Any) -> dict[str, str]:
    ids: dict[str, str] = {}
    for known in data["ArticleIdList"]:
        ids.setdefault(known.attributes.get("IdType", "pubmed"), plain(known))
    return ids


def _doi(source: Any, data: Any) -> str | None:
    located = [plain(known) for known in source["ELocationID"] if known.attributes["EIdType"] == "doi"]
    return _own_ids(data).get("doi") or (located[0] if located else None)


def parsed_fields(article: Article) -> dict[str, Any]:
    """Returns the compared fields of an article, in the same form."""
    fields: dict[str, Any] = {
        "title": article.title,
        "abstract": article.abstract or "",
        "authors": [
            tuple(part or "" for part in (a.last_name, a.fore_name, a.initials, a.suffix, a.collective_name))
            for a in article.authors
        ],
        "year": article.year,
        "publication types": [(kind.ui, kind.term) for kind in article.publication_types],
    }
    if article.book:
        return fields | {"book": article.book.title}
    return fields | {
        "journal": article.journal,
        "doi": article.doi,
        "pmcid": article.pmcid,
        "mesh": [
            (h.ui, h.term, [(q.ui, q.term, "Y" if q.major else "N") for q in h.qualifiers])
            for h in article.mesh_headings
        ],
        "languages": list(article.languages),
        "vernacular title": article.vernacular_title,
        "volume, issue": (article.volume or "", article.issue or ""),
        "keywords": [keyword.term for keyword in article.keywords],
        "chemicals": [chemical.term for chemical in article.chemicals],
        "grants": [grant.number or "" for grant in article.grants],
        "notices": [notice.kind for notice in article.notices],
        "revised": article.revised_date,
        "history": [entry.status for entry in article.history],
    }


def compare(path: Path) -> bool:
    """Prints how far the two readings of a file agree; says whether they do in everything."""
    data = read_bytes(path)
    parsed = list(parse_articles(path))
    articles = [item for item in parsed if isinstance(item, Article)]
    bad = [item for item in parsed if not isinstance(item, Article | Deletion)]
    counted = {int(pmid) for pmid in _PMID.findall(data)}
    agreed, total, shown = Counter[str](), Counter[str](), 0
    records = list(entrez_fields(data))
    articles.sort(key=lambda article: article.book is not None)  # as Bio.Entrez gives them: books last
    for (pmid, expected), article in zip(records, articles, strict=True):
        found = parsed_fields(article)
        assert pmid == article.pmid
        for name, value in expected.items():
            total[name] += 1
            agreed[name] += found[name] == value
            if found[name] != value and shown < 20:
                shown += 1
                print(f"  {pmid} {name}:\n    here      {found[name]!r}\n    Bio.Entrez {value!r}")
    again = sum(parse_article(article.xml) == article for article in articles)
    print(f"{path}: {len(articles)} articles, {len(bad)} bad records")
    print(f"  distinct PMIDs: {len({a.pmid for a in articles})} here, {len({p for p, _ in records})} Bio.Entrez,")
    print(f"                  {len(counted)} by pattern; {again} articles the same again from their stored form")
    for name in total:
        print(f"  {name:20} {agreed[name]:6} of {total[name]:6}  {100 * agreed[name] / total[name]:6.2f} %")
    return agreed == total and counted == {a.pmid for a in articles} and not bad and again == len(articles)


def main() -> None:
    """Compares every file given."""
    parser = argparse.ArgumentParser(description="Compare the parser with Bio.Entrez.read.")
    parser.add_argument("files", nargs="+", type=Path)
    results = [compare(path) for path in parser.parse_args().files]
    sys.exit(0 if all(results) else 1)


if __name__ == "__main__":
    main()
