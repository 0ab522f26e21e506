"""Writes the pages that are made from the code: the command reference and the data dictionary. Run: make docs."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import click
import yaml

from db.server import metadata_path
from harvest.cli import main

FOLDER = Path(__file__).parent
_MADE = "<!-- Made by `make docs`; do not edit. -->\n"


def commands_page() -> str:
    """Returns the reference of the command line: the help of every verb."""
    return "\n".join(
        ["# Commands\n", _MADE, *_help(main, click.Context(main, info_name="ho-tracker", **main.context_settings))]
    )


def _help(command: click.Command, context: click.Context) -> Iterator[str]:
    context.max_content_width = 100
    yield f"## {context.command_path}\n\n```\n{command.get_help(context)}\n```\n"
    if isinstance(command, click.Group):
        for name in command.list_commands(context):
            verb = command.get_command(context, name)
            if verb is not None:
                yield from _help(verb, click.Context(verb, parent=context, info_name=name))


def dictionary_page() -> str:
    """Returns the data dictionary: every public table and column with its description in metadata.yml."""
    tables: dict[str, Any] = yaml.safe_load(metadata_path().read_text(encoding="utf-8"))["databases"]["evidence"][
        "tables"
    ]
    lines = ["# Data dictionary\n", _MADE, "The tables of `evidence.db`; `ho.db` has them too.\n"]
    for name, table in tables.items():
        if table.get("hidden"):
            continue
        lines += [f"## {name}\n", f"{table['description']}.\n", "| column | what it holds |", "| --- | --- |"]
        lines += [f"| `{column}` | {text} |" for column, text in table["columns"].items()]
        lines.append("")
    return "\n".join(lines)


PAGES = {"commands.md": commands_page, "data-dictionary.md": dictionary_page}


if __name__ == "__main__":
    for page, write in PAGES.items():
        (FOLDER / page).write_text(write(), encoding="utf-8")
