"""The step lake tag: what the tagger says of the texts of a lake."""

import time
from functools import partial
from pathlib import Path

from db.topics import choose, current, topic_query
from harvest.app.steps.lake import LakeReport, run_files, writing_lake
from harvest.app.steps.tag import concepts_of
from harvest.lake.engine import Engine
from harvest.lake.extra import LakeError
from harvest.lake.folder import Lake
from harvest.lake.questions import texts_elsewhere
from harvest.lake.records import Built
from harvest.lake.tags import FileToTag, Tagger, tag_file, write_concepts
from harvest.sync.bulk import EVERYTHING, on_topic
from nlp.pipeline import tag, tagger_version
from nlp.vocabulary.loader import load_vocabulary


def tag_lake_step(folder: Path, everything: bool, engine: Engine) -> LakeReport:
    """Tags the texts of a lake that are on the topic in force and that this tagger has not tagged yet.

    `everything` tags all records, whatever they are about. Questions see what was tagged last.
    """
    Lake(folder).check()
    report = LakeReport()
    with writing_lake(folder, "lake tag") as lake:
        began = time.monotonic()
        tagger = tagger_in_force(everything)
        names, elsewhere = lake.names(), texts_elsewhere(lake)
        tasks = [FileToTag(name, elsewhere.get(name, ())) for name in names]
        home = str(current().home)
        function = partial(tag_in_topic, lake=lake, home=home, everything=everything, version=tagger.version)
        run_files(report, engine, function, tasks, names, "Tagging")
        write_concepts(lake, tagger.version, concepts_of(load_vocabulary()))
        if not report.failed:
            lake.set_latest_tags(tagger.version, tagger.selection)
        report.seconds = round(time.monotonic() - began, 2)
    return report


def tag_in_topic(task: FileToTag, lake: Lake, home: str, everything: bool, version: str) -> Built:
    """Tags one file of a lake, in whatever process, by the tagger of a topic's folder.

    Raises LakeError where that is another version than the one that was asked for.
    """
    choose(home)
    tagger = tagger_in_force(everything)
    if tagger.version != version:
        told = f"{task.name}: a worker has tagger {tagger.version}, not {version}"
        raise LakeError(f"{told}; install the same version, and the same topic, on all machines")
    return tag_file(task, lake, tagger)


def tagger_in_force(everything: bool) -> Tagger:
    """Returns the tagger of the topic in force, for its records or for all, as its tags are named in a lake."""
    selection = EVERYTHING if everything else on_topic(topic_query())
    name = selection.name.replace(" ", "-")
    return Tagger(tagger_version(), name, selection.keeps, partial(tag, any_topic=everything))
