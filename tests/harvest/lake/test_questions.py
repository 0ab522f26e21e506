"""The questions that the documents give as examples have answers, and a question that is none is one line."""

import csv
import io
import json
import re
from pathlib import Path

import pytest
from click.testing import CliRunner

from harvest.app.cli import main
from harvest.lake.folder import Lake
from harvest.sample import sample_path
from tests.support.lakes import a_lake
from tests.support.nlm_files import write_files

PAGE = Path(__file__).parents[3] / "docs" / "lake.md"
EXAMPLES = re.findall(r"```sql\n(.*?)```", PAGE.read_text(encoding="utf-8"), re.DOTALL)


def asked(tagged_lake: Path, sql: str, *options: str) -> tuple[int, str]:
    result = CliRunner().invoke(main, ["lake", "ask", "--lake", str(tagged_lake), *options, sql])
    return result.exit_code, result.output


def test_there_are_five_examples() -> None:
    assert len(EXAMPLES) == 5


@pytest.mark.parametrize("sql", EXAMPLES, ids=range(len(EXAMPLES)))
def test_an_example_has_an_answer(tagged_lake: Path, sql: str) -> None:
    code, said = asked(tagged_lake, sql)
    assert code == 0, said
    rows = list(csv.DictReader(io.StringIO(said)))
    assert rows
    counted = next(name for name in ("articles", "trials") if name in rows[0])
    assert all(int(row[counted]) > 0 for row in rows)


def test_the_counts_are_those_of_the_sample(tagged_lake: Path) -> None:
    code, said = asked(
        tagged_lake, "SELECT count(*) AS n, count(*) FILTER (WHERE retracted) AS r FROM articles", "--json"
    )
    records = sample_path().read_text(encoding="utf-8")
    held = len(set(re.findall(r'<(?:MedlineCitation|BookDocument)\b[^>]*>\s*<PMID Version="\d+">(\d+)', records)))
    answer = json.loads(said)
    assert (code, answer["columns"]) == (0, ["n", "r"])
    assert answer["rows"][0][0] == held
    assert answer["rows"][0][1] > 0


@pytest.mark.parametrize("sql", ["SELECT nothing FROM articles", "nonsense", "SELECT * FROM nowhere"])
def test_a_question_that_is_none_is_one_line(tagged_lake: Path, sql: str) -> None:
    code, said = asked(tagged_lake, sql)
    assert code == 1
    assert said.startswith(f"ho-tracker: {tagged_lake}: ")
    assert said.count("\n") == 1


def test_a_lake_whose_files_changed_answers_nothing_wrong(tmp_path: Path) -> None:
    lake = tmp_path / "lake"
    paths = write_files(tmp_path / "nlm", files=2, records=20)
    a_lake(lake, paths)
    Lake(lake).records_of(paths[0].name).unlink()
    code, said = asked(lake, "SELECT count(*) FROM articles")
    assert (code, "run: ho-tracker lake build --again" in said) == (1, True)
    assert CliRunner().invoke(main, ["lake", "build", "--again", "--workers", "0", "--lake", str(lake)]).exit_code == 0
    assert asked(lake, "SELECT count(*) AS n FROM articles") == (0, "n\n20\n")
