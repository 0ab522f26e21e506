"""The templates' environment: what they may call, and where the style sheet and script stand."""

import hashlib
from functools import cache, lru_cache
from importlib.resources import files
from importlib.resources.abc import Traversable
from typing import Any
from urllib.parse import quote

from jinja2 import Environment, PackageLoader, StrictUndefined

from db.enriched import about_topic
from db.select.facets import FACETS
from db.site.show import evidence_show, formatting
from db.site.show.citation_tags import coins, row_mark
from db.topics import current

STATIC_PATH = "-/tracker/"
STATIC_FILES = (
    *(
        "tracker.css",
        "tracker.js",
        "kept.js",
        "evidence.css",
        "evidence.js",
        "raw.css",
        "raw.js",
        "curate.css",
        "curate.js",
    ),
    "icon.svg",
)


@cache
def environment() -> Environment:
    """Returns the environment of the tracker's own templates; whatever is put into a page is escaped."""
    made = Environment(
        loader=PackageLoader("db.site"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        auto_reload=False,
    )
    made.filters.update(formatting.FILTERS)
    made.filters.update(evidence_show.FILTERS)
    made.globals.update(evidence_show.GLOBALS)
    made.filters["coins"] = coins
    made.filters["row_mark"] = row_mark
    made.filters["path"] = _path
    made.globals["facets_by_name"] = FACETS
    made.globals["topic"] = current
    made.globals["about_topic"] = about_topic
    return made


@lru_cache(maxsize=4096)
def _path(value: object) -> str:
    """Returns one step of an address; a page names the same concepts again and again."""
    return quote(str(value), safe="")


@cache
def static_files() -> dict[str, str]:
    """Returns the path of each static file below the site's root, with a stamp of its content."""
    folder = files("db.site") / "static"
    return {name: f"{STATIC_PATH}{name}?{_stamp([folder / name])}" for name in STATIC_FILES}


@cache
def code_stamp() -> str:
    """Returns what changes whenever templates, style sheet or script do, so that no browser keeps an old page."""
    folder = files("db.site")
    found = [entry for name in ("static", "templates/tracker") for entry in sorted_entries(folder, name)]
    return _stamp(found)


def sorted_entries(folder: Traversable, name: str) -> list[Traversable]:
    """Returns the files of one of a package's folders, by name."""
    for step in name.split("/"):
        folder = folder / step
    return sorted((entry for entry in folder.iterdir() if entry.is_file()), key=lambda entry: entry.name)


def _stamp(entries: list[Any]) -> str:
    digest = hashlib.sha256()
    for entry in entries:
        digest.update(entry.read_bytes())
    return digest.hexdigest()[:12]
