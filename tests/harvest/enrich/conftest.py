"""What the tests of enrichment share: a world with its server, a store, and runs that wait for nothing."""

from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from typing import Any

import pytest

from db.model import RegistryNumber
from db.store.store import Store
from harvest.enrich.run import Sources, enrich
from harvest.enrich.step import STEPS, EnrichReport
from harvest.eutils.client import Identity
from harvest.eutils.transport import Limits
from tests.support.services_world import Paper, ServicesServer, World
from tests.support.stores import article, save

EMAIL = "someone@example.org"
LIMITS = Limits(connect=2, read=1, request=1.5, call=6, outage=4, backoff=0.0005, reply_bytes=1 << 22)

Enrich = Callable[..., EnrichReport]


@pytest.fixture(scope="session")
def running() -> Iterator[ServicesServer]:
    with ServicesServer(World()) as server:
        yield server


@pytest.fixture
def server(running: ServicesServer) -> ServicesServer:
    running.world = World()
    running.old_icite, running.trial_page = False, None
    running.forget()
    return running


@pytest.fixture
def world(server: ServicesServer) -> World:
    return server.world


@pytest.fixture
def run(server: ServicesServer, store: Store) -> Enrich:
    def run(*only: str, full: bool = False, email: str | None = EMAIL) -> EnrichReport:
        world = server.world
        sources = Sources(server.addresses, Identity(email), LIMITS, limited=False)
        now = datetime(world.today.year, world.today.month, world.today.day, 5, len(server.asked) % 60, tzinfo=UTC)
        return enrich(store, sources, now, only or STEPS, full)

    return run


def hold(store: Store, *papers: Paper, **values: Any) -> None:
    """Saves papers of a world as PubMed would give them."""
    made = [article(p.pmid, title=p.title, doi=p.doi, entrez_date="2026-01-01", **values) for p in papers]
    save(store, *made)


def registered(number: str, found_in: str = "databank") -> RegistryNumber:
    return RegistryNumber("ClinicalTrials.gov", number, found_in)


def rows(store: Store, sql: str) -> list[tuple[Any, ...]]:
    return store.db.execute(sql).fetchall()
