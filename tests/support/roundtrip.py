"""Reads exported lists with readers that share no code with the writers, and compares every field with the articles.

Each reader turns one file into plain records; `differences` compares them with what the parsed articles say.
"""

import codecs
import csv
import io
import json
import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import astuple
from typing import Any
from urllib.parse import unquote

import bibtexparser
import latexcodec  # noqa: F401  (registers the codec that pybtex itself decodes with)
import nbib
import pybtex.database
import rispy
from bibtexparser.middlewares import SeparateCoAuthors, SplitNameParts
from Bio import Medline
from lxml import etree

from db.model import Article, Author

Plain = dict[str, Any]

_MARKS = {
    "RetractionIn": "RETRACTED",
    "RetractedandRepublishedIn": "RETRACTED",
    "PartialRetractionIn": "PARTIALLY RETRACTED",
    "ExpressionOfConcernIn": "EXPRESSION OF CONCERN",
    "CorrectedandRepublishedIn": "CORRECTED",
    "ErratumIn": "CORRECTED",
}


def folded(text: str | None) -> str:
    """Returns text with control characters and runs of white space as one blank."""
    kept = re.sub(r"[\x00-\x1f\x7f-\x9f\s\u2028\u2029]+", " ", text or "")
    return kept.strip()


def expected(article: Article) -> Plain:
    """Returns what every format must say about an article, from the parsed record alone."""
    abstract = article.abstract or ""
    parts = [f"{part.label or ''}: {abstract[part.start : part.end]}".removeprefix(": ") for part in article.sections]
    marks = {_MARKS.get(notice.kind) for notice in article.notices} | ({"RETRACTED"} if article.retracted else set())
    mark = next((word for word in dict.fromkeys(_MARKS.values()) if word in marks), None)
    title = folded(article.title)
    said = title.upper().lstrip("[").removeprefix(mark or "").removeprefix(" ARTICLE").lstrip()
    if mark and (said == title.upper().lstrip("[") or said[:1] not in (":", ".", "]")):
        title = f"{mark}: {title}"
    preprint = any(term.term == "Preprint" for term in article.publication_types)
    chapter = article.book is not None and article.book.title not in (None, article.title)
    return {
        "pmid": str(article.pmid),
        "type": "chapter" if chapter else "book" if article.book else "preprint" if preprint else "article",
        "title": folded(title),
        "authors": [author_parts(author) for author in article.authors],
        "editors": [author_parts(author) for author in (article.book.editors if article.book else ())],
        "journal": folded(article.book.title if chapter and article.book else article.journal),
        "abbreviation": folded(article.iso_abbreviation),
        "year": str(article.year or ""),
        "month": int(article.publication_date[5:7]) if len(article.publication_date or "") > 4 else None,  # type: ignore[index]
        "volume": folded(article.volume),
        "issue": folded(article.issue),
        "pages": full_range(article.pages),
        "doi": article.doi or "",
        "pmcid": (article.pmcid or "").split(".")[0],
        "issn": "" if article.book else article.issn or "",
        "languages": list(article.languages),
        "abstract": folded(" ".join(parts) if article.sections else article.abstract),
        "vernacular": folded(article.vernacular_title),
        "keywords": sorted({folded(entry.term).casefold() for entry in (*article.keywords, *article.mesh_headings)}),  # type: ignore[attr-defined]
        "mark": mark,
    }


def author_parts(author: Author) -> tuple[str, ...]:
    """Returns a person as (last, fore, suffix) without empty ends, a group as its one name."""
    if author.collective_name:
        return (folded(author.collective_name),)
    fore = author.fore_name or " ".join(author.initials or "")
    return tuple(filter(None, (folded(author.last_name), folded(fore), folded(author.suffix))))


def full_range(pages: str | None) -> str:
    """Returns "487-93" as "487-493": the first range of the field, written out."""
    text = re.split("[,;]", re.sub("[‐‑‒–—−]", "-", pages or ""))[0].strip()
    first, _, last = (part.strip() for part in text.partition("-"))
    if not last or last == first:
        return first
    if last.isdigit() and re.search(r"\d+$", first):
        digits = re.search(r"\d+$", first).group()  # type: ignore[union-attr]
        candidate = digits[: max(0, len(digits) - len(last))] + last
        if int(candidate) >= int(digits):
            return f"{first}-{first[: -len(digits)]}{candidate}"
    elif (tail := re.fullmatch(r"(\d+)([A-Za-z])", last)) and (head := re.fullmatch(r"(.*?)(\d+)([A-Za-z])", first)):
        candidate = head[2][: max(0, len(head[2]) - len(tail[1]))] + tail[1]
        return f"{first}-{head[1]}{candidate}{tail[2]}"
    return f"{first}-{last}"


