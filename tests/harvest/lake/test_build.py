"""Records of files: the same bytes whoever makes them, nothing half-written, each file for itself."""

import gzip
import hashlib
import sys
from datetime import date
from pathlib import Path

import distributed
import pytest
from click.testing import CliRunner

from db.errors import TrackerError
from harvest.app.cli import main
from harvest.app.steps.lake import read_again_step
from harvest.lake.engine import Engine
from harvest.lake.extra import LakeError, needed
from harvest.lake.folder import Lake, made_of
from harvest.lake.questions import asking
from harvest.lake.records import build_records
from harvest.sample import sample_path
from tests.support.eutils_server import Record
from tests.support.eutils_server.corpus import as_set
from tests.support.lakes import IN_THIS_PROCESS, a_lake, bytes_of

DAY = date(2026, 1, 1)


def files(folder: Path, count: int, records: int = 3) -> list[Path]:
    paths = []
    for number in range(1, count + 1):
        made = [Record(number * 100 + n, DAY, DAY, DAY, title=f"Title {n}").as_xml() for n in range(records)]
        path = folder / f"pubmed26n{number:04}.xml.gz"
        path.write_bytes(gzip.compress(as_set(made), mtime=0))
        checksum = hashlib.md5(path.read_bytes(), usedforsecurity=False).hexdigest()
        path.with_name(f"{path.name}.md5").write_text(f"MD5({path.name})= {checksum}\n")
        paths.append(path)
    return paths


def test_one_process_and_two_workers_give_the_same_bytes(tmp_path: Path) -> None:
    paths = [*files(tmp_path, 4), sample_path()]
    alone = a_lake(tmp_path / "alone", paths)
    together = a_lake(tmp_path / "together", list(reversed(paths)), Engine(workers=2))
    assert (alone.files, alone.rows, alone.current) == (together.files, together.rows, together.current)
    assert bytes_of(tmp_path / "alone") == bytes_of(tmp_path / "together")
    assert len(bytes_of(tmp_path / "alone")) == 6


def test_what_stands_is_not_made_again_and_what_changed_is(tmp_path: Path) -> None:
    paths = files(tmp_path, 3)
    a_lake(tmp_path / "lake", paths)
    before = bytes_of(tmp_path / "lake")
    again = a_lake(tmp_path / "lake", paths)
    assert (again.files, again.files_already_there) == (0, 3)
    assert bytes_of(tmp_path / "lake") == before
    paths[1].with_name(f"{paths[1].name}.md5").unlink()
    paths[1].write_bytes(gzip.compress(as_set([Record(7, DAY, DAY, DAY, title="Other").as_xml()])))
    again = a_lake(tmp_path / "lake", paths)
    assert (again.files, again.rows, again.current) == (1, 1, 7)


def test_a_wrong_checksum_costs_its_file_and_is_told(tmp_path: Path) -> None:
    paths = files(tmp_path, 3)
    paths[1].with_name(f"{paths[1].name}.md5").write_text("0" * 32)
    report = a_lake(tmp_path / "lake", paths)
    assert list(report.failed) == ["pubmed26n0002.xml.gz"]
    assert "its MD5 is not the one in pubmed26n0002.xml.gz.md5; fetch the file again" in str(report.problem)
    assert (report.files, report.problem.exit_code if report.problem else 0) == (2, 2)
    assert Lake(tmp_path / "lake").names() == ["pubmed26n0001.xml.gz", "pubmed26n0003.xml.gz"]


def test_a_file_that_is_cut_leaves_nothing_behind(tmp_path: Path) -> None:
    (path,) = files(tmp_path, 1, records=1500)
    path.write_bytes(path.read_bytes()[:-200])
    path.with_name(f"{path.name}.md5").unlink()
    report = a_lake(tmp_path / "lake", [path])
    assert "fetch it again" in str(report.problem)
    assert report.problem
    assert report.problem.exit_code == 1
    assert list((tmp_path / "lake").rglob("*unfinished*")) == []


def test_what_a_killed_worker_left_is_removed_and_a_damaged_file_is_made_again(tmp_path: Path) -> None:
    paths = files(tmp_path, 2)
    a_lake(tmp_path / "lake", paths)
    before = bytes_of(tmp_path / "lake")
    lake = Lake(tmp_path / "lake")
    (lake.records / ".unfinished-abc").write_bytes(b"PAR1")
    lake.records_of(paths[0].name).write_bytes(b"PAR1 cut")
    report = a_lake(tmp_path / "lake", paths)
    assert (report.files, report.files_already_there) == (1, 1)
    assert bytes_of(tmp_path / "lake") == before
    assert list(lake.root.rglob(".unfinished*")) == []


