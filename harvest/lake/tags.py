"""The records of one file as one Parquet file of what a tagger says of their texts.

A text is tagged once: in the first file that holds it. A revision that changes nothing which the tagger reads adds no
row, and a file that is made anew takes over the tags of the texts that it still holds.
"""

import hashlib
import sys
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from functools import cache
from itertools import groupby, islice
from operator import itemgetter
from pathlib import Path
from typing import Any

from db.model import Article
from db.tagged import Concept, TaggedArticle, TagInput
from harvest.lake.extra import LakeError, needed
from harvest.lake.folder import Lake, form_of, made_of, metadata_of, rows_in, writing
from harvest.lake.questions import rows_by_pmid
from harvest.lake.records import Built, texts_of
from harvest.lake.texts import tag_input, tag_key
from harvest.lake.values import arrow_fields, plain, value_of

_ROWS = 1000
_COLUMNS = tuple("pmid text_hash tagger facts mentions findings results abstained".split())

#: A text as what the tagger reads of it, with its place in its file and its key.
Key = tuple[int, str]


@dataclass(frozen=True, slots=True)
class Tagger:
    """Who tags what: the tagger's version and how it tags, the selection's name and what it keeps."""

    version: str
    selection: str
    keeps: Callable[[Article], bool]
    tag: Callable[[Iterable[TagInput]], Iterator[TaggedArticle]]


@dataclass(frozen=True, slots=True)
class FileToTag:
    """A file of the lake, and the places of its rows whose text an earlier file holds already."""

    name: str
    elsewhere: tuple[int, ...] = ()


@cache
def schema() -> Any:
    """Returns the Arrow schema of the tags of a file."""
    arrow = needed("pyarrow")
    own = [arrow.field("file", arrow.string()), arrow.field("position", arrow.int64())]
    return arrow.schema([*own, arrow.field("tag_key", arrow.string()), *arrow_fields(TaggedArticle, _COLUMNS)])


def tag_file(task: FileToTag, lake: Lake, tagger: Tagger) -> Built:
    """Makes the Parquet file of one file's tags, unless it stands there, made of the same records.

    The result is a function of the file's records, the tagger and `task`; texts that the file which stood there has
    tags of are not tagged again. Raises LakeError where the lake holds no records of the file.
    """
    source = lake.records_of(task.name)
    made = made_of(source)
    if made is None:
        raise LakeError(f"{task.name}: the lake holds no records of it; run: ho-tracker lake build, with that file")
    target = lake.tags(tagger.version, tagger.selection) / f"{task.name}.parquet"
    metadata = {
        "checksum": made.checksum,
        "parser": made.parser,
        "tagger": tagger.version,
        "form": form_of(schema()),
        "elsewhere": hashlib.sha256(",".join(map(str, task.elsewhere)).encode()).hexdigest()[:16],
    }
    found = metadata_of(target)
    if {name: found.get(name) for name in metadata} == metadata:
        return Built(task.name, rows_in(target), skipped=True)
    known = dict(_known(target)) if found.get("form") == metadata["form"] else {}
    count = 0
    with writing(target, schema(), metadata) as writer:
        texts = _texts(source, frozenset(task.elsewhere), tagger)
        while chunk := list(islice(texts, _ROWS)):
            rows = list(_tagged(chunk, known, tagger, task.name))
            writer.write_table(needed("pyarrow").Table.from_pylist(rows, schema()), row_group_size=_ROWS)
            count += len(rows)
    return Built(task.name, count)


def _texts(source: Path, elsewhere: frozenset[int], tagger: Tagger) -> Iterator[tuple[int, TagInput, str]]:
    for article in texts_of(source):
        if article.row not in elsewhere and tagger.keeps(article):
            text = tag_input(article)
            yield article.row, text, tag_key(text)


def _tagged(
    chunk: Iterable[tuple[int, TagInput, str]], known: dict[Key, dict[str, Any]], tagger: Tagger, file: str
) -> Iterator[dict[str, Any]]:
    """Yields the rows of some texts, in order: those known as they stand, the others tagged now."""
    texts = list(chunk)
    fresh = tagger.tag(text for _, text, key in texts if (text.pmid, key) not in known)
    for position, text, key in texts:
        row = known.get((text.pmid, key)) or {name: plain(value) for name, value in _columns_of(next(fresh)).items()}
        yield {**row, "file": file, "position": position, "tag_key": key}


def _columns_of(tagged: TaggedArticle) -> dict[str, Any]:
    return {name: getattr(tagged, name) for name in _COLUMNS}


def _known(target: Path) -> Iterator[tuple[Key, dict[str, Any]]]:
    with needed("pyarrow.parquet").ParquetFile(target) as file:
        for batch in file.iter_batches(_ROWS):
            for row in batch.to_pylist():
                yield (row["pmid"], row["tag_key"]), row


def tagged_of(row: dict[str, Any]) -> TaggedArticle:
    """Returns the tags that a row of a lake holds, as the tagger gave them."""
    counts: dict[str, int] = {}
    for mention in row["mentions"]:
        counts[mention["kind"]] = counts.get(mention["kind"], 0) + 1
    tagged: TaggedArticle = value_of(TaggedArticle, {name: row[name] for name in _COLUMNS})
    return TaggedArticle(**{**_columns_of(tagged), "counts": counts})


def tags_kept(
    lake: Lake, tagger: Tagger, articles: Iterable[TagInput]
) -> Iterator[tuple[TagInput, TaggedArticle | None]]:
    """Yields articles, which come in order of PMID, with the tags that the lake has of their texts; None without any.

    Both are read side by side, so that memory is that of a few articles.
    """
    rows = groupby(rows_by_pmid(lake, lake.tags(tagger.version, tagger.selection)), itemgetter("pmid"))
    at: tuple[int, dict[str, dict[str, Any]]] = (-1, {})
    for article in articles:
        while at[0] < article.pmid:
            pmid, found = next(rows, (sys.maxsize, ()))
            at = (pmid, {row["tag_key"]: row for row in found})
        row = at[1].get(tag_key(article)) if at[0] == article.pmid else None
        yield article, tagged_of(row) if row else None


def write_concepts(lake: Lake, version: str, concepts: Iterable[Concept]) -> None:
    """Writes the vocabulary that a tagger's tags are said in."""
    arrow = needed("pyarrow")
    columns = arrow.schema(arrow_fields(Concept))
    with writing(lake.concepts(version), columns, {"tagger": version}) as writer:
        writer.write_table(arrow.Table.from_pylist([plain(concept) for concept in concepts], columns))