def _range(first: str | None, last: str | None) -> str:
    return f"{first}-{last}" if last else first or ""


def _commas(name: str) -> tuple[str, ...]:
    return tuple(name.split(", "))


def read_ris(text: str) -> Iterator[Plain]:
    """Reads RIS with rispy."""
    kinds = {"JOUR": "article", "UNPB": "preprint", "CHAP": "chapter", "BOOK": "book"}
    for entry in rispy.loads(text):
        date = entry.get("date", "").split("/")
        yield {
            "pmid": entry["accession_number"],
            "type": kinds[entry["type_of_reference"]],
            "title": entry.get("title", ""),
            "authors": entry.get("authors", []),
            "editors": entry.get("secondary_authors", []) + entry.get("tertiary_authors", []),
            "journal": entry.get("secondary_title", ""),
            "abbreviation": entry.get("alternate_title1", ""),
            "year": entry.get("year", ""),
            "month": int(date[1]) if len(date) > 1 and date[1] else None,
            "volume": entry.get("volume", ""),
            "issue": entry.get("number", ""),
            "pages": _range(entry.get("start_page"), entry.get("end_page")),
            "doi": entry.get("doi", ""),
            "pmcid": entry.get("custom2", ""),
            "issn": "" if entry["type_of_reference"] != "JOUR" else entry.get("issn", ""),
            "languages": entry.get("language", "").split(", ") if entry.get("language") else [],
            "abstract": entry.get("abstract", ""),
            "vernacular": entry.get("original_publication", ""),
            "keywords": sorted(word.casefold() for word in entry.get("keywords", [])),
            "mark": _mark_of(entry.get("notes", [])),
        }


def _mark_of(notes: Iterable[str]) -> str | None:
    for note in notes:
        for mark in dict.fromkeys(_MARKS.values()):
            if note.startswith(f"{mark}."):
                return mark
    return None


_MONTHS = "jan feb mar apr may jun jul aug sep oct nov dec".split()


def read_bibtexparser(text: str) -> Iterator[Plain]:
    """Reads BibTeX with bibtexparser, names parted by its middleware, TeX decoded with latexcodec."""
    library = bibtexparser.parse_string(text, append_middleware=[SeparateCoAuthors()])
    assert not library.failed_blocks, library.failed_blocks[:1]
    parted = SplitNameParts(allow_inplace_modification=False).transform(library)
    for entry in parted.entries:
        raw = entry.fields_dict
        fields = {key: decode_tex(raw[key].value) for key in raw if key not in ("author", "editor")}
        people = {
            key: [_bibtex_parts(part.von, part.last, part.jr, part.first) for part in raw[key].value]
            for key in ("author", "editor")
            if key in raw
        }
        yield _bibtex_plain(entry.entry_type, fields, people)  # type: ignore[arg-type]


def read_pybtex(text: str) -> Iterator[Plain]:
    """Reads BibTeX with pybtex, TeX decoded with the codec that it uses."""
    for entry in pybtex.database.parse_string(text, "bibtex").entries.values():
        fields = {key.lower(): decode_tex(value) for key, value in entry.fields.items()}
        people = {
            role: [
                _bibtex_parts(p.prelast_names, p.last_names, p.lineage_names, p.first_names + p.middle_names)
                for p in persons
            ]
            for role, persons in entry.persons.items()
        }
        yield _bibtex_plain(entry.type, fields, people)


def _bibtex_parts(von: list[str], last: list[str], lineage: list[str], first: list[str]) -> tuple[str, ...]:
    parts = (" ".join([*von, *last]), " ".join(first), " ".join(lineage))
    return tuple(decode_tex(part) for part in parts if part)


#: What latexcodec does not know of TeX's own spelling of its special characters.
_SPELT_OUT = {
    "textbackslash{}": "\\",
    "textbraceleft{}": "{",
    "textbraceright{}": "}",
    "textasciitilde{}": "~",
    "textasciicircum{}": "^",
    "$": "$",
}


