"""A dated snapshot for a methods section: the published file as it is, with what is needed to cite and to check it."""

import hashlib
import json
import os
import sqlite3
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

from db.citations.manifest import list_date, provenance, software_version
from db.errors import TrackerError
from db.publish.publish import check_published
from db.store.store import sqlite_errors
from db.topics import current

#: The files of a snapshot; the database keeps the name that the site knows it by.
DATABASE, MANIFEST, SUMS, CITATION = "evidence.db", "manifest.json", "SHA256SUMS", "CITATION.cff"
_COUNTED = ("articles", "concepts", "article_tags", "mentions", "findings", "changes", "runs")
_BLOCK = 1 << 20


class SnapshotError(TrackerError):
    """A snapshot that cannot be made; nothing half-written is left."""


@dataclass(frozen=True, slots=True)
class Snapshot:
    """A snapshot that was made: its folder, the day of its data, the number of articles, the database's SHA-256."""

    folder: Path
    date: str
    articles: int
    sha256: str


def make_snapshot(site: Path, into: Path, address: str | None = None) -> Snapshot:
    """Writes `ho-tracker-DATE` into a folder: the published file, manifest.json, CITATION.cff and SHA256SUMS.

    DATE is the day of the last run that filled the file. The database is a whole copy of one moment, packed, so that
    the same published file gives the same bytes; `address` is the site's public one, for the citation. Raises
    SnapshotError where the snapshot is there already or cannot be written, StoreError where the file is none of ours.
    """
    if not site.exists():
        raise SnapshotError(f"{site}: there is no published file; run ho-tracker publish first")
    check_published(site)
    if not into.is_dir():
        raise SnapshotError(f"{into}: there is no such folder; create it first")
    try:
        with tempfile.TemporaryDirectory(prefix=".ho-tracker-snapshot-", dir=into) as staging:
            return _staged(site, into, Path(staging), address)
    except OSError as error:
        raise SnapshotError(f"{into}: {error.strerror or error}; nothing half-written was kept") from error


def _staged(site: Path, into: Path, staging: Path, address: str | None) -> Snapshot:
    made = staging / "made"
    made.mkdir()
    copy = made / DATABASE
    with sqlite_errors(site):
        connection = sqlite3.connect(f"{site.absolute().as_uri()}?mode=ro", uri=True)
        try:
            connection.execute("VACUUM INTO ?", [str(copy)])
        finally:
            connection.close()
    sha256 = _sha256(copy)
    told = _manifest(copy, sha256)
    folder = into / f"ho-tracker-{told['date']}"
    if folder.exists():
        raise SnapshotError(f"{folder}: this snapshot is there already; name another folder, or move it away")
    _write(made / MANIFEST, json.dumps(told, ensure_ascii=False, indent=2) + "\n")
    _write(made / CITATION, _citation(told, address))
    sums = (f"{_sha256(path)}  {path.name}\n" for path in sorted(made.iterdir()))
    _write(made / SUMS, "".join(sums))
    os.replace(made, folder)
    return Snapshot(folder, told["date"], told["counts"]["articles"], sha256)


def _manifest(copy: Path, sha256: str) -> dict[str, Any]:
    """Returns what a methods section tells of the data, read from the copy itself."""
    connection = sqlite3.connect(f"{copy.absolute().as_uri()}?immutable=1", uri=True)
    try:
        known = provenance(connection)
        run = connection.execute(
            "SELECT query, pubmed_translation FROM runs WHERE query IS NOT NULL AND status IN ('done', 'partial') "
            "ORDER BY id DESC LIMIT 1"
        ).fetchone() or (None, None)
        properties = dict(connection.execute("SELECT name, value FROM properties"))
        counts = {table: connection.execute(f"SELECT count(*) FROM {table}").fetchone()[0] for table in _COUNTED}
        retracted, vanished, off_topic = connection.execute(
            "SELECT coalesce(sum(retracted), 0), coalesce(sum(vanished), 0), coalesce(sum(topic IS ?), 0) "
            "FROM articles",
            [current().beside],
        ).fetchone()
        return {
            "date": list_date(connection),
            "software": f"ho-tracker {software_version()}",
            "published_at": properties.get("published_at"),
            "made_up_sample": properties.get("sample") == "1",
            **known,
            "query_text": run[0],
            "pubmed_translation": run[1],
            "counts": {**counts, "retracted": retracted, "vanished": vanished, f"not_about_{current().id}": off_topic},
            "database": {"name": DATABASE, "bytes": copy.stat().st_size, "sha256": sha256},
        }
    finally:
        connection.close()


def _citation(told: dict[str, Any], address: str | None) -> str:
    """Returns the snapshot as a data set in the Citation File Format 1.2.0 (citation-file-format.github.io)."""
    query = told["query"] or {}
    entry = {
        "cff-version": "1.2.0",
        "message": "Cite this snapshot by its date and the SHA-256 of its database.",
        "type": "dataset",
        "title": f"{current().title}: evidence on {current().name}, read by machine from PubMed",
        "authors": [{"name": "The authors of ho-tracker"}],
        "version": told["date"],
        **({"date-released": told["date"]} if told["date"] != "undated" else {}),
        "abstract": (
            f"{told['counts']['articles']} records held, query {query.get('name') or 'not named'} "
            f"version {query.get('version') or 'unknown'}, tagger {', '.join(told['tagger']) or 'none'}, "
            f"made by {told['software']}."
        ),
        "identifiers": [
            {"type": "other", "value": f"sha256:{told['database']['sha256']}", "description": f"SHA-256 of {DATABASE}"}
        ],
        **({"url": address} if address else {}),
    }
    return str(yaml.safe_dump(entry, sort_keys=False, allow_unicode=True, width=100))


def _sha256(path: Path) -> str:
    digest = hashlib.sha256()
    for block in _blocks(path):
        digest.update(block)
    return digest.hexdigest()


def _blocks(path: Path) -> Iterator[bytes]:
    with path.open("rb") as file:
        while block := file.read(_BLOCK):
            yield block


def _write(path: Path, text: str) -> None:
    path.write_text(text, encoding="utf-8", newline="\n")
