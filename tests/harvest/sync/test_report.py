"""What a run says of itself: its exit code, its figures in their order, and a few of many by name."""

import pytest

from harvest.sync.report import RunReport, named


@pytest.mark.parametrize(
    ("status", "code"),
    [("done", 0), ("partial", 2), ("stopped", 2), ("postponed", 75), ("failed", 1), ("dry-run", 0)],
)
def test_each_status_ends_with_its_code(status: str, code: int) -> None:
    assert RunReport(1, status, None, 0, {}).exit_code == code


def test_all_that_a_run_did_is_said() -> None:
    changes = {"new": 3, "revised": 1, "retracted": 2, "vanished": 4, "returned": 5, "reparsed": 9}
    report = RunReport(
        7, "partial", 12, 11, changes, 8, 1.234, "two are lost", {9: "gone", 4: "cut"}, ("odd word",), {"files": 2}
    )
    told = report.as_json()
    assert told == {
        "run_id": 7, "status": "partial", "pubmed_count": 12, "held_count": 11, "new": 3, "revised": 1, "retracted": 2,
        "vanished": 4, "returned": 5, "requests": 8, "seconds": 1.23, "message": "two are lost",
        "not_fetched": [{"pmid": 4, "reason": "cut"}, {"pmid": 9, "reason": "gone"}], "warnings": ["odd word"],
        "files": 2,
    }  # fmt: skip
    assert report.as_text().splitlines() == [
        "partial (run 7): 3 new, 1 revised, 2 retracted, 4 vanished, 5 returned",
        "PubMed counts 12, the store holds 11",
        "two are lost",
        "PubMed warns: odd word",
        "8 requests, 1.2 seconds",
    ]
    nothing = RunReport(None, "dry-run", None, 0, {"new": 0}).as_text().splitlines()
    assert nothing == ["dry-run (nothing written): no changes", "0 requests, 0.0 seconds"]


@pytest.mark.parametrize(
    ("count", "end"), [(1, "(r1)"), (10, "10 (r10)"), (11, "10 (r10); and 1 more"), (25, "; and 15 more")]
)
def test_of_many_the_first_ten_are_named(count: int, end: str) -> None:
    said = named({pmid: f"r{pmid}" for pmid in range(count, 0, -1)})
    assert said.startswith("1 (r1)")
    assert said.endswith(end)
    assert said.count("(") == min(count, 10)
