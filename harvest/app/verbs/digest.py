"""The verb digest."""

import click

from db.evidence.digest import FORMATS, make_digest
from db.store.store import open_store
from harvest.app.common import pass_settings
from harvest.app.settings import Settings


@click.command("digest")
@click.option("--since", metavar="RUN|DATE", help="After this run, or from this day on (default: the last night).")
@click.option("--format", "format_name", default="text", show_default=True, type=click.Choice(list(FORMATS)))
@pass_settings
def command(settings: Settings, since: str | None, format_name: str) -> None:
    """Say what changed: new, revised, retracted, vanished, returned articles."""
    with open_store(settings.db, create=False) as store:
        click.echo(FORMATS[format_name](make_digest(store, since)), nl=False)
