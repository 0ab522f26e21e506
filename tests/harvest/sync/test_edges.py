"""Runs at the edge: counts that never meet, fetchers that break, files that are other ones now or say nothing."""

import gzip
from collections.abc import Sequence
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from db.store.ledger.ledger import Query
from db.store.ledger.plans import Batch
from db.store.store import Store
from harvest.eutils.client import Client, Fetched
from harvest.sync import harvest as harvest_module
from harvest.sync.bulk import EVERYTHING, import_files
from harvest.sync.fetching import fetch_batches
from harvest.sync.files import ImportFileError, check_files, checksum_of, format_of, in_order, place_of
from harvest.sync.harvest import harvest
from harvest.sync.listing import Listing
from harvest.sync.plan import Options, Tasks
from tests.harvest.sync.test_file_order import HIPS, a_file, a_revision

DAY = date(2026, 3, 2)


@pytest.mark.parametrize(("count", "status"), [(0, "done"), (2, "partial")])
def test_a_run_ends_where_nothing_is_left_to_do_though_the_counts_differ(
    store: Store, monkeypatch: pytest.MonkeyPatch, count: int, status: str
) -> None:
    rounds: list[bool] = []

    def planned(*given: Any) -> Tasks:
        rounds.append(given[-1])
        counted = 2 if len(rounds) == 1 else count
        none: frozenset[int] = frozenset()
        listing = Listing(counted, none, True, none, none, DAY, DAY, DAY, None, ())
        return Tasks(listing, (), (), (), 0, None)

    monkeypatch.setattr(harvest_module, "plan_tasks", planned)
    client = Client("http://127.0.0.1:9/entrez/eutils/", limiter=None)
    report = harvest(store, client, Query("x", "x", "1", "h"), Options(yes=True))
    client.close()
    assert (report.status, rounds) == (status, [True, False])
    assert status == "done" or report.message == ("PubMed counts 2 and the store holds 0; the next run compares again")


def test_an_error_in_the_program_of_a_fetcher_is_heard_by_the_caller() -> None:
    class Broken:
        def fetch(self, pmids: Sequence[int]) -> Fetched:
            raise ZeroDivisionError(str(pmids[0]))

    batches = [Batch(number, (number,)) for number in range(1, 4)]
    with pytest.raises(ZeroDivisionError):
        list(fetch_batches(Broken(), batches, 2))
    assert list(fetch_batches(Broken(), [], 2)) == []


def test_a_file_that_became_another_one_is_asked_for_again(store: Store, tmp_path: Path) -> None:
    first = a_file(tmp_path / "pubmed26n0001.xml", [a_revision(41, "About the hip", date(2026, 1, 1))])
    second = a_file(tmp_path / "pubmed26n0002.xml", [a_revision(41, "WITHDRAWN.", date(2026, 2, 1), retracted_by=9)])
    import_files(store, [second], HIPS)
    a_file(second, [a_revision(41, "WITHDRAWN again.", date(2026, 2, 1), retracted_by=9)])
    report = import_files(store, [first], HIPS)
    assert (report.status, report.extra["files_to_import_again"]) == ("partial", [second.name])
    assert store.db.execute("SELECT title, retracted FROM articles").fetchall() == [("About the hip", 0)]
    assert import_files(store, [second], HIPS).changes == {"revised": 1, "retracted": 1}


def test_what_a_file_is_by_its_beginning_else_by_its_name(tmp_path: Path) -> None:
    for name, content, kind in (
        ("a.txt", b"PMID- 1\n", "medline"), ("a.nbib", b"no tag", "medline"), ("A.NBIB", b"", "medline"),
        ("b.txt", b"\xef\xbb\xbf  <x/>", "xml"), ("b.dat", gzip.compress(b"x"), "xml"), ("b.xml.gz", b"", "xml"),
        ("c.csv", b"pmid\n1\n", None),
    ):  # fmt: skip
        path = tmp_path / name
        path.write_bytes(content)
        assert format_of(path) == kind, name
    assert format_of(tmp_path / "none.xml") == "xml"
    for path, said in (
        (tmp_path, "this is a folder"),
        (tmp_path / "none", "no such file"),
        (tmp_path / "c.csv", "kind"),
    ):
        with pytest.raises(ImportFileError, match=said):
            check_files([path])


def test_a_checksum_beside_a_file_must_be_its_own(tmp_path: Path) -> None:
    path = tmp_path / "a.xml"
    path.write_bytes(b"x")
    own = "9dd4e461268c8034f5c8564e155c67a6"
    assert checksum_of(path) == own
    beside = tmp_path / "a.xml.md5"
    for said in (f"MD5(a.xml)= {own}\n", own.upper()):
        beside.write_text(said, encoding="utf-8")
        assert checksum_of(path) == own
    for said, error in (("nothing", "holds no MD5"), ("0" * 32, "its MD5 is not the one in a.xml.md5")):
        beside.write_text(said, encoding="utf-8")
        with pytest.raises(ImportFileError, match=error):
            checksum_of(path)
    with pytest.raises(ImportFileError, match="cannot be read"):
        checksum_of(tmp_path / "none.xml")


def test_numbered_files_come_in_order_whatever_their_digits() -> None:
    names = [
        "z.xml",
        "pubmed26n1000.xml.gz",
        "pubmed26n0999.xml",
        "pubmed25n1300.xml.gz",
        "pubmed26n10001.xml",
        "a.xml",
    ]
    assert [path.name for path in in_order(map(Path, names))] == [
        "pubmed25n1300.xml.gz", "pubmed26n0999.xml", "pubmed26n1000.xml.gz", "pubmed26n10001.xml", "z.xml", "a.xml",
    ]  # fmt: skip
    assert place_of(Path("pubmed26n0012.xml.gz")) == place_of(Path("x_pubmed26n12.xml")) == "26n00012"


def test_a_record_that_cannot_be_read_costs_itself_and_is_counted(store: Store, tmp_path: Path) -> None:
    good, bad = a_revision(41, "About the hip", DAY), a_revision(42, "Hip", DAY)
    path = a_file(tmp_path / "a.xml", [good, bad.replace(b"</ArticleTitle>", b"</Wrong>"), b"<x/>"])
    report = import_files(store, [path], EVERYTHING)
    assert (report.status, report.extra["unreadable"], report.extra["kept"]) == ("partial", 2, 1)
    assert list(report.lost) == [42]
    assert "2 records could not be read, the rest is kept: 42 (" in (report.message or "")
