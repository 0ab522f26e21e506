"""Tags of a lake: those of the store, made once for a text, the same bytes whoever makes them."""

import shutil
from collections.abc import Iterable, Iterator
from datetime import date
from pathlib import Path

import pyarrow.parquet
import pytest
from click.testing import CliRunner

from db.model import Keyword
from db.store.store import open_store
from db.tagged import TaggedArticle, TagInput
from db.topics import current, topic_query
from harvest.app.cli import main
from harvest.app.steps.lake_tags import tag_in_topic, tag_lake_step
from harvest.lake.engine import Engine
from harvest.lake.extra import LakeError
from harvest.lake.folder import Lake
from harvest.lake.questions import answer, texts_elsewhere
from harvest.lake.records import Built, texts_of
from harvest.lake.tags import FileToTag, Tagger, tag_file, tagged_of, tags_kept
from harvest.lake.texts import tag_input
from harvest.lake.values import plain, value_of
from harvest.pubmed.xml import parse_article
from harvest.sample import sample_path
from harvest.sync.bulk import EVERYTHING
from harvest.sync.topic import matches
from nlp.pipeline import tag_one, tagger_version
from tests.support.eutils_server import Record
from tests.support.eutils_server.corpus import as_set
from tests.support.lakes import IN_THIS_PROCESS, a_lake, bytes_of, everything_in
from tests.support.stores import FACTS
from tests.support.stores import article as an_article

DAY = date(2026, 1, 1)
AGAINST = "against heterotopic ossification after hip surgery"


class Counting:
    """A tagger that remembers what it read."""

    def __init__(self, version: str = "v1") -> None:
        self.read: list[int] = []
        self.tagger = Tagger(version, "all", EVERYTHING.keeps, self._tag)

    def _tag(self, inputs: Iterable[TagInput]) -> Iterator[TaggedArticle]:
        for article in inputs:
            self.read.append(article.pmid)
            yield TaggedArticle(article.pmid, article.text_hash, self.tagger.version, FACTS, (), ())


def a_file(folder: Path, number: int, titles: dict[int, str], **values: object) -> Path:
    path = folder / f"pubmed26n{number:04}.xml"
    records = [Record(pmid, DAY, DAY, DAY, title=title, **values) for pmid, title in titles.items()]  # type: ignore[arg-type]
    path.write_bytes(as_set(record.as_xml() for record in records))
    return path


def tag_all(folder: Path, counting: Counting) -> list[Built]:
    lake = Lake(folder)
    elsewhere = texts_elsewhere(lake)
    return [tag_file(FileToTag(name, elsewhere.get(name, ())), lake, counting.tagger) for name in lake.names()]


def test_the_tags_are_the_taggers_and_come_back_whole(tagged_lake: Path) -> None:
    lake, topic = Lake(tagged_lake), topic_query()
    texts = [text for text in texts_of(lake.records_of(sample_path().name)) if matches(text, topic)]
    (path,) = (tagged_lake / "tags" / tagger_version()).glob("topic-*/*.parquet")
    found = [tagged_of(row) for row in pyarrow.parquet.read_table(path).to_pylist()]
    assert found[:20] == [tag_one(tag_input(text)) for text in texts[:20]]
    assert [tagged.pmid for tagged in found] == [text.pmid for text in texts]
    assert len(found) > 40
    assert sum(len(tagged.findings) for tagged in found) > 20


def test_one_process_and_two_workers_give_the_same_bytes(tmp_path: Path) -> None:
    paths = [a_file(tmp_path, n, {n: f"Indomethacin after hip surgery {n}"}) for n in range(1, 4)]
    for name, engine in (("alone", IN_THIS_PROCESS), ("together", Engine(workers=2))):
        a_lake(tmp_path / name, paths)
        assert tag_lake_step(tmp_path / name, everything=True, engine=engine).rows == 3
    assert bytes_of(tmp_path / "alone") == bytes_of(tmp_path / "together")


def test_a_text_is_tagged_once(tmp_path: Path) -> None:
    first = a_file(tmp_path, 1, {1: "One", 2: "Two", 3: "Three"})
    a_lake(tmp_path / "lake", [first])
    counting = Counting()
    assert [built.rows for built in tag_all(tmp_path / "lake", counting)] == [3]
    assert [built.skipped for built in tag_all(tmp_path / "lake", counting)] == [True]
    again = a_file(tmp_path, 2, {1: "One", 2: "Two, revised", 4: "Four"}, revised=date(2026, 2, 1))
    a_lake(tmp_path / "lake", [first, again])
    assert [built.rows for built in tag_all(tmp_path / "lake", counting)] == [3, 2]
    assert counting.read == [1, 2, 3, 2, 4]
    other = Counting("v2")
    tag_all(tmp_path / "lake", other)
    assert other.read == counting.read


def test_a_file_that_is_made_anew_keeps_the_tags_of_its_texts(tmp_path: Path) -> None:
    counting = Counting()
    a_lake(tmp_path / "lake", [a_file(tmp_path, 1, {1: "One", 2: "Two"})])
    tag_all(tmp_path / "lake", counting)
    a_lake(tmp_path / "lake", [a_file(tmp_path, 1, {1: "One", 3: "Three", 2: "Two, otherwise"})])
    tag_all(tmp_path / "lake", counting)
    assert counting.read == [1, 2, 3, 2]
    fresh = Counting()
    a_lake(tmp_path / "fresh", [tmp_path / "pubmed26n0001.xml"])
    tag_all(tmp_path / "fresh", fresh)
    assert bytes_of(tmp_path / "lake") == bytes_of(tmp_path / "fresh")


