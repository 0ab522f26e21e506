"""How fast the site answers over loopback, p50 and p95 in milliseconds, against the bounds that it should keep.

    python -m benchmarks.site_speed --count 12000 --count 50000 [--baseline] [--load 60]

Every call asks for a filter that was not asked before ("new"), or the same one again ("again"). `--load` has 50
clients ask at once for that many seconds, publishes another build in the middle, and checks every answer for a mix of
the two. `--baseline` serves the same articles by plain Datasette with JSON-array facets.
"""

import argparse
import http.client
import random
import re
import sqlite3
import statistics
import sys
import tempfile
import threading
import time
from collections import Counter
from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from urllib.parse import quote, urlencode

from benchmarks.loopback import cpu_seconds, get, load_average, memory_of, serving
from tests.support.generate_articles import FIRST_PMID, make_evidence

_CALLS = 40
_CLIENTS = 50
#: Name of a case: p95 bound in ms at 12,000, at 50,000 and at more articles.
_BOUNDS = {
    "list": (60, 150, 500),
    "search": (80, 200, 800),
    "card": (100, 250, 1000),
    "article": (25, 25, 100),
    "matrix": (100, 200, 1000),
    "table": (200, 200, 1000),
}
_QUESTIONS = (
    "does celecoxib reduce HO after hip replacement",
    "indomethacin elbow",
    "etidronate after spinal cord injury",
    "male sex",
)
#: What the clients ask for.
_TARGETS = (
    "/articles",
    "/",
    f"/articles/{FIRST_PMID + 3}",
    "/articles?q=heterotopic",
    "/articles?intervention=intervention:nsaids",
)
_SERVE = """import sys
from pathlib import Path
from db.site.server import serve
serve(Path(sys.argv[1]), "127.0.0.1", int(sys.argv[2]))"""


