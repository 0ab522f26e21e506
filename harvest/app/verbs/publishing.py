"""The verbs that put the store before readers: publish, serve."""

from importlib.resources import files
from pathlib import Path

import click

from db.publish.publish import PublishReport, publish
from db.site.server import check_servable, serve, smoke_test
from harvest.app.common import json_option, pass_settings, print_json
from harvest.app.lock import locked
from harvest.app.settings import Settings

port_option = click.option("--port", default=8001, show_default=True, type=click.IntRange(1, 65535))
host_option = click.option("--host", default="127.0.0.1", show_default=True, help="Address to listen on.")


def publish_step(settings: Settings, allow_shrinking: bool = False) -> PublishReport:
    """Publishes the store into the site's file after a smoke test of its pages, one such at a time."""
    with locked(settings.site, "publish"):
        return publish(settings.db, settings.site, smoke_test, allow_shrinking, _quality())


def _quality() -> dict[str, str]:
    """Returns the tagger's measured quality for the methods page, as benchmarks/tagger_quality.py wrote it."""
    path = files("nlp.scoring") / "quality.json"
    return {"tagger_quality": path.read_text(encoding="utf-8")} if path.is_file() else {}


@click.command("publish")
@click.option("--allow-shrinking", is_flag=True, help="Publish even if many articles are gone.")
@json_option
@pass_settings
def publish_command(settings: Settings, allow_shrinking: bool, as_json: bool) -> None:
    """Build the site's file, check it, and swap it in under the running server."""
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
        click.echo(f"Published {report.articles} articles with {report.tags} tags to {report.site}.")


@click.command("serve")
@port_option
@host_option
@pass_settings
def serve_command(settings: Settings, port: int, host: str) -> None:
    """Serve the published site."""
    serve_step(settings.site, host, port)


def serve_step(site: Path, host: str, port: int) -> None:
    """Says where the site is and serves it until it is stopped."""
    check_servable(site, host, port)
    shown = f"[{host}]" if ":" in host else host
    click.echo(f"Serving {site} at http://{shown}:{port}/ (Ctrl-C stops it)")
    serve(site, host, port)