def test_tags_with_other_columns_are_made_anew(tmp_path: Path) -> None:
    counting = Counting()
    a_lake(tmp_path / "lake", [a_file(tmp_path, 1, {1: "One", 2: "Two"})])
    tag_all(tmp_path / "lake", counting)
    before = bytes_of(tmp_path / "lake")
    (path,) = (tmp_path / "lake" / "tags" / "v1" / "all").glob("*.parquet")
    table = pyarrow.parquet.read_table(path).drop_columns(["abstained"])
    pyarrow.parquet.write_table(table.replace_schema_metadata({**table.schema.metadata, b"form": b"before"}), path)
    tag_all(tmp_path / "lake", counting)
    assert counting.read == [1, 2, 1, 2]
    assert bytes_of(tmp_path / "lake") == before


def test_questions_see_the_tags_of_the_revision_that_holds(tmp_path: Path) -> None:
    before = a_file(tmp_path, 1, {1: f"Indomethacin {AGAINST}", 2: f"Naproxen {AGAINST}"})
    after = a_file(tmp_path, 2, {1: f"Celecoxib {AGAINST}"}, revised=date(2026, 2, 1))
    a_lake(tmp_path / "lake", [before, after])
    tag_lake_step(tmp_path / "lake", everything=False, engine=IN_THIS_PROCESS)
    sql = "SELECT pmid, lower(text) FROM mentions WHERE kind = 'intervention' ORDER BY ALL"
    with answer(Lake(tmp_path / "lake"), sql) as found:
        assert list(found.rows) == [(1, "celecoxib"), (2, "naproxen")]
    with answer(Lake(tmp_path / "lake"), "SELECT count(*) > 100 FROM concepts") as found:
        assert list(found.rows) == [(True,)]
    with pytest.raises(LakeError, match="nonsense"), answer(Lake(tmp_path / "lake"), "SELECT nonsense FROM articles"):
        pass


def test_a_worker_with_another_tagger_is_refused(tmp_path: Path) -> None:
    a_lake(tmp_path, [sample_path()])
    task = FileToTag(sample_path().name)
    with pytest.raises(LakeError, match="install the same version"):
        tag_in_topic(task, Lake(tmp_path), str(current().home), everything=False, version="another")


def test_a_store_with_the_lakes_tags_is_that_of_import_and_tag(
    tmp_path: Path, tagged_lake: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def called(store: str, *words: str) -> None:
        result = CliRunner().invoke(main, ["--db", str(tmp_path / store), *words])
        assert result.exit_code == 0, result.output

    later = a_file(tmp_path, 7, {90000003: f"Other words {AGAINST}"}, revised=date(2031, 2, 1))
    shutil.copytree(tagged_lake, tmp_path / "lake")
    a_lake(tmp_path / "lake", [later])
    called("imported.db", "import", str(sample_path()), str(later))
    called("imported.db", "tag", "--processes", "1")
    read: list[int] = []

    def reading(article: TagInput) -> TaggedArticle:
        read.append(article.pmid)
        return tag_one(article)

    monkeypatch.setattr("harvest.app.steps.lake_tags.tag_one", reading)
    called("taken.db", "lake", "subset", "--tags", "--workers", "0", "--lake", str(tmp_path / "lake"))
    with open_store(tmp_path / "taken.db") as taken, open_store(tmp_path / "imported.db") as imported:
        assert everything_in(taken) == everything_in(imported)
        assert taken.db.execute("SELECT count(*) FROM findings").fetchone()[0] > 20
    assert read == [90000003]


def test_tags_are_found_in_whatever_file_they_stand_and_by_the_text_alone(tmp_path: Path) -> None:
    first = a_file(tmp_path, 1, {9: "Nine", 2: "Two", 5: "Five"})
    second = a_file(tmp_path, 2, {7: "Seven", 1: "One", 2: "Two, revised"})
    a_lake(tmp_path / "lake", [first, second])
    counting = Counting()
    tag_all(tmp_path / "lake", counting)
    titles = (
        (1, "One"),
        (2, "Two"),
        (2, "Two, revised"),
        (3, "Three"),
        (5, "Five, otherwise"),
        (7, "Seven"),
        (9, "Nine"),
    )
    asked = [tag_input(parse_article(Record(pmid, DAY, DAY, DAY, title=title).as_xml())) for pmid, title in titles]
    found = list(tags_kept(Lake(tmp_path / "lake"), counting.tagger, asked))
    assert [given for given, _ in found] == asked
    assert [tagged is not None for _, tagged in found] == [True, True, True, False, False, True, True]
    assert all(tagged.text_hash == given.text_hash for given, tagged in found if tagged)


def test_values_come_back_as_they_went_whatever_stands_twice() -> None:
    made = an_article(1, languages=("eng", "eng"), keywords=(Keyword("a", True, None),) * 2, doi=None)
    names = ("languages", "keywords", "doi", "sections", "mesh_headings", "year", "pmid", "version", "title")
    rows = {name: plain(getattr(made, name)) for name in names}
    assert rows["languages"] == ["eng", "eng"]
    back = value_of(type(made), {**rows, "abstract": made.abstract, "xml": b""})
    assert {name: getattr(back, name) for name in names} == {name: getattr(made, name) for name in names}
