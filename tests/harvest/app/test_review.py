"""`review`: a list in; what became of it, candidates in order, RIS and kept decisions out."""

import json
from pathlib import Path
from typing import Any

import pytest
import rispy
from click.testing import CliRunner, Result

from db.screening import brought
from db.screening.rank import Ranked
from db.screening.review import Candidate
from db.store.people.decisions import decisions
from db.store.store import open_store
from harvest.app.cli import main
from harvest.app.verbs.reading.review import _say_ranked
from tests.support.generate_articles import FIRST_PMID, generate


@pytest.fixture
def database(tmp_path: Path) -> Path:
    """A store of made-up articles, the last twenty of which came into PubMed later."""
    path = tmp_path / "ho.db"
    with open_store(path) as store, store.atomic():
        generate(store.db.conn, 60)
        store.db.execute("UPDATE articles SET retracted = 0, vanished = 0, topic = 'ho', entrez_date = '2020-01-01'")
        store.db.execute("UPDATE articles SET entrez_date = '2021-01-01' WHERE pmid >= ?", [FIRST_PMID + 40])
        store.db.execute("UPDATE articles SET retracted = 1 WHERE pmid = ?", [FIRST_PMID + 1])
    return path


def run(database: Path, *arguments: Any) -> Result:
    return CliRunner().invoke(main, ["--db", str(database), "review", *map(str, arguments)])


def listed(path: Path) -> Path:
    """A list of five studies: two included, one excluded, one that is not held, one undecided."""
    rows = [f"{FIRST_PMID},1", f"{FIRST_PMID + 1},1", f"{FIRST_PMID + 2},0", "12,1", f"{FIRST_PMID + 3},"]
    path.write_text("pmid,included\n" + "\n".join(rows) + "\n", encoding="utf-8")
    return path


def test_a_list_is_matched_and_newer_articles_come_in_order(database: Path, tmp_path: Path) -> None:
    result = run(database, listed(tmp_path / "list.csv"), "--top", 3)
    assert result.exit_code == 0, result.output
    assert "4 of 5 records are held here: 2 included, 1 excluded, 0 maybe, 0 in conflict, 1 undecided" in result.stdout
    assert "ho-tracker: not held: record 5: PMID 12" in result.stderr
    assert f"RETRACTED: {FIRST_PMID + 1}" in result.stdout
    assert "20 records came into PubMed after 2020-01-01" in result.stdout
    waiting, newer = result.stdout.split("20 records came")
    assert "Undecided in the list: 1," in waiting
    assert (waiting.count("\n   "), newer.count("\n   ")) == (1, 3)


def test_ris_has_all_candidates_in_order_with_a_manifest(database: Path, tmp_path: Path) -> None:
    output = tmp_path / "next.ris"
    result = run(database, listed(tmp_path / "list.csv"), "--since", "all", "-o", output, "--json", "--top", 60)
    assert result.exit_code == 0, result.output
    told = json.loads(result.stdout)
    pmids = [entry["pmid"] for entry in told["candidates"]]
    assert len(pmids) == told["prisma"]["to_screen"] == 56
    records = rispy.loads(output.read_text(encoding="utf-8"))
    assert [int(record["accession_number"]) for record in records] == pmids
    manifest = json.loads((tmp_path / "next.ris.manifest.json").read_text(encoding="utf-8"))
    assert (manifest["count"], manifest["since"], manifest["prisma"]["to_screen"]) == (56, None, 56)


def test_what_the_list_leaves_undecided_is_put_in_order_too(database: Path, tmp_path: Path) -> None:
    waiting = list(range(FIRST_PMID + 3, FIRST_PMID + 9))
    rows = [f"{FIRST_PMID},1", f"{FIRST_PMID + 2},0", *(f"{pmid}," for pmid in waiting)]
    path = tmp_path / "half.csv"
    path.write_text("pmid,included\n" + "\n".join(rows) + "\n", encoding="utf-8")
    with open_store(database) as store, store.atomic():
        store.db.execute("UPDATE articles SET retracted = 1 WHERE pmid = ?", [waiting[0]])
    result = run(database, path, "--rest", tmp_path / "rest.ris", "--json")
    assert result.exit_code == 0, result.output
    told = json.loads(result.stdout)
    ordered = [entry["pmid"] for entry in told["undecided_in_order"]]
    assert sorted(ordered) == waiting
    assert told["prisma"]["previous_undecided"] == len(waiting)
    records = rispy.loads((tmp_path / "rest.ris").read_text(encoding="utf-8"))
    assert [int(record["accession_number"]) for record in records] == ordered
    marks = {entry["pmid"]: entry["mark"] for entry in told["undecided_in_order"]}
    assert (marks[waiting[0]], marks[waiting[1]]) == ("RETRACTED", None)
    said = run(database, path).stdout
    assert "Undecided in the list: 6, the likeliest first:" in said
    assert f"{waiting[0]}  RETRACTED: " in said


def test_a_list_that_says_nothing_of_decisions_is_said_to_be_taken_as_included(database: Path, tmp_path: Path) -> None:
    path = tmp_path / "mine.txt"
    path.write_text(f"{FIRST_PMID}\n", encoding="utf-8")
    assert "nothing in mine.txt says what was decided: all are taken as included" in run(database, path).stderr
    assert "says what was decided" not in run(database, listed(tmp_path / "list.csv")).stderr


def test_nothing_is_kept_unless_asked(database: Path, tmp_path: Path) -> None:
    path = listed(tmp_path / "list.csv")
    assert run(database, path).exit_code == 0
    with open_store(database) as store:
        assert list(decisions(store)) == []
    assert "3 decisions added" in run(database, path, "--keep").stdout
    with open_store(database) as store:
        kept = {(decision.pmid, decision.verdict) for decision in decisions(store)}
    assert kept == {(FIRST_PMID, "include"), (FIRST_PMID + 1, "include"), (FIRST_PMID + 2, "exclude")}


@pytest.mark.parametrize(
    ("text", "options", "words"),
    [
        ("hello", (), "neither CSV"),
        ("12", (), "none of the 1 records"),
        (str(FIRST_PMID), ("--since", "spring"), "cannot be read"),
    ],
)
def test_wrong_use_is_one_line(database: Path, tmp_path: Path, text: str, options: tuple[str, ...], words: str) -> None:
    path = tmp_path / "list.txt"
    path.write_text(text, encoding="utf-8")
    result = run(database, path, *options)
    assert result.exit_code == 1
    assert words in result.stderr
    assert result.stderr.count("\n") == 1


def test_a_file_that_is_missing_or_too_large_is_said(
    database: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert "No such file" in run(database, tmp_path / "none.csv").stderr
    monkeypatch.setattr("harvest.app.verbs.reading.review.MAX_BYTES", brought.MAX_BYTES * 0 + 10)
    result = run(database, listed(tmp_path / "list.csv"))
    assert (result.exit_code, "larger than" in result.stderr) == (1, True)


@pytest.mark.parametrize(("links", "why"), [(3, "[hip; citations 3]"), (0, "[hip]")])
def test_why_a_candidate_stands_where_it_does_is_said(capsys: pytest.CaptureFixture[str], links: int, why: str) -> None:
    ranked = Ranked(7, 0.5, links, ())
    _say_ranked([Candidate(ranked, "Title", None, None, 2020, "cohort", ("hip",), "CORRECTED")])
    assert capsys.readouterr().out == f"   1  7  CORRECTED: Title (2020, cohort) {why}\n"
