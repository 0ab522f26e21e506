"""The verb lake: what it hands on, what a cell of an answer looks like, and what becomes of files that failed."""

import csv
import io
import json
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

from db.errors import TrackerError
from db.store.store import open_store
from harvest.app.cli import main
from harvest.app.settings import Settings
from harvest.app.steps import lake_subset, lake_tags
from harvest.app.steps.lake import LakeReport
from harvest.app.steps.lake_subset import subset_step
from harvest.lake.engine import Done, Engine
from harvest.lake.extra import LakeError
from harvest.lake.folder import Lake
from harvest.lake.records import Built, LakeFile
from harvest.lake.tags import FileToTag, tag_file
from tests.harvest.lake.test_tags import Counting
from tests.support.lakes import IN_THIS_PROCESS, a_lake
from tests.support.stores import article

RECORDS = (
    'PMID- 1\nTI  - Heterotopic ossification\nAB  - It\'s ä, "quoted".\nFAU - Adler, Jana\nAU  - Adler J\n'
    "DP  - 2020 Mar\n\nPMID- 2\nTI  - Weather\nDP  - 2021\n"
)


@pytest.fixture
def lake(tmp_path: Path) -> Path:
    """A lake of two records, one of them on the topic."""
    path = tmp_path / "list.nbib"
    path.write_text(RECORDS, encoding="utf-8")
    a_lake(tmp_path / "lake", [path])
    return tmp_path / "lake"


def run(lake: Path, verb: str, *words: str) -> Result:
    return CliRunner().invoke(main, ["--db", str(lake.parent / "ho.db"), "lake", verb, "--lake", str(lake), *words])


def test_a_cell_with_parts_is_json_and_bytes_are_text(lake: Path) -> None:
    sql = (
        "SELECT pmid, xml, authors, {'a': DATE '2020-01-02', 'b': [1]} AS parts, DATE '2020-01-02' AS day, "
        "NULL AS nothing, 1.5 AS number FROM articles ORDER BY pmid"
    )
    first, _ = csv.DictReader(io.StringIO(run(lake, "ask", sql).stdout))
    assert first.pop("xml").startswith("<PubmedArticle>")
    assert first == {
        "pmid": "1", "authors": '["Adler J"]', "parts": '{"a": "2020-01-02", "b": [1]}', "day": "2020-01-02",
        "nothing": "", "number": "1.5",
    }  # fmt: skip
    told = json.loads(
        run(lake, "ask", "SELECT abstract, 1 AS one, NULL AS nothing FROM articles ORDER BY pmid", "--json").stdout
    )
    assert told["columns"] == ["abstract", "one", "nothing"]
    assert told["rows"] == [['It\'s ä, "quoted".', 1, None], [None, 1, None]]


