"""Reads the list of a review that somebody brings: RIS, nbib, CSV or PMIDs, within bounds, from a file or an upload."""

import itertools
import re
from collections.abc import Iterable, Iterator
from dataclasses import replace
from pathlib import Path

from db.screening.pmid_list import PmidListError, is_pmid_list, read_pmids
from db.screening.read import PersonVerdict, ScreenedRow, ScreeningFileError, read_screening_text
from db.screening.spreadsheet import decode_text
from db.store.people.verdicts import Verdict

MAX_BYTES, MAX_RECORDS = 20_000_000, 50_000
#: Who decided where nobody did: the list is taken as one of a kind.
_THE_LIST = "review"
_NBIB_FIELD = re.compile(r"^([A-Z]{2,4}) *- (.*)$")
_NBIB_DOI = re.compile(r"(\S+) \[doi\]")


def read_brought(name: str, data: bytes) -> list[ScreenedRow]:
    """Returns the records of a review's list with what was decided of each.

    Where the list says of no record what was decided, it is taken as the list of the included; where it says so of
    some, the others are undecided. `name` is the file's name; with "excluded" in it the list is one of those. Raises
    ScreeningFileError for more than 20 MB or 50,000 records, for what is no text, and for what is no list.
    """
    shown = Path(name).name or "the list"
    if len(data) > MAX_BYTES:
        raise ScreeningFileError(
            f"{shown}: larger than {MAX_BYTES // 1_000_000} MB; bring the included and excluded alone"
        )
    if data.startswith(b"PK\x03\x04"):
        raise ScreeningFileError(f"{shown}: a workbook or an archive; save the sheet as CSV, or unpack it")
    try:
        text = decode_text(data)
    except UnicodeError as error:
        raise ScreeningFileError(f"{shown}: not UTF-8 text; save it as RIS, nbib, CSV or PMIDs in UTF-8") from error
    if "\0" in text:
        raise ScreeningFileError(f"{shown}: not a text file; save it as RIS, nbib, CSV or PMIDs")
    if not text.strip():
        raise ScreeningFileError(f"{shown}: empty; bring RIS, nbib, CSV with a header, or PMIDs")
    rows = list(itertools.islice(_records(Path(shown), text), MAX_RECORDS + 1))
    if len(rows) > MAX_RECORDS:
        raise ScreeningFileError(f"{shown}: more than {MAX_RECORDS:,} records; bring the included and excluded alone")
    if not rows:
        raise ScreeningFileError(f"{shown}: no record was found in it; bring RIS, nbib, CSV with a header, or PMIDs")
    if any(row.verdicts for row in rows):
        return rows
    all_of_them = (PersonVerdict(_THE_LIST, _verdict_of_name(shown)),)
    return [replace(row, verdicts=all_of_them) for row in rows]


def is_of_one_kind(rows: Iterable[ScreenedRow]) -> bool:
    """Says whether nothing in the list told what was decided, so that all were taken as included (or excluded)."""
    return all(verdict.who == _THE_LIST for row in rows for verdict in row.verdicts)


def _verdict_of_name(name: str) -> Verdict:
    return "exclude" if re.search("exclu|irrelevant", name, re.IGNORECASE) else "include"


def _records(name: Path, text: str) -> Iterable[ScreenedRow]:
    if is_pmid_list(text):
        try:
            pmids = read_pmids(text, name.name)
        except PmidListError as error:
            raise ScreeningFileError(str(error)) from error
        return (ScreenedRow(number, pmid, None, None, None, ()) for number, pmid in enumerate(pmids, 1))
    if re.search(r"^PMID *- *\d", text[:5000], re.MULTILINE):
        return _nbib(text)
    return _screened(name, text)


def _screened(name: Path, text: str) -> Iterator[ScreenedRow]:
    """RIS or CSV; a table without a column for decisions is a list of one kind."""
    lines = text.lstrip().split("\n", 1)
    if lines[0].strip().lower().strip('"') in ("pmid", "pubmed_id", "pubmedid") and len(lines) > 1:
        yield from _records(name, lines[1])
        return
    try:
        yield from read_screening_text(name, text)
    except ScreeningFileError as error:
        if "no column says" not in str(error):
            raise
        yield from read_screening_text(name, text, _THE_LIST, _verdict_of_name(name.name))


def _nbib(text: str) -> Iterator[ScreenedRow]:
    """MEDLINE's own format: a record begins with its PMID; only what names the article is read."""
    fields: dict[str, str] = {}
    tag, number = "", 0
    for line in [*text.splitlines(), "PMID- "]:
        found = _NBIB_FIELD.match(line)
        if found is None:
            if tag and line.startswith("      "):
                fields[tag] += f" {line.strip()}"
            continue
        tag, value = found[1], found[2].strip()
        if tag == "PMID":
            if fields:
                number += 1
                yield _nbib_row(number, fields)
            fields = {}
        if tag in ("LID", "AID") and (doi := _NBIB_DOI.search(value)):
            fields["doi"] = doi[1]
        fields.setdefault(tag, value)


def _nbib_row(number: int, fields: dict[str, str]) -> ScreenedRow:
    pmid = fields.get("PMID", "")
    known = int(pmid) if pmid.isascii() and pmid.isdigit() and 0 < len(pmid) < 10 else None
    return ScreenedRow(number, known, fields.get("doi"), None, fields.get("TI"), ())
