"""The verbs that look at the store: status, check, digest."""

from datetime import timedelta

import click

from db.evidence.digest import FORMATS, make_digest
from db.store.check import check_store
from db.store.ledger import Ledger
from db.store.store import open_store
from harvest.app.common import EXIT_DONE, EXIT_WRONG, json_option, pass_settings, print_json
from harvest.app.health import OVERDUE, health
from harvest.app.lock import holder
from harvest.app.settings import Settings


@click.command("status")
@click.option(
    "--overdue",
    default=OVERDUE.total_seconds() / 3600,
    show_default=True,
    metavar="HOURS",
    help="Turn red when the last finished harvest is older.",
)
@json_option
@pass_settings
def status_command(settings: Settings, overdue: float, as_json: bool) -> int:
    """Say how the tracker is; ends with 1 (red) after a night that was missed or failed."""
    with open_store(settings.db, create=False) as store:
        state = health(store, holder(settings.db), timedelta(hours=overdue))
    if as_json:
        print_json(state.as_json())
    else:
        click.echo(state.as_text())
    return EXIT_WRONG if state.reasons else EXIT_DONE


@click.command("check")
@json_option
@pass_settings
def check_command(settings: Settings, as_json: bool) -> int:
    """Look through the whole store for anything that must not be; ends with 1 where something is."""
    with open_store(settings.db, create=False) as store:
        problems = check_store(store)
        articles = Ledger(store).figures()["articles"]
    if as_json:
        found = [{"check": p.check, "count": p.count, "examples": list(p.examples)} for p in problems]
        print_json({"status": "wrong" if problems else "ok", "articles": articles, "problems": found})
    else:
        for problem in problems:
            click.echo(problem.words)
        click.echo(f"{articles} articles checked: {'all is well' if not problems else 'see above'}")
    return EXIT_WRONG if problems else EXIT_DONE


@click.command("digest")
@click.option("--since", metavar="RUN|DATE", help="After this run, or from this day on (default: the last night).")
@click.option("--format", "format_name", default="text", show_default=True, type=click.Choice(list(FORMATS)))
@pass_settings
def digest_command(settings: Settings, since: str | None, format_name: str) -> None:
    """Say what changed: new, revised, retracted, vanished, returned articles."""
    with open_store(settings.db, create=False) as store:
        click.echo(FORMATS[format_name](make_digest(store, since)), nl=False)
