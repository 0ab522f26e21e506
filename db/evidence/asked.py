"""What readers ask about first: outcomes, settings and rows of the matrix, from `asked.toml`."""

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib.resources import files


@dataclass(frozen=True, slots=True)
class Asked:
    """One concept that readers ask about, and the words that clinicians use for it (None: its own name)."""

    id: str
    name: str | None


def clinical_name(concept: str, name: str) -> str:
    """Returns the words that clinicians use for a concept; its own name where the data file has none."""
    return next((e.name for found in read_asked().values() for e in found if e.id == concept and e.name), name)


@cache
def read_asked() -> Mapping[str, tuple[Asked, ...]]:
    """Returns the lists `outcome`, `setting` and `row` of the data file."""
    data = tomllib.loads(files("db.evidence").joinpath("asked.toml").read_text(encoding="utf-8"))
    return {name: tuple(Asked(entry["id"], entry.get("name")) for entry in entries) for name, entries in data.items()}
