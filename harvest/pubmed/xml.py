"""PubMed XML to `Article`s: files, gzip files and HTTP bodies of any size, one record at a time.

Everything that evidence work or a citation needs is read in one pass over a record's children. The stored form of a
record, `Article.xml`, is canonical: the same record gives the same bytes, whatever file or reply it came in.
"""

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any, BinaryIO

from lxml import etree

from db.model import Article, BadRecord, Deletion
from harvest.pubmed.article import read_pubmed_article
from harvest.pubmed.books import read_book_article
from harvest.pubmed.draft import Draft
from harvest.pubmed.errors import BrokenRecordError
from harvest.pubmed.parts import pmid_of
from harvest.pubmed.source.source import open_source
from harvest.pubmed.source.stream import Chunk, split_records

_PARSER_OPTIONS: dict[str, Any] = {
    "resolve_entities": False,
    "no_network": True,
    "load_dtd": False,
    "dtd_validation": False,
    "remove_comments": True,
    "remove_pis": True,
    "strip_cdata": True,
    "huge_tree": False,
    "collect_ids": False,
}
_MATHML = b' xmlns:mml="http://www.w3.org/1998/Math/MathML"'
_OWN_PMID = re.compile(rb"<(?:MedlineCitation|BookDocument)\b[^>]*>\s*<PMID\b[^>]*>\s*(\d{1,9})\s*</PMID>")
#: Line breaks and indents that only lay the elements out: before the tag of a structural element, whose name begins
#: with a capital. Tags in text begin with a small letter, but for DispFormula; the end of a text is trimmed anyway.
_LAYOUT = re.compile(rb"\n\s*<(?=/?(?:[A-CE-Z]|D(?!ispF)))")
#: The same for a record with many lines in a row: slower, but each run of blanks is looked at only once.
_LAYOUT_OF_MANY_LINES = re.compile(rb"(?<!\s)([^\S\n]*)\n\s*<(?=/?(?:[A-CE-Z]|D(?!ispF)))")
_MANY_LINES = re.compile(rb"\n(?:[^\S\n]*\n){7}")
#: Lines times bytes of a record that may be read the quick way, in which a line break can cost all that follows it.
_SMALL_RECORD = 10_000_000
#: The same at the start of a text that begins with an inline element.
_LAYOUT_IN_TEXT = re.compile(rb"(<(?!DispFormula)[A-Z][^<>]*(?<!/)>)\n\s*(?=<[a-z])")


def parse_articles(source: BinaryIO | Path) -> Iterator[Article | Deletion | BadRecord]:
    """Yields what PubMed XML holds, in its order, in constant memory.

    `source` is the path of a `.xml` or `.xml.gz` file, or a binary stream such as an HTTP body, packed or not. A
    record that can't be read comes as a BadRecord, and the next one follows. Raises the errors of
    harvest.pubmed.errors: for a source that isn't PubMed's before anything is yielded, for one that ends too early
    after its last whole record.
    """
    parser = etree.XMLParser(**_PARSER_OPTIONS)
    with open_source(source) as (read, name):
        for position, chunk in enumerate(split_records(read, name), 1):
            if chunk.reason:
                yield BadRecord(_own_pmid(chunk.xml), position, chunk.reason)
            elif chunk.tag.startswith("Delete"):
                yield from _deletions(chunk, position, parser)
            else:
                try:
                    yield _read_record(chunk.xml, parser, chunk.plain)
                except (BrokenRecordError, ValueError, OverflowError) as error:
                    yield BadRecord(_own_pmid(chunk.xml), position, str(error))


def parse_article(xml: bytes) -> Article:
    """Reads one record, as `Article.xml` holds it; raises BrokenRecordError."""
    return _read_record(xml, etree.XMLParser(**_PARSER_OPTIONS))


def _deletions(chunk: Chunk, position: int, parser: etree.XMLParser) -> Iterator[Deletion | BadRecord]:
    try:
        root = _read_tree(chunk.xml, parser)
    except BrokenRecordError as error:
        yield BadRecord(None, position, str(error))
        return
    for element in root:
        pmid = pmid_of(element)
        yield BadRecord(None, position, "a deletion without a PMID") if pmid is None else Deletion(pmid)


def _own_pmid(xml: bytes) -> int | None:
    found = _OWN_PMID.search(xml)
    return int(found.group(1)) if found else None


def _read_tree(xml: bytes, parser: etree.XMLParser) -> etree._Element:
    try:
        return etree.fromstring(xml, parser)
    except etree.XMLSyntaxError as error:
        if b"mml:" in xml and "prefix mml" in str(error):
            return _read_tree(re.sub(rb"^<(\w+)", rb"<\1" + _MATHML, xml, count=1), parser)
        raise BrokenRecordError(f"not well-formed XML: {error.msg}") from None


def _read_record(xml: bytes, parser: etree.XMLParser, plain: bool = False) -> Article:
    root, stored = _canonical(xml, parser, plain)
    draft = Draft()
    if root.tag == "PubmedArticle":
        read_pubmed_article(root, draft)
    elif root.tag == "PubmedBookArticle":
        read_book_article(root, draft)
    else:
        raise BrokenRecordError(f"a record begins with {root.tag}, not PubmedArticle or PubmedBookArticle")
    if draft.pmid is None:
        raise BrokenRecordError("it has no PMID of its own")
    if root.tag == "PubmedArticle" and not draft.has_article:
        raise BrokenRecordError("it has no Article element, so neither title nor journal")
    return draft.article(draft.pmid, stored)


def _canonical(xml: bytes, parser: etree.XMLParser, plain: bool) -> tuple[etree._Element, bytes]:
    """Returns a record's tree and its stored form, which read and written again is the same.

    A comment, CDATA or a reference such as `&#10;` can hide layout that shows once the tree is written; what is left
    of an element without it is written as `<X/>`.
    """
    hidden = not plain or b"&#" in xml or b"\r" in xml
    root = _read_tree(_without_layout(xml) if plain else xml, parser)
    stored: bytes = etree.tostring(root, encoding="utf-8", with_tail=False)
    while hidden and (bare := _without_layout(stored)) != stored:
        root = _read_tree(bare, parser)
        stored = etree.tostring(root, encoding="utf-8", with_tail=False)
    return root, stored


def _without_layout(xml: bytes) -> bytes:
    """Drops the line breaks and indents that only lay a record out, so that it is the same with and without them."""
    if b"\n" not in xml:
        return xml
    if b"\r" in xml:
        xml = xml.replace(b"\r\n", b"\n")
    if xml.count(b"\n") * len(xml) > _SMALL_RECORD and _MANY_LINES.search(xml):
        xml = _LAYOUT_OF_MANY_LINES.sub(rb"\1<", xml)
    else:
        xml = _LAYOUT.sub(b"<", xml)
    return _LAYOUT_IN_TEXT.sub(rb"\1", xml) if b">\n" in xml else xml
