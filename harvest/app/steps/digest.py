"""The step digest: what is new since the last digest, written beside the site and written down as told."""

import os
from pathlib import Path

from db.evidence.digests.build import make_digest, write_digest
from db.evidence.digests.formats import FORMATS
from db.evidence.digests.model import Digest
from db.store.store import Store, open_store
from harvest.app.settings import Settings

#: The files of a night's digest, by their ending.
_FILES = {"txt": "text", "html": "html"}


def digest_step(settings: Settings) -> Digest:
    """Writes the digest as text and HTML pages for mail and feeds; only then the next one begins after it."""
    with open_store(settings.db, create=False) as store:
        digest = make_digest(store, None)
        for ending, name in _FILES.items():
            write_whole(settings.site.with_name(f"{settings.site.stem}-digest.{ending}"), FORMATS[name](digest))
        mark_told(store, digest)
    return digest


def mark_told(store: Store, digest: Digest) -> None:
    """Writes down that a digest was told, so that the next one begins where it ends."""
    with store.atomic():
        write_digest(store.db.conn, digest)


def write_whole(path: Path, text: str) -> None:
    """Writes a file beside and puts it in place whole: a full disk leaves yesterday's."""
    beside = path.with_name(f"{path.name}.part")
    try:
        with beside.open("w", encoding="utf-8") as file:
            file.write(text)
            file.flush()
            os.fsync(file.fileno())
        beside.replace(path)
    finally:
        beside.unlink(missing_ok=True)
