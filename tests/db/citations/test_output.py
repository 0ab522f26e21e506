"""Files: whole or not at all, split where a tool wants it, with a manifest that can be cited."""

import errno
import hashlib
import json
import os
from collections.abc import Iterable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import rispy

from db.citations import FORMATS, Options, selection
from db.citations.output import ExportError, Limits, write_files
from db.citations.records import CitationRecord
from db.citations.selection import Selection, select, write_list
from db.select.filter import ArticleFilter
from db.store.store import Store
from tests.support.zoo import NO_AUTHOR, NOTHING, RETRACTED, ZOO

EVERYTHING = Options()


@pytest.fixture
def everything(zoo_store: Store) -> Selection:
    return select(zoo_store.db.conn, ArticleFilter())


def write(store: Store, selection: Selection, path: Path, **options: Any) -> tuple[list[Any], dict[str, Any]]:
    return write_files(store.db.conn, selection, FORMATS[options.pop("name", "ris")], EVERYTHING, path, **options)


def test_the_order_is_newest_first_then_falling_pmid(zoo_store: Store, everything: Selection) -> None:
    dates = {article.pmid: article.publication_date or "" for article in ZOO}
    assert list(everything.pmids) == sorted(dates, key=lambda pmid: (dates[pmid], pmid), reverse=True)


def test_an_author_date_bibliography_stands_by_author(zoo_store: Store) -> None:
    pmids = select(zoo_store.db.conn, ArticleFilter(), "author").pmids
    names = {article.pmid: article.authors[0].last_name if article.authors else article.title for article in ZOO}
    shown = list(dict.fromkeys(names[pmid] for pmid in pmids))
    assert shown == [NO_AUTHOR.title, "Brandstätter", "Smith", "Smith and Sons", "Ünal", NOTHING.title]


def test_of_one_author_what_has_no_year_comes_last_and_titles_decide_then() -> None:
    rows = [
        (1, 0, "Li W", None, "B"),
        (2, 0, "Li W", 2020, "The B"),
        (3, 0, "Li W", 2020, "A"),
        (4, 0, "Li W", 1999, "Z"),
    ]
    assert [row[0] for row in sorted(rows, key=selection._by_author)] == [4, 3, 2, 1]


def test_the_manifest_says_what_the_file_is(zoo_store: Store, everything: Selection, tmp_path: Path) -> None:
    path = tmp_path / "ho.ris"
    written, manifest = write(zoo_store, everything, path)
    data = path.read_bytes()
    assert json.loads((tmp_path / "ho.ris.manifest.json").read_text()) == manifest
    assert manifest["count"] == len(rispy.loads(data.decode())) == len(ZOO)
    assert manifest["sha256"] == hashlib.sha256(data).hexdigest() == written[0].sha256
    assert manifest["files"] == [
        {"name": "ho.ris", "count": len(ZOO), "bytes": len(data), "sha256": manifest["sha256"]},
    ]
    assert manifest["retracted"] == {"kept": True, "in_list": 2, "left_out": 0}
    assert manifest["filter"]["words"] == "all articles"
    assert manifest["run"]["finished_at"] == "2026-01-01T00:00:00Z"
    assert manifest["notices"] == {"ErratumIn": 3, "ExpressionOfConcernIn": 1, "RetractionIn": 1}


def test_retracted_articles_can_be_left_out_and_it_is_said(zoo_store: Store, tmp_path: Path) -> None:
    selection = select(zoo_store.db.conn, ArticleFilter().switched("retracted", False))
    assert RETRACTED.pmid not in selection.pmids
    _, manifest = write(zoo_store, selection, tmp_path / "x.ris")
    assert manifest["retracted"] == {"kept": False, "in_list": 0, "left_out": 2}
    assert manifest["count"] == len(ZOO) - 2


def test_the_same_store_gives_the_same_files(zoo_store: Store, everything: Selection, tmp_path: Path) -> None:
    for name in ("a", "b"):
        (tmp_path / name).mkdir()
        write(zoo_store, everything, tmp_path / name / "x.ris")
    for file in ("x.ris", "x.ris.manifest.json"):
        assert (tmp_path / "a" / file).read_bytes() == (tmp_path / "b" / file).read_bytes()


@pytest.mark.parametrize("limits", [Limits(records=5), Limits(size=9000), Limits(records=4, size=6000), Limits(size=1)])
def test_parts_keep_to_the_limits_and_lose_nothing(
    limits: Limits, zoo_store: Store, everything: Selection, tmp_path: Path
) -> None:
    written, manifest = write(zoo_store, everything, tmp_path / "x.ris", limits=limits)
    assert [part.path.name for part in written] == [f"x-{n}of{len(written)}.ris" for n in range(1, len(written) + 1)]
    pmids = []
    for part in written:
        entries = rispy.loads(part.path.read_text(encoding="utf-8"))
        assert len(entries) == part.count <= (limits.records or part.count)
        assert part.size <= (limits.size or part.size) or part.count == 1
        pmids += [int(entry["accession_number"]) for entry in entries]
    assert pmids == list(everything.pmids)
    assert [file["count"] for file in manifest["files"]] == [part.count for part in written]
    assert manifest["sha256"] is None  # each of several files has its own
    sums = [hashlib.sha256(part.path.read_bytes()).hexdigest() for part in written]
    assert [file["sha256"] for file in manifest["files"]] == sums


def test_a_full_disk_leaves_no_half_file_and_the_old_one(
    zoo_store: Store, everything: Selection, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "x.ris"
    path.write_text("old")

    def full(descriptor: int) -> None:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    monkeypatch.setattr("os.fsync", full)
    with pytest.raises(ExportError, match="No space left on device"):
        write(zoo_store, everything, path)
    assert [entry.name for entry in tmp_path.iterdir()] == ["x.ris"]
    assert path.read_text() == "old"


def test_a_failure_in_the_middle_leaves_nothing(zoo_store: Store, everything: Selection, tmp_path: Path) -> None:
    def breaks(records: Iterable[CitationRecord]) -> Iterator[CitationRecord]:
        for number, record in enumerate(records):
            if number == 3:
                raise KeyboardInterrupt
            yield record

    with pytest.raises(KeyboardInterrupt):
        write(zoo_store, everything, tmp_path / "x.ris", watch=breaks)
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("where", ["missing/x.ris", "."])
def test_a_path_that_cannot_be_written_is_one_line(
    where: str, zoo_store: Store, everything: Selection, tmp_path: Path
) -> None:
    with pytest.raises(ExportError) as error:
        write(zoo_store, everything, tmp_path / where)
    assert "\n" not in str(error.value)


def test_records_are_read_only_as_they_are_written(zoo_store: Store, everything: Selection) -> None:
    read: list[int] = []

    def watch(records: Iterable[CitationRecord]) -> Iterator[CitationRecord]:
        for record in records:
            read.append(record.pmid)
            yield record

    pieces = write_list(zoo_store.db.conn, replace(everything), FORMATS["ris"], EVERYTHING, watch)
    next(pieces)
    assert len(read) == 1
