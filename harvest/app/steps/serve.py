"""The step serve: says where the site is and serves it until it is stopped."""

import click

from db.publish.publish import refuse_other_topic
from db.site.server import check_desk, check_servable, serve
from db.site.serving.desk import ReviewDesk
from harvest.app.settings import Settings
from harvest.version import SOFTWARE

port_option = click.option("--port", default=8001, show_default=True, type=click.IntRange(1, 65535))
host_option = click.option("--host", default="127.0.0.1", show_default=True, help="Address to listen on.")


def serve_step(settings: Settings, host: str, port: int, base_url: str = "/") -> None:
    """Says where the site is and serves it until it is stopped."""
    site = settings.site
    check_servable(site, host, port)
    if settings.topic:
        refuse_other_topic(site)
    shown = f"[{host}]" if ":" in host else host
    click.echo(f"Serving {site} at http://{shown}:{port}{base_url} (Ctrl-C stops it)")
    desk = None
    if settings.review_secret:
        desk = ReviewDesk(settings.db, settings.review_secret, settings.reviewers, SOFTWARE)
        check_desk(desk)
        click.echo(f"Review page: http://{shown}:{port}{base_url}curate, {len(desk.accounts().hashes)} reviewers")
    serve(site, host, port, base_url, {"site_url": settings.site_url, "report_url": settings.report_url}, desk)
