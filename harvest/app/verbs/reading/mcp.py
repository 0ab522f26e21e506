"""The verb mcp."""

import click

from db.programs.server import build_server
from db.publish.publish import refuse_other_topic
from harvest.app.common import pass_settings
from harvest.app.settings import Settings


@click.command("mcp")
@pass_settings
def command(settings: Settings) -> None:
    """Serve search, articles, concept cards and answers to programs.

    Model Context Protocol over standard input and output, read-only, from the published file; every claim comes with
    PMID, sentence and offsets. Needs: pip install 'ho-tracker[programs]'.
    """
    if settings.topic and settings.site.exists():
        refuse_other_topic(settings.site)
    build_server(settings.site).run("stdio")
