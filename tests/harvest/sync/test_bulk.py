"""Import of files: NLM's order and checksums, deletions, one transaction a file, bad input in one line."""

import gzip
import hashlib
import random
from datetime import date
from pathlib import Path

import pytest

from db.errors import TrackerError
from db.store.check import check_store
from db.store.ledger.ledger import Ledger, Query
from db.store.store import Store, open_store
from harvest.eutils.client import Client
from harvest.pubmed.xml import parse_articles
from harvest.sample import sample_path
from harvest.sync.bulk import EVERYTHING, Selection, import_files
from harvest.sync.files import in_order
from harvest.sync.harvest import harvest
from harvest.sync.plan import Options
from tests.support.eutils_server import Corpus, EutilsServer
from tests.support.eutils_server.corpus import as_set
from tests.support.stores import content_of

CORPUS = Corpus(date(2026, 1, 1))
for _pmid in range(1, 8):
    CORPUS.add(_pmid, title=f"Title {_pmid}")


def file(folder: Path, name: str, pmids: list[int], deleted: list[int] | None = None, title: str = "") -> Path:
    """Writes an NLM file, packed, with its checksum beside it."""
    corpus = Corpus(date(2026, 1, 1), dict(CORPUS.records))
    for pmid in pmids if title else []:
        corpus.today = date(2026, 2, 1)
        corpus.revise(pmid, title=title)
    body = as_set(corpus.records[pmid].as_xml() for pmid in pmids)
    if deleted:
        listed = "".join(f'<PMID Version="1">{pmid}</PMID>' for pmid in deleted)
        body = body.replace(
            b"</PubmedArticleSet>", f"<DeleteCitation>{listed}</DeleteCitation></PubmedArticleSet>".encode()
        )
    path = folder / name
    path.write_bytes(gzip.compress(body))
    checksum = hashlib.md5(path.read_bytes(), usedforsecurity=False).hexdigest()
    path.with_name(f"{name}.md5").write_text(f"MD5({name})= {checksum}\n")
    return path


def titles(store: Store) -> dict[int, str]:
    return dict(store.db.execute("SELECT pmid, title FROM articles WHERE vanished = 0").fetchall())


def test_files_are_applied_in_nlms_order(store: Store, tmp_path: Path) -> None:
    second = file(tmp_path, "pubmed26n0010.xml.gz", [1], title="Revised")
    first = file(tmp_path, "pubmed26n0009.xml.gz", [1, 2, 3])
    older = file(tmp_path, "pubmed25n1300.xml.gz", [3, 4])
    other = file(tmp_path, "a.xml.gz", [5])
    assert in_order([other, second, first, older]) == [older, first, second, other]
    report = import_files(store, [other, second, first, older], EVERYTHING)
    assert (report.status, report.changes) == ("done", {"new": 5})
    assert titles(store)[1] == "Revised"


def test_deletions_are_applied_and_what_comes_back_is_said(store: Store, tmp_path: Path) -> None:
    import_files(store, [file(tmp_path, "pubmed26n0001.xml.gz", [1, 2, 3])], EVERYTHING)
    only_deletions = file(tmp_path, "pubmed26n0002.xml.gz", [], deleted=[2, 3, 77])
    report = import_files(store, [only_deletions], EVERYTHING)
    assert report.changes == {"vanished": 2}
    assert set(titles(store)) == {1}
    report = import_files(store, [file(tmp_path, "pubmed26n0003.xml.gz", [3], title="Back")], EVERYTHING)
    assert report.changes["returned"] == 1
    assert titles(store) == {1: "Title 1", 3: "Back"}


def test_a_file_that_deletes_its_own_record_never_brings_it_back(store: Store, tmp_path: Path) -> None:
    """Its deletions stand at its end: read again for another selection it says the same."""
    first = file(tmp_path, "pubmed26n0001.xml.gz", [1, 2])
    both = file(tmp_path, "pubmed26n0002.xml.gz", [1], deleted=[1], title="Revised")
    other = Selection("other", lambda _article: True)
    for selection in (EVERYTHING, other):
        import_files(store, [first, both], selection)
        assert set(titles(store)) == {2}
    third = file(tmp_path, "pubmed26n0003.xml.gz", [1])
    import_files(store, [third], other)
    assert set(titles(store)) == {1, 2}


