"""The verb publish."""

import click

from harvest.app.common import json_option, print_json, say
from harvest.app.settings import Settings
from harvest.app.steps.publish import publish_step
from harvest.app.steps.reparse import reparse_after_update
from harvest.app.steps.update import pass_settings_of_store


@click.command("publish")
@click.option("--allow-shrinking", is_flag=True, help="Publish even if many articles are gone.")
@json_option
@pass_settings_of_store
def command(settings: Settings, allow_shrinking: bool, as_json: bool) -> None:
    """Build the site's file, check it, and swap it in under the running server."""
    reparse_after_update(settings)
    report = publish_step(settings, allow_shrinking)
    if as_json:
        print_json(
            {
                "site": str(report.site),
                "articles": report.articles,
                "tags": report.tags,
                "bytes": report.size,
                "seconds": report.seconds,
            }
        )
    else:
        say(f"Published {report.articles} articles with {report.tags} tags to {report.site}.")
