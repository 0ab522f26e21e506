"""Rows of the Retraction Watch file: whose paper each is about, by its PMID where that is held, else by its DOI."""

import pytest

from harvest.enrich.wire.retraction_watch import _read_rows

HEAD = "Record ID,RetractionNature,OriginalPaperPubMedID,OriginalPaperDOI,RetractionDate\n"


@pytest.mark.parametrize(
    ("paper", "doi", "found"),
    [
        ("1", "", [1]), ("1", "10.5555/B", [1]), ("9", "10.5555/B", [2]), ("0", "10.5555/b", [2]),
        ("", " 10.5555/b ", [2]), ("9", "10.5555/x", []), ("9", "", []), ("", "", []),
    ],
)  # fmt: skip
def test_whose_paper_a_row_is_about(paper: str, doi: str, found: list[int]) -> None:
    claims, rows = _read_rows(f"{HEAD}7,Retraction,{paper},{doi},5/20/2010 0:00\n", {1, 2}, {"10.5555/b": 2})
    assert rows == 1
    assert [(claim.pmid, claim.kind, claim.date) for claim in claims] == [
        (pmid, "RetractionIn", "2010-05-20") for pmid in found
    ]


@pytest.mark.parametrize(
    ("written", "day"),
    [
        ("5/20/2010 0:00", "2010-05-20"), ("12/1/1999", "1999-12-01"), ("13/1/2010", None), ("0/1/2010", None),
        ("1/32/2010", None), ("1/31/2010", "2010-01-31"), ("2010-05-20", None), ("", None),
    ],
)  # fmt: skip
def test_its_days_begin_with_the_month(written: str, day: str | None) -> None:
    [claim], _ = _read_rows(f"{HEAD}7,Correction,1,,{written}\n", {1}, {})
    assert claim.date == day
