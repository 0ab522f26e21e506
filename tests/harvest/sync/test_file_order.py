"""Files in whatever order they come, repeated, with a topic or without: the store is as in NLM's order."""

import os
import random
from collections.abc import Sequence
from datetime import date, timedelta
from pathlib import Path

import pytest

from db.evidence.digests.build import make_digest
from db.select.past import held_sql
from db.store.check import check_store
from db.store.ledger.ledger import Ledger
from db.store.store import Store, open_store
from harvest.pubmed.xml import parse_article
from harvest.sync.bulk import EVERYTHING, Selection, import_files
from tests.support.eutils_server import Record
from tests.support.eutils_server.corpus import as_set
from tests.support.stores import content_of, empty_file

HIPS = Selection("hips", lambda article: "hip" in article.title)
#: `FILE_WORLDS=500 pytest FILE` looks longer.
WORLDS = int(os.environ.get("FILE_WORLDS", "12"))


def a_file(path: Path, records: Sequence[bytes], deleted: Sequence[int] = ()) -> Path:
    body = as_set(records)
    if deleted:
        listed = "".join(f'<PMID Version="1">{pmid}</PMID>' for pmid in deleted)
        body = body.replace(
            b"</PubmedArticleSet>", f"<DeleteCitation>{listed}</DeleteCitation></PubmedArticleSet>".encode()
        )
    path.write_bytes(body)
    return path


def a_revision(pmid: int, title: str, day: date, version: int = 1, retracted_by: int | None = None) -> bytes:
    created = date(2020, 1, 1)
    return Record(pmid, created, created, day, title=title, version=version, retracted_by=retracted_by).as_xml()


def random_files(folder: Path, chance: random.Random, numbered: bool) -> list[Path]:
    """Files in order: revisions on and off the topic, of rising and now and then of lower date, deletions."""
    day, paths = date(2026, 1, 1), []
    for number in range(1, chance.randint(3, 6)):
        day += timedelta(days=chance.choice([0, 1, 1, 2]))
        records: list[bytes] = []
        for pmid in chance.sample(range(1, 7), chance.randint(1, 5)):
            for _ in range(chance.choice([1, 1, 1, 2])):
                text = chance.choice(["About the hip", "WITHDRAWN.", "Weather"])
                dated = day - timedelta(days=chance.choice([0, 0, 0, 3])) if numbered else day + timedelta(number)
                by = 9 if text == "WITHDRAWN." else None
                records.append(
                    a_revision(pmid, f"{text} {number}.{len(records)}", dated, chance.choice([1, 1, 1, 2]), by)
                )
        deleted = chance.sample(range(1, 7), chance.choice([0, 0, 1, 2])) if numbered else []
        paths.append(a_file(folder / (f"pubmed26n{number:04}.xml" if numbered else f"{number}.xml"), records, deleted))
    return paths


def imported(path: Path, calls: Sequence[Sequence[Path]], selection: Selection) -> dict[str, list[tuple[object, ...]]]:
    with open_store(empty_file(path)) as store:
        for files in calls:
            assert import_files(store, files, selection).status == "done"
        assert check_store(store, parse_article) == []
        return content_of(store)


@pytest.mark.parametrize("seed", range(WORLDS))
def test_in_any_order_and_repeated_they_give_the_same_store(tmp_path: Path, seed: int) -> None:
    chance = random.Random(seed)
    selection = chance.choice([HIPS, HIPS, EVERYTHING])
    paths = random_files(tmp_path, chance, numbered=True)
    right = imported(tmp_path / "right.db", [paths], selection)
    assert imported(tmp_path / "one-by-one.db", [[path] for path in paths], selection) == right
    for number in range(3):
        order = [*chance.sample(paths, len(paths)), *chance.sample(paths, 2)]
        cut = chance.randint(0, 3)
        calls = [order[:cut], *[[path] for path in order[cut:]]]
        assert imported(tmp_path / f"{number}.db", [c for c in calls if c], selection) == right, [p.name for p in order]


