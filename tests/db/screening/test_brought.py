"""Lists that people bring: whatever form, within bounds, and what was decided where the list says so."""

import contextlib
from collections.abc import Iterator

import pytest
from hypothesis import given
from hypothesis import strategies as st

from db.errors import TrackerError
from db.screening import brought
from db.screening.brought import read_brought
from db.screening.pmid_list import PmidListError, is_pmid_list, read_pmids
from db.screening.read import ScreeningFileError
from db.screening.spreadsheet import read_table

NBIB = """
PMID- 101
OWN - NLM
TI  - Bone in muscle:
      a trial.
LID - 10.1/a [doi]
AID - S1 [pii]

PMID- 102
AID - 10.1/b [doi]
"""


def read(text: str, name: str = "list.txt") -> list[tuple[int | None, str | None, str | None, list[str]]]:
    """Each record as PMID, DOI, title and verdicts."""
    rows = read_brought(name, text.encode())
    return [(row.pmid, row.doi, row.title, [one.verdict for one in row.verdicts]) for row in rows]


@pytest.mark.parametrize(
    "text",
    [
        "101\n102\n",
        "PMID: 101, 102",
        "﻿101;102 # ours",
        "pmid\n101\n102\n",
        "https://pubmed.ncbi.nlm.nih.gov/101/\nhttps://pubmed.ncbi.nlm.nih.gov/102/",
    ],
)
def test_pmids_in_any_form_are_included_studies(text: str) -> None:
    assert read(text) == [(101, None, None, ["include"]), (102, None, None, ["include"])]


def test_nbib() -> None:
    assert read(NBIB, "pubmed.nbib") == [
        (101, "10.1/a", "Bone in muscle: a trial.", ["include"]),
        (102, "10.1/b", None, ["include"]),
    ]


def test_ris_without_decisions_is_a_list_of_the_included_and_with_some_the_rest_is_undecided() -> None:
    plain = "TY  - JOUR\nAN  - 101\nER  - \nTY  - JOUR\nDO  - 10.1/b\nER  - \n"
    assert [row[3] for row in read(plain)] == [["include"], ["include"]]
    assert [row[3] for row in read(plain, "my_Excluded.ris")] == [["exclude"], ["exclude"]]
    labelled = plain.replace("AN  - 101\n", "AN  - 101\nKW  - excluded: wrong joint\n")
    assert [row[3] for row in read(labelled)] == [["exclude"], []]


def test_csv_with_and_without_a_column_for_decisions() -> None:
    assert read("pmid,title\n101,Bone\n102,Muscle\n") == [
        (101, None, "Bone", ["include"]),
        (102, None, "Muscle", ["include"]),
    ]
    assert [row[3] for row in read("pmid,included\n101,1\n102,0\n103,\n")] == [["include"], ["exclude"], []]


@pytest.mark.parametrize(
    ("data", "words"),
    [
        (b"\xff\x00\x01", "not UTF-8"),
        (b"PK\x03\x04\x00\x00", "a workbook or an archive"),
        (b"a\x00b", "not a text file"),
        (b" ", "empty"),
        (b"hello", "neither CSV"),
        (b"101\nhello\n", "line 2"),
    ],
)
def test_what_is_no_list_is_said_in_one_line(data: bytes, words: str) -> None:
    with pytest.raises(ScreeningFileError, match=words) as raised:
        read_brought("../../etc/list.txt", data)
    assert "\n" not in str(raised.value)
    assert "etc" not in str(raised.value)


def test_too_much_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(brought, "MAX_RECORDS", 3)
    assert len(read("1 2 3")) == 3
    with pytest.raises(ScreeningFileError, match="more than 3 records"):
        read("1 2 3 4")
    monkeypatch.setattr(brought, "MAX_BYTES", 5)
    assert len(read("12345")) == 1
    with pytest.raises(ScreeningFileError, match="larger than"):
        read("123456")


@given(st.binary(max_size=300) | st.text(max_size=300).map(lambda text: text.encode("utf-8", "replace")))
def test_whatever_is_brought_is_read_or_refused(data: bytes) -> None:
    with contextlib.suppress(TrackerError):
        assert read_brought("list", data)


