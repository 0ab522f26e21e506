"""A topic's store out of a lake is the import of the same files, in every row."""

import os
import random
from pathlib import Path

import pytest

from db.errors import TrackerError
from db.model import Article
from db.store.store import open_store
from db.topics import topic_query
from harvest.app.settings import Settings
from harvest.app.steps.lake_subset import subset_step
from harvest.lake.engine import Engine
from harvest.lake.folder import Lake
from harvest.lake.questions import asking
from harvest.lake.records import LakeFile, rows_kept, texts_of
from harvest.lake.subset import subset
from harvest.lake.texts import tag_input
from harvest.pubmed.xml import parse_articles
from harvest.sample import sample_path
from harvest.sync.bulk import EVERYTHING, Selection, import_files, on_topic
from harvest.sync.files import in_order
from harvest.sync.topic import matches
from tests.harvest.sync.test_file_order import HIPS, random_files
from tests.support.lakes import a_lake, everything_in
from tests.support.nlm_files import write_files

#: `LAKE_WORLDS=500 pytest FILE` looks longer.
WORLDS = int(os.environ.get("LAKE_WORLDS", "12"))


def imported(folder: Path, paths: list[Path], selection: Selection) -> dict[str, list[tuple[object, ...]]]:
    with open_store(folder / "imported.db") as store:
        import_files(store, paths, selection)
        return everything_in(store)


def taken(folder: Path, lake: Path, selection: Selection) -> dict[str, list[tuple[object, ...]]]:
    with open_store(folder / "taken.db") as store:
        subset(Lake(lake), store, selection)
        return everything_in(store)


@pytest.mark.parametrize("seed", range(WORLDS))
def test_random_files_give_the_same_store(tmp_path: Path, seed: int) -> None:
    chance = random.Random(seed)
    selection = chance.choice([HIPS, HIPS, EVERYTHING])
    paths = random_files(tmp_path, chance, numbered=chance.random() < 0.8)
    a_lake(tmp_path / "lake", chance.sample(paths, len(paths)))
    assert taken(tmp_path, tmp_path / "lake", selection) == imported(tmp_path, paths, selection)


@pytest.mark.parametrize("seed", range(WORLDS))
def test_the_records_that_hold_are_those_of_a_store_of_everything(tmp_path: Path, seed: int) -> None:
    paths = random_files(tmp_path, random.Random(seed), numbered=True)
    assert a_lake(tmp_path / "lake", paths).failed == {}
    lake = Lake(tmp_path / "lake")
    with open_store(tmp_path / "imported.db") as store:
        import_files(store, paths, EVERYTHING)
        held = store.db.execute("SELECT pmid, version, title FROM articles WHERE NOT vanished ORDER BY pmid").fetchall()
    with asking(lake) as connection:
        found = connection.execute("SELECT pmid, version, title FROM articles ORDER BY pmid").fetchall()
    assert found == held


@pytest.mark.parametrize("keep_all", [True, False])
def test_the_sample_gives_the_same_store(tmp_path: Path, keep_all: bool) -> None:
    topic = on_topic(topic_query())
    selection = EVERYTHING if keep_all else topic
    a_lake(tmp_path / "lake", [sample_path()])
    made = taken(tmp_path, tmp_path / "lake", selection)
    assert made == imported(tmp_path, [sample_path()], selection)
    assert len(made["articles"]) > 40


def test_records_that_cannot_be_read_and_medline_text_are_told_as_the_import_tells_them(tmp_path: Path) -> None:
    broken, text = tmp_path / "broken.xml", tmp_path / "list.nbib"
    broken.write_bytes(sample_path().read_bytes().replace(b"</ArticleTitle>", b"</Wrong>", 3))
    text.write_text("PMID- 1\nTI  - About the hip\nDP  - 2020\n\nTI  - No number\n\nPMID- 2\nTI  - Weather\n")
    a_lake(tmp_path / "lake", [text, broken])
    made = taken(tmp_path, tmp_path / "lake", EVERYTHING)
    assert made == imported(tmp_path, [broken, text], EVERYTHING)
    assert "could not be read" in str(made["runs"])


def test_a_match_and_a_tagger_read_the_same_of_a_row_as_of_the_record(tmp_path: Path) -> None:
    a_lake(tmp_path / "lake", [sample_path()])
    path = Lake(tmp_path / "lake").records_of(sample_path().name)
    file, topic = LakeFile(path), topic_query()
    whole = [item for item in parse_articles(sample_path()) if isinstance(item, Article)]
    rows = [item for item in file.records() if isinstance(item, Article)]
    assert [matches(row, topic) for row in texts_of(path)] == [matches(article, topic) for article in whole]
    kept = {place for place, article in enumerate(whole) if matches(article, topic)}
    assert rows_kept(path, on_topic(topic).keeps) == kept
    assert [file.whole(row) for row in rows] == whole
    assert [tag_input(row) for row in texts_of(path)] == [tag_input(article) for article in whole]


def test_a_subset_goes_on_where_it_ended(tmp_path: Path) -> None:
    paths = in_order(random_files(tmp_path, random.Random(3), numbered=True))
    a_lake(tmp_path / "lake", paths[:2])
    with open_store(tmp_path / "taken.db") as store:
        subset(Lake(tmp_path / "lake"), store, EVERYTHING)
        a_lake(tmp_path / "lake", paths)
        report = subset(Lake(tmp_path / "lake"), store, EVERYTHING)
        assert report.extra["files_already_imported"] == [path.name for path in paths[:2]]
        assert subset(Lake(tmp_path / "lake"), store, EVERYTHING).message == "imported before: nothing to do"
        assert import_files(store, paths, EVERYTHING).message == "imported before: nothing to do"


def test_a_lake_of_another_parser_is_read_again_first(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with monkeypatch.context() as patch:
        patch.setattr("harvest.lake.records.parser_version", lambda: "before")
        a_lake(tmp_path / "lake", [sample_path()])
    with open_store(tmp_path / "ho.db") as store, pytest.raises(TrackerError, match="lake build --again"):
        subset(Lake(tmp_path / "lake"), store, EVERYTHING)


def test_workers_find_the_topic_as_one_process_does(tmp_path: Path) -> None:
    paths = write_files(tmp_path / "nlm", files=3, records=200, updates=1, in_update=60)
    a_lake(tmp_path / "lake", paths)
    report = subset_step(Settings(db=tmp_path / "ho.db"), tmp_path / "lake", everything=False, engine=Engine(workers=2))
    with open_store(tmp_path / "ho.db") as store:
        assert everything_in(store) == imported(tmp_path, paths, on_topic(topic_query()))
    assert 0 < report.extra["kept"] < 60
