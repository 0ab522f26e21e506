"""The verb reviewers: who may sign in on the review page."""

import sys

import click

from db.site.serving.accounts import add_account, read_accounts, remove_account
from harvest.app.common import pass_settings, say
from harvest.app.settings import Settings


@click.group("reviewers")
def command() -> None:
    """Say who may sign in on the review page of the site."""


@command.command("add")
@click.argument("name")
@pass_settings
def add_command(settings: Settings, name: str) -> None:
    """Add a reviewer, or change the password; it is asked for, or read from standard input."""
    if sys.stdin.isatty():
        password = click.prompt("Password", hide_input=True, confirmation_prompt=True)
    else:
        password = sys.stdin.readline().rstrip("\r\n")
    new = add_account(settings.reviewers, name, password)
    say(f"{'Added' if new else 'Changed the password of'} {name} in {settings.reviewers}.")


@command.command("list")
@pass_settings
def list_command(settings: Settings) -> None:
    """Name the reviewers."""
    for name in sorted(read_accounts(settings.reviewers).hashes):
        click.echo(name)


@command.command("remove")
@click.argument("name")
@pass_settings
def remove_command(settings: Settings, name: str) -> None:
    """Remove a reviewer; sessions end at once, decisions stay."""
    remove_account(settings.reviewers, name)
    say(f"Removed {name} from {settings.reviewers}.")
