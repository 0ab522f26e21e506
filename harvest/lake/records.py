"""One file of PubMed's as one Parquet file of its records, and that as a source which a store can import.

A row is a record, a deletion, or a record that could not be read, in the file's order. It holds the record whole
(`xml`, canonical), what a topic's match and a tagger read of it, and what questions are asked of.
"""

from bisect import bisect_right
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from functools import cache
from itertools import accumulate, islice
from pathlib import Path
from typing import Any

from db.model import Article, BadRecord, Deletion
from db.store.records.article_rows import shown_name
from db.store.records.revisions import Origin
from harvest.lake.extra import LakeError, needed
from harvest.lake.folder import Lake, Made, form_of, made_of, rows_in, writing
from harvest.lake.texts import tag_input, tag_key
from harvest.lake.values import arrow_fields, plain, value_of
from harvest.pubmed.version import parser_version
from harvest.pubmed.xml import parse_article
from harvest.sync.files import Record, checksum_of, format_of, records_of

#: Fields of `Article` that are columns; those that a topic's match and a tagger read come first.
_NUMBERS = tuple("pmid version revised_date".split())
_MATCHED = (*_NUMBERS, *"title vernacular_title abstract other_abstracts keywords mesh_headings".split())
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
    checksum, before = checksum_of(path), made_of(target)
    if before and before.checksum == checksum and is_as_now(before):
        return Built(path.name, rows_in(target), skipped=True)
    made = Made(str(path.resolve()), checksum, parser_version(), format_of(path) == "medline", form_of(schema()))
    return Built(path.name, write_records(records_of(path), made, target))


def read_again(name: str, lake: Lake) -> Built:
    """Reads the records of a lake's file again with today's parser, where another one made its columns."""
    target = lake.records_of(name)
    source = LakeFile(target)
    if is_as_now(source.made):
        return Built(name, rows_in(target), skipped=True)
    made = replace(source.made, parser=parser_version(), form=form_of(schema()))
    records = (source.whole(item) if isinstance(item, Article) else item for item in source.records())
    return Built(name, write_records(records, made, target))


def is_as_now(made: Made) -> bool:
    """Says whether records were made by today's parser, with the columns that they have today."""
    return (made.parser, made.form) == (parser_version(), form_of(schema()))


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
    """An article with what was read of its columns, its row, and whether a selection keeps it.

    `LakeFile.whole` reads the rest.
    """

    row: int = 0
    kept: bool = True


class LakeFile:
    """The records of one file in a lake; raises LakeError for one that is missing or not ours.

    `kept` are the places of the rows that a selection keeps, None where it keeps all.
    """

    def __init__(self, path: Path, columns: Sequence[str] = _NUMBERS) -> None:
        made = made_of(path)
        if made is None:
            raise LakeError(f"{path}: missing, or no records of a lake; run: ho-tracker lake build, with that file")
        self.made = made
        self._place = path
        self.kept: frozenset[int] | None = None
        self._columns = columns
        self._group: tuple[int, Any] = (0, ())

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
        """Yields the records with what the columns asked for hold of them."""
        read = ["position", "kind", "reason", *self._columns]
        with self._open() as file:
            for group in range(file.num_row_groups):
                for values in file.read_row_group(group, columns=read).to_pylist():
                    yield _record(values, self.kept)

    def whole(self, article: Article) -> Article:
        """Returns an article as its record says it, read by today's parser."""
        if not isinstance(article, LakeArticle):
            raise TypeError("an article of another source")
        first, records = self._group
        if not first <= article.row < first + len(records):
            with self._open() as file:
                sizes = [file.metadata.row_group(group).num_rows for group in range(file.num_row_groups)]
                starts = [0, *accumulate(sizes)]
                group = bisect_right(starts, article.row) - 1
                first, records = starts[group], file.read_row_group(group, columns=["xml"])["xml"]
            self._group = (first, records)
        return parse_article(records[article.row - first].as_py())


def _record(values: dict[str, Any], kept: frozenset[int] | None) -> Record:
    row, kind, reason = values.pop("position"), values.pop("kind"), values.pop("reason")
    if kind == DELETION:
        return Deletion(values["pmid"])
    if kind == UNREADABLE:
        position, _, words = reason.partition(" ")
        return BadRecord(values["pmid"], int(position), words)
    known = {"title": "", "abstract": None, **values, "xml": b"", "row": row, "kept": kept is None or row in kept}
    article: LakeArticle = value_of(LakeArticle, known)
    return article


def rows_kept(path: Path, keeps: Callable[[Article], bool]) -> frozenset[int]:
    """Returns the places of the articles of a lake's file that a selection keeps."""
    return frozenset(article.row for article in texts_of(path, _MATCHED) if keeps(article))


def texts_of(path: Path, columns: Sequence[str] = _TAGGED) -> Iterator[LakeArticle]:
    """Yields the articles of a lake's file with what a topic's match and a tagger read of them."""
    for item in LakeFile(path, columns).records():
        if isinstance(item, LakeArticle):
            yield item
