"""The verb digest."""

import click

from db.evidence.digests.build import make_digest
from db.evidence.digests.formats import FORMATS
from db.store.store import open_store
from harvest.app.settings import Settings
from harvest.app.steps.digest import mark_told
from harvest.app.steps.update import pass_settings_of_store


@click.command("digest")
@click.option("--since", metavar="RUN|DATE", help="After this run, or from this day on (default: the last digest).")
@click.option("--format", "format_name", default="text", show_default=True, type=click.Choice(list(FORMATS)))
@click.option("--mark", is_flag=True, help="Let the next digest begin where this one ends, as a night does.")
@pass_settings_of_store
def command(settings: Settings, since: str | None, format_name: str, mark: bool) -> None:
    """Say what changed: new, revised, retracted, vanished, returned articles."""
    if mark and since is not None:
        raise click.UsageError("--mark is for the digest since the last one; leave --since out")
    with open_store(settings.db, create=False) as store:
        digest = make_digest(store, since)
        click.echo(FORMATS[format_name](digest), nl=False)
        if mark:
            mark_told(store, digest)
