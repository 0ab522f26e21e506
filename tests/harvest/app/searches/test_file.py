"""The file of saved searches: a bad entry stops no other, each fault is one line, adding and removing keep the rest."""

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from harvest.app.searches.edit import add_search, leave_searches, remove_search
from harvest.app.searches.file import (
    SearchFileError,
    find_search,
    make_search,
    read_searches,
    search_faults,
    written,
)

GOOD = '[[search]]\nname = "good"\naddress = "/articles?q=hip"\nwho = "ada@example.org"\n'


def entry(lines: str) -> str:
    return f"[[search]]\n{lines}\n"


@pytest.mark.parametrize(
    ("block", "said"),
    [
        (entry('name = "bad"'), "“bad”: it has no address"),
        (entry('address = "/articles"'), "number 1: it has no name"),
        (entry('name = "bad"\naddress = "/articles?foo=1"'), "“bad”: there is no filter “foo”"),
        (entry('name = "bad"\naddress = "/matrix"'), "“bad”: “/matrix” is not the address of a list"),
        (entry('name = "bad"\naddress = "/trials/NCT00000001"'), "“bad”: “/trials/NCT00000001” is not the address"),
        (entry('name = "bad"\naddress = "/trials?year=2020"'), "“bad”: there is no filter of trials “year”"),
        (entry('name = "bad"\naddress = "/trials?unpublished=x"'), "“bad”: unpublished cannot be “x”"),
        (entry('name = "bad"\naddress = "/articles?run=last"'), "“bad”: a saved search cannot have run"),
        (entry('name = "bad"\naddress = "/articles"\nwho = ["ada"]'), "“bad”: “ada” is no e-mail address"),
        (entry('name = "bad"\naddress = "/articles"\nwho = 3'), "“bad”: who must be e-mail addresses"),
        (entry('name = "bad"\naddress = "/articles"\nwhen = "mondays"'), "“bad”: when cannot be “mondays”"),
        (entry('name = "bad"\naddress = "/articles"\nformat = "pdf"'), "“bad”: format cannot be “pdf”"),
        (entry('name = "bad"\naddress = "/articles"\nquiet = true'), "“bad”: quiet must be a text in quotes"),
        (entry('name = "bad"\naddress = "/articles"\nhwo = []'), "“bad”: there is no setting “hwo”; did you mean who?"),
        (entry('name = "bad"\naddress = "/articles'), "“bad”: its lines from line 1 on cannot be read as TOML"),
        (entry("name = [\n"), "number 1: its lines from line 1 on cannot be read as TOML"),
        (entry('name = "a/b"\naddress = "/articles"'), "“a/b”: the name “a/b” cannot be used"),
        (entry('name = "GOOD"\naddress = "/articles"'), "“good”: there is another one of that name"),
        ('title = "x"\n', "searches.toml: there is no “title” in it"),
        ("= = =\n", "searches.toml: cannot be read as TOML"),
    ],
)
def test_a_bad_entry_is_one_line_and_stops_no_other(tmp_path: Path, block: str, said: str) -> None:
    path = tmp_path / "searches.toml"
    path.write_text(block + GOOD + entry('name = "also good"\naddress = "/articles"'), encoding="utf-8")
    file = read_searches(path)
    good = {search.name for search in file.searches}
    assert good == ({"GOOD", "also good"} if "GOOD" in block else {"good", "also good"})
    (line,) = search_faults(path)
    assert said in line
    assert "\n" not in line


@given(st.binary(max_size=300) | st.text(max_size=300).map(lambda text: text.encode("utf-8", "replace")))
def test_any_file_is_read_or_refused_in_one_line(tmp_path_factory: pytest.TempPathFactory, content: bytes) -> None:
    path = tmp_path_factory.getbasetemp() / "any.toml"
    path.write_bytes(content + b"\n" + GOOD.encode())
    assert all("\n" not in line for line in search_faults(path))


def test_adding_and_removing_keep_what_people_wrote(tmp_path: Path) -> None:
    path = tmp_path / "searches.toml"
    second = entry("name = 'second' # why\naddress = '/articles'")
    before = f"# ours\n{GOOD}# of the next one\n{second}"
    path.write_text(before, encoding="utf-8")
    add_search(path, make_search({"name": "third, (ä)", "address": "?year=2015-"}))
    assert [search.name for search in read_searches(path).searches] == ["good", "second", "third, (ä)"]
    remove_search(path, "third, (ä)")
    assert path.read_text(encoding="utf-8").strip() == before.strip()
    remove_search(path, "good")
    text = path.read_text(encoding="utf-8")
    assert text.startswith("# ours\n")
    assert "# of the next one" in text
    assert [search.name for search in read_searches(path).searches] == ["second"]


