"""One file of PubMed's as one Parquet file of its records, and that as a source which a store can import.

A row is a record, a deletion, or a record that could not be read, in the file's order. It holds the record whole
(`xml`, canonical), what a topic's match and a tagger read of it, and what questions are asked of.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import cache
from itertools import islice
from pathlib import Path
from typing import Any

from db.model import Article, BadRecord, Deletion
from db.store.records.article_rows import shown_name
from db.store.records.revisions import Origin
from harvest.lake.extra import LakeError, needed
from harvest.lake.folder import Lake, Made, made_of, writing
from harvest.lake.texts import tag_input, tag_key
from harvest.lake.values import arrow_fields, plain, value_of
from harvest.pubmed.version import parser_version
from harvest.pubmed.xml import parse_article
from harvest.sync.files import Record, checksum_of, format_of, records_of

#: Fields of `Article` that are columns; those that a topic's match and a tagger read come first.
_MATCHED = tuple(
    "pmid version revised_date title vernacular_title abstract other_abstracts keywords mesh_headings".split()
)
_TAGGED = (*_MATCHED, *"sections publication_types".split())
_ASKED = tuple(
    (
        "journal iso_abbreviation year publication_date languages doi pmcid registry_numbers notices chemicals grants "
        "status entrez_date"
    ).split()
)
#: Rows that are read or written at a time: what a worker holds in memory.
_ROWS = 1000
ARTICLE, DELETION, UNREADABLE = "article", "deletion", "unreadable"


@dataclass(frozen=True, slots=True)
class Built:
    """What became of one file: how many rows its Parquet file has, and whether it stood there already."""

    name: str
    rows: int
    skipped: bool = False


@cache
def schema() -> Any:
    """Returns the Arrow schema of the records of a file."""
    arrow = needed("pyarrow")
    text = arrow.string()
    return arrow.schema(
        [
            arrow.field("file", text),
            arrow.field("position", arrow.int64()),
            arrow.field("kind", text),
            *arrow_fields(Article, (*_TAGGED, *_ASKED)),
            arrow.field("authors", arrow.list_(text)),
            arrow.field("retracted", arrow.bool_()),
            arrow.field("text_hash", text),
            arrow.field("tag_key", text),
            arrow.field("reason", text),
            arrow.field("xml", arrow.binary()),
        ]
    )


def build_records(path: Path, lake: Lake) -> Built:
    """Makes the Parquet file of one file's records, unless it stands there, made of the same bytes by this parser.

    Raises ImportFileError for a file whose MD5 is not the one beside it, PubmedInputError for one that is damaged.
    """
    target = lake.records_of(path.name)
    made = Made(str(path.resolve()), checksum_of(path), parser_version(), format_of(path) == "medline")
    before = made_of(target)
    if before and (before.checksum, before.parser) == (made.checksum, made.parser):
        return Built(path.name, rows_in(target), skipped=True)
    return Built(path.name, write_records(records_of(path), made, target))


def read_again(name: str, lake: Lake) -> Built:
    """Reads the records of a lake's file again with today's parser, where another one made its columns."""
    target = lake.records_of(name)
    source = LakeFile(target)
    if source.made.parser == parser_version():
        return Built(name, rows_in(target), skipped=True)
    made = Made(source.made.path, source.made.checksum, parser_version(), source.made.medline)
    records = (source.whole(item) if isinstance(item, Article) else item for item in source.records())
    return Built(name, write_records(records, made, target))


def write_records(records: Iterable[Record], made: Made, target: Path) -> int:
    """Writes records as a Parquet file and returns how many rows it has; the same records give the same bytes."""
    arrow = needed("pyarrow")
    metadata = {
        "path": made.path,
        "checksum": made.checksum,
        "parser": made.parser,
        "medline": "1" if made.medline else "0",
    }
    count = 0
    with writing(target, schema(), metadata) as writer:
        iterator = iter(records)
        while chunk := list(islice(iterator, _ROWS)):
            rows = [_row(item, made.name, count + place) for place, item in enumerate(chunk)]
            writer.write_table(arrow.Table.from_pylist(rows, schema()), row_group_size=_ROWS)
            count += len(chunk)
    return count


def rows_in(path: Path) -> int:
    """Returns how many rows a Parquet file has."""
    return int(needed("pyarrow.parquet").read_metadata(path).num_rows)


def _row(item: Record, file: str, place: int) -> dict[str, Any]:
    if isinstance(item, Deletion):
        return {"file": file, "position": place, "kind": DELETION, "pmid": item.pmid}
    if isinstance(item, BadRecord):
        reason = f"{item.position} {item.reason}".encode("utf-8", "replace").decode()
        return {"file": file, "position": place, "kind": UNREADABLE, "pmid": item.pmid, "reason": reason}
    return {
        "file": file,
        "position": place,
        "kind": ARTICLE,
        **{name: plain(getattr(item, name)) for name in (*_TAGGED, *_ASKED)},
        "authors": [shown_name(author) for author in item.authors],
        "retracted": item.retracted,
        "text_hash": item.text_hash,
        "tag_key": tag_key(tag_input(item)),
        "xml": item.xml,
    }


@dataclass(frozen=True, slots=True)
class LakeArticle(Article):
    """An article with what its columns hold, and its row; `LakeFile.whole` reads the rest."""

    row: int = 0


class LakeFile:
    """The records of one file in a lake; raises LakeError for one that is missing or not ours."""

    def __init__(self, path: Path, columns: Sequence[str] = _MATCHED) -> None:
        made = made_of(path)
        if made is None:
            raise LakeError(f"{path}: missing, or no records of a lake; run: ho-tracker lake build, with that file")
        self.made = made
        self._place = path
        self._columns = columns
        self._group: tuple[int, Any] = (-1, None)

    def _open(self) -> Any:
        """Opens the file for one reading; a lake has more files than a process may hold open."""
        return needed("pyarrow.parquet").ParquetFile(self._place)

    @property
    def path(self) -> Path:
        """The file that the records came from."""
        return Path(self.made.path)

    @property
    def origin(self) -> Origin:
        """What the store is to know of where the records come from."""
        return self.made.origin

    def checksum(self) -> str:
        """Returns the MD5 of the file that the records came from."""
        return self.made.checksum

    def records(self) -> Iterator[Record]:
        """Yields the records with what a topic's match reads of them."""
        read = ["position", "kind", "reason", *self._columns]
        with self._open() as file:
            for group in range(file.num_row_groups):
                for values in file.read_row_group(group, columns=read).to_pylist():
                    yield _record(values)

    def whole(self, article: Article) -> Article:
        """Returns an article as its record says it, read by today's parser."""
        if not isinstance(article, LakeArticle):
            raise TypeError("an article of another source")
        group, place = divmod(article.row, _ROWS)
        if self._group[0] != group:
            with self._open() as file:
                self._group = (group, file.read_row_group(group, columns=["xml"])["xml"])
        return parse_article(self._group[1][place].as_py())


def _record(values: dict[str, Any]) -> Record:
    row, kind, reason = values.pop("position"), values.pop("kind"), values.pop("reason")
    if kind == DELETION:
        return Deletion(values["pmid"])
    if kind == UNREADABLE:
        position, _, words = reason.partition(" ")
        return BadRecord(values["pmid"], int(position), words)
    article: LakeArticle = value_of(LakeArticle, {**values, "xml": b"", "row": row})
    return article


def texts_of(path: Path) -> Iterator[LakeArticle]:
    """Yields the articles of a lake's file with what a topic's match and a tagger read of them."""
    for item in LakeFile(path, _TAGGED).records():
        if isinstance(item, LakeArticle):
            yield item
