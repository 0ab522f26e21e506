"""What the verbs over a store leave behind: whole, in the ledger, and nothing of what failed."""

import json
import re
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import rispy
from click.testing import CliRunner, Result

from db.citations.output import Limits
from db.citations.tools import load_tools
from db.store.check import check_store
from db.store.ledger.ledger import Ledger
from db.store.people.decisions import decisions
from db.store.store import open_store
from harvest.app.cli import main
from harvest.app.verbs.reading import review
from harvest.pubmed.xml import parse_article
from harvest.sync.bulk import EVERYTHING, import_files
from tests.harvest.app.test_review import database, listed
from tests.harvest.app.test_review import run as run_review

__all__ = ["database"]

RECORDS = "PMID- 1\nTI  - Heterotopic ossification\nDP  - 2020\n\nPMID- 2\nTI  - Weather\nDP  - 2021\n"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A folder with a store of two records."""
    (tmp_path / "list.nbib").write_text(RECORDS, encoding="utf-8")
    with open_store(tmp_path / "ho.db") as store:
        import_files(store, [tmp_path / "list.nbib"], EVERYTHING)
    return tmp_path


def run(folder: Path, *words: str) -> Result:
    return CliRunner().invoke(main, ["--db", str(folder / "ho.db"), *words])


def said(folder: Path, *words: str) -> dict[str, Any]:
    told: dict[str, Any] = json.loads(run(folder, *words, "--json").stdout)
    return told


def test_a_store_that_came_back_says_so_in_its_ledger(folder: Path) -> None:
    run(folder, "decide", "1", "--add", "celecoxib", "--who", "ada")
    copied = said(folder, "backup", str(folder / "copy.db"))
    size = (folder / "copy.db").stat().st_size
    assert copied == {"file": str(folder / "copy.db"), "articles": 2, "decisions": 1, "bytes": size}
    kept = folder / "ho.db.before-restore"
    told = said(folder, "restore", str(folder / "copy.db"))
    assert told == {"file": str(folder / "ho.db"), "articles": 2, "decisions": 1, "kept": str(kept)}
    assert f"what was there stays as {kept}.\n" in run(folder, "restore", str(folder / "copy.db")).stdout
    (folder / "ho.db").unlink()
    kept.unlink()
    assert said(folder, "restore", str(folder / "copy.db"))["kept"] is None
    with open_store(folder / "ho.db") as store:
        (last,) = Ledger(store).runs("restore", 1)
        assert (last["status"], last["message"]) == ("done", "brought back from copy.db")
        assert check_store(store, parse_article) == []


def test_a_check_says_how_many_it_looked_at(folder: Path) -> None:
    assert run(folder, "check").stdout == "2 articles checked: all is well\n"
    assert said(folder, "check") == {"status": "ok", "articles": 2, "problems": []}
    with open_store(folder / "ho.db") as store, store.atomic():
        store.db.execute("UPDATE articles SET title = 'changed' WHERE pmid = 1")
    wrong = run(folder, "check")
    assert (wrong.exit_code, wrong.stdout.endswith("2 articles checked: see above\n")) == (1, True)


def test_decisions_are_kept_all_or_none(folder: Path) -> None:
    words = ("--add", "celecoxib", "--add", "Indocin", "--who", "ada", "--reason", "I read it")
    result = run(folder, "decide", "1", *words)
    assert result.stdout == "Kept 2 decisions on PMID 1; ho-tracker publish brings it to the site.\n"
    unknown = run(folder, "decide", "1", "--accept", "celecoxib", "--reject", "celecoxb", "--who", "ada")
    assert unknown.exit_code == 1
    assert re.search(r"concept 'celecoxb' is not in the vocabulary; near it: .*celecoxib", unknown.stderr)
    assert run(folder, "decide", "7", "--accept", "celecoxib", "--who", "ada").exit_code == 1
    undone = run(folder, "decide", "1", "--undo", "celecoxib", "--who", "ada")
    assert undone.stdout.startswith("Kept 1 decision on PMID 1;")
    with open_store(folder / "ho.db") as store:
        made = {(one.concept_id, one.verdict, one.who, one.reason) for one in decisions(store)}
    assert made == {
        ("celecoxib", "add", "ada", "I read it"), ("indomethacin", "add", "ada", "I read it"),
        ("celecoxib", "withdraw", "ada", None),
    }  # fmt: skip


def test_a_decision_that_is_refused_leaves_no_word_of_the_vocabulary_behind(folder: Path) -> None:
    assert run(folder, "decide", "7", "--accept", "celecoxib", "--who", "ada").exit_code == 1
    with open_store(folder / "ho.db") as store:
        assert store.db["concepts"].count == 0


def test_candidates_are_written_whole_in_files_that_a_tool_takes(
    database: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    tool = replace(load_tools()["rayyan"], limits=Limits(records=10))
    monkeypatch.setattr(review, "load_tools", lambda: {"rayyan": tool})
    output = tmp_path / "next.ris"
    words = (listed(tmp_path / "list.csv"), "--since", "all", "--top", 2, "-o", output, "--json")
    told = json.loads(run_review(database, *words, "--top", 99).stdout)
    whole = [int(one["accession_number"]) for one in rispy.loads(output.read_text(encoding="utf-8"))]
    assert whole == [entry["pmid"] for entry in told["candidates"]]
    assert whole != sorted(whole, reverse=True)
    for path in tmp_path.glob("next*"):
        path.unlink()
    told = json.loads(run_review(database, *words, "--for", "rayyan").stdout)
    assert len(told["candidates"]) == 2
    parts = [rispy.loads(path.read_text(encoding="utf-8")) for path in sorted(tmp_path.glob("next*.ris"))]
    assert [len(part) for part in parts] == [10, 10, 10, 10, 10, 6]
    assert [int(one["accession_number"]) for part in parts for one in part] == whole
