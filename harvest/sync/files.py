"""Files to import: what they are, in which order they come, and whether they are whole."""

import codecs
import hashlib
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Literal, Protocol

from db.errors import TrackerError
from db.model import Article, BadRecord, Deletion
from db.store.records.revisions import Origin
from harvest.pubmed.medline.nbib import is_medline, parse_nbib
from harvest.pubmed.version import parser_version
from harvest.pubmed.xml import parse_articles

_NLM_FILE = re.compile(r"pubmed(\d\d)n(\d+)\.xml(?:\.gz)?$")
_MD5 = re.compile(r"\b[0-9a-fA-F]{32}\b")
_XML_SUFFIXES = (".xml", ".xml.gz")

Record = Article | Deletion | BadRecord


class ImportFileError(TrackerError):
    """A file that cannot be imported."""


class RecordSource(Protocol):
    """What holds the records of one file: the file itself, or what was made of it."""

    @property
    def path(self) -> Path:
        """The file, as it was named."""

    @property
    def origin(self) -> Origin:
        """What the store is to know of where its records come from."""

    def checksum(self) -> str:
        """Returns the file's MD5; raises ImportFileError."""

    def records(self) -> Iterator[Record]:
        """Yields its records in order, with all that a selection reads; raises PubmedInputError."""

    def whole(self, article: Article) -> Article:
        """Returns one of its articles with everything that the store keeps."""


@dataclass(frozen=True, slots=True)
class RecordFile:
    """A file as a source of records."""

    path: Path

    @property
    def origin(self) -> Origin:
        """What the store is to know of where its records come from."""
        return origin_of(self.path)

    def checksum(self) -> str:
        """Returns the file's MD5; raises ImportFileError."""
        return checksum_of(self.path)

    def records(self) -> Iterator[Record]:
        """Yields its records in order; raises PubmedInputError."""
        return records_of(self.path)

    def whole(self, article: Article) -> Article:
        """Returns the article, which is whole as it was read."""
        return article


def records_of(path: Path) -> Iterator[Record]:
    """Yields the records of a file, whatever its format; raises PubmedInputError."""
    return parse_nbib(path) if format_of(path) == "medline" else parse_articles(path)


def origin_of(path: Path) -> Origin:
    """Returns what the store is to know of where a file's records come from."""
    is_text = format_of(path) == "medline"
    return Origin(live=False, source=place_of(path), parser=parser_version(), medline=is_text)


def in_order(paths: Iterable[Path]) -> list[Path]:
    """Returns NLM's numbered files by year and number, then the others as they were named."""

    def key(path: Path) -> tuple[bool, str]:
        place = place_of(path)
        return (place is None, place or "")

    return sorted(paths, key=key)


def place_of(path: Path) -> str | None:
    """Returns a file's place in NLM's order ("26n00012"), None where its name has none."""
    found = _NLM_FILE.search(path.name)
    return f"{int(found[1]):02}n{int(found[2]):05}" if found else None


def check_files(paths: Iterable[Path]) -> None:
    """Raises ImportFileError for the first path that can't be a file to import, before anything is made or read."""
    for path in paths:
        if path.is_dir():
            raise ImportFileError(f"{path}: this is a folder; name the files in it")
        if not path.is_file():
            raise ImportFileError(f"{path}: no such file; check the path")
        if format_of(path) is None:
            raise ImportFileError(
                f"{path}: unknown kind of file; name PubMed XML (.xml, .xml.gz) or PubMed's own format, which begins "
                "with PMID- (.nbib, .txt)"
            )


def format_of(path: Path) -> Literal["xml", "medline"] | None:
    """Returns what a file is, by what it begins with, else by its name; None where neither tells."""
    try:
        with path.open("rb") as file:
            head = file.read(4096)
    except OSError:
        head = b""
    if is_medline(head):
        return "medline"
    name = path.name.lower()
    if name.endswith(".nbib"):
        return "medline"
    begins_as_xml = head.startswith(b"\x1f\x8b") or head.removeprefix(codecs.BOM_UTF8).lstrip().startswith(b"<")
    return "xml" if begins_as_xml or name.endswith(_XML_SUFFIXES) else None


def checksum_of(path: Path) -> str:
    """Returns a file's MD5, compared with the `.md5` beside it where there is one."""
    try:
        with path.open("rb") as stream:
            checksum = hashlib.file_digest(stream, lambda: hashlib.md5(usedforsecurity=False)).hexdigest()
        beside = path.with_name(f"{path.name}.md5")
        expected = _MD5.search(beside.read_text(encoding="utf-8", errors="replace")) if beside.exists() else None
    except OSError as error:
        raise ImportFileError(f"{path}: cannot be read ({error.strerror}); name a file you may read") from error
    if beside.exists() and not expected:
        raise ImportFileError(f"{beside}: holds no MD5; fetch it again")
    if expected and expected[0].lower() != checksum:
        raise ImportFileError(f"{path}: its MD5 is not the one in {beside.name}; fetch the file again")
    return checksum
