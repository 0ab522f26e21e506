"""The command as a user meets it: help, one line for every wrong use, the main job from import to a served site."""

import json
import shutil
import socket
import sqlite3
import subprocess
import sys
from pathlib import Path

import click
import pytest
from click.testing import CliRunner, Result

from harvest.app.cli import VERBS, main
from harvest.sample import sample_path
from nlp.vocabulary.loader import default_folder
from tests.harvest.app.conftest import TaggedSample

ALL_VERBS = {name: text for verbs in VERBS.values() for name, text in verbs.items()}


@pytest.fixture
def call(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> object:
    """Runs the command in a folder of its own."""
    monkeypatch.chdir(tmp_path)
    for variable in ("HO_TRACKER_DB", "HO_TRACKER_SITE", "NCBI_EMAIL", "NCBI_API_KEY"):
        monkeypatch.delenv(variable, raising=False)

    def run(*words: str) -> Result:
        return CliRunner().invoke(main, words, prog_name="ho-tracker")

    return run


def test_help_names_every_verb(call) -> None:
    result = call("--help")
    assert result.exit_code == 0
    for verb in ALL_VERBS:
        assert f"\n  {verb} " in result.output


def test_the_list_of_verbs_says_what_each_says_of_itself() -> None:
    context = click.Context(main)
    for verb, text in ALL_VERBS.items():
        command = main.get_command(context, verb)
        assert command is not None
        assert command.get_short_help_str(limit=200) == text


def test_help_does_not_wait_for_the_large_libraries() -> None:
    code = (
        "import sys\nfrom harvest.app.cli import main\ntry:\n    main(['--help'], prog_name='ho-tracker')\n"
        "except SystemExit:\n    assert not {'spacy', 'datasette'} & set(sys.modules)"
    )
    subprocess.run([sys.executable, "-c", code], check=True, stdout=subprocess.DEVNULL)


def test_a_store_in_a_folder_that_is_not_there_says_what_to_do(call, tmp_path: Path) -> None:
    result = call("--db", "nowhere/ho.db", "import", str(sample_path()))
    assert result.exit_code == 1
    folder = tmp_path / "nowhere"
    message = f"nowhere/ho.db: the folder {folder} does not exist; create it first, or name another with --db"
    assert result.stderr == f"ho-tracker: {message}\n"


@pytest.mark.skipif(not Path("/proc/self").exists(), reason="no folder here that nobody may write to, root included")
@pytest.mark.parametrize(
    "words",
    [
        ("--db", "/proc/ho.db", "import", str(sample_path())),
        ("--site", "/proc/evidence.db", "publish"),
        ("export", "--format", "ris", "-o", "/proc/list.ris"),
    ],
)
def test_a_folder_that_nobody_may_write_to_costs_one_line(
    call, words: tuple[str, ...], tagged_sample: TaggedSample
) -> None:
    shutil.copy(tagged_sample.path, "ho.db")
    result = call(*words)
    assert result.exit_code == 1
    assert result.stderr.splitlines()[-1].startswith("ho-tracker: /proc/")
    assert "cannot be written" in result.stderr.splitlines()[-1]
    assert "Traceback" not in result.stderr


def test_the_demonstration_takes_no_other_files(call, tmp_path: Path) -> None:
    result = call("--db", "mine.db", "demo", "--no-serve")
    assert result.exit_code == 1
    assert "the demonstration keeps its own files in ho-tracker-demo/" in result.stderr
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize("verb", ALL_VERBS)
def test_every_verb_explains_itself(call, verb: str) -> None:
    result = call(verb, "--help")
    assert result.exit_code == 0
    assert "Usage: ho-tracker " in result.output


@pytest.mark.parametrize("words", [(), ("decisions",), ("vocabulary",)])
def test_no_verb_prints_the_help(call, words: tuple[str, ...]) -> None:
    result = call(*words)
    assert (result.exit_code, result.stderr) == (0, "")
    assert result.stdout == call(*words, "--help").stdout


@pytest.mark.parametrize("verb", ["tag", "check"])
def test_quiet_says_nothing_when_all_is_well(call, verb: str, tagged_sample: TaggedSample) -> None:
    shutil.copy(tagged_sample.path, "ho.db")
    result = call("--quiet", verb)
    assert (result.exit_code, result.output) == (0, "")
    assert call(verb).output


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("explain", "abc"), "'abc' is no PMID; a PMID is a number such as 12345678"),
        (("decide", "0", "--who", "ada"), "'0' is no PMID"),
        (("bogus",), "No such command 'bogus'"),
        (("publish", "--bogus"), "No such option '--bogus'"),
        (("import",), "Missing argument 'FILE...'"),
        (("import", "none.xml"), "none.xml: no such file"),
        (("import", "."), "this is a folder"),
        (("publish",), "no such database"),
        (("serve",), "nothing to serve"),
        (("tag",), "no such database"),
        (("--db", "none/ho.db", "tag"), "none/ho.db: there is no such database"),
        (("export", "--format", "foo"), "foo"),
        (("predict", "none.jsonl"), "none.jsonl"),
        (("decide", "1", "--who", "ada"), "--accept, --reject, --add or --undo"),
        (("decide", "1", "--who", "ada", "--accept", "celecoxib", "--reject", "celecoxib"), "named more than once"),
    ],
)
def test_wrong_use_is_one_line_and_exit_code_1(call, words: tuple[str, ...], said: str) -> None:
    result = call(*words)
    assert result.exit_code == 1
    assert said in result.stderr
    assert len(result.stderr.strip().splitlines()) == 1
    assert "Traceback" not in result.stderr
    assert [path for path in Path().iterdir() if path.suffix != ".lock"] == []


