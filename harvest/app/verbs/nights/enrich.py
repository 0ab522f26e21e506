"""The verb enrich."""

import click

from harvest.app.common import json_option, pass_settings, print_json, say
from harvest.app.settings import Settings
from harvest.app.steps.enrich import enrich_step
from harvest.enrich.step import STEPS
from harvest.sync.report import EXIT_CODES


@click.command("enrich")
@click.option("--only", multiple=True, type=click.Choice(STEPS), help="Only this step; may be given several times.")
@click.option("--full", is_flag=True, help="Ask about everything anew, not only what is new or has moved.")
@json_option
@pass_settings
def command(settings: Settings, only: tuple[str, ...], full: bool, as_json: bool) -> int:
    """Join what others know: trials, citations, free full text, preprints; each service fails alone."""
    report = enrich_step(settings, only or STEPS, full)
    exit_code = EXIT_CODES[report.status]
    if as_json:
        print_json(report.as_json())
    else:
        say(report.as_text(), exit_code)
    return exit_code
