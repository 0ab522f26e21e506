"""What a methods section needs to cite a list: filter, query, run, counts, checksum. Same inputs give same bytes."""

import hashlib
import json
import sqlite3
from collections.abc import Iterable, Iterator
from importlib.metadata import PackageNotFoundError, version
from typing import Any

from db.citations.formats.common import Format, Options
from db.citations.selection import Selection
from db.terms import is_made_up

MANIFEST_SUFFIX = ".manifest.json"


class Checksum:
    """Passes text through as UTF-8 and keeps its SHA-256 and length."""

    def __init__(self) -> None:
        self._digest = hashlib.sha256()
        self.size = 0

    def encoded(self, pieces: Iterable[str]) -> Iterator[bytes]:
        """Yields each piece as UTF-8; what cannot be encoded (a lone surrogate) as a question mark."""
        for piece in pieces:
            data = piece.encode("utf-8", "replace")
            self._digest.update(data)
            self.size += len(data)
            yield data

    @property
    def sha256(self) -> str:
        """The checksum so far, in hexadecimal digits."""
        return self._digest.hexdigest()


def software_version() -> str:
    """Returns the version of this software."""
    try:
        return version("ho-tracker")
    except PackageNotFoundError:
        return "unknown"


def provenance(connection: sqlite3.Connection) -> dict[str, Any]:
    """Returns the query and the last run that filled the file, and the tagger at work; null for what is not there."""
    query = _row(
        connection,
        "SELECT query_name AS name, query_version AS version, query_hash AS hash FROM runs "
        "WHERE query_version IS NOT NULL AND status IN ('done', 'partial') ORDER BY id DESC LIMIT 1",
    )
    run = _row(
        connection,
        # what is held "for the query" only a harvest knows
        "SELECT id, kind, status, finished_at, pubmed_count, "
        "CASE WHEN pubmed_count IS NOT NULL THEN held_count END AS held_count FROM runs "
        "WHERE kind IN ('harvest', 'import') AND status IN ('done', 'partial') ORDER BY id DESC LIMIT 1",
    )
    taggers = connection.execute("SELECT DISTINCT tagger FROM articles WHERE tagger IS NOT NULL ORDER BY 1").fetchall()
    return {
        "query": query,
        "run": run,
        "articles_held": connection.execute("SELECT count(*) FROM articles WHERE vanished = 0").fetchone()[0],
        "tagger": [row[0] for row in taggers],
    }


def list_date(connection: sqlite3.Connection) -> str:
    """Returns the day of the last run as YYYY-MM-DD, for names of files; "undated" where nothing was ever fetched."""
    run = provenance(connection)["run"]
    return run["finished_at"][:10] if run and run["finished_at"] else "undated"


def build_manifest(
    connection: sqlite3.Connection, selection: Selection, wanted: Format, options: Options
) -> dict[str, Any]:
    """Returns the manifest of a list; `files` and `sha256` (that of a single file) are filled in by who writes."""
    known = provenance(connection)
    return {
        "software": f"ho-tracker {software_version()}",
        "format": wanted.name,
        "markup": options.markup if wanted.formatted else None,
        "filter": {
            "words": selection.words,
            "query_string": selection.chosen.query_string(),
            "pmids_not_held": list(selection.missing),
        },
        **known,
        "query_version": known["query"]["version"] if known["query"] else None,
        "count": len(selection.pmids),
        "retracted": {
            "kept": selection.keeps_retracted,
            "in_list": selection.retracted,
            "left_out": selection.retracted_left_out,
        },
        "notices": dict(selection.marked),
        "made_up": sum(map(is_made_up, selection.pmids)),
        "order": wanted.order,
        "tags": options.tags,
        "sha256": None,
        "files": [],
    }


def manifest_text(manifest: dict[str, Any]) -> str:
    """Returns the manifest as the text of its file."""
    return json.dumps(manifest, ensure_ascii=False, indent=2) + "\n"


def _row(connection: sqlite3.Connection, sql: str) -> dict[str, Any] | None:
    cursor = connection.execute(sql)
    row = cursor.fetchone()
    return dict(zip((column[0] for column in cursor.description), row, strict=True)) if row else None
