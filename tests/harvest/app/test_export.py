"""`export` and `decisions`: every option, every count, every wrong use with one line and its exit code."""

import json
import os
import signal
import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, urlencode

import pytest
import rispy
from click.testing import CliRunner, Result

from db.citations import FORMATS
from db.select.filter import ArticleFilter
from db.select.search.index import ensure_search
from db.store.store import open_store
from harvest.app.cli import main
from tests.support.generate_articles import generate
from tests.support.roundtrip import READERS
from tests.support.sites import random_filters

COUNT = 120


@pytest.fixture(scope="module")
def database(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A store of made-up articles."""
    path = tmp_path_factory.mktemp("exporting") / "ho.db"
    with open_store(path) as store, store.atomic():
        generate(store.db.conn, COUNT)
    return path


@pytest.fixture
def own_database(database: Path, tmp_path: Path) -> Path:
    """A copy of it that a test may change."""
    path = tmp_path / "ho.db"
    path.write_bytes(database.read_bytes())
    return path


def run(database: Path, *arguments: Any, stdin: str | None = None) -> Result:
    return CliRunner().invoke(main, ["--db", str(database), *map(str, arguments)], input=stdin)


def expected_count(database: Path, query: str | list[tuple[str, str]]) -> int:
    pairs = parse_qsl(query) if isinstance(query, str) else query
    with open_store(database) as store:
        ensure_search(store.db.conn)
        condition, params = ArticleFilter.from_query(pairs).where()
        found: int = store.db.conn.execute(f"SELECT count(*) FROM articles WHERE {condition}", params).fetchone()[0]
        return found


def one_line(result: Result) -> str:
    assert result.exit_code == 1
    lines = result.stderr.strip().split("\n")
    assert len(lines) == 1
    assert "Traceback" not in lines[0]
    return lines[0]


@pytest.mark.parametrize("name", READERS)
@pytest.mark.parametrize(
    ("options", "query"),
    [
        ([], ""),
        (["--year", "2000-2015"], "year=2000-2015"),
        (["--filter", "/articles?year=-1999&sort=oldest"], "year=-1999"),
        (["--study-design", "cohort"], "study_design=cohort"),
        (["--exclude-retracted"], "retracted=no"),
    ],
)
def test_as_many_come_out_as_the_filter_holds(name: str, options: list[str], query: str, database: Path) -> None:
    result = run(database, "export", "--format", name, *options)
    assert result.exit_code == 0, result.stderr
    read = list(READERS[name][0](result.stdout_bytes.decode("utf-8")))
    assert len(read) == expected_count(database, query) > 0


@pytest.mark.parametrize(("count", "more"), [(1, ""), (10, ""), (11, " ...")])
def test_pmids_that_are_not_held_are_said(database: Path, tmp_path: Path, count: int, more: str) -> None:
    numbers = list(range(1, count + 1))
    (tmp_path / "pmids.txt").write_text("\n".join(map(str, numbers)))
    result = run(database, "export", "--pmids", str(tmp_path / "pmids.txt"))
    assert result.exit_code == 0
    named = ", ".join(map(str, numbers[:10]))
    assert f"ho-tracker: {count} PMIDs are not in the store: {named}{more}\n" in result.stderr
    assert "no article matches" in result.stderr


def test_what_is_said_of_files_is_no_part_of_the_output(database: Path, tmp_path: Path) -> None:
    result = run(database, "export", "-o", str(tmp_path / "list.ris"))
    assert (result.exit_code, result.stdout) == (0, "")
    assert result.stderr.startswith(f"Wrote {expected_count(database, '')} records to {tmp_path / 'list.ris'}")


def test_as_many_come_out_as_any_random_filter_holds(database: Path) -> None:
    with open_store(database) as store:
        filters = random_filters(store.db.conn, 14)
    names = list(READERS)
    for number, params in enumerate(filters):
        name = names[number % len(names)]
        result = run(database, "export", "--format", name, "--filter", urlencode(params))
        assert result.exit_code == 0, result.stderr
        numbers = json.loads(run(database, "export", "--prisma", "--filter", urlencode(params)).stdout)
        read = list(READERS[name][0](result.stdout_bytes.decode("utf-8")))
        assert len(read) == numbers["listed"] == expected_count(database, params), params


@pytest.mark.parametrize("name", ["vancouver", "ama", "apa"])
def test_formatted_lists_are_whole(name: str, database: Path) -> None:
    result = run(database, "export", "--format", name, "--year", "2010-2014", "--markup", "html")
    assert result.stdout.count("<li ") == expected_count(database, "year=2010-2014") > 0


def test_a_concept_may_be_given_by_id_name_or_synonym(database: Path) -> None:
    with open_store(database) as store:
        concept = store.db.conn.execute(
            "SELECT concepts.id, name, synonyms FROM concepts JOIN article_tags ON concept_id = concepts.id "
            "WHERE concepts.kind = 'intervention' GROUP BY 1 ORDER BY synonyms = '[]', count(*) DESC"
        ).fetchone()
    names = [concept[0], concept[1].upper(), *json.loads(concept[2])]
    texts = {run(database, "export", "--intervention", name).stdout for name in names}
    assert len(texts) == 1
    assert texts.pop().count("TY  - ") == expected_count(database, f"intervention={concept[0]}") > 0


def test_an_unknown_concept_names_the_nearest(database: Path) -> None:
    line = one_line(run(database, "export", "--intervention", "indometacine"))
    assert "indometacine" in line
    assert "did you mean" in line


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["--format", "endnot"], "did you mean endnote?"),
        (["--format", "docx"], "no format “docx”; known are ris, bibtex"),
        (["--json"], "name the file with -o"),
        (["--markup", "html"], "--markup html is for vancouver, ama and apa"),
        (["--for", "rayan"], "did you mean rayyan"),
        (["--for", "revman", "--format", "csv"], "RevMan does not read csv; choose ris"),
        (["--year", "20x"], "20x"),
        (["--year", "2020-2010"], "backwards"),
        (["--study-design", "cohorte"], "did you mean cohort"),
        (["--filter", "nix=1"], "nix"),
        (["-o", "/nowhere/at/all.ris"], "does not exist"),
        (["-o", "."], "folder"),
        (["-o", "/dev/full"], "No space left on device"),
        (["--pmids", "missing.txt"], "missing.txt"),
        (["--markup", "pdf", "--format", "apa"], "pdf"),
    ],
)
def test_wrong_use_is_one_line(arguments: list[str], said: str, database: Path) -> None:
    result = run(database, "export", *arguments)
    assert result.exit_code == 1
    assert said in result.stderr
    assert "Traceback" not in result.stderr
    assert result.stdout == ""


def test_a_missing_store_is_one_line(tmp_path: Path) -> None:
    assert "no such database" in one_line(run(tmp_path / "none.db", "export"))


@pytest.mark.parametrize("name", FORMATS)
def test_a_filter_that_matches_nothing_says_so_and_writes_a_valid_empty_list(
    name: str, database: Path, tmp_path: Path
) -> None:
    path = tmp_path / "empty"
    result = run(database, "export", "--format", name, "--year", "1801", "-o", path)
    assert result.exit_code == 0
    assert "no article matches (year: 1801)" in result.stderr
    for read in READERS.get(name, ()):
        assert list(read(path.read_text(encoding="utf-8"))) == []
    assert json.loads(path.with_name("empty.manifest.json").read_text())["count"] == 0


def test_pmids_come_from_a_file_or_standard_input(database: Path, tmp_path: Path) -> None:
    path = tmp_path / "pmids.txt"
    path.write_text("# mine\nPMID: 70000001\n70000002, 70000003\n99\n")
    result = run(database, "export", "--pmids", path, "--filter", "topic=all")
    assert sorted(int(entry["accession_number"]) for entry in rispy.loads(result.stdout)) == [
        70000001,
        70000002,
        70000003,
    ]
    assert "1 PMIDs are not in the store: 99" in result.stderr
    assert (
        run(database, "export", "--pmids", "-", "--filter", "topic=all", stdin=path.read_text()).stdout == result.stdout
    )
    empty = tmp_path / "none.txt"
    empty.write_text("")
    assert run(database, "export", "--pmids", empty).stdout == ""
    path.write_text('"70000001","70000002"\r\nhttps://pubmed.ncbi.nlm.nih.gov/70000003/\r\n')
    assert run(database, "export", "--pmids", path, "--filter", "topic=all").stdout == result.stdout
    for wrong in ("0", "-5", "1.5", "7" * 20):
        path.write_text(wrong)
        assert "line 1" in one_line(run(database, "export", "--pmids", path))
    path.write_text("12\nabc")
    assert "line 2" in one_line(run(database, "export", "--pmids", path))


def test_a_file_has_its_manifest_beside_it(database: Path, tmp_path: Path) -> None:
    path = tmp_path / "x.bib"
    result = run(database, "export", "--format", "bibtex", "--search", "hip", "-o", path, "--json")
    assert json.loads(result.stdout) == json.loads((tmp_path / "x.bib.manifest.json").read_text())
    manifest = json.loads(result.stdout)
    assert manifest["filter"]["words"] == "search: hip [site]"
    assert manifest["prisma"]["listed"] == manifest["count"] > 0
    assert manifest["query_version"] == "1"


def test_for_a_tool_the_file_has_a_dated_name(database: Path, tmp_path: Path) -> None:
    result = run(database, "export", "--for", "covidence", "-o", tmp_path)
    assert result.exit_code == 0
    assert sorted(path.name for path in tmp_path.iterdir()) == [
        "ho-tracker-covidence-2026-01-02.ris",
        "ho-tracker-covidence-2026-01-02.ris.manifest.json",
    ]


def test_prisma_numbers_of_any_filter(database: Path, tmp_path: Path) -> None:
    numbers = json.loads(run(database, "export", "--prisma", "--year", "2010-").stdout)
    assert numbers["listed"] == expected_count(database, "year=2010-")
    assert numbers["screened"] == 0
    path = tmp_path / "prisma.json"
    assert run(database, "export", "--prisma", "--year", "2010-", "-o", path).stdout == ""
    assert json.loads(path.read_text()) == numbers


def test_a_hyphen_is_standard_output(database: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    assert run(database, "export", "-o", "-").stdout_bytes == run(database, "export").stdout_bytes
    assert (
        run(database, "decisions", "export", "-o", "-").stdout_bytes
        == run(database, "decisions", "export").stdout_bytes
    )
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("command", [["export"], ["export", "--prisma"], ["decisions", "export"]])
def test_a_pipe_stays_a_pipe(command: list[str], own_database: Path, tmp_path: Path) -> None:
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    with ThreadPoolExecutor(1) as pool:
        read = pool.submit(pipe.read_bytes)
        assert run(own_database, *command, "-o", pipe).exit_code == 0
        assert read.result(timeout=60) == run(own_database, *command).stdout_bytes
    assert pipe.is_fifo()
    assert sorted(path.name for path in tmp_path.iterdir() if path.name[:2] != "ho") == ["pipe"]


@pytest.mark.parametrize("path", ["/nowhere/at/all.csv", "."])
def test_decisions_that_cannot_be_written_are_one_line(path: str, database: Path) -> None:
    assert "folder" in one_line(run(database, "decisions", "export", "-o", path))


def test_decisions_go_out_and_come_back(own_database: Path, tmp_path: Path) -> None:
    labels = tmp_path / "labels.csv"
    labels.write_text("pmid,included,reason\n70000001,1,\n70000002,0,=wrong\n99,1,\n")
    result = run(own_database, "decisions", "import", labels, "--who", "Ann")
    assert result.exit_code == 0
    assert "2 decisions added" in result.stdout
    assert "row 4: PMID 99" in result.stderr
    saved = tmp_path / "decisions.csv"
    assert run(own_database, "decisions", "export", "-o", saved).exit_code == 0
    assert run(own_database, "decisions", "export").stdout_bytes == saved.read_bytes()
    again = json.loads(run(own_database, "decisions", "import", saved, "--json").stdout)
    assert again["files"][0]["added"] == 0
    assert again["files"][0]["known"] == 2
    assert again["prisma"]["included"] == 1


def test_a_file_of_one_kind_is_told_its_verdict(own_database: Path, tmp_path: Path) -> None:
    titles = tmp_path / "x.csv"
    titles.write_text("pmid,doi\n70000001,\n")
    assert "--verdict" in one_line(run(own_database, "decisions", "import", titles))
    result = run(own_database, "decisions", "import", titles, "--verdict", "exclude", "--json")
    assert json.loads(result.stdout)["prisma"]["excluded"] == 1


def test_a_file_that_is_wrong_in_the_middle_leaves_nothing(own_database: Path, tmp_path: Path) -> None:
    wrong = tmp_path / "x.csv"
    wrong.write_text("pmid,concept_id,verdict,who\n70000001,,include,Ann\n70000002,no-such-concept,reject,Ann\n")
    assert "no-such-concept" in one_line(run(own_database, "decisions", "import", wrong))
    assert run(own_database, "decisions", "export").stdout.count("\n") == 1


def test_a_killed_export_leaves_the_old_file_and_the_next_run_clears_up(database: Path, tmp_path: Path) -> None:
    target = tmp_path / "list.txt"
    target.write_text("the old list", encoding="utf-8")
    command = [sys.executable, "-m", "harvest.app.cli", "--db", str(database), "export", "--format", "apa"]
    with subprocess.Popen([*command, "-o", str(target)], stderr=subprocess.DEVNULL) as process:
        deadline = time.monotonic() + 60
        while not list(tmp_path.glob(".list.txt.*/part-0")):
            assert process.poll() is None
            assert time.monotonic() < deadline
            time.sleep(0.005)
        process.send_signal(signal.SIGKILL)
    assert target.read_text(encoding="utf-8") == "the old list"
    assert list(tmp_path.glob(".list.txt.*"))

    assert run(database, "export", "--format", "ris", "--filter", "topic=all&vanished=yes", "-o", target).exit_code == 0
    assert len(rispy.loads(target.read_text(encoding="utf-8"))) == COUNT
    assert {path.name for path in tmp_path.iterdir()} == {"list.txt", "list.txt.manifest.json"}


def test_an_export_at_work_keeps_its_folder(database: Path, tmp_path: Path) -> None:
    working = tmp_path / f".list.ris.{os.getpid()}-abc"
    working.mkdir()
    assert run(database, "export", "--format", "ris", "-o", tmp_path / "list.ris").exit_code == 0
    assert working.is_dir()


@pytest.mark.parametrize("option", ["--intervention", "--risk-factor", "--outcome", "--study-design"])
def test_an_empty_value_is_no_filter(option: str, database: Path, tmp_path: Path) -> None:
    result = run(database, "export", "--format", "ris", option, " ", "-o", tmp_path / "list.ris")
    assert result.exit_code == 1
    assert result.stderr == f"ho-tracker: {option}: empty; give an id, name or synonym, or leave it out\n"
    assert not list(tmp_path.iterdir())


def test_the_manifest_of_imported_records_counts_what_is_held(own_database: Path, tmp_path: Path) -> None:
    with open_store(own_database) as store, store.atomic():
        store.db.execute("DELETE FROM changes")
        store.db.execute("DELETE FROM runs")
        store.db.execute("INSERT INTO runs (kind, status, started_at, finished_at) VALUES ('import', 'done', '', '')")
    assert run(own_database, "export", "--format", "ris", "-o", tmp_path / "list.ris").exit_code == 0
    manifest = json.loads((tmp_path / "list.ris.manifest.json").read_text(encoding="utf-8"))
    assert manifest["articles_held"] == COUNT
    assert manifest["run"]["kind"] == "import"
    assert manifest["run"]["held_count"] is None


def test_a_name_that_ends_with_a_slash_is_a_folder_which_is_made(database: Path, tmp_path: Path) -> None:
    assert run(database, "export", "--for", "covidence", "-o", f"{tmp_path}/screening/").exit_code == 0
    assert {path.suffix for path in (tmp_path / "screening").iterdir()} == {".json", ".ris"}
    assert run(database, "export", "--for", "covidence", "-o", f"{tmp_path}/no/where/").exit_code == 1
