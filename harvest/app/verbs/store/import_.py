"""The verb import."""

from pathlib import Path

import click

from db.store.store import open_store
from db.topics import topic_query
from harvest.app.common import json_option, pass_settings, print_json, say, stopping_on_sigterm
from harvest.app.lock import locked
from harvest.app.settings import Settings
from harvest.sync.bulk import EVERYTHING, import_files, on_topic
from harvest.sync.files import check_files


@click.command("import")
@click.argument("files", nargs=-1, required=True, type=click.Path(path_type=Path), metavar="FILE...")
@click.option("--all", "keep_all", is_flag=True, help="Keep every record, not only those on the topic.")
@json_option
@pass_settings
def command(settings: Settings, files: tuple[Path, ...], keep_all: bool, as_json: bool) -> int:
    """Import PubMed XML (.xml, .xml.gz, with deletions) or .nbib files; keeps what is on the topic."""
    check_files(files)
    selection = EVERYTHING if keep_all else on_topic(topic_query())
    with stopping_on_sigterm(), locked(settings.db, "import"), open_store(settings.db) as store:
        report = import_files(store, files, selection)
    if as_json:
        print_json(report.as_json())
    else:
        say(report.as_text(), report.exit_code)
    return report.exit_code