def decode_tex(text: str) -> str:
    """Returns TeX as Unicode, without grouping braces."""
    held = {f"\\{name}": chr(0xF0000 + number) for number, name in enumerate(_SPELT_OUT)}
    for command, stand_in in held.items():
        text = text.replace(command, stand_in)
    decoded = re.sub("[{}]", "", codecs.decode(text, "ulatex"))  # type: ignore[call-overload]
    for char, stand_in in zip(_SPELT_OUT.values(), held.values(), strict=True):
        decoded = decoded.replace(stand_in, char)
    return folded_keep(decoded)


def folded_keep(text: str) -> str:
    """Returns text with runs of white space as one blank."""
    return " ".join(text.split())


def _bibtex_plain(kind: str, fields: Mapping[str, Any], people: Mapping[str, list[tuple[str, ...]]]) -> Plain:
    month = str(fields.get("month", "")).lower()[:3]
    return {
        "pmid": fields["pmid"],
        "type": {"article": "article", "misc": "preprint", "incollection": "chapter", "book": "book"}[kind],
        "title": fields.get("title", ""),
        "authors": people.get("author", []),
        "editors": people.get("editor", []),
        "journal": fields.get("booktitle") or fields.get("journal", ""),
        "abbreviation": fields.get("shortjournal", ""),
        "year": fields.get("year", ""),
        "month": _MONTHS.index(month) + 1 if month in _MONTHS else int(month) if month else None,
        "volume": fields.get("volume", ""),
        "issue": fields.get("number", ""),
        "pages": re.sub("--|–", "-", fields.get("pages", "")),
        "doi": fields.get("doi", ""),
        "pmcid": fields.get("pmcid", ""),
        "issn": fields.get("issn", ""),
        "abstract": fields.get("abstract", ""),
        "vernacular": fields.get("origtitle", ""),
        "mark": _mark_of([fields.get("note", "")]),
    }


def read_medline(text: str) -> Iterator[Plain]:
    """Reads NBIB with Bio.Medline."""
    months = {name.title(): number for number, name in enumerate(_MONTHS, 1)}
    for entry in Medline.parse(io.StringIO(text)):
        date = sorted(entry.get("DP", "").split(), key=lambda word: not re.match(r"\d{4}", word))
        issns = re.findall(r"(\S+) \((?!Linking)", entry.get("IS", ""))
        yield {
            "pmid": entry["PMID"],
            "title": entry.get("TI", ""),
            "people": entry.get("FAU", []) + entry.get("CN", []),
            "journal": entry.get("JT") or _book_title(entry),
            "year": date[0] if date else "",
            "month": months.get(date[1][:3]) if len(date) > 1 else None,
            "volume": entry.get("VI", ""),
            "issue": entry.get("IP", ""),
            "raw_pages": entry.get("PG", ""),
            "doi": next((i[:-6] for i in entry.get("AID", []) if i.endswith(" [doi]")), ""),
            "pmcid": entry.get("PMC", ""),
            "issn": issns[0] if issns else "",
            "languages": entry.get("LA", []),
            "abstract": entry.get("AB", ""),
            "vernacular": entry.get("TT", ""),
            "types": entry.get("PT", []),
            "chemicals": entry.get("RN", []),
            "affiliations": "; ".join(entry.get("AD", [])),
            "grants": entry.get("GR", []),
            "orcids": [word.removeprefix("ORCID: ") for word in entry.get("AUID", [])],
            "mesh": entry.get("MH", []),
            "own_keywords": [word.removeprefix("*") for word in entry.get("OT", [])],
        }


def _book_title(entry: Mapping[str, Any]) -> str:
    title = " ".join(entry.get("BTI", []))
    return "" if title == entry.get("TI") else title


def read_nbib(text: str) -> Iterator[Plain]:
    """Reads NBIB with the nbib package."""
    for entry in nbib.read(text):
        yield {
            "pmid": str(entry["pubmed_id"]),
            "title": entry.get("title", ""),
            "volume": entry.get("journal_volume", ""),
            "issue": entry.get("journal_issue", ""),
            "raw_pages": entry.get("pages", ""),
            "doi": entry.get("doi", ""),
            "pmcid": f"PMC{entry['pmcid']}" if "pmcid" in entry else "",
            "abstract": entry.get("abstract", ""),
            "vernacular": entry.get("transliterated_title", ""),
            "types": entry.get("publication_types", []),
            "own_keywords": [word.removeprefix("*") for word in entry.get("keywords", [])],
        }


