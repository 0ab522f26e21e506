"""A skeleton works as it is: it is clean, it matches its own names, and nothing is left half-written."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from click.testing import CliRunner
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from db.topics import choose, topic_query
from harvest.app.cli import main
from harvest.app.topics.check import check_topic
from harvest.app.topics.skeleton import Names, SkeletonError, read_heading, read_id, write_skeleton
from harvest.sample import sample_path
from harvest.sync.topic import fold_for_match, matchers


@pytest.fixture(autouse=True)
def the_usual_topic_afterwards() -> Iterator[None]:
    yield
    choose()


GOUT = Names("gout", "gouty arthritis", "gout", [("Gout", "D006073"), ("Arthritis, Gouty", "D015210")], ["podagra"])


def test_a_skeleton_is_clean_and_holds_the_names(tmp_path: Path) -> None:
    written = write_skeleton(tmp_path / "gout", GOUT)
    assert check_topic(tmp_path / "gout") == []
    assert sample_path() in written
    query = topic_query()
    assert query.query == ('("Gout"[Mesh] OR "Arthritis, Gouty"[Mesh]) OR ("gouty arthritis"[tiab] OR "podagra"[tiab])')
    assert query.mesh == {"D006073", "D015210"}


def test_without_headings_there_is_no_part_of_them(tmp_path: Path) -> None:
    write_skeleton(tmp_path / "ms", Names("ms", "multiple sclerosis", "MS", [], []))
    assert check_topic(tmp_path / "ms") == []
    assert [part.title for part in topic_query().parts] == ["Names in title and abstract"]


def test_a_heading_without_its_ui_is_named_by_the_lint(tmp_path: Path) -> None:
    write_skeleton(tmp_path / "ms", Names("ms", "multiple sclerosis", "MS", [("Multiple Sclerosis", None)], []))
    assert [str(one) for one in check_topic(tmp_path / "ms")] == [
        "query.toml, match mesh: is empty, and part A asks for MeSH headings"
    ]


NAMES = st.from_regex(r"[A-Za-z][A-Za-z -]{2,20}[a-z]( [a-z]{3,9})?", fullmatch=True)


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(name=NAMES, synonyms=st.lists(NAMES, max_size=3), number=st.integers(0, 10**9))
def test_any_names_give_a_topic_that_matches_them(tmp_path: Path, name: str, synonyms: list[str], number: int) -> None:
    folder = tmp_path / f"{number}-{abs(hash((name, tuple(synonyms))))}"
    write_skeleton(folder, Names("x", name, name, [], synonyms))
    assert [str(one) for one in check_topic(folder) if one.file not in ("vocabulary",)] == []
    found = matchers(topic_query())
    for one in (name, *synonyms):
        assert any(all(pattern.search(fold_for_match(one)) for pattern in patterns) for _, patterns in found)


def test_a_folder_that_holds_something_stays(tmp_path: Path) -> None:
    (tmp_path / "gout").mkdir()
    (tmp_path / "gout" / "mine.txt").write_text("mine", encoding="utf-8")
    with pytest.raises(SkeletonError, match="not empty"):
        write_skeleton(tmp_path / "gout", GOUT)
    assert [path.name for path in (tmp_path / "gout").iterdir()] == ["mine.txt"]


@pytest.mark.parametrize("name", ['a "quoted" name', "an apostrophe's name", "back\\slash", " "])
def test_a_name_that_would_break_a_file_is_refused(tmp_path: Path, name: str) -> None:
    with pytest.raises(SkeletonError, match="cannot be a name"):
        write_skeleton(tmp_path / "x", Names("x", name, "x", [], []))
    assert not (tmp_path / "x").exists()


def test_what_cannot_be_loaded_is_not_left_behind(tmp_path: Path) -> None:
    with pytest.raises(Exception, match="id"):
        write_skeleton(tmp_path / "x", Names("No Id", "gout", "gout", [], []))
    assert not (tmp_path / "x").exists()


@pytest.mark.parametrize("text", ["Gout=X1", "=D006073", 'a "b"', "Gout=D00"])
def test_a_heading_that_is_none_is_refused(text: str) -> None:
    with pytest.raises(SkeletonError):
        read_heading(text)


def test_headings_and_ids_are_read() -> None:
    assert read_heading("Arthritis, Gouty=D015210") == ("Arthritis, Gouty", "D015210")
    assert read_heading("Gout") == ("Gout", None)
    assert read_heading(" Gout =D006073") == ("Gout", "D006073")
    assert (read_id("CRPS"), read_id("long COVID")) == ("crps", "long_covid")
    with pytest.raises(SkeletonError):
        read_id("1 2")


def test_the_verbs_make_and_look(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    asked = [
        "init-topic",
        "ms",
        "--name",
        "multiple sclerosis",
        "--short",
        "MS",
        "--mesh",
        "Multiple Sclerosis=D009103",
    ]
    made = CliRunner().invoke(main, asked)
    assert made.exit_code == 0, made.output
    assert "ho-tracker topic check ms" in made.output
    looked = CliRunner().invoke(main, ["topic", "check", "ms"])
    assert (looked.exit_code, looked.output) == (0, "nothing is wrong\n")
    (tmp_path / "ms" / "asked.toml").write_text('outcome = ["nothing"]\n', encoding="utf-8")
    looked = CliRunner().invoke(main, ["--topic", "ms", "topic", "check"])
    assert (looked.exit_code, looked.output.splitlines()) == (
        1,
        ["asked.toml, outcome: 'nothing' is no concept of the vocabulary", "1 problems"],
    )