def test_what_is_broken_can_be_removed_and_is_not_added_over(tmp_path: Path) -> None:
    path = tmp_path / "searches.toml"
    path.write_text(entry('name = "bad"\naddress = "/articles') + GOOD, encoding="utf-8")
    with pytest.raises(SearchFileError, match="there is a saved search “bad” already"):
        add_search(path, make_search({"name": "bad", "address": "/articles"}))
    with pytest.raises(SearchFileError, match="its lines from line 1"):
        find_search(path, "bad")
    with pytest.raises(SearchFileError, match="there is no saved search “godo”; did you mean good"):
        find_search(path, "godo")
    remove_search(path, "bad")
    assert search_faults(path) == []
    with pytest.raises(SearchFileError, match="there is no saved search"):
        remove_search(path, "bad")


def test_a_new_file_is_for_its_owner_alone_and_reads_back(tmp_path: Path) -> None:
    path = tmp_path / "searches.toml"
    search = make_search(
        {"name": "x", "address": "/articles?q=a%22b", "who": ["a@b.org"], "when": "monthly 3", "format": "atom"}
    )
    add_search(path, search)
    assert path.stat().st_mode & 0o777 == 0o600
    assert read_searches(path).searches == (search,)
    assert path.read_text(encoding="utf-8") == written(search)
    assert read_searches(tmp_path / "missing.toml").searches == ()


def test_a_file_that_is_no_text_is_said(tmp_path: Path) -> None:
    path = tmp_path / "searches.toml"
    path.write_bytes(b"\xff\xfe")
    assert "not UTF-8" in search_faults(path)[0]
    assert "cannot be read" in search_faults(tmp_path)[0]


def test_who_leaves_is_taken_out_and_all_else_stays(tmp_path: Path) -> None:
    path = tmp_path / "searches.toml"
    text = (
        '# mine\n[[search]]\nname = "one"  # first\naddress = "/articles"\n'
        'who = [\n  "ada@example.org", # me\n  "grace@example.org",\n]\nwhen = "daily"\n\n'
        "[[search]]\nname = 'two'\naddress = '/trials'\nwho = 'Ada@example.org'\n\n"
        '[[search]]\nname = "three"\naddress = "/trials"\nwho = ["grace@example.org"]\n'
    )
    path.write_text(text, encoding="utf-8")
    assert leave_searches(path, "ada@example.org", "two") == ["two"]
    assert path.read_text() == text.replace("who = 'Ada@example.org'", "who = []")
    assert leave_searches(path, "ADA@example.org") == ["one"]
    grace = ("grace@example.org",)
    assert [search.who for search in read_searches(path).searches] == [grace, (), grace]
    assert path.read_text().startswith('# mine\n[[search]]\nname = "one"  # first\naddress')
    for name, said in (
        (None, "by any saved search"),
        ("three", "by the saved search “three”"),
        ("tree", "did you mean"),
    ):
        with pytest.raises(SearchFileError, match=said):
            leave_searches(path, "ada@example.org", name)


def test_a_file_that_holds_no_search_has_none_to_remove(tmp_path: Path) -> None:
    path = tmp_path / "searches.toml"
    for text in (None, "", "# nothing yet\n"):
        if text is not None:
            path.write_text(text, encoding="utf-8")
        with pytest.raises(SearchFileError, match="there is no saved search “one”"):
            remove_search(path, "one")
        with pytest.raises(SearchFileError, match="is not told by any saved search"):
            leave_searches(path, "ada@example.org")


@pytest.mark.parametrize(
    "text",
    [
        'search = [{name = "one", address = "/articles", who = ["ada@example.org"]}]\n',
        '[[search]]\nname = "one"\naddress = "/articles"\n"who" = ["ada@example.org"]\n',
    ],
)
def test_lines_that_cannot_be_edited_are_said_and_stay(tmp_path: Path, text: str) -> None:
    path = tmp_path / "searches.toml"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(SearchFileError, match=r"take “ada@example\.org” out of who by hand"):
        leave_searches(path, "ada@example.org")
    assert path.read_text() == text
