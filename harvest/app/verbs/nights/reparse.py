"""The verb reparse."""

from dataclasses import asdict

import click

from harvest.app.common import EXIT_DONE, EXIT_PARTIAL, json_option, pass_settings, print_json, say, stopping_on_sigterm
from harvest.app.settings import Settings
from harvest.app.steps.reparse import reparse_step


@click.command("reparse")
@json_option
@pass_settings
def command(settings: Settings, as_json: bool) -> int:
    """Read the kept records again with today's parser; runs by itself after an update that changed it."""
    with stopping_on_sigterm():
        report = reparse_step(settings)
    exit_code = EXIT_PARTIAL if report.unreadable else EXIT_DONE
    if as_json:
        print_json(asdict(report))
    else:
        say(f"{report.message}.", exit_code)
    return exit_code