def test_a_file_is_imported_once_for_each_selection(store: Store, tmp_path: Path) -> None:
    path = file(tmp_path, "pubmed26n0001.xml.gz", [1, 2])
    even = Selection("even", lambda article: article.pmid % 2 == 0)
    assert import_files(store, [path], even).changes == {"new": 1}
    again = import_files(store, [path], even)
    assert (again.changes, again.extra["files_already_imported"]) == ({}, ["pubmed26n0001.xml.gz"])
    assert import_files(store, [path], EVERYTHING).changes == {"new": 1}


def test_a_wrong_checksum_is_refused(store: Store, tmp_path: Path) -> None:
    path = file(tmp_path, "pubmed26n0001.xml.gz", [1])
    path.with_name(path.name + ".md5").write_text("0" * 32)
    with pytest.raises(TrackerError, match=r"its MD5 is not the one in pubmed26n0001\.xml\.gz\.md5"):
        import_files(store, [path], EVERYTHING)
    assert titles(store) == {}


def test_a_cut_file_is_left_out_whole_and_those_before_it_stay(store: Store, tmp_path: Path) -> None:
    first = file(tmp_path, "pubmed26n0001.xml.gz", [1, 2])
    cut = tmp_path / "pubmed26n0002.xml"
    cut.write_bytes(as_set(record.as_xml() for record in CORPUS.records.values())[:-600])
    with pytest.raises(TrackerError) as caught:
        import_files(store, [first, cut], EVERYTHING)
    assert caught.value.exit_code == 1
    assert set(titles(store)) == {1, 2}
    assert Ledger(store).runs()[0]["status"] == "failed"
    assert check_store(store) == []


def test_a_bad_record_costs_itself_and_is_named(store: Store, tmp_path: Path) -> None:
    path = tmp_path / "records.xml"
    records = [record.as_xml() for record in CORPUS.records.values()]
    records[2] = records[2].replace(b"</ArticleTitle>", b"</Wrong>")
    path.write_bytes(as_set(records))
    report = import_files(store, [path], EVERYTHING)
    assert (report.status, report.exit_code, set(report.lost)) == ("partial", 2, {3})
    assert set(titles(store)) == {1, 2, 4, 5, 6, 7}


@pytest.mark.parametrize(
    ("name", "content", "said"),
    [
        ("missing.xml", None, "no such file"),
        ("empty.xml", b"", "empty"),
        ("note.txt", b"x", "unknown kind of file"),
        ("page.xml", b"<!DOCTYPE html><html></html>", "not PubMed XML"),
        ("cut.xml.gz", gzip.compress(as_set([CORPUS.records[1].as_xml()]))[:-30], "cut off"),
        ("bomb.xml", b'<!DOCTYPE PubmedArticleSet [<!ENTITY a "b">]><PubmedArticleSet/>', "refused"),
    ],
)
def test_bad_input_is_one_line(store: Store, tmp_path: Path, name: str, content: bytes | None, said: str) -> None:
    path = tmp_path / name
    if content is not None:
        path.write_bytes(content)
    with pytest.raises(TrackerError, match=said) as caught:
        import_files(store, [path], EVERYTHING)
    assert caught.value.exit_code == 1
    assert name in str(caught.value)


