"""The verb serve."""

import click

from harvest.app.common import pass_settings
from harvest.app.settings import Settings
from harvest.app.steps.serve import host_option, port_option, serve_step


@click.command("serve")
@port_option
@host_option
@pass_settings
def command(settings: Settings, port: int, host: str) -> None:
    """Serve the published site."""
    serve_step(settings.site, host, port)
