"""The step lake tag: what the tagger says of the texts of a lake; and that as the tags of a topic's store."""

import time
from collections.abc import Iterable, Iterator
from functools import partial
from pathlib import Path

from db.tagged import TaggedArticle, TagInput
from db.topics import choose, current, topic_query
from harvest.app.settings import Settings
from harvest.app.steps.lake import LakeReport, run_files, writing_lake
from harvest.app.steps.tag import TagReport, concepts_of, tag_step
from harvest.lake.engine import Engine
from harvest.lake.extra import LakeError
from harvest.lake.folder import Lake
from harvest.lake.questions import texts_elsewhere
from harvest.lake.records import Built
from harvest.lake.tags import FileToTag, Tagger, tag_file, tags_kept, write_concepts
from harvest.sync.bulk import EVERYTHING, on_topic
from nlp.pipeline import tag, tag_one, tagger_version
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


def take_tags_step(settings: Settings, folder: Path) -> TagReport:
    """Gives the store's articles the tags that the lake holds of their texts, and tags what it has none of."""
    lake, tagger = Lake(folder), tagger_in_force(everything=False)

    def reading(articles: Iterable[TagInput]) -> Iterator[TaggedArticle]:
        for article, kept in tags_kept(lake, tagger, articles):
            yield kept or tag_one(article)

    return tag_step(settings, reading=reading)