def test_a_port_in_use_is_said_before_anything_is_served(call) -> None:
    sqlite3.connect("evidence.db").close()
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        results = [call(verb, "--port", str(taken.getsockname()[1])) for verb in ("serve", "demo")]
    for result in results:
        assert result.exit_code == 1
        assert "Serving" not in result.output
        assert "choose another --port" in result.stderr
    assert not Path("ho-tracker-demo").exists()


def test_the_main_job_on_the_sample(call, tagged_sample: TaggedSample) -> None:
    shutil.copy(tagged_sample.path, "ho.db")
    assert tagged_sample.articles >= 70
    assert json.loads(call("tag", "--json").stdout)["articles"] == 0
    published = json.loads(call("publish", "--json").stdout)
    assert published["articles"] == tagged_sample.articles
    listed = call("export", "--format", "ris", "--intervention", "indomethacin")
    assert listed.stdout.count("\nER  -") == listed.stdout.count("TY  - ") > 3
    assert "indomethacin" in call("explain", "90000001").output


def test_a_decision_stays_through_later_tagging(call, tagged_sample: TaggedSample) -> None:
    shutil.copy(tagged_sample.path, "ho.db")
    assert call("decide", "90000001", "--reject", "placebo", "--add", "celecoxib", "--who", "ada").exit_code == 0
    with sqlite3.connect("ho.db") as connection:
        assert connection.execute("SELECT kind, status FROM runs WHERE finished_at IS NULL").fetchall() == []
        connection.execute("UPDATE articles SET tagger = NULL WHERE pmid < 90000003")
    call("tag", "--processes", "1")
    explained = call("explain", "90000001").output
    assert "not shown: rejected by ada" in explained
    assert "PMID 90000001: add celecoxib, ada" in explained
    with sqlite3.connect("ho.db") as connection:
        rows = connection.execute("SELECT concept_id FROM article_tags WHERE pmid = 90000001").fetchall()
    concepts = {row[0] for row in rows}
    assert "celecoxib" in concepts
    assert "placebo" not in concepts


def test_vocabulary_diff_says_what_concepts_and_articles_gain_and_lose(
    call, tmp_path: Path, tagged_sample: TaggedSample
) -> None:
    own = default_folder()
    shutil.copytree(own, tmp_path / "other", ignore=shutil.ignore_patterns("*.py", "__pycache__"))
    table = tmp_path / "other" / "intervention.toml"
    words = table.read_text(encoding="utf-8")
    assert 'name = "celecoxib"' in words
    table.write_text(words.replace('name = "celecoxib"', 'name = "celekoxib"'), encoding="utf-8")
    alone = call("vocabulary", "diff", str(own), "other")
    assert alone.exit_code == 0
    assert "renamed: celecoxib to celekoxib" in alone.output
    assert "ho.db: no store there" in alone.output
    shutil.copy(tagged_sample.path, "ho.db")
    result = call("vocabulary", "diff", str(own), "other")
    assert "\n- celecoxib: " in result.output
    assert call("vocabulary", "diff", str(own), str(own)).output.endswith("0 articles gain or lose a concept's words\n")


def test_vocabulary_suggest_lists_phrases_without_a_concept_and_takes_them_in(
    call, tmp_path: Path, tagged_sample: TaggedSample
) -> None:
    shutil.copy(tagged_sample.path, "ho.db")
    shutil.copytree(default_folder(), tmp_path / "own")
    result = call("vocabulary", "suggest", "--least", "1")
    assert result.exit_code == 0
    assert result.output.endswith("phrases without a concept in at least 1 articles\n")
    taken = call("vocabulary", "suggest", "--least", "1", "--take", "own")
    assert taken.exit_code == 0
    assert " concepts written to own; give each its parent\n" in taken.output
    assert call("vocabulary", "suggest", "--least", "1", "--take", "own").output.startswith("0 phrases")


def test_a_broken_vocabulary_is_one_line(call, tmp_path: Path) -> None:
    (tmp_path / "broken").mkdir()
    (tmp_path / "broken" / "site.toml").write_text("[[concept]\n", encoding="utf-8")
    result = call("vocabulary", "diff", "broken", "broken")
    assert result.exit_code == 1
    assert result.stderr.startswith("ho-tracker: ")
    assert result.stderr.count("\n") == 1
