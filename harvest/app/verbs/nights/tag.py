"""The verb tag."""

import os
from dataclasses import asdict

import click

from harvest.app.common import json_option, print_json, say
from harvest.app.settings import Settings
from harvest.app.steps.reparse import reparse_after_update
from harvest.app.steps.tag import tag_step
from harvest.app.steps.update import pass_settings_of_store


@click.command("tag")
@click.option("--all", "everything", is_flag=True, help="Tag every article anew, not only what changed.")
@click.option(
    "--processes", default=os.cpu_count() or 1, show_default=True, type=click.IntRange(1, 64), help="Cores to use."
)
@json_option
@pass_settings_of_store
def command(settings: Settings, everything: bool, processes: int, as_json: bool) -> None:
    """Tag the articles that are new, changed, or known only to an older tagger."""
    reparse_after_update(settings)
    report = tag_step(settings, everything, processes)
    if as_json:
        print_json(asdict(report))
    elif report.articles:
        say(f"Tagged {report.articles} articles in {report.seconds} s; {report.retagged} have other tags now.")
    else:
        say("Every article is tagged by this version already; --all tags them anew.")
