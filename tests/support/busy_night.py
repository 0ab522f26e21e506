"""A night of very many transactions beside a process that decides all the time, through the command line's own code."""

import json
import subprocess
import sys
import time
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from datetime import date, timedelta
from pathlib import Path
from unittest.mock import patch

from db.store.check import check_store
from db.store.people.decisions import decisions
from db.store.store import open_store
from db.tagged import Mention, TaggedArticle, TagInput
from harvest.app.night import NightReport, run_night
from harvest.app.settings import Settings
from harvest.app.steps.harvest import harvest_step
from harvest.app.verbs.nights.nightly import night_steps
from harvest.eutils.limiter import SHARED
from harvest.sync.plan import Options
from tests.support.eutils_server import Corpus, EutilsServer
from tests.support.history_world import CONCEPT
from tests.support.stores import FACTS

#: Decides on one article after the other until a line comes; then says how often, what failed, and the longest wait.
_LOOP = """
import json, select, sys, time
from click.testing import CliRunner
from harvest.app.cli import main
db, first, step, count = sys.argv[1], *map(int, sys.argv[2:])
made, failed, longest = 0, [], 0.0
print("ready", flush=True)
while not select.select([sys.stdin], [], [], 0)[0]:
    pmid = first + step * (made % count)
    verdict = ("--add", "--reject")[made // count % 2]
    began = time.monotonic()
    done = CliRunner().invoke(main, ["--db", db, "-q", "decide", str(pmid), verdict, "celecoxib", "--who", "Ada"])
    longest = max(longest, time.monotonic() - began)
    made += 1
    if done.exit_code:
        failed.append(done.output.strip() or repr(done.exception))
print(json.dumps({"made": made, "failed": failed, "longest": longest}))
"""


@dataclass(frozen=True, slots=True)
class BusyNight:
    """How a night and the decisions beside it went; `problems` are what `check` and the ledger say afterwards."""

    night: NightReport
    batches: int
    decided: int
    failed: tuple[str, ...]
    longest: float
    seconds: float
    problems: tuple[str, ...]


def busy_night(folder: Path, records: int, held: int = 50) -> BusyNight:
    """Plays a night that fetches so many records one by one, while another process decides on those held before."""
    settings = Settings(db=folder / "ho.db", site=folder / "evidence.db")
    corpus = Corpus(date(2026, 3, 2))
    for number in range(held):
        corpus.add(1000 + number, created=date(2020, 1, 1), title=f"Title {number}")
    unlimited = patch.object(SHARED, "wait", lambda _rate: None)
    with EutilsServer(corpus) as server, unlimited:
        settings = replace(settings, eutils_url=server.url)
        harvest_step(settings, Options())
        for number in range(records):
            corpus.add(100_000 + number, created=date(2026, 1, 1) + timedelta(number % 60), title=f"New title {number}")
        corpus.today += timedelta(days=1)
        command = [sys.executable, "-c", _LOOP, str(settings.db), "1000", "1", str(held)]
        with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as deciding:
            assert deciding.stdin is not None
            assert deciding.stdout is not None
            assert deciding.stdout.readline() == "ready\n"
            began = time.monotonic()
            night = _night(settings, Options(batch_size=1))
            seconds = time.monotonic() - began
            said = json.loads(deciding.communicate("\n")[0])
    with open_store(settings.db) as store:
        problems = [problem.words for problem in check_store(store)]
        kept = len({(decision.pmid, decision.when) for decision in decisions(store)})
        if kept != said["made"] - len(said["failed"]):
            problems.append(f"{said['made']} decisions were made, {kept} are kept")
        running = store.db.execute("SELECT kind FROM runs WHERE status = 'running'").fetchall()
        problems += [f"a run of {kind} stayed open" for (kind,) in running]
        (batches,) = store.db.execute("SELECT count(*) FROM batches WHERE kind = 'fetch' AND state = 'done'").fetchone()
    return BusyNight(night, batches, said["made"], tuple(said["failed"]), said["longest"], seconds, tuple(problems))


def _night(settings: Settings, options: Options) -> NightReport:
    quick = patch.multiple("harvest.app.steps.tag", tag=_tag, tagger_version=lambda: "quick")
    with quick:
        return run_night(settings.db, night_steps(settings, options))


def _tag(inputs: Iterable[TagInput], _processes: int) -> Iterator[TaggedArticle]:
    """A tagger that finds one concept, in every title."""
    for given in inputs:
        end = len(given.title)
        found = Mention("title", 0, end, given.title, "intervention", CONCEPT, 0, end, None, "affirmed", None, "t")
        yield TaggedArticle(given.pmid, given.text_hash, "quick", FACTS, (found,), ())