def main() -> None:
    """Reads the command line, makes the files, serves and measures them."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--count", type=int, action="append", help="articles (default 12000); may be given twice")
    parser.add_argument("--folder", type=Path, help="where generated files are kept between runs")
    parser.add_argument("--baseline", action="store_true", help="measure plain Datasette with JSON-array facets too")
    parser.add_argument("--load", type=int, default=0, metavar="SECONDS", help="50 clients at once, with a publish")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as scratch:
        folder = options.folder or Path(scratch)
        for count in options.count or [12_000]:
            path = folder / f"articles{count}.db"
            if not path.exists():
                make_evidence(path, count)
            print(f"{count:,} articles, {path.stat().st_size / 1e6:.0f} MB, load average {load_average()}")
            with serving([sys.executable, "-c", _SERVE, str(path)]) as (port, process):
                measure(port, count, path, process.pid)
                print(f"  memory of the server afterwards: {memory_of(process.pid):.0f} MB")
            if options.baseline:
                baseline(path, folder / f"arrays{count}.db")
            if options.load:
                load(path, folder, count, options.load)


def measure(port: int, count: int, path: Path, pid: int) -> None:
    """Prints p50 and p95 of each case over one keep-alive connection, and the CPU time that the server spent a call."""
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=60)
    get(connection, "/articles")
    for bound, name, address, calls in _cases(path, count):
        times, status, cpu = [], set(), cpu_seconds(pid)
        for _ in range(calls):
            target = address()
            started = time.perf_counter()
            answer, _ = get(connection, target)
            times.append((time.perf_counter() - started) * 1000)
            status.add(answer)
        limit = _BOUNDS[bound][(count > 12_000) + (count > 50_000)]
        cpu = (cpu_seconds(pid) - cpu) * 1000 / calls
        times.sort()
        p95 = times[min(len(times) - 1, int(len(times) * 0.95))]
        verdict = f"   bound {limit}: {'kept' if p95 < limit else 'NOT KEPT'}"
        print(
            f"  {name:<48} p50 {statistics.median(times):6.1f}  p95 {p95:6.1f}  CPU {cpu:6.1f}  "
            f"status {sorted(status)}{verdict}"
        )


def _cases(path: Path, count: int) -> list[tuple[str, str, Callable[[], str], int]]:
    """Returns bound, name, maker of addresses and number of calls of each case, over a file of so many articles."""
    chance = random.Random(7)
    with sqlite3.connect(path) as conn:
        concepts: dict[str, list[str]] = {}
        for kind, concept in conn.execute("SELECT kind, id FROM concepts ORDER BY kind, position"):
            concepts.setdefault(kind.replace(" ", "_"), []).append(concept)

    def new_list() -> str:
        kind = chance.choice(["intervention", "risk_factor", "outcome"])
        chosen = [(kind, value) for value in chance.sample(concepts[kind][:60], 2)]
        return "/articles?" + urlencode(
            [*chosen, ("year", f"{chance.randint(1965, 2000)}-{chance.randint(2001, 2026)}")]
        )

    said = "heterotopic,ossification,heterotopic ossification,heterotopic OR ectopic,ossif*,ectopic OR ossification"
    typed = [concept.partition(":")[2][:length] for concept in concepts["intervention"][:40] for length in (2, 4)]
    words = iter(f"{said},heterotopic OR hip,ossification OR knee,ossification OR bone,bone OR heterotopic".split(","))
    return [
        ("list", "article list, 12 facets, no filter, again", lambda: "/articles", _CALLS),
        ("list", "article list, 12 facets, new filter", new_list, _CALLS),
        (
            "search",
            "search that matches nearly everything, new",
            lambda: f"/articles?{urlencode({'q': next(words)})}",
            10,
        ),
        (
            "search",
            "search that matches nearly everything, again",
            lambda: "/articles?q=heterotopic+ossification",
            _CALLS,
        ),
        ("article", "article page", lambda: f"/articles/{FIRST_PMID + chance.randrange(count)}", _CALLS),
        ("search", "suggestions while typing", lambda: f"/suggest.json?q={chance.choice(typed)}", _CALLS),
        (
            "card",
            "answer to a question",
            lambda: f"/answer?{urlencode({'q': chance.choice(_QUESTIONS)})}",
            _CALLS,
        ),
        (
            "card",
            "answer card of an intervention",
            lambda: f"/concepts/{quote(chance.choice(concepts['intervention']), safe='')}",
            _CALLS,
        ),
        ("table", "Datasette's own table of articles", lambda: f"/{path.stem}/articles", 20),
        ("matrix", "matrix", lambda: "/matrix", _CALLS),
        ("list", "home", lambda: "/", _CALLS),
    ]


def baseline(path: Path, arrays: Path) -> None:
    """Serves the same articles by plain Datasette with JSON-array columns, and prints the time of its facets."""
    if not arrays.exists():
        with sqlite3.connect(arrays) as conn:
            conn.execute("ATTACH ? AS source", [str(path)])
            kinds = {"interventions": "intervention", "risk_factors": "risk factor", "outcomes": "outcome"}
            lists = ", ".join(
                "(SELECT json_group_array(concept_id) FROM source.article_tags t WHERE t.pmid = a.pmid "
                f"AND t.kind = '{kind}') AS {name}"
                for name, kind in kinds.items()
            )
            conn.execute("CREATE TABLE articles (pmid INTEGER PRIMARY KEY, title, abstract, year, interventions, "
                         "risk_factors, outcomes)")  # fmt: skip
            conn.execute(f"INSERT INTO articles SELECT pmid, title, abstract, year, {lists} FROM source.articles a")
    settings = ["--setting", "suggest_facets", "off", "--setting", "facet_time_limit_ms", "60000"]
    command = [sys.executable, "-m", "datasette", str(arrays), *settings, "--setting", "sql_time_limit_ms", "60000"]
    three = "&".join(f"_facet_array={name}" for name in ("interventions", "risk_factors", "outcomes"))
    with serving([*command, "--host", "127.0.0.1", "--port"], DATASETTE_LOAD_PLUGINS="") as (port, _):
        connection = http.client.HTTPConnection("127.0.0.1", port, timeout=120)
        for name, target in (("one array facet", three.split("&")[0]), ("three array facets", three)):
            times = []
            for _ in range(6):
                started = time.perf_counter()
                get(connection, f"/{arrays.stem}/articles.json?_size=25&{target}")
                times.append((time.perf_counter() - started) * 1000)
            print(f"  plain Datasette, {name:<31} p50 {statistics.median(times):6.1f}  highest {max(times):6.1f}")


def load(path: Path, folder: Path, count: int, seconds: int) -> None:
    """Has 50 clients ask at once, publishes another build in the middle, and checks every answer."""
    served, other = folder / "served.db", folder / "other.db"
    for made in (served, other):  # with their logs, which fit no other file
        for left in folder.glob(f"{made.name}*"):
            left.unlink()
    _copy(path, served)
    make_evidence(other, count - count // 10, seed=2)
    builds = {_default_count(served): "old", _default_count(other): "new"}
    outcome: Counter[str] = Counter()
    times: list[float] = []
    memory: list[float] = []
    with serving([sys.executable, "-c", _SERVE, str(served)]) as (port, process):
        end = time.monotonic() + seconds

        def watch(until: float) -> None:
            while time.monotonic() < until:
                memory.append(memory_of(process.pid))
                time.sleep(1)

        threads = [
            threading.Thread(target=_ask, args=(number, port, end, builds, outcome, times))
            for number in range(_CLIENTS)
        ]
        for thread in threads:
            thread.start()
        watch(end - seconds / 2)
        started = time.perf_counter()
        _copy(other, served)
        swapped = time.perf_counter() - started
        watch(end)
        for thread in threads:
            thread.join()
    times.sort()
    print(f"  {_CLIENTS} clients for {seconds} s: {len(times):,} answers, {dict(outcome)}")
    print(
        f"    p50 {statistics.median(times):.0f} ms, p95 {times[int(len(times) * 0.95)]:.0f} ms, "
        f"highest {times[-1]:.0f} ms"
    )
    print(
        f"    publish took {swapped:.2f} s; memory {memory[len(memory) // 3]:.0f} MB after a third, "
        f"{memory[-1]:.0f} MB at the end"
    )


def _ask(number: int, port: int, end: float, builds: dict[int, str], outcome: Counter[str], times: list[float]) -> None:
    """Is one client: asks for one page after the other until the end, and notes time, status and build of each."""
    chance = random.Random(number)
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=60)
    while time.monotonic() < end:
        target = chance.choice(_TARGETS)
        started = time.perf_counter()
        try:
            status, text = get(connection, target)
        except OSError as error:
            outcome[f"error {type(error).__name__}"] += 1
            connection = http.client.HTTPConnection("127.0.0.1", port, timeout=60)
            continue
        times.append((time.perf_counter() - started) * 1000)
        outcome[f"status {status}"] += 1
        outcome[_build_shown(text, target, builds)] += 1


def _build_shown(text: str, target: str, builds: dict[int, str]) -> str:
    """Tells which build an answer shows, or that it shows both: its foot, its head and its facet must agree."""
    numbers = {int(found.replace("\u2009", "")) for found in re.findall(r"<p>([\d\u2009]+) articles, PubMed", text)}
    if target == "/articles":
        numbers |= {
            int(found.replace("\u2009", "")) for found in re.findall(r'list-title">([\d\u2009]+) articles', text)
        }
    shown = {builds.get(number, f"unknown {number}") for number in numbers}
    return f"shows {shown.pop()}" if len(shown) == 1 else f"MIXED {sorted(shown)}"


def _default_count(path: Path) -> int:
    with closing(sqlite3.connect(path)) as conn:
        found: int = conn.execute(
            "SELECT count(*) FROM articles WHERE topic IS NOT 'not_ho' AND vanished = 0"
        ).fetchone()[0]
    return found


def _copy(source: Path, target: Path) -> None:
    """Copies a database as `publish` swaps one in: page by page with what stands in its log, readers or not."""
    with closing(sqlite3.connect(source)) as new, closing(sqlite3.connect(target, timeout=30)) as served:
        new.backup(served)
        served.execute("PRAGMA wal_checkpoint(TRUNCATE)")


if __name__ == "__main__":
    main()