def test_medline_text_counts_after_xml_of_the_same_revision_and_before_an_older_one(tmp_path: Path) -> None:
    xml = file(tmp_path, "a.xml.gz", [1, 2])
    text = tmp_path / "list.nbib"
    same, newer = CORPUS.records[1].modified.strftime("%Y%m%d"), "20300101"
    text.write_text(
        f"PMID- 1\nTI  - Title 1 as text\nLR  - {same}\n\nPMID- 2\nTI  - Retracted since\nLR  - {newer}\n"
        f"PT  - Retracted Publication\n\nPMID- 99\nTI  - Only here\n"
    )
    for number, order in enumerate(([xml, text], [text, xml])):
        with open_store(tmp_path / f"{number}.db") as store:
            for path in order:
                assert import_files(store, [path], EVERYTHING).status == "done"
            assert titles(store) == {1: "Title 1", 2: "Retracted since", 99: "Only here"}
            assert store.db.execute("SELECT pmid FROM articles WHERE retracted").fetchall() == [(2,)]


def test_what_a_file_is_is_told_by_its_content(store: Store, tmp_path: Path) -> None:
    for name, pmid in (("save.txt", 7), ("list.ris", 8), ("list.xml", 9)):
        (tmp_path / name).write_text(f"\ufeff\nPMID- {pmid}\nTI  - A title\nDP  - 2020\n")
    assert import_files(
        store, [tmp_path / name for name in ("save.txt", "list.ris", "list.xml")], EVERYTHING
    ).changes == {"new": 3}
    packed, plain = tmp_path / "a.download", tmp_path / "a.txt"
    packed.write_bytes(gzip.compress(as_set([CORPUS.records[1].as_xml()])))
    plain.write_bytes(as_set([CORPUS.records[2].as_xml()]))
    assert import_files(store, [packed, plain], EVERYTHING).changes == {"new": 2}


def test_a_harvest_gives_the_same_store_as_an_import(tmp_path: Path) -> None:
    corpus = Corpus(date(2026, 3, 2))
    for article in parse_articles(sample_path()):
        corpus.add(article.pmid, created=date(2020, 1, 1), xml=getattr(article, "xml", None))  # type: ignore[arg-type]
    query = Query("heterotopic ossification", "test", "1", "hash-1")
    with EutilsServer(corpus) as server, open_store(tmp_path / "harvested.db") as store:
        assert harvest(store, Client(server.url, limiter=None), query, Options(batch_size=20)).status == "done"
        harvested = content_of(store)
    with open_store(tmp_path / "imported.db") as store:
        import_files(store, [sample_path()], EVERYTHING)
        imported = content_of(store)
    assert len(imported["articles"]) >= 70
    assert harvested == imported


def test_a_held_article_is_updated_whatever_its_new_text_is_about(store: Store, tmp_path: Path) -> None:
    hips = Selection("hips", lambda article: "hip" in article.title)
    corpus = Corpus(date(2026, 1, 1))
    corpus.add(41, title="About the hip")
    corpus.add(42, title="Weather")
    first = tmp_path / "first.xml"
    first.write_bytes(as_set(record.as_xml() for record in corpus.records.values()))
    import_files(store, [first], hips)
    corpus.today = date(2026, 2, 1)
    corpus.revise(41, title="WITHDRAWN.", retracted_by=9)
    corpus.revise(42, title="Weather again")
    second = tmp_path / "second.xml"
    second.write_bytes(as_set(record.as_xml() for record in corpus.records.values()))
    report = import_files(store, [second], hips)
    assert report.changes == {"revised": 1, "retracted": 1}
    assert store.db.execute("SELECT pmid, title, retracted FROM articles").fetchall() == [(41, "WITHDRAWN.", 1)]


def test_a_file_with_an_unreadable_record_stays_partial_until_the_record_is_there(store: Store, tmp_path: Path) -> None:
    path = tmp_path / "records.xml"
    path.write_bytes(as_set(r.as_xml().replace(b"</ArticleTitle>", b"</Wrong>") for r in CORPUS.records.values()))
    for _ in range(2):
        report = import_files(store, [path], EVERYTHING)
        assert (report.status, report.exit_code, len(report.lost)) == ("partial", 2, 7)
    path.write_bytes(as_set(record.as_xml() for record in CORPUS.records.values()))
    assert import_files(store, [path], EVERYTHING).status == "done"
    assert import_files(store, [path], EVERYTHING).message == "imported before: nothing to do"


