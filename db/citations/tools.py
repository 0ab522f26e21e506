"""The tools that a list is handed to: the format each one reads, and how much of it in one file."""

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from importlib.resources import files

from db.citations.output import ExportError, Limits


@dataclass(frozen=True, slots=True)
class Tool:
    """A tool: its name for people, the formats that it reads (the best first), the limits of one file, their source."""

    name: str
    title: str
    formats: tuple[str, ...]
    limits: Limits
    source: str

    def format_name(self, asked: str | None) -> str:
        """Returns the format to write; raises ExportError where the tool does not read the one asked for."""
        if asked is None:
            return self.formats[0]
        if asked not in self.formats:
            raise ExportError(f"{self.title} does not read {asked}; choose {' or '.join(self.formats)}")
        return asked


@lru_cache
def load_tools() -> Mapping[str, Tool]:
    """Returns the tools by name, as the data file lists them."""
    data = tomllib.loads(files("db.citations").joinpath("tools.toml").read_text(encoding="utf-8"))
    return {
        name: Tool(
            name, row["title"], tuple(row["formats"]), Limits(row.get("records"), row.get("size")), row["source"]
        )
        for name, row in data.items()
    }