def read_csl(text: str) -> Iterator[Plain]:
    """Reads CSL-JSON with the json module alone."""
    kinds = {"article-journal": "article", "article": "preprint", "chapter": "chapter", "book": "book"}
    for item in json.loads(text):
        issued = item.get("issued", {}).get("date-parts", [[None]])[0]
        yield {
            "pmid": item["PMID"],
            "type": kinds[item["type"]],
            "title": item.get("title", ""),
            "authors": [_csl_parts(name) for name in item.get("author", [])],
            "editors": [_csl_parts(name) for name in item.get("editor", [])],
            "journal": item.get("container-title", ""),
            "abbreviation": item.get("container-title-short", ""),
            "year": str(issued[0] or ""),
            "month": issued[1] if len(issued) > 1 else None,
            "volume": item.get("volume", ""),
            "issue": item.get("issue", ""),
            "pages": item.get("page", ""),
            "doi": item.get("DOI", ""),
            "pmcid": item.get("PMCID", ""),
            "issn": item.get("ISSN", ""),
            "abstract": item.get("abstract", ""),
            "vernacular": item.get("original-title", ""),
            "mark": _mark_of([item.get("note", "")]),
        }


def _csl_parts(name: Mapping[str, str]) -> tuple[str, ...]:
    if "literal" in name:
        return (name["literal"],)
    return tuple(name[part] for part in ("family", "given", "suffix") if part in name)


def read_endnote(text: str) -> Iterator[Plain]:
    """Reads EndNote XML with lxml."""
    kinds = {"17": "article", "34": "preprint", "5": "chapter", "6": "book"}
    for record in etree.fromstring(text.encode()).iter("record"):

        def said(path: str, record: Any = record) -> str:
            return record.findtext(path) or ""

        date = said("dates/pub-dates/date").lower()[:3]
        yield {
            "pmid": said("accession-num"),
            "type": kinds[said("ref-type")],
            "title": said("titles/title"),
            "endnote_authors": [name.text for name in record.iterfind("contributors/authors/author")],
            "journal": said("titles/secondary-title"),
            "abbreviation": said("titles/alt-title"),
            "year": said("dates/year"),
            "month": _MONTHS.index(date) + 1 if date in _MONTHS else None,
            "volume": said("volume"),
            "issue": said("number"),
            "pages": said("pages"),
            "doi": said("electronic-resource-num"),
            "pmcid": said("custom2"),
            "issn": "" if said("ref-type") != "17" else said("isbn"),
            "languages": said("language").split(", ") if said("language") else [],
            "abstract": said("abstract"),
            "vernacular": said("titles/translated-title"),
            "keywords": sorted(word.text.casefold() for word in record.iterfind("keywords/keyword")),  # type: ignore[union-attr]
            "mark": _mark_of([said("notes")]),
        }


def read_csv(text: str) -> Iterator[Plain]:
    """Reads CSV with the csv module; takes away the apostrophe that makes formulas harmless."""
    for row in csv.DictReader(io.StringIO(text, newline="")):
        cells = {name: _cell(value) for name, value in row.items()}
        yield {
            "pmid": cells["pmid"],
            "title": cells["title"],
            "journal": cells["journal"],
            "year": cells["year"],
            "volume": cells["volume"],
            "issue": cells["issue"],
            "raw_pages": cells["pages"],
            "doi": cells["doi"],
            "abstract": cells["abstract"],
            "mark": cells["mark"] or None,
        }


def _cell(value: str) -> str:
    return value[1:] if re.match("'+[=+@＝＋－＠-]", value) else value


def read_jsonl(text: str) -> Iterator[Plain]:
    """Reads JSON Lines with the json module."""
    for line in text.split("\n")[:-1]:
        item = json.loads(line)
        yield {
            "pmid": str(item["pmid"]),
            "title": item["title"],
            "authors": [author_parts(Author(**name)) for name in item["authors"]],
            "year": str(item["year"] or ""),
            "volume": item["volume"] or "",
            "issue": item["issue"] or "",
            "raw_pages": item["pages"] or "",
            "doi": item["doi"] or "",
            "languages": item["languages"],
            "abstract": " ".join(f"{s['label']}: {s['text']}" if s["label"] else s["text"] for s in item["sections"])
            if item["sections"]
            else item["abstract"] or "",
            "vernacular": item["vernacular_title"] or "",
            "mark": item["mark"],
            "types": item["publication_types"],
        }