def numbered_files(folder: Path) -> list[Path]:
    """NLM's files in order: each changes, deletes, or brings back something of those before it."""
    corpus = Corpus(date(2026, 1, 1))
    for pmid in range(1, 7):
        corpus.add(pmid, title=f"Title {pmid}")
    written: list[Path] = []

    def write(pmids: list[int], deleted: list[int] | None = None) -> None:
        body = as_set(corpus.records[pmid].as_xml() for pmid in pmids)
        listed = "".join(f'<PMID Version="1">{pmid}</PMID>' for pmid in deleted or [])
        deletions = f"<DeleteCitation>{listed}</DeleteCitation></PubmedArticleSet>".encode()
        path = folder / f"pubmed26n{len(written) + 1:04}.xml"
        path.write_bytes(body.replace(b"</PubmedArticleSet>", deletions) if deleted else body)
        written.append(path)

    write([1, 2, 3, 4, 5, 6])
    write([1], deleted=[2, 3, 5])
    write([2])
    corpus.revise(1, title="Title 1", notices=(("ErratumIn", 9),), modified=date(2026, 1, 1), revised=date(2026, 1, 1))
    write([1], deleted=[4])
    corpus.today = date(2026, 3, 1)
    corpus.revise(3, title="Back with another text")
    write([3], deleted=[6])
    write([4], deleted=[1])
    return written


def test_nlms_files_in_any_order_and_repeated_give_the_same_store(tmp_path: Path) -> None:
    paths = numbered_files(tmp_path)
    with open_store(tmp_path / "right.db") as store:
        import_files(store, paths, EVERYTHING)
        right = content_of(store)
        gone = {pmid for (pmid,) in store.db.execute("SELECT pmid FROM articles WHERE vanished")}
        assert gone == {1, 5, 6}
    chance = random.Random(1)
    for number in range(12):
        order = chance.sample(paths, len(paths))
        with open_store(tmp_path / f"{number}.db") as store:
            for path in [*order, *chance.sample(paths, 2)]:
                import_files(store, [path], EVERYTHING)
            assert content_of(store) == right, [path.name for path in order]


def test_a_file_of_the_same_revision_never_takes_what_the_newer_has(store: Store, tmp_path: Path) -> None:
    corpus = Corpus(date(2026, 1, 1))
    corpus.add(1)
    older = tmp_path / "older.xml"
    older.write_bytes(as_set([corpus.records[1].as_xml()]))
    corpus.revise(1, notices=(("ErratumIn", 9),))
    newer = tmp_path / "newer.xml"
    newer.write_bytes(as_set([corpus.records[1].as_xml()]))
    for order in ([newer, older], [older, newer]):
        import_files(store, order, Selection(str(order), lambda article: True))
        assert store.db["notices"].count == 1


def test_a_baseline_never_takes_what_the_harvest_brought_under_the_same_date(store: Store, tmp_path: Path) -> None:
    corpus = Corpus(date(2026, 3, 2))
    corpus.add(1, notices=(("ErratumIn", 9), ("CommentIn", 8)))
    old = tmp_path / "pubmed26n0001.xml"
    old.write_bytes(as_set([corpus.records[1].as_xml()]))
    corpus.revise(1, notices=(("ErratumIn", 9),))
    query = Query("heterotopic ossification", "test", "1", "hash-1")
    with EutilsServer(corpus) as server:
        assert harvest(store, Client(server.url, limiter=None), query, Options()).status == "done"
        import_files(store, [old], EVERYTHING)
        assert store.db["notices"].count == 1


def test_a_file_and_its_row_in_the_ledger_are_one_transaction(
    store: Store, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = file(tmp_path, "pubmed26n0001.xml.gz", [1, 2])

    def killed(*_words: object) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr("harvest.sync.bulk.save_file", killed)
        with pytest.raises(KeyboardInterrupt):
            import_files(store, [path], EVERYTHING)
    assert titles(store) == {}
    assert Ledger(store).runs("import")[0]["status"] == "stopped"
    assert import_files(store, [path], EVERYTHING).changes == {"new": 2}
