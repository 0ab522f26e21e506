"""What harvests cost in requests, against the tests' E-utilities server: first, quiet nights, nights with changes.

    python -m benchmarks.harvest_cost [--records 1000 12000 25000] [--changes 0 1 150 1000] [--one-day 12000]

Exits 1 where a cost is above its bound. The bound of a first harvest adds what listing beyond one answer costs.
"""

import argparse
import math
import sys
import tempfile
from datetime import date, timedelta
from pathlib import Path

from db.store.ledger.ledger import Query
from db.store.store import Store, open_store
from harvest.eutils.client import REACH, Client
from harvest.sync.harvest import harvest
from harvest.sync.plan import REREAD_WITHIN, Options
from harvest.sync.report import RunReport
from tests.support.eutils_server import Corpus, EutilsServer

QUERY = Query("heterotopic ossification", "benchmark", "1", "benchmark")
_BATCH = 200
#: Days since PubMed began to number its records.
_DAYS = 22_000


def main() -> int:
    """Prints one line a run; returns the exit code."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--records", type=int, nargs="+", default=[1000, 12_000, 25_000])
    parser.add_argument("--changes", type=int, nargs="+", default=[0, 1, 150, 1000])
    parser.add_argument("--one-day", type=int, default=12_000, help="so many of the largest store stand on one day")
    arguments = parser.parse_args()
    largest = max(arguments.records)
    worst = max(measure(count, arguments.changes) for count in arguments.records)
    return max(worst, measure(largest, arguments.changes[:1], min(arguments.one_day, largest)))


def measure(count: int, changes: list[int], one_day: int = 0) -> int:
    """Runs the nights of one store size; returns 1 where one costs more than it may."""
    corpus = Corpus(date(2026, 3, 2))
    for number in range(count):
        created = date(1990, 1, 1) + timedelta(days=(number * 7919) % 12_000)
        corpus.add(1000 + 3 * number, date(2019, 5, 5) if number < one_day else created)
    worst = 0
    with (
        tempfile.TemporaryDirectory() as folder,
        open_store(Path(folder) / "ho.db") as store,
        EutilsServer(corpus) as server,
    ):
        report, listing = night(server, store)
        bound = -(-count // _BATCH) + 10 + bisection(count, one_day)
        name = f"first harvest, {one_day} on a day" if one_day else "first harvest"
        worst = max(worst, say(name, report, listing, bound))
        for number, change in enumerate(changes):
            for position in range(change):
                pmid = 1000 + 3 * (number * 10 + position)
                if position % 10 == 9 and pmid in corpus.records and change < count // 50:
                    corpus.delete(pmid)
                elif position % 10 == 8:
                    corpus.add(10_000_000 + 10_000 * number + position)
                elif pmid in corpus.records:
                    corpus.revise(pmid, title=f"Revised in night {number}")
            report, listing = night(server, store)
            bound = 5 + lists_and_share(count) + -(-change // _BATCH) + (change > 0)
            worst = max(worst, say(f"night with {change} changes", report, listing, bound))
            night(server, store)  # what was changed is read once more on the next night: let that pass
    return worst


def bisection(count: int, one_day: int) -> int:
    """Returns what listing beyond one answer may cost.

    Two searches for every part within the reach; a day beyond it is found in as many halvings as there are days.
    """
    parts = 2 * -(-count // REACH) if count > REACH else 0
    return parts + 2 * (math.ceil(math.log2(_DAYS)) + -(-one_day // REACH) if one_day > REACH else 0)


def night(server: EutilsServer, store: Store) -> tuple[RunReport, int]:
    """Runs one harvest; returns its report and how many of its requests were searches."""
    server.corpus.today += timedelta(days=1)
    server.forget()
    client = Client(server.url, limiter=None)
    report = harvest(store, client, QUERY, Options(yes=True))
    client.close()
    return report, server.count("esearch")


def lists_and_share(count: int) -> int:
    """Returns what a night costs for the number of articles held: ranges of PMIDs, and the share that is read again."""
    return -(-count // 9_500) + -(-count // (REREAD_WITHIN * _BATCH))


def say(name: str, report: RunReport, searches: int, bound: float) -> int:
    """Prints a run's cost beside its bound; returns 1 where it is above."""
    good = report.requests <= bound and report.status == "done"
    print(
        f"{report.held_count:>6} records  {name:<33} {report.requests:>4} requests ({searches} searches), "
        f"bound {bound:g}: {'good' if good else 'TOO MANY'}"
    )
    return int(not good)


if __name__ == "__main__":
    sys.exit(main())