def test_a_list_of_pmids_says_where_something_else_stands() -> None:
    assert read_pmids('"1", 2\n# none\nPMID: 3', "x") == [1, 2, 3]
    with pytest.raises(PmidListError, match=r"x, line 2: .zero."):
        read_pmids("1\nzero", "x")
    assert not is_pmid_list("# only a comment\n")
    assert not is_pmid_list("pmid,title\n1,x")


@pytest.mark.parametrize("header", ["Screening status", "Title and abstract decision", "My verdicts", "Decision"])
def test_a_column_that_holds_nothing_but_decisions_is_read_whatever_it_is_called(header: str) -> None:
    """Taken for a list of included studies, its excludes would teach the opposite."""
    rows = read(f"PMID,{header}\n101,Included\n102,Exclude - wrong joint\n103,\n104,Maybe\n", "x.csv")
    assert [row[3] for row in rows] == [["include"], ["exclude"], [], ["maybe"]]


def test_the_reason_behind_the_word_is_kept() -> None:
    rows = read_brought("x.csv", b"PMID,Decision\n101,Excluded (wrong joint)\n102,exclude: animals; no people\n")
    assert [row.verdicts[0].reason for row in rows] == ["wrong joint", "animals; no people"]


def test_ones_and_noughts_are_decisions_under_a_header_that_says_so_and_nothing_under_another() -> None:
    assert [row[3] for row in read("pmid,eligible\n101,1\n102,0\n", "x.csv")] == [["include"], ["exclude"]]
    assert [row[3] for row in read("pmid,is open access\n101,1\n102,0\n", "x.csv")] == [["include"], ["include"]]


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("pmid,included\n101,1\n102,later\n", "line 3: 'later' is no decision that is known"),
        ("pmid,verdict\n101,keep it\n", "line 2: 'keep it' is no decision that is known"),
        ("pmid,ann,bob\n101,include,exclude\n", "the columns 'ann' and 'bob' all hold decisions"),
        (
            'pmid,"an\n\tn",bob,cy,di\n101,include,exclude,include,maybe\n',
            "the columns 'an n' and 'bob' and 1 more all",
        ),
    ],
)
def test_decisions_that_cannot_be_told_are_refused(text: str, words: str) -> None:
    with pytest.raises(ScreeningFileError, match=words):
        read(text, "x.csv")


def test_a_list_of_one_kind_is_known_as_such() -> None:
    assert brought.is_of_one_kind(read_brought("x.txt", b"101 102"))
    assert not brought.is_of_one_kind(read_brought("x.csv", b"pmid,included\n101,1\n102,1\n"))


def test_no_more_rows_are_read_than_are_asked_for(monkeypatch: pytest.MonkeyPatch) -> None:
    """Twenty megabytes hold millions of rows; they are counted up to the bound and not held."""
    drawn = 0

    def counted(text: str) -> tuple[list[str], Iterator[tuple[int, dict[str, str]]]]:
        names, rows = read_table(text)

        def drawing() -> Iterator[tuple[int, dict[str, str]]]:
            nonlocal drawn
            for row in rows:
                drawn += 1
                yield row

        return names, drawing()

    monkeypatch.setattr("db.screening.read.read_table", counted)
    monkeypatch.setattr("db.screening.read._LOOKED_AT", 10)
    monkeypatch.setattr(brought, "MAX_RECORDS", 50)
    with pytest.raises(ScreeningFileError, match="more than 50 records"):
        read_brought("x.csv", b"pmid,included\n" + b"1,\n" * 500)
    assert drawn == 51


@pytest.mark.parametrize(
    ("name", "verdict"), [("list.txt", "include"), ("Excluded.txt", "exclude"), ("irrelevant_2025.txt", "exclude")]
)
def test_the_name_of_a_list_of_one_kind_says_which(name: str, verdict: str) -> None:
    assert read("101 102", name) == [(pmid, None, None, [verdict]) for pmid in (101, 102)]


@pytest.mark.parametrize(("number", "pmid"), [("123456789", 123456789), ("1234567890", None), ("x1", None)])
def test_a_number_of_nbib_that_can_be_no_pmid_names_nothing(number: str, pmid: int | None) -> None:
    assert read(f"PMID- 101\n\nPMID- {number}\nTI  - Bone.\n")[1][0] == pmid
