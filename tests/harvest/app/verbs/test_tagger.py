"""Predicting and scoring over files of records: what is read, what is written, and what the table says."""

import json
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from harvest.app.cli import main

TEXT = "Indomethacin prevented heterotopic ossification after hip arthroplasty."
GOLD: dict[str, object] = {
    "interventions": ["indomethacin"], "outcomes": ["heterotopic ossification"], "risk_factors": [], "findings": [],
    "study_design": None, "sample_size": None, "species": "human", "sites": [], "aetiologies": [],
}  # fmt: skip
ANNOTATED = {"title": TEXT, "abstract": "", "topic": "ho", "gold": GOLD}


def run(*words: str) -> Result:
    return CliRunner().invoke(main, [*words])


def records(path: Path, *made: dict[str, object]) -> Path:
    path.write_text("".join(f"{json.dumps(one)}\n" for one in made), encoding="utf-8")
    return path


def test_predictions_come_a_line_each_in_order_and_whole(tmp_path: Path) -> None:
    path = records(
        tmp_path / "records.jsonl",
        {"pmid": "7", "title": TEXT, "abstract": ""},
        {"pmid": "3", "title": "Indomethacin and the weather — ä.", "abstract": ""},
    )
    printed = run("predict", str(path)).stdout
    made = [json.loads(line) for line in printed.splitlines()]
    assert [one["pmid"] for one in made] == ["7", "3"]
    assert [one["interventions"] for one in made] == [["Indomethacin"], []]
    written = tmp_path / "out.jsonl"
    assert run("predict", str(path), "-o", str(written)).stdout == ""
    assert written.read_text(encoding="utf-8") == printed
    any_topic = run("predict", str(path), "--any-topic").stdout.splitlines()
    assert json.loads(any_topic[1])["interventions"] == ["Indomethacin"]


def test_scores_are_of_the_predictions_that_are_given(tmp_path: Path) -> None:
    gold = records(tmp_path / "gold.jsonl", {"pmid": "7", **ANNOTATED})
    other = records(tmp_path / "other.jsonl", {"pmid": "8", **ANNOTATED})
    made = records(tmp_path / "made.jsonl", {"pmid": "7", "topic": "ho", **GOLD, "interventions": ["naproxen"]})
    good = records(tmp_path / "good.jsonl", {"pmid": "7", "topic": "ho", **GOLD})
    words = ("evaluate", str(gold), "--samples", "0")

    def rate(*more: str) -> float:
        return float(json.loads(run(*words, *more, "--json").stdout)["scores"]["interventions strict"]["recall"])

    assert rate("--predictions", str(made)) == 0
    assert rate("--predictions", str(good)) == 1
    assert rate() == 1
    table = run(*words, str(other), "--predictions", str(made), "--misses", "1").stdout
    assert table.startswith("2 records\n")
    assert "worst of interventions:\n  7  missed: indomethacin  wrong: naproxen\n" in table
    assert "worst of" not in run(*words, "--predictions", str(made), "--misses", "0").stdout


def test_records_without_gold_are_no_gold(tmp_path: Path) -> None:
    path = records(tmp_path / "gold.jsonl", {"pmid": "7", "title": TEXT, "abstract": ""})
    result = run("evaluate", str(path))
    assert (result.exit_code, "record 7 has no gold" in result.stderr) == (1, True)


@pytest.mark.parametrize("room", ["json", "words"])
def test_a_topic_is_looked_through_and_listed(tmp_path: Path, room: str) -> None:
    assert run("topic", "list").stdout.splitlines() == ["ho", "osteonecrosis"]
    wrong = tmp_path / "wrong"
    wrong.mkdir()
    result = run("topic", "check", str(wrong), *(["--json"] if room == "json" else []))
    assert result.exit_code == 1
    if room == "json":
        (problem,) = json.loads(result.stdout)["problems"]
        assert problem.keys() == {"file", "key", "problem"}
    else:
        assert result.stdout.endswith("1 problems\n")
