"""The verb snapshot."""

from pathlib import Path

import click

from db.publish.snapshot import make_snapshot
from harvest.app.common import json_option, pass_settings, print_json
from harvest.app.settings import Settings


@click.command("snapshot")
@click.argument("folder", type=click.Path(path_type=Path), default=Path())
@json_option
@pass_settings
def command(settings: Settings, folder: Path, as_json: bool) -> None:
    """Write a dated snapshot of the published file into FOLDER, for a methods section.

    It holds the database, manifest.json (query, run, tagger, counts), CITATION.cff and SHA256SUMS.
    """
    made = make_snapshot(settings.site, folder)
    if as_json:
        told = {"folder": str(made.folder), "date": made.date, "articles": made.articles, "sha256": made.sha256}
        print_json(told)
        return
    click.echo(f"{made.folder}: {made.articles} articles of {made.date}, SHA-256 {made.sha256}")