#: The readers of each format.
READERS: Mapping[str, tuple[Callable[[str], Iterator[Plain]], ...]] = {
    "ris": (read_ris,),
    "bibtex": (read_bibtexparser, read_pybtex),
    "nbib": (read_medline, read_nbib),
    "csljson": (read_csl,),
    "endnote": (read_endnote,),
    "csv": (read_csv,),
    "jsonl": (read_jsonl,),
}


def differences(read: Iterable[Plain], articles: Mapping[int, Article]) -> Iterator[str]:
    """Yields one line for each field that differs from the article, and for each record that is missing or extra."""
    seen = set()
    for plain in read:
        pmid = int(plain["pmid"])
        seen.add(pmid)
        article = articles.get(pmid)
        if article is None:
            yield f"{pmid}: not asked for"
            continue
        wanted = _wanted(article)
        for name, value in plain.items():
            got = _comparable(name, value)
            if got != _comparable(name, wanted[name]):
                yield f"{pmid}: {name}: {got!r} instead of {wanted[name]!r}"
    yield from (f"{pmid}: missing" for pmid in articles if pmid not in seen)


def _wanted(article: Article) -> Plain:
    wanted = expected(article)
    journal = wanted["journal"]
    full = [", ".join(name) for name in wanted["authors"]]
    groups = [folded(a.collective_name) for a in article.authors if a.collective_name]
    people = [_medline_name(a) for a in article.authors if not a.collective_name]
    return {
        **wanted,
        "people": people + groups,
        "journal": journal,
        "raw_pages": folded(article.pages),
        "types": [term.term for term in article.publication_types],
        "chemicals": [f"{one.type or 0} ({folded(one.term)})" for one in article.chemicals],
        "affiliations": folded("; ".join(a.affiliation for a in article.authors if a.affiliation)),
        "grants": [folded("/".join(p for p in astuple(grant) if p is not None)) for grant in article.grants],
        "orcids": [a.orcid for a in article.authors if a.orcid],
        "mesh": [_medline_heading(heading) for heading in article.mesh_headings],
        "own_keywords": [folded(keyword.term) for keyword in article.keywords],
        "endnote_authors": [_endnote_name(a, name) for a, name in zip(article.authors, full, strict=True)],
    }


def _medline_name(author: Author) -> str:
    fore = author.fore_name or author.initials
    name = f"{author.last_name or ''}{f', {fore}' if fore else ''}{f' {author.suffix}' if author.suffix else ''}"
    return folded(name)


def _medline_heading(heading: Any) -> str:
    below = "".join(f"/{'*' if q.major else ''}{q.term}" for q in heading.qualifiers)
    star = "*" if heading.major and not any(q.major for q in heading.qualifiers) else ""
    return f"{star}{heading.term}{below}"


def _endnote_name(author: Author, name: str) -> str:
    if not author.collective_name:
        return name
    return name.replace(",", ",,", 1) if "," in name else f"{name},"


def _comparable(name: str, value: Any) -> Any:
    """Returns a value without what no reader keeps: outer blanks, and where the commas in a name came from."""
    if name in ("authors", "editors"):
        joined = (", ".join(part if isinstance(part, tuple) else (part,)) for part in value)
        return [tuple(filter(None, (folded(piece) for piece in text.split(",")))) for text in joined]
    if name == "endnote_authors":
        return [re.sub(" +,", ",", folded(part)) for part in value]
    return folded(value) if isinstance(value, str) else value


def missing_from_reference(reference: str, article: Article) -> Iterator[str]:
    """Yields what a formatted reference of an article does not show: first author, year, title, volume, DOI."""
    wanted = expected(article)
    plain = _letters(reference)
    first = wanted["authors"][0][0] if wanted["authors"] else ""
    shown = {
        "first author": first,
        "year": wanted["year"],
        "title": wanted["title"],
        "volume": "" if article.book else wanted["volume"],
        "doi": wanted["doi"],
    }
    for name, value in shown.items():
        if _letters(value) not in (_letters(unquote(reference)) if name == "doi" else plain):
            yield f"{article.pmid}: {name}: {value!r} is not in {reference!r}"


def _letters(text: str) -> str:
    return re.sub(r"[\W_]", "", text.casefold())
