"""What enrichment costs in requests, against the tests' stand-in world: first run, quiet nights, a night with changes.

    python -m benchmarks.enrich_cost [--articles 15000] [--quiet 5]

Exits 1 where a cost is above its bound: 120 for a first run over 15,000 articles, one a service on a quiet night.
"""

import argparse
import sys
import tempfile
import time
from datetime import UTC, datetime
from pathlib import Path

from db.store.store import Store, open_store
from harvest.enrich.run import Sources, enrich
from harvest.enrich.step import EnrichReport
from harvest.eutils.client import Identity
from tests.support.services_world import ServicesServer, World
from tests.support.stores import article, save

_FIRST_BOUND = 120
_IDENTITY = Identity("someone@example.org")


def main() -> int:
    """Prints one line a run; returns the exit code."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--articles", type=int, default=15_000)
    parser.add_argument("--quiet", type=int, default=5, help="quiet nights after the first run")
    arguments = parser.parse_args()
    world = make_world(arguments.articles)
    with tempfile.TemporaryDirectory() as folder, open_store(Path(folder) / "ho.db") as store:
        hold(store, world)
        with ServicesServer(world) as server:
            worst = say("first run", night(server, store), sum, _FIRST_BOUND * max(1, arguments.articles / 15_000))
            for number in range(arguments.quiet):
                world.pass_days(1)
                worst = max(worst, say(f"quiet night {number + 1}", night(server, store), max, 1))
            world.pass_days(1)
            for event in ("cite", "trial changes", "preprint", "retraction watch", "crossref"):
                world.happen(event, 7)
            say("night with changes", night(server, store), sum, arguments.articles)
    return worst


def make_world(count: int) -> World:
    """Returns a world of papers that cite each other, with trials and preprints."""
    world = World()
    for number in range(count):
        pmcid = f"PMC{number}" if number % 5 < 2 else None
        paper = world.add_paper(pmcid=pmcid, in_icite=number % 20 > 0, outside_citations=number % 40)
        paper.references = {paper.pmid - step for step in (1, 2, 5, 11) if paper.pmid - step in world.papers}
    for _ in range(300):
        world.add_trial()
        world.add_preprint()
    return world


def hold(store: Store, world: World) -> None:
    """Saves the world's papers as PubMed would give them."""
    papers = list(world.papers.values())
    for start in range(0, len(papers), 1000):
        made = (
            article(p.pmid, doi=p.doi, pmcid=p.pmcid, entrez_date="2026-02-01") for p in papers[start : start + 1000]
        )
        save(store, *made)


def night(server: ServicesServer, store: Store) -> EnrichReport:
    """Runs all services once."""
    server.forget()
    today = server.world.today
    now = datetime(today.year, today.month, today.day, 4, tzinfo=UTC)
    return enrich(store, Sources(server.addresses, _IDENTITY, limited=False), now)


def say(name: str, report: EnrichReport, measure: object, bound: float) -> int:
    """Prints a run's cost by service beside its bound; returns 1 where it is above."""
    services: dict[str, int] = {}
    for step in report.steps:
        for service, requests in step.requests.items():
            services[service] = services.get(service, 0) + requests
    cost = measure(services.values())  # type: ignore[operator]
    good = cost <= bound and report.status == "done"
    listed = ", ".join(f"{service} {requests}" for service, requests in services.items())
    verdict = "good" if good else "TOO MANY" if report.status == "done" else report.message
    print(f"{name:<20} {sum(services.values()):>4} requests in {report.seconds:6.1f} s ({listed}): {verdict}")
    return int(not good)


if __name__ == "__main__":
    began = time.monotonic()
    code = main()
    print(f"{time.monotonic() - began:.0f} s in all")
    sys.exit(code)
