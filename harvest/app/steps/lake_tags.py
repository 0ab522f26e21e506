"""The step lake tag: what the tagger says of the texts of a lake."""

import time
from functools import partial
from pathlib import Path

from harvest.app.steps.lake import LakeReport, run_files, writing_lake
from harvest.app.steps.tag import concepts_of
from harvest.lake.engine import Engine
from harvest.lake.folder import Lake
from harvest.lake.questions import texts_elsewhere
from harvest.lake.tags import FileToTag, Tagger, tag_file, write_concepts
from harvest.sync.bulk import Selection
from nlp.pipeline import tag, tagger_version
from nlp.vocabulary.loader import load_vocabulary


def tag_lake_step(folder: Path, selection: Selection, any_topic: bool, engine: Engine) -> LakeReport:
    """Tags the texts of a lake that a selection keeps and that this tagger has not tagged yet.

    `any_topic` looks for tags in records of any topic. Questions see what was tagged last.
    """
    Lake(folder).check()
    report = LakeReport()
    with writing_lake(folder, "lake tag") as lake:
        began = time.monotonic()
        tagger = tagger_of(selection, any_topic)
        names, elsewhere = lake.names(), texts_elsewhere(lake)
        tasks = [FileToTag(name, elsewhere.get(name, ())) for name in names]
        run_files(report, engine, partial(tag_file, lake=lake, tagger=tagger), tasks, names, "Tagging")
        write_concepts(lake, tagger.version, concepts_of(load_vocabulary()))
        if not report.failed:
            lake.set_latest_tags(tagger.version, tagger.selection)
        report.seconds = round(time.monotonic() - began, 2)
    return report


def tagger_of(selection: Selection, any_topic: bool) -> Tagger:
    """Returns today's tagger for a selection of records, by the name that its tags have in a lake."""
    name = selection.name.replace(" ", "-")
    return Tagger(tagger_version(), name, selection.keeps, partial(tag, any_topic=any_topic))
