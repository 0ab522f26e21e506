"""Serves the published file through Datasette with the settings that the site is made for."""

import asyncio
import socket
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import uvicorn
import yaml
from datasette.app import Datasette
from datasette.plugins import pm

from db.errors import TrackerError
from db.publish.publish import check_published
from db.site import plugin
from db.site.serving.desk import ReviewDesk
from db.store.access import is_read_only
from db.store.store import open_store

#: Suggested facets ask one query a column for nothing; public SQL would let anybody keep the machine busy; the facets
#: of a large store need more time than Datasette gives by default; a whole raw table in one answer takes a thread for
#: twenty seconds, and the lists of `/export` queue.
SETTINGS: dict[str, Any] = {
    "suggest_facets": False,
    "default_allow_sql": False,
    "facet_time_limit_ms": 1000,
    "sql_time_limit_ms": 2000,
    "default_page_size": 50,
    "default_facet_size": 30,
    "truncate_cells_html": 600,
    "allow_download": False,
    "allow_csv_stream": False,
}
#: Pages that a file must be able to show before it is published.
_SMOKE_PATHS = ("/", "/articles", "/articles?q=patients", "/-/versions.json")


#: What Datasette's page of a table is made of: read when the site starts, half of the time of its first answer.
_TABLE_TEMPLATES = (
    "table.html", "_table.html", "_facet_results.html", "_description_source_license.html", "_crumbs.html",
    "_footer.html", "_close_open_menus.html", "base.html", "default:base.html",
)  # fmt: skip


class ServeError(TrackerError):
    """The site cannot be served: no published file, or the port is taken."""


def metadata_path() -> Path:
    """Returns `metadata.yml`: the one of the checkout, else the copy inside the installed package."""
    checkout = Path(__file__).parents[2] / "metadata.yml"
    return checkout if checkout.exists() else Path(__file__).parent / "metadata.yml"


def build_datasette(
    site: Path,
    base_url: str = "/",
    addresses: Mapping[str, str | None] | None = None,
    desk: ReviewDesk | None = None,
) -> Datasette:
    """Returns Datasette over one published file, with the plugin, metadata and settings of the site.

    A file that stands where nobody can change it is opened as immutable. `base_url` is the path under which a web
    server passes requests on; `addresses` may name a `site_url` and a `report_url` in place of the metadata's;
    with a `desk` the review page is on, and what it decides is written to the desk's store, never to this file.
    """
    if not pm.is_registered(plugin):  # a checkout that is not installed has no entry point
        pm.register(plugin, "db.site.plugin")
    metadata = yaml.safe_load(metadata_path().read_text(encoding="utf-8"))
    databases = metadata.get("databases", {})
    if site.stem != "evidence" and "evidence" in databases:
        databases[site.stem] = databases["evidence"]
    metadata.update({name: address for name, address in (addresses or {}).items() if address})
    files, immutables = ([], [str(site)]) if is_read_only(site) else ([str(site)], [])
    settings = {**SETTINGS, "base_url": base_url}
    secret = desk.secret if desk else None
    datasette = Datasette(
        files=files, immutables=immutables, metadata=metadata, settings=settings, secret=secret, pdb=False
    )
    vars(datasette)["_ho_tracker_desk"] = desk
    return datasette


def check_servable(site: Path, host: str, port: int) -> None:
    """Raises ServeError where there is no published file or the port is in use, StoreError for any other file."""
    if not site.exists():
        raise ServeError(f"{site}: there is nothing to serve; run: ho-tracker publish")
    check_port(host, port)
    check_published(site)


def serve(
    site: Path,
    host: str,
    port: int,
    base_url: str = "/",
    addresses: Mapping[str, str | None] | None = None,
    desk: ReviewDesk | None = None,
) -> None:
    """Serves the site until it is stopped, by `build_datasette`; raises what `check_servable` and `check_desk` do."""
    check_servable(site, host, port)
    if desk is not None:
        check_desk(desk)
    datasette = build_datasette(site, base_url, addresses, desk)
    asyncio.run(datasette.invoke_startup())
    for name in _TABLE_TEMPLATES:
        datasette.jinja_env.get_template(name)
    uvicorn.run(datasette.app(), host=host, port=port, log_level="warning", lifespan="on")


async def warm(datasette: Datasette, site: Path) -> None:
    """Makes what the first visitor would wait for: our counts, and what Datasette reads and compiles for its tables."""
    await datasette.invoke_startup()
    for _ in range(datasette.setting("num_sql_threads")):  # each reader has its own connection
        await datasette.client.get(f"/{site.stem}/articles")


def check_desk(desk: ReviewDesk) -> None:
    """Raises ServeError where decisions could not be written, StoreError or AccountsError for a file that is none."""
    if is_read_only(desk.store) and desk.store.exists():
        raise ServeError(f"{desk.store}: the review page writes to the store; make the file and its folder writable")
    with open_store(desk.store, create=False, update=False):
        pass
    desk.accounts()


def smoke_test(site: Path) -> None:
    """Asks the site for its main pages over a file that is not served yet; raises ServeError where one fails."""

    async def ask() -> None:
        datasette = build_datasette(site)
        await datasette.invoke_startup()
        for path in _SMOKE_PATHS:
            response = await datasette.client.get(path)
            if response.status_code != 200:
                raise ServeError(f"{site}: not published, the page {path} answers {response.status_code}")

    asyncio.run(ask())


def check_port(host: str, port: int) -> None:
    """Binds the address for a moment; raises ServeError where it can't be had, so that that is one clear line."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    with socket.socket(family, socket.SOCK_STREAM) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
        except OSError as error:
            raise ServeError(
                f"port {port} on {host} cannot be used ({error.strerror}); stop what uses it or choose another --port"
            ) from error
