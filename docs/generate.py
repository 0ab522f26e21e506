"""Writes the pages that are made from the code: the command reference and the data dictionary. Run: make docs.

python -m docs.generate [FOLDER]
"""

import json
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import click
import yaml

from db.select.facets import FACETS
from db.select.sought import FINDING_LISTS
from db.select.switches import SWITCHES
from db.site.server import metadata_path
from harvest.app.cli import main

FOLDER = Path(__file__).parent
QUALITY = FOLDER.parent / "nlp" / "scoring" / "quality.json"
_MADE = "<!-- Made by `make docs`; do not edit. -->\n"


def commands_page() -> str:
    """Returns the reference of the command line: the help of every verb."""
    return "\n".join(
        ["# Commands\n", _MADE, *_help(main, click.Context(main, info_name="ho-tracker", **main.context_settings))]
    )


def _help(command: click.Command, context: click.Context) -> Iterator[str]:
    context.terminal_width = 78  # whatever the terminal or COLUMNS say
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


def quality_page() -> str:
    """Returns the tagger's measured quality: the figures of quality.json as the methods page shows them."""
    quality: dict[str, Any] = json.loads(
        (FOLDER.parent / "nlp" / "scoring" / "quality.json").read_text(encoding="utf-8")
    )
    kinds: dict[str, dict[str, float]] = quality["kinds"]
    columns = list(dict.fromkeys(column for figures in kinds.values() for column in figures))
    lines = [
        "# Measured quality of the tags\n",
        _MADE,
        f"Tagger {quality['tagger']}, measured on {quality['date']} against {quality['gold']}, by",
        "`python -m benchmarks.tagger_quality`. Mentions count as found when they overlap; findings need who, outcome",
        "and direction together. Real and retold records (real abstracts written anew) say what new articles will get;",
        "made-up ones are easier. No text of a real record is kept here, only the figures.\n",
        f"| what | {' | '.join(columns)} |",
        f"| --- |{' ---: |' * len(columns)}",
    ]
    for name, figures in kinds.items():
        cells = [f"{figures[column]:.3f}" if column in figures else "" for column in columns]
        lines.append(f"| {name} | {' | '.join(cells)} |")
    return "\n".join([*lines, ""])


def filters_page() -> str:
    """Returns every filter that lists, pages, exports, feeds and the API take, by its parameter."""
    lines = [
        "# Filters\n",
        _MADE,
        "The same parameters filter lists, evidence, matrix, plots, feeds, exports and the API, in any order.\n",
        "| parameter | what it asks for |",
        "| --- | --- |",
        '| `q` | words of a search: all of them; `OR`, `-`, `"a phrase"`, `begin*`, `title:word` or `word[ti]` |',
    ]
    for facet in FACETS.values():
        what = "concept id, name or synonym" if facet.kind else "value"
        lines.append(f"| `{facet.name}` | {facet.label} ({what}); given twice: either |")
        lines += [f"| `all_{facet.name}` | {facet.label}: all of those given |"] if facet.kind else []
        lines.append(f"| `not_{facet.name}` | {facet.label}: none of those given |")
    lines += [
        "| `year` | `2015`, `2015-2020`, `2015-` or `-2020` |",
        "| `finding_of`, `finding_on` | subject and outcome of one finding (or narrower concepts) |",
    ]
    for name, (_, values) in FINDING_LISTS.items():
        lines.append(f"| `{name}` | of that same finding: {', '.join(f'`{value}`' for value in values)} |")
    for switch in SWITCHES.values():
        lines.append(f"| `{switch.parameter}` | `yes`: {switch.yes}; `no`: {switch.no} |")
    lines += [
        "| `run` | new in a run: its number, or `last` |",
        "| `topic` | `ho` (default), `not_ho`, `all` |",
        "| `vanished` | `yes`: also records that PubMed no longer returns |",
        "| `with_retracted` | `yes`: retracted articles count in evidence too (lists hold them anyway) |",
        "| `pmids` | only these PubMed numbers, parted by commas |",
    ]
    return "\n".join([*lines, ""])


PAGES = {
    "commands.md": commands_page,
    "data-dictionary.md": dictionary_page,
    "tag-quality.md": quality_page,
    "filters.md": filters_page,
}


if __name__ == "__main__":
    folder = Path(sys.argv[1]) if len(sys.argv) > 1 else FOLDER
    for page, write in PAGES.items():
        (folder / page).write_text(write(), encoding="utf-8")
