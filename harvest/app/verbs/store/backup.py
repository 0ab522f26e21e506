"""The verb backup."""

from pathlib import Path

import click

from db.store.backup import backup
from harvest.app.common import json_option, print_json, say
from harvest.app.settings import Settings
from harvest.app.steps.reparse import parser_for_check
from harvest.app.steps.update import pass_settings_of_store


@click.command("backup")
@click.argument("file", type=click.Path(path_type=Path), metavar="FILE")
@json_option
@pass_settings_of_store
def command(settings: Settings, file: Path, as_json: bool) -> None:
    """Copy the whole store into FILE while it is in use, and check the copy."""
    copied = backup(settings.db, file, parser_for_check)
    if as_json:
        print_json({"file": str(copied.path), "articles": copied.articles, "decisions": copied.decisions,
                    "bytes": copied.size})  # fmt: skip
    else:
        say(f"Copied {copied.articles} articles and {copied.decisions} decisions to {copied.path}, and checked them.")
