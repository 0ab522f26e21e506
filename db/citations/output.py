"""Writes lists to files: whole or not at all, in parts where a tool takes only so much, with their manifest."""

import glob
import itertools
import os
import shutil
import sqlite3
import tempfile
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, BinaryIO

from db.citations.formats.common import Format, Options
from db.citations.manifest import MANIFEST_SUFFIX, Checksum, build_manifest, manifest_text
from db.citations.selection import Selection, Watch, write_list
from db.errors import TrackerError
from db.files import sync


class ExportError(TrackerError):
    """A list cannot be written."""


@dataclass(frozen=True, slots=True)
class WrittenFile:
    """One file of a list: where it is, how many records and bytes it holds, its SHA-256."""

    path: Path
    count: int
    size: int
    sha256: str


@dataclass(frozen=True, slots=True)
class Limits:
    """What a tool takes in one file: so many records, so many bytes; None for no limit."""

    records: int | None = None
    size: int | None = None


def write_files(
    connection: sqlite3.Connection,
    selection: Selection,
    wanted: Format,
    options: Options,
    path: Path,
    limits: Limits | None = None,
    more: Mapping[str, Any] | None = None,
    watch: Watch = iter,
) -> tuple[list[WrittenFile], dict[str, Any]]:
    """Writes a list to a file, or to `NAME-1of3.EXT` and so on where it exceeds the limits; returns files, manifest.

    The manifest, with what `more` adds to it, stands beside as `PATH.manifest.json`. All files appear under their
    names only once all are complete; `watch` sees every record go by. Raises ExportError where a file cannot be
    written; nothing half-written stays.
    """
    path = path.resolve()
    with _staging(path) as folder:
        parts = _write_parts(connection, selection, wanted, options, folder, limits or Limits(), watch)
        written = []
        for number, part in enumerate(parts, 1):
            name = path if len(parts) == 1 else path.with_name(f"{path.stem}-{number}of{len(parts)}{path.suffix}")
            written.append(replace(part, path=name))
        manifest = build_manifest(connection, selection, wanted, options)
        manifest["files"] = [
            {"name": part.path.name, "count": part.count, "bytes": part.size, "sha256": part.sha256} for part in written
        ]
        manifest["sha256"] = written[0].sha256 if len(written) == 1 else None
        manifest.update(more or {})
        beside = folder / "manifest"
        _write_whole(beside, [manifest_text(manifest).encode()])
        for part, final in zip(parts, written, strict=True):
            os.replace(part.path, final.path)
        os.replace(beside, path.with_name(path.name + MANIFEST_SUFFIX))
        sync(path.parent)
    return written, manifest


def write_file(path: Path, pieces: Iterable[bytes]) -> None:
    """Writes pieces to a file, whole or not at all, or straight to a pipe or device; raises ExportError."""
    if is_device(path):
        try:
            with path.open("wb") as device:
                write_pieces(device, pieces)
        except OSError as error:
            raise ExportError(
                f"{path}: cannot be written ({error.strerror}); free some space or name a file"
            ) from error
        return
    path = path.resolve()
    with _staging(path) as folder:
        _write_whole(folder / "file", pieces)
        os.replace(folder / "file", path)
        sync(path.parent)


def is_device(path: Path) -> bool:
    """Says whether a path is a pipe or device, which is written to as it is and has no place for files beside it."""
    return path.exists() and not (path.is_file() or path.is_dir())


@contextmanager
def _staging(path: Path) -> Iterator[Path]:
    """Gives a hidden folder beside the file, which is gone afterwards; turns what the system says into one line."""
    if path.is_dir():
        raise ExportError(f"{path}: this is a folder; name a file in it with -o")
    if not path.parent.is_dir():
        raise ExportError(f"{path}: the folder {path.parent} does not exist; create it first")
    try:
        _remove_left_behind(path)
        with tempfile.TemporaryDirectory(prefix=f".{path.name}.{os.getpid()}-", dir=path.parent) as folder:
            yield Path(folder)
    except OSError as error:
        raise ExportError(
            f"{path}: cannot be written ({error.strerror or error}); nothing half-written was kept"
        ) from error


def _remove_left_behind(path: Path) -> None:
    """Removes the hidden folders of earlier writers of the same file that were killed; those still at work stay."""
    for folder in path.parent.glob(f".{glob.escape(path.name)}.*-*"):
        process = folder.name.removeprefix(f".{path.name}.").partition("-")[0]
        if process.isdigit() and not _is_running(int(process)):
            shutil.rmtree(folder, ignore_errors=True)


def _is_running(process: int) -> bool:
    try:
        os.kill(process, 0)
    except ProcessLookupError:
        return False
    except (OSError, OverflowError):
        return True
    return True


def _write_parts(
    connection: sqlite3.Connection,
    selection: Selection,
    wanted: Format,
    options: Options,
    folder: Path,
    limits: Limits,
    watch: Watch,
) -> list[WrittenFile]:
    """Writes the parts one after the other; one that grows too large in bytes is written again with fewer records."""
    parts: list[WrittenFile] = []
    start, step = 0, limits.records or max(len(selection.pmids), 1)
    while start < len(selection.pmids) or not parts:
        chosen = replace(selection, pmids=selection.pmids[start : start + step])
        checksum = Checksum()
        target = folder / f"part-{len(parts)}"
        _write_whole(target, checksum.encoded(write_list(connection, chosen, wanted, options, watch)))
        if limits.size and checksum.size > limits.size and len(chosen.pmids) > 1:
            step = max(1, min(len(chosen.pmids) - 1, int(len(chosen.pmids) * limits.size / checksum.size * 0.95)))
            continue
        parts.append(WrittenFile(target, len(chosen.pmids), checksum.size, checksum.sha256))
        start += len(chosen.pmids) or 1
    return parts


def _write_whole(path: Path, pieces: Iterable[bytes]) -> None:
    with path.open("wb") as file:
        write_pieces(file, pieces)
        file.flush()
        os.fsync(file.fileno())


def write_pieces(file: BinaryIO, pieces: Iterable[bytes]) -> None:
    """Writes pieces in larger blocks."""
    iterator = iter(pieces)
    while block := list(itertools.islice(iterator, 64)):
        file.write(b"".join(block))
