"""The verb demo: everything on the bundled sample."""

from datetime import UTC, datetime
from pathlib import Path

import click

from db.site.server import check_port
from db.store.store import open_store
from db.topics import bundled, current
from harvest.app.settings import Settings
from harvest.app.steps.enrich import tag_trials_step
from harvest.app.steps.publish import publish_step
from harvest.app.steps.serve import host_option, port_option, serve_step
from harvest.app.steps.tag import tag_step
from harvest.enrich.sample import load_sample
from harvest.sample import sample_path
from harvest.sync.bulk import EVERYTHING, import_files

#: Where the demonstration keeps its two files, below the working folder; of another topic than the first bundled one,
#: its id stands behind it.
FOLDER = Path("ho-tracker-demo")


@click.command("demo")
@port_option
@host_option
@click.option("--no-serve", is_flag=True, help="Stop when the site is published.")
@click.pass_context
def command(context: click.Context, port: int, host: str, no_serve: bool) -> None:
    """Take the bundled made-up sample through import, tag and publish, and serve it."""
    topic = current()
    folder = FOLDER if topic.id == bundled()[0] else FOLDER.with_name(f"{FOLDER}-{topic.id}")
    named = context.parent.params if context.parent else {}
    if named.get("db") or named.get("site"):
        message = f"the demonstration keeps its own files in {folder}/: leave --db and --site out"
        raise click.UsageError(message, context)
    if not no_serve:
        check_port(host, port)
    sample_path()
    folder.mkdir(exist_ok=True)
    settings = Settings(db=folder / f"{topic.id}.db", site=folder / "evidence.db")
    click.echo("Importing the bundled sample of made-up records ...")
    with open_store(settings.db) as store:
        import_files(store, [sample_path()], EVERYTHING)
        load_sample(store, datetime.now(UTC))
    click.echo("Tagging ...")
    tag_step(settings)
    tag_trials_step(settings)
    click.echo("Publishing ...")
    publish_step(settings, allow_shrinking=True)
    if not no_serve:
        serve_step(settings, host, port)
