"""The step lake subset: a topic's store out of a lake."""

from collections.abc import Mapping, Sequence
from functools import partial
from pathlib import Path

from db.store.store import open_store
from db.topics import choose, current, topic_query
from harvest.app.lock import locked
from harvest.app.progress import progress
from harvest.app.settings import Settings
from harvest.lake.engine import Engine, run
from harvest.lake.folder import Lake
from harvest.lake.records import rows_kept
from harvest.lake.subset import subset
from harvest.sync.bulk import EVERYTHING, on_topic
from harvest.sync.report import RunReport


def subset_step(settings: Settings, folder: Path, everything: bool, engine: Engine) -> RunReport:
    """Brings the store in line with the lake for the topic in force, or for everything."""
    lake = Lake(folder)
    lake.check()
    selection = EVERYTHING if everything else on_topic(topic_query())
    finding = partial(_find, lake=lake, engine=engine)
    with locked(settings.db, "lake subset"), open_store(settings.db) as store:
        return subset(lake, store, selection, finding)


def _find(names: Sequence[str], lake: Lake, engine: Engine) -> Mapping[str, frozenset[int]]:
    """Finds the rows on the topic of files, on all workers; the first error ends it, for a store has no gaps."""
    if not names:
        return {}
    found = {}
    function = partial(rows_on_topic, lake=lake, home=str(current().home))
    for done in progress(run(engine, function, names, names), len(names), "Looking for the topic", every=10):
        if done.result is None:
            raise done.error or RuntimeError(f"{done.task}: no result")
        found[done.task] = done.result
    return found


def rows_on_topic(name: str, lake: Lake, home: str) -> frozenset[int]:
    """Returns the places of the rows of a lake's file that are on the topic of a folder, in whatever process."""
    choose(home)
    return rows_kept(lake.records_of(name), on_topic(topic_query()).keeps)
