"""A night as long as two hours, in transactions, beside a loop of decide: python -m benchmarks.night_beside_decide.

Two hours at the three requests a second that NCBI allows are 21,600 requests: so many records are fetched and stored
one by one, without the limiter, while another process decides without a pause. Exits 1 where either side fails.
"""

import argparse
import sys
import tempfile
from pathlib import Path

from tests.support.busy_night import busy_night

TWO_HOURS = 2 * 3600 * 3


def main() -> int:
    """Prints how both sides went; returns the exit code."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--records", type=int, default=TWO_HOURS)
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        result = busy_night(Path(folder), arguments.records)
    print(f"night: {result.night.status}, {result.batches} batches in {result.seconds:.0f} s; {result.night.message}")
    print(f"decide: {result.decided} times, {len(result.failed)} failed, the longest took {result.longest:.2f} s")
    for words in [*dict.fromkeys(result.failed), *result.problems]:
        print(f"wrong: {words}")
    return int(result.night.status != "done" or bool(result.failed or result.problems))


if __name__ == "__main__":
    sys.exit(main())
