"""How fast matrix, concept pages, overview and plots answer in-process: p50 and p95 in milliseconds.

python -m benchmarks.evidence_speed evidence.db [--calls 30]
"""

import argparse
import asyncio
import os
import random
import statistics
import time
from pathlib import Path

from db.site.server import build_datasette

_PAGES = (
    "/matrix?year={year}-",
    "/matrix?view=risks&year={year}-",
    "/matrix?rows=intervention:nsaids&year={year}-",
    "/overview",
    "/concepts/intervention%3Ansaids",
    "/concepts/risk-factor%3Amale-sex",
    "/plots/risk/all?year={year}-",
    "/plots/effect?intervention=intervention:nsaids&year={year}-",
    "/plots/time?year={year}-",
    "/methods",
)


async def measure(path: Path, calls: int) -> None:
    """Asks every page `calls` times, each time with another filter, after one warm-up."""
    datasette = build_datasette(path)
    await datasette.invoke_startup()
    chance = random.Random(3)
    print(f"{path}, load average {os.getloadavg()[0]:.1f}")
    for page in _PAGES:
        times, size = [], 0
        for _ in range(calls + 1):
            address = page.format(year=chance.randint(1960, 2020))
            started = time.perf_counter()
            answer = await datasette.client.get(address)
            times.append((time.perf_counter() - started) * 1000)
            assert answer.status_code == 200, address
            size = max(size, len(answer.content))
        warm = sorted(times[1:])
        p95 = warm[int(len(warm) * 0.95)]
        p50 = statistics.median(warm)
        print(f"  {page:<62} first {times[0]:7.1f}  p50 {p50:6.1f}  p95 {p95:6.1f}  {size / 1000:.0f} kB")


def main() -> None:
    """Reads the command line and measures."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("path", type=Path)
    parser.add_argument("--calls", type=int, default=30)
    options = parser.parse_args()
    asyncio.run(measure(options.path, options.calls))


if __name__ == "__main__":
    main()
