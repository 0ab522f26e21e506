"""The digest's lines: a retracted article is marked once, whatever its title begins with."""

from pathlib import Path

import pytest

from db.evidence.digests.build import make_digest
from db.evidence.digests.model import Digest, Entry
from db.evidence.digests.plain import as_text
from db.notices import says_mark
from db.store.records.changes import record_changes
from db.store.records.revisions import Change
from db.store.store import open_store
from tests.support.stores import AT, fill, run


def entry(title: str) -> Entry:
    return Entry("retracted", 7, title, None, None, 2020, "cohort", True, (), ("RetractionIn",))


@pytest.mark.parametrize(
    ("title", "said"),
    [
        ("RETRACTED: Indomethacin after hip replacement", True),
        ("Retracted Article: Indomethacin after hip replacement", True),
        ("[Retracted.] Indomethacin after hip replacement", True),
        ("Retracted tendon ends and ossification after repair", False),
    ],
)
def test_a_mark_is_one_only_where_the_title_sets_it_apart(title: str, said: bool) -> None:
    assert says_mark(title, "RETRACTED") == said


def test_a_title_about_retracted_tendons_is_marked_too() -> None:
    digest = Digest("run 1", 2, (entry("Retracted tendon ends and ossification after repair"),))
    assert "RETRACTED. Retracted tendon ends" in as_text(digest)


@pytest.mark.parametrize("change", ["retagged", "reparsed", "revised"])
def test_an_article_that_was_gone_before_does_not_vanish_again(change: str, tmp_path: Path) -> None:
    with open_store(fill(tmp_path / "ho.db", 1)) as store:
        with store.atomic():
            gone = run(store)
            store.db.execute("UPDATE articles SET vanished = 1")
            record_changes(store, gone, [Change(1, "vanished")], AT)
            record_changes(store, run(store), [Change(1, change)], AT)
        assert [entry.change for entry in make_digest(store, str(gone - 1)).entries] == ["vanished"]
        assert make_digest(store, str(gone)).entries == ()
