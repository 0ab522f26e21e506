"""The folder of a lake: where its files are, what they were made of, and how they come into place.

    LAKE/records/pubmed26n0001.xml.gz.parquet        the records of one file
    LAKE/tags/TAGGER/SELECTION/FILE.parquet          what one tagger says of the texts of one file
    LAKE/tags/TAGGER/concepts.parquet                the vocabulary that it says it in
    LAKE/tags/latest                                 which tagger and selection came last
    LAKE/current.parquet                             which records hold, by PMID

A Parquet file is written beside its place and renamed into it whole: whoever is killed leaves nothing that looks done.
"""

import hashlib
import os
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from db.store.records.revisions import Origin
from harvest.lake.extra import LakeError, needed
from harvest.sync.files import place_of

_UNFINISHED = ".unfinished-"
#: One level for all files; higher ones take twice the time for a twentieth of the space.
_COMPRESSION: Mapping[str, Any] = {"compression": "zstd", "compression_level": 3}


@dataclass(frozen=True, slots=True)
class Made:
    """What the records of a file were made of: the file, its MD5, the parser that read it, whether it was MEDLINE.

    `form` names the columns that they have.
    """

    path: str
    checksum: str
    parser: str
    medline: bool
    form: str

    @property
    def name(self) -> str:
        """The file's name."""
        return Path(self.path).name

    @property
    def origin(self) -> Origin:
        """What a store is to know of where the records come from."""
        return Origin(live=False, source=place_of(Path(self.path)), parser=self.parser, medline=self.medline)


@dataclass(frozen=True, slots=True)
class Lake:
    """The folder of a lake."""

    root: Path

    @property
    def records(self) -> Path:
        """The folder of the records, one file a file."""
        return self.root / "records"

    @property
    def current(self) -> Path:
        """The file that says which records hold."""
        return self.root / "current.parquet"

    def records_of(self, name: str) -> Path:
        """Returns where the records of a file are."""
        return self.records / f"{name}.parquet"

    def tags(self, tagger: str, selection: str) -> Path:
        """Returns the folder of the tags of one tagger, for one selection of records."""
        return self.root / "tags" / tagger / selection

    def concepts(self, tagger: str) -> Path:
        """Returns the file of the concepts of one tagger."""
        return self.root / "tags" / tagger / "concepts.parquet"

    def latest_tags(self) -> tuple[str, str] | None:
        """Returns tagger and selection of the tags that were made last, None where there are none."""
        try:
            tagger, selection = (self.root / "tags" / "latest").read_text(encoding="utf-8").split()
        except (OSError, ValueError):
            return None
        return tagger, selection

    def set_latest_tags(self, tagger: str, selection: str) -> None:
        """Writes down which tags were made last."""
        beside = self.root / "tags" / f"{_UNFINISHED}latest"
        beside.write_text(f"{tagger} {selection}\n", encoding="utf-8")
        beside.replace(self.root / "tags" / "latest")

    def names(self) -> list[str]:
        """Returns the names of the files whose records it holds, NLM's numbered ones in their order, then by name."""
        names = [path.name.removesuffix(".parquet") for path in self.records.glob("[!.]*.parquet")]
        return sorted(names, key=lambda name: (place_of(Path(name)) is None, place_of(Path(name)) or name, name))

    def check(self) -> None:
        """Raises LakeError where there is no lake."""
        if not self.records.is_dir():
            raise LakeError(
                f"{self.root}: there is no lake; make one: ho-tracker lake build --lake {self.root} FILE..."
            )

    def clear_unfinished(self) -> None:
        """Removes what killed workers left; nobody else may be writing."""
        for path in self.root.rglob(f"{_UNFINISHED}*"):
            path.unlink(missing_ok=True)


@contextmanager
def writing(path: Path, schema: Any, metadata: Mapping[str, str]) -> Iterator[Any]:
    """Gives a Parquet writer whose file stands at `path` when the block ends well, and nowhere when it does not.

    The same tables and metadata give the same bytes.
    """
    parquet = needed("pyarrow.parquet")
    path.parent.mkdir(parents=True, exist_ok=True)
    said = {**metadata, "form": form_of(schema)}
    handle, beside = tempfile.mkstemp(prefix=_UNFINISHED, dir=path.parent)
    try:
        with os.fdopen(handle, "wb") as file:
            with parquet.ParquetWriter(file, schema.with_metadata(said), **_COMPRESSION) as writer:
                yield writer
            file.flush()
            os.fsync(file.fileno())
        os.chmod(beside, 0o644)
        os.replace(beside, path)
    except BaseException:
        Path(beside).unlink(missing_ok=True)
        raise


def form_of(schema: Any) -> str:
    """Returns the name of a schema's columns and types: files of another form are made anew."""
    return hashlib.sha256(str(schema.remove_metadata()).encode()).hexdigest()[:12]


def metadata_of(path: Path) -> dict[str, str]:
    """Returns what a Parquet file says it was made of; nothing where there is none, or it is damaged."""
    arrow, parquet = needed("pyarrow"), needed("pyarrow.parquet")
    try:
        found = parquet.read_schema(path).metadata or {}
    except (OSError, arrow.ArrowException):
        return {}
    return {key.decode(): value.decode() for key, value in found.items() if not key.startswith(b"ARROW:")}


def rows_in(path: Path) -> int:
    """Returns how many rows a Parquet file has."""
    return int(needed("pyarrow.parquet").read_metadata(path).num_rows)


def made_of(path: Path) -> Made | None:
    """Returns what the records at a path were made of, None where there are none."""
    found = metadata_of(path)
    try:
        return Made(found["path"], found["checksum"], found["parser"], found["medline"] == "1", found["form"])
    except KeyError:
        return None
