"""The verb status."""

from datetime import timedelta

import click

from db.store.store import open_store
from harvest.app.common import EXIT_DONE, EXIT_WRONG, json_option, pass_settings, print_json, say
from harvest.app.health import OVERDUE, health
from harvest.app.lock import holder
from harvest.app.searches.file import search_faults
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
def command(settings: Settings, overdue: float, as_json: bool) -> int:
    """Say how the tracker is; ends with 1 (red) after a night that was missed or failed."""
    with open_store(settings.db, create=False, update=False) as store:
        state = health(
            store, holder(settings.db), timedelta(hours=overdue), settings.advice, search_faults(settings.searches)
        )
    exit_code = EXIT_WRONG if state.reasons else EXIT_DONE
    if as_json:
        print_json(state.as_json())
    else:
        say(state.as_text(), exit_code)
    return exit_code