def test_another_parser_reads_the_lake_again_without_the_files(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    paths = files(tmp_path, 2)
    a_lake(tmp_path / "right", paths)
    with monkeypatch.context() as patch:
        patch.setattr("harvest.lake.records.parser_version", lambda: "before")
        a_lake(tmp_path / "lake", paths)
    for path in paths:
        path.unlink()
    report = read_again_step(tmp_path / "lake", IN_THIS_PROCESS)
    assert (report.files, report.files_already_there) == (2, 0)
    assert bytes_of(tmp_path / "lake") == bytes_of(tmp_path / "right")
    assert read_again_step(tmp_path / "lake", IN_THIS_PROCESS).files_already_there == 2


@pytest.mark.parametrize("change", ["another parser", "a file more", "a file less", "other content"])
def test_nothing_is_answered_from_files_that_changed_since(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, change: str
) -> None:
    """A build that is broken off leaves new records beside the old word on which of them hold."""
    paths = files(tmp_path, 3)
    lake = Lake(tmp_path / "lake")
    with monkeypatch.context() as patch:
        if change == "another parser":
            patch.setattr("harvest.lake.records.parser_version", lambda: "before")
        a_lake(lake.root, paths[:2])
    with asking(lake):
        pass
    if change == "a file less":
        lake.records_of(paths[0].name).unlink()
    elif change == "other content":
        paths[0].write_bytes(paths[2].read_bytes())
        paths[0].with_name(f"{paths[0].name}.md5").unlink()
    build_records(paths[2] if change == "a file more" else paths[1] if change == "a file less" else paths[0], lake)
    with pytest.raises(LakeError, match="its files changed, or a build was broken off"), asking(lake):
        pass
    a_lake(lake.root, paths[:1])
    with asking(lake):
        pass


def test_two_files_of_one_name_are_refused(tmp_path: Path) -> None:
    (path,) = files(tmp_path, 1)
    with pytest.raises(TrackerError, match="two files of this name"):
        a_lake(tmp_path / "lake", [path, path])


def test_without_the_extra_one_line_says_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "duckdb", None)
    with pytest.raises(TrackerError, match=r"the lake needs duckdb; run: pip install 'ho-tracker\[lake\]'"):
        needed("duckdb")


def test_the_verb_builds_and_takes_a_subset(tmp_path: Path) -> None:
    def called(*words: str) -> tuple[int, str]:
        result = CliRunner().invoke(main, ["--db", str(tmp_path / "ho.db"), "lake", *words])
        return result.exit_code, result.output

    lake = ("--lake", str(tmp_path / "lake"))
    code, said = called("subset", *lake, "--workers", "0")
    assert (code, said.partition("; ")[0]) == (1, f"ho-tracker: {tmp_path / 'lake'}: there is no lake")
    code, said = called("build", *lake, "--workers", "0", str(sample_path()))
    assert (code, made_of(Lake(tmp_path / "lake").records_of(sample_path().name)) is not None) == (0, True)
    assert "1 files with" in said
    code, said = called("subset", *lake, "--workers", "0")
    assert code == 0
    assert "records kept" in said
    assert called("build", *lake)[0] == 1


def test_a_cluster_that_runs_already_makes_the_same_bytes(tmp_path: Path) -> None:
    paths = files(tmp_path, 3)
    a_lake(tmp_path / "alone", paths)
    options = {"n_workers": 1, "threads_per_worker": 1, "dashboard_address": "127.0.0.1:0", "silence_logs": 50}
    with distributed.LocalCluster(**options) as cluster:
        report = a_lake(tmp_path / "lake", paths, Engine(scheduler=cluster.scheduler_address))
    assert (report.files, report.failed) == (3, {})
    assert bytes_of(tmp_path / "alone") == bytes_of(tmp_path / "lake")


def test_an_address_that_is_none_is_one_line(tmp_path: Path) -> None:
    with pytest.raises(TrackerError, match="no Dask scheduler answers there; check the address"):
        a_lake(tmp_path / "lake", files(tmp_path, 1), Engine(scheduler="nonsense://here"))
