"""The verb harvest."""

import sys

import click

from db.errors import TrackerError
from harvest.app.common import json_option, pass_settings, print_json, say
from harvest.app.settings import Settings
from harvest.app.steps.harvest import harvest_step
from harvest.sync.plan import Options, QueryChange


class WrongOptionError(TrackerError):
    """Options that cannot be used."""


@click.command("harvest")
@click.option("--query", metavar="Q", help="Harvest this PubMed query instead of the topic's.")
@click.option("--full", is_flag=True, help="Read every record again, whether PubMed says that it changed or not.")
@click.option("--limit", type=click.IntRange(min=0), metavar="N", help="Fetch at most N records now, the rest later.")
@click.option("--dry-run", is_flag=True, help="Say what would be done, change nothing.")
@click.option("--yes", is_flag=True, help="Accept what a changed query drops, or a large loss.")
@json_option
@pass_settings
def command(
    settings: Settings, query: str | None, full: bool, limit: int | None, dry_run: bool, yes: bool, as_json: bool
) -> int:
    """Bring the store in line with PubMed: what is new, revised, retracted, vanished, returned."""
    if query is not None and not query.strip():
        raise WrongOptionError("--query is empty; give a PubMed query, or leave the option out for the topic's")
    options = Options(full=full, limit=limit, dry_run=dry_run, yes=yes, confirm=_confirm)
    report = harvest_step(settings, options, query)
    if as_json:
        print_json(report.as_json())
    else:
        say(report.as_text(), report.exit_code)
    return report.exit_code


def _confirm(change: QueryChange) -> bool:
    if not sys.stdin.isatty() or not sys.stderr.isatty():
        return False
    return click.confirm(
        f"The query changed (version {change.version_before} to {change.version_now}): {change.added} articles would "
        f"be added and {change.dropped} of {change.held} marked as vanished. Go on?",
        err=True,
    )
