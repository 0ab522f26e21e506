"""Preprints: articles with numbers of their own, plain text, one row with the journal version."""

import pytest

from db.preprints import FIRST, LAST, article_address, is_preprint_number, preprint_identifier, preprint_number
from db.store.check import check_store
from db.store.ledger.ledger import Ledger
from db.store.store import Store
from harvest.enrich.preprints import read_preprint
from tests.harvest.enrich.conftest import Enrich, hold, rows
from tests.support.services_world import World

_SHOWN = "SELECT pmid FROM articles WHERE vanished = 0 ORDER BY pmid"


def test_a_preprint_is_an_article_with_a_number_of_its_own(world: World, store: Store, run: Enrich) -> None:
    world.add_preprint(number=123456)
    world.add_preprint(title="On something else", abstract="Nothing of the kind.")
    report = run("preprints")
    assert (report.steps[0].changes, report.steps[0].missed) == ({"new": 1}, 1)
    assert rows(store, "SELECT pmid, source, journal, year, doi, abstract, matched FROM articles") == [
        (800123456, "europe pmc", "medRxiv", 2026, "10.5555/preprint.700001",
         "We looked at made-up mice.\nBone formed in 3 of 10.", 0)
    ]  # fmt: skip
    assert rows(store, 'SELECT label, category, start, "end" FROM sections') == [
        ("BACKGROUND", "BACKGROUND", 0, 26),
        ("RESULTS", "RESULTS", 27, 50),
    ]
    assert rows(store, "SELECT term FROM publication_types") == [("Preprint",)]
    assert check_store(store) == []
    assert Ledger(store).held_count() == 0


def test_a_revision_replaces_and_an_older_version_does_not(world: World, store: Store, run: Enrich) -> None:
    preprint = world.add_preprint()
    run("preprints")
    preprint.title, preprint.version = "Second: heterotopic ossification in mice", 2
    assert run("preprints").steps[0].changes == {"revised": 1}
    preprint.title, preprint.version = "First: heterotopic ossification in mice", 1
    assert run("preprints").steps[0].changes == {}
    assert rows(store, "SELECT title FROM articles") == [("Second: heterotopic ossification in mice",)]


@pytest.mark.parametrize("journal_first", [True, False])
def test_the_journal_version_takes_its_place(world: World, store: Store, run: Enrich, journal_first: bool) -> None:
    paper = world.add_paper()
    preprint = world.add_preprint(published_pmid=paper.pmid)
    if journal_first:
        hold(store, paper)
    run("preprints")
    if not journal_first:
        assert rows(store, _SHOWN) == [(FIRST - 1 + preprint.number,)]
        hold(store, paper)
        assert run("preprints").steps[0].changes == {"published": 1}
    assert rows(store, _SHOWN) == [(paper.pmid,)]
    assert run("preprints").steps[0].changes == {}


def test_pubmeds_own_record_of_a_preprint_takes_its_place(world: World, store: Store, run: Enrich) -> None:
    paper = world.add_paper()
    hold(store, paper)
    world.add_preprint(doi=paper.doi)
    run("preprints")
    assert rows(store, _SHOWN) == [(paper.pmid,)]


def test_numbers_follow_from_identifiers_and_never_meet_a_pmid() -> None:
    assert preprint_number("PPR1") == FIRST
    assert preprint_number("PPR99999999") == LAST
    assert (preprint_number("PPR0"), preprint_number("12"), preprint_number("PPR123456789")) == (None, None, None)
    assert preprint_identifier(800123456) == "PPR123456"
    assert (is_preprint_number(41_000_000), is_preprint_number(FIRST), is_preprint_number(LAST + 1)) == (
        False,
        True,
        False,
    )
    assert article_address(800123456) == "https://europepmc.org/article/PPR/PPR123456"
    assert article_address(12) == "https://pubmed.ncbi.nlm.nih.gov/12/"


def test_markup_entities_and_soft_hyphens_are_no_part_of_the_text() -> None:
    entry = {
        "id": "PPR5",
        "source": "PPR",
        "title": "<i>Bmp</i> in heterotopic ossi\u00adfication &amp; more",
        "abstractText": 3,
    }
    found = read_preprint(entry)
    assert found is not None
    assert found.article.title == "Bmp in heterotopic ossification & more"
    assert (found.article.abstract, found.article.year, found.server) == (None, None, None)


@pytest.mark.parametrize(
    "wrong",
    [{"source": "MED"}, {"source": None}, {"id": "12"}, {"title": None}, {"title": "Weather", "abstractText": None}],
)
def test_what_is_no_preprint_on_the_topic_is_none(wrong: dict[str, str | None]) -> None:
    entry = {"id": "PPR12", "source": "PPR", "title": "Bmp in heterotopic ossification"}
    assert read_preprint(entry) is not None
    assert read_preprint({**entry, **wrong}) is None


@pytest.mark.parametrize(
    ("day", "kept", "verbatim"),
    [
        ("2026-01-05", "2026-01-05", "2026 Jan 5"), ("2026-12", "2026-12", "2026 Dec"), ("2026", "2026", "2026"),
        ("2026-13-05", "2026", "2026"), (None, None, None),
    ],
)  # fmt: skip
def test_its_day_is_written_as_pubmed_writes_one(day: str | None, kept: str | None, verbatim: str | None) -> None:
    entry = {"id": "PPR12", "source": "PPR", "title": "Bmp in heterotopic ossification", "firstPublicationDate": day}
    found = read_preprint(entry)
    assert found is not None
    assert (found.article.publication_date, found.article.publication_date_verbatim) == (kept, verbatim)