@pytest.mark.parametrize("seed", range(WORLDS // 3))
def test_files_without_a_number_count_by_their_dates(tmp_path: Path, seed: int) -> None:
    chance = random.Random(seed)
    paths = random_files(tmp_path, chance, numbered=False)
    right = imported(tmp_path / "right.db", [paths], HIPS)
    for number in range(3):
        order = chance.sample(paths, len(paths))
        assert imported(tmp_path / f"{number}.db", [[path] for path in order], HIPS) == right


def test_a_retraction_that_came_before_its_article_is_not_lost(store: Store, tmp_path: Path) -> None:
    first = a_file(tmp_path / "pubmed26n0001.xml", [a_revision(41, "About the hip", date(2026, 1, 1))])
    second = a_file(tmp_path / "pubmed26n0002.xml", [a_revision(41, "WITHDRAWN.", date(2026, 2, 1), retracted_by=9)])
    assert import_files(store, [second], HIPS).changes == {}
    assert import_files(store, [first], HIPS).changes == {"new": 1, "retracted": 1}
    assert store.db.execute("SELECT title, retracted FROM articles").fetchall() == [("WITHDRAWN.", 1)]
    assert import_files(store, [first, second], HIPS).message == "imported before: nothing to do"


@pytest.mark.parametrize("newest_first", [True, False])
def test_of_what_one_file_left_out_the_newest_counts(store: Store, tmp_path: Path, newest_first: bool) -> None:
    withdrawn = a_revision(41, "WITHDRAWN.", date(2026, 2, 1), retracted_by=9)
    older = a_revision(41, "Weather", date(2026, 1, 1))
    left_out = a_file(tmp_path / "a.xml", [withdrawn, older] if newest_first else [older, withdrawn])
    between = a_file(tmp_path / "b.xml", [a_revision(41, "About the hip", date(2026, 1, 15))])
    assert import_files(store, [left_out], HIPS).changes == {}
    assert import_files(store, [between], HIPS).changes == {"new": 1, "retracted": 1}


def test_a_file_that_is_gone_is_asked_for_and_read_when_it_comes_again(store: Store, tmp_path: Path) -> None:
    first = a_file(tmp_path / "pubmed26n0001.xml", [a_revision(41, "About the hip", date(2026, 1, 1))])
    second = a_file(tmp_path / "pubmed26n0002.xml", [a_revision(41, "WITHDRAWN.", date(2026, 2, 1), retracted_by=9)])
    import_files(store, [second], HIPS)
    (tmp_path / "elsewhere").mkdir()
    second = second.rename(tmp_path / "elsewhere" / second.name)
    report = import_files(store, [first], HIPS)
    assert (report.status, report.exit_code) == ("partial", 2)
    assert report.as_json()["files_to_import_again"] == [second.name]
    assert second.name in (report.message or "")
    report = import_files(store, [second], HIPS)
    assert (report.status, report.changes) == ("done", {"revised": 1, "retracted": 1})
    assert Ledger(store).runs("import")[0]["status"] == "done"


def test_what_went_and_came_back_in_one_import_has_neither_change(store: Store, tmp_path: Path) -> None:
    record = a_revision(41, "About the hip", date(2026, 1, 1))
    first = a_file(tmp_path / "pubmed26n0001.xml", [record])
    gone = a_file(tmp_path / "pubmed26n0002.xml", [], deleted=[41])
    back = a_file(tmp_path / "pubmed26n0003.xml", [record])
    import_files(store, [first], HIPS)
    after_first = Ledger(store).runs("import")[0]["id"]
    assert import_files(store, [gone, back], HIPS).changes == {}
    assert make_digest(store, str(after_first)).entries == ()
    assert check_store(store, parse_article) == []
    again = a_file(tmp_path / "pubmed26n0004.xml", [], deleted=[41])
    new = a_file(tmp_path / "pubmed26n0005.xml", [a_revision(42, "About the hip too", date(2026, 1, 2))], deleted=[42])
    assert import_files(store, [again, new], HIPS).changes == {"new": 1, "vanished": 2}
    assert [held for (held,) in store.db.execute(held_sql("1 = 1"))] == []
    assert check_store(store, parse_article) == []
