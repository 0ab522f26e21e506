"""MEDLINE text, PubMed's export for citation managers (`.nbib`, also saved as `.txt`), to articles.

The format carries less than the XML: no UIs, no categories of sections, names of notices as tags. What it has is
brought into the XML form, so that a record from such a file can be stored and read again like any other.
"""

import re
from collections.abc import Iterable, Iterator
from pathlib import Path

from db.model import Article, BadRecord
from harvest.pubmed.draft import Draft
from harvest.pubmed.errors import BrokenRecordError, EmptyInputError, MissingFileError, PubmedInputError
from harvest.pubmed.medline.fields import read_fields
from harvest.pubmed.medline.records import MedlineRecord, split_fields
from harvest.pubmed.values.numbers import positive_number
from harvest.pubmed.write import write_article
from harvest.pubmed.xml import parse_article

#: Signs that XML can't hold; bytes that are no UTF-8 come as lone surrogates.
_NOT_XML = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
_NOT_UTF8 = re.compile("[\udc80-\udcff]")
#: What a MEDLINE file begins with.
_FIRST_TAG = re.compile(r"\A\ufeff?\s*PMID ?- ?\d", re.MULTILINE)


def is_medline(head: bytes) -> bool:
    """Says from a file's first bytes whether it is MEDLINE text, whatever its name."""
    for encoding in ("utf-16",) if head[:2] in (b"\xff\xfe", b"\xfe\xff") else ("utf-8-sig",):
        return _FIRST_TAG.match(head.decode(encoding, "replace")) is not None
    return False


def parse_nbib(source: Path) -> Iterator[Article | BadRecord]:
    """Yields the articles of a MEDLINE file in its order.

    A record that can't be read (no PMID, no title, no UTF-8) comes as a BadRecord, and the next one follows. Raises
    MissingFileError, EmptyInputError, and PubmedInputError for a file that holds no MEDLINE record at all.
    """
    try:
        with source.open("rb") as file:
            encoding = "utf-16" if file.read(2) in (b"\xff\xfe", b"\xfe\xff") else "utf-8-sig"
        with source.open(encoding=encoding, errors="surrogateescape") as lines:
            yield from _articles(lines, source)
    except FileNotFoundError:
        raise MissingFileError(f"{source}: no such file; check the path") from None
    except (OSError, UnicodeError) as error:
        raise PubmedInputError(f"{source}: can't be read as UTF-8 text ({error}); export it again") from None


def _articles(lines: Iterable[str], source: Path) -> Iterator[Article | BadRecord]:
    waiting: list[Article | BadRecord] = []
    found = False
    position = 0
    for position, record in enumerate(split_fields(lines), 1):
        item = _article(record, position)
        found = found or bool(record.first("PMID") or record.first("TI"))
        if not found:
            waiting.append(item)
            continue
        yield from waiting
        waiting.clear()
        yield item
    if not position:
        raise EmptyInputError(f"{source}: empty; nothing was read")
    if not found:
        raise PubmedInputError(f"{source}: holds no MEDLINE record; export it from PubMed in the format PubMed")


def _article(record: MedlineRecord, position: int) -> Article | BadRecord:
    given = record.first("PMID")
    pmid = positive_number(given)
    if pmid is None:
        return BadRecord(None, position, f"it has no PMID of its own ({record.shown()})")
    if not record.first("TI", "BTI", "TT"):
        return BadRecord(pmid, position, "it has no title")
    if any(_NOT_UTF8.search(value) for _, value in record.fields):
        return BadRecord(pmid, position, "it is no UTF-8 text; export it again")
    record.fields = [(tag, _NOT_XML.sub(" ", value).strip()) for tag, value in record.fields]
    draft = Draft(pmid=pmid)
    try:
        read_fields(record, draft)
        return parse_article(write_article(draft.article(pmid, b"")))
    except (BrokenRecordError, ValueError, OverflowError) as error:
        return BadRecord(pmid, position, str(error))