def test_options_reach_the_step(lake: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    calls: list[tuple[Any, ...]] = []

    def tagging(*given: Any) -> LakeReport:
        calls.append(given)
        return LakeReport(files=1, rows=3, seconds=0.5)

    monkeypatch.setattr(lake_tags, "tag_lake_step", tagging)
    assert run(lake, "tag", "--workers", "3").stdout == "1 files with 3 rows made in 0.5 s, 0 stood already.\n"
    told = json.loads(run(lake, "tag", "--all", "--scheduler", "tcp://x:1", "--workers", "0", "--json").stdout)
    assert (told["files"], told["failed"]) == (1, {})
    assert calls == [(lake, False, Engine(3)), (lake, True, Engine(0, "tcp://x:1"))]
    assert run(lake, "build", "--again", str(lake.parent / "list.nbib")).exit_code == 1
    assert "0 files with 0 rows made" in run(lake, "build", "--again", "--workers", "0").stdout


@pytest.mark.parametrize(
    ("others", "code"),
    [({}, 1), ({"a": Built("a", 3)}, 2), ({"a": Built("a", 3, skipped=True)}, 2)],
    ids=["none", "made", "stood"],
)
def test_files_that_failed_are_named_and_the_exit_code_says_whether_others_are_done(
    lake: Path, monkeypatch: pytest.MonkeyPatch, others: dict[str, Built], code: int
) -> None:
    report = LakeReport()
    for name, built in others.items():
        report.add(name, Done(name, built))
    for number in range(7):
        report.add(f"f{number}", Done(f"f{number}", error=TrackerError(f"f{number} is cut")))
    monkeypatch.setattr(lake_tags, "tag_lake_step", lambda *_: report)
    result = run(lake, "tag")
    assert (result.exit_code, result.stdout) == (code, "")
    assert "f0 is cut; f1 is cut; f2 is cut; f3 is cut; f4 is cut; and 2 more" in result.stderr
    told = run(lake, "tag", "--json")
    assert (told.exit_code, len(json.loads(told.stdout)["failed"])) == (code, 7)


@pytest.mark.parametrize("with_tags", [False, True])
@pytest.mark.parametrize("keep_all", [False, True])
def test_a_subset_is_of_the_topic_or_of_everything(
    lake: Path, monkeypatch: pytest.MonkeyPatch, keep_all: bool, with_tags: bool
) -> None:
    taken: list[tuple[Any, ...]] = []
    monkeypatch.setattr(lake_tags, "take_tags_step", lambda settings, folder: taken.append((settings.db, folder)))
    words = ["--all"] * keep_all + ["--tags"] * with_tags
    told = json.loads(run(lake, "subset", "--workers", "0", "--json", *words).stdout)
    assert (told["kept"], told["records"]) == (1 + keep_all, 2)
    assert taken == [(lake.parent / "ho.db", lake)] * with_tags
    again = run(lake, "subset", "--workers", "0", *words)
    assert (again.exit_code, again.stdout.splitlines()[1]) == (0, "imported before: nothing to do")


def test_a_file_that_a_worker_cannot_look_through_leaves_no_gap(lake: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(_name: str, **_: Any) -> frozenset[int]:
        raise LakeError("the disk is gone")

    settings = Settings(db=lake.parent / "ho.db")
    with monkeypatch.context() as patch:
        patch.setattr(lake_subset, "rows_on_topic", broken)
        with pytest.raises(LakeError, match="the disk is gone"):
            subset_step(settings, lake, everything=False, engine=IN_THIS_PROCESS)
    with open_store(settings.db) as store:
        assert store.db["articles"].count == store.db["runs"].count == 0
    assert subset_step(settings, lake, everything=False, engine=IN_THIS_PROCESS).extra["kept"] == 1


def test_tags_that_are_not_whole_are_not_asked(lake: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(task: FileToTag, **_: Any) -> Built:
        raise LakeError(f"{task.name}: cut")

    monkeypatch.setattr(lake_tags, "tag_in_topic", broken)
    report = lake_tags.tag_lake_step(lake, everything=True, engine=IN_THIS_PROCESS)
    assert (report.failed, Lake(lake).latest_tags()) == ({"list.nbib": "list.nbib: cut"}, None)


def test_a_file_that_a_lake_does_not_hold_is_said(lake: Path) -> None:
    with pytest.raises(LakeError, match="missing, or no records of a lake"):
        LakeFile(lake / "records" / "none.parquet")
    with pytest.raises(LakeError, match="the lake holds no records of it"):
        tag_file(FileToTag("none"), Lake(lake), Counting().tagger)
    with pytest.raises(TypeError):
        LakeFile(Lake(lake).records_of("list.nbib")).whole(article(1))


def test_what_may_be_asked_of_each_row(tmp_path: Path) -> None:
    path = tmp_path / "list.nbib"
    path.write_text(
        "PMID- 7\nSTAT- MEDLINE\nTI  - Hip\nDP  - 2020 Mar 4\nLA  - eng\n"
        "FAU - Adler, Jana\nAU  - Adler J\nCN  - HO Group\n"
        "PT  - Retracted Publication\nTA  - J Hip\nJT  - Journal of the hip\nAID - 10.1/a [doi]\nPMC - PMC5\n"
        "CRDT- 2020/03/05 06:00\n\nTI  - Nobody\nSTAT- MEDLINE\n\nPMID- 8\nTI  - Knee\n",
        encoding="utf-8",
    )
    a_lake(tmp_path / "lake", [path])
    sql = (
        "SELECT position, kind, pmid, retracted, journal, iso_abbreviation, year, publication_date, languages, doi, "
        "pmcid, status, entrez_date, authors, reason FROM records ORDER BY position"
    )
    rows = json.loads(run(tmp_path / "lake", "ask", sql, "--json").stdout)["rows"]
    assert rows[0] == [
        0, "article", 7, True, "Journal of the hip", "J Hip", 2020, "2020-03-04", ["eng"], "10.1/a", "PMC5", "MEDLINE",
        "2020-03-05", ["Adler J", "HO Group"], None,
    ]  # fmt: skip
    assert rows[1][:4] == [1, "unreadable", None, None]
    assert rows[1][-1].startswith("2 it has no PMID of its own")
    assert rows[2][:5] == [2, "article", 8, False, None]
    held = json.loads(run(tmp_path / "lake", "ask", "SELECT pmid, retracted FROM articles ORDER BY 1", "--json").stdout)
    assert held["rows"] == [[7, True], [8, False]]
