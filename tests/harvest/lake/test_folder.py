"""The folder of a lake: its files in order, each in place whole, and bytes that tell nothing of how they were made."""

import random
from pathlib import Path

import pytest

from harvest.lake import questions
from harvest.lake.extra import LakeError
from harvest.lake.folder import Lake, form_of, made_of, metadata_of, rows_in, writing
from harvest.lake.questions import _listed, _of_equal_size

arrow = pytest.importorskip("pyarrow")
duckdb = pytest.importorskip("duckdb")
SCHEMA = arrow.schema([("pmid", arrow.int64())])
MADE = {"path": "/in/pubmed26n0001.xml.gz", "checksum": "abc", "parser": "p1", "medline": "1"}


def write(place: Path, *numbers: int, **told: str) -> Path:
    with writing(place, SCHEMA, told) as writer:
        writer.write_table(arrow.table({"pmid": numbers}, schema=SCHEMA))
    return place


def test_a_file_is_there_whole_or_not_at_all(tmp_path: Path) -> None:
    path = write(tmp_path / "records" / "a.parquet", 1, 2, **MADE)
    assert (rows_in(path), metadata_of(path)) == (2, {**MADE, "form": form_of(SCHEMA)})
    made = made_of(path)
    assert made is not None
    assert (made.name, made.medline, made.origin.source) == ("pubmed26n0001.xml.gz", True, "26n00001")
    before = path.read_bytes()
    with pytest.raises(ZeroDivisionError), writing(path, SCHEMA, {}):
        1 / 0  # noqa: B018
    assert path.read_bytes() == before
    assert [one.name for one in path.parent.iterdir()] == ["a.parquet"]
    path.write_bytes(before[:-20])
    assert metadata_of(path) == metadata_of(tmp_path / "none") == {}
    assert made_of(path) is None
    assert write(tmp_path / "b.parquet", 1, 2, **MADE).read_bytes() == before
    no_longer = write(tmp_path / "c.parquet", 1, **{**MADE, "medline": "0"})
    assert (made_of(no_longer) or made).medline is False


def test_files_come_in_nlms_order_then_by_name(tmp_path: Path) -> None:
    lake = Lake(tmp_path)
    with pytest.raises(LakeError, match="there is no lake"):
        lake.check()
    for name in (
        "b.xml",
        "pubmed26n0010.xml.gz",
        "pubmed26n0009.xml",
        "pubmed25n1300.xml.gz",
        "a.xml",
        ".unfinished-x",
    ):
        write(lake.records_of(name), 1)
    (lake.records / "notes.txt").touch()
    lake.check()
    assert lake.names() == ["pubmed25n1300.xml.gz", "pubmed26n0009.xml", "pubmed26n0010.xml.gz", "a.xml", "b.xml"]
    lake.clear_unfinished()
    assert not list(lake.records.glob(".unfinished*"))
    assert len(lake.names()) == 5


def test_which_tags_came_last_is_kept(tmp_path: Path) -> None:
    lake = Lake(tmp_path)
    assert lake.latest_tags() is None
    (tmp_path / "tags").mkdir()
    for tagger in ("t1", "t2"):
        lake.set_latest_tags(tagger, "all")
        assert lake.latest_tags() == (tagger, "all")
    assert lake.tags("t1", "all") == tmp_path / "tags" / "t1" / "all"
    (tmp_path / "tags" / "latest").write_text("half")
    assert lake.latest_tags() is None


@pytest.mark.parametrize("seed", range(5))
def test_how_an_answer_was_cut_shows_nowhere(monkeypatch: pytest.MonkeyPatch, seed: int) -> None:
    monkeypatch.setattr(questions, "_ROWS", 4)
    chance = random.Random(seed)
    sizes = [chance.choice([0, 1, 3, 4, 5, 9]) for _ in range(chance.randint(0, 6))]
    numbers = iter(range(100))
    batches = [arrow.record_batch({"pmid": [next(numbers) for _ in range(size)]}, schema=SCHEMA) for size in sizes]
    tables = [table["pmid"].to_pylist() for table in _of_equal_size(batches, SCHEMA)]
    assert [number for table in tables for number in table] == list(range(sum(sizes)))
    assert {len(table) for table in tables[:-1]} <= {4}
    assert all(1 <= len(table) <= 4 for table in tables)


def test_a_folder_may_have_any_name(tmp_path: Path) -> None:
    paths = [write(tmp_path / name / "a.parquet", number) for number, name in enumerate(("it's", "a[b]*", "c, d"))]
    found = duckdb.sql(f"SELECT pmid FROM read_parquet({_listed(paths)}) ORDER BY 1").fetchall()
    assert found == [(0,), (1,), (2,)]
