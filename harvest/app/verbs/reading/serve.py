"""The verb serve."""

import re

import click

from db.site.server import check_port
from harvest.app.common import pass_settings
from harvest.app.settings import Settings
from harvest.app.steps.serve import host_option, port_option, serve_step

_PATH = re.compile(r"/?(?:[\w.~-]+/)*[\w.~-]*")


@click.command("serve")
@port_option
@host_option
@click.option("--base-url", default="/", show_default=True, metavar="PATH", help="Path below which a proxy serves it.")
@click.option("--check-port", "only_check", is_flag=True, help="Only say whether the port is free.")
@pass_settings
def command(settings: Settings, port: int, host: str, base_url: str, only_check: bool) -> None:
    """Serve the published site."""
    if only_check:
        check_port(host, port)
        return
    if not _PATH.fullmatch(base_url):
        raise click.UsageError(f"--base-url {base_url!r} is no path; write one such as /tracker/")
    serve_step(settings, host, port, f"/{base_url.strip('/')}/" if base_url.strip("/") else "/")
