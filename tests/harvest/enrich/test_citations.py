"""Citations: figures in both forms, edges inside the store, the monthly refresh, who cites a retracted article."""

from dataclasses import replace

import pytest

from db.model import Notice
from db.store.store import Store
from harvest.enrich import citations
from harvest.enrich.citations import read_citation
from tests.harvest.enrich.conftest import Enrich, hold, rows
from tests.support.eutils_server.faults import Fault, status
from tests.support.services_world import ServicesServer, World
from tests.support.stores import article, save


def test_both_forms_of_icite_give_the_same_figures(
    server: ServicesServer, world: World, store: Store, run: Enrich
) -> None:
    cited = world.add_paper(outside_citations=7)
    citing = world.add_paper(references={cited.pmid})
    hold(store, cited, citing)
    run("citations")
    sql = "SELECT pmid, citation_count, rcr, nih_percentile, clinical_citations, provisional FROM citations"
    today = rows(store, sql)
    assert today == [(cited.pmid, 8, 2.0, 80.0, 1, 0), (citing.pmid, 0, None, None, None, 0)]
    server.old_icite = True
    run("citations", full=True)
    assert rows(store, sql) == today
    assert rows(store, "SELECT DISTINCT as_of FROM citations") == [("2026-02-25",)]
    assert rows(store, "SELECT citing, cited FROM citation_edges") == [(citing.pmid, cited.pmid)]


def test_older_data_never_overwrite_newer(server: ServicesServer, world: World, store: Store, run: Enrich) -> None:
    paper = world.add_paper(outside_citations=7)
    hold(store, paper)
    server.old_icite = True
    run("citations")
    store.db.execute("UPDATE citations SET as_of = '2026-02-26'")
    store.db.conn.commit()
    paper.outside_citations = 3
    run("citations", full=True)
    assert rows(store, "SELECT citation_count FROM citations") == [(7,)]


def test_an_unknown_article_is_no_error_and_is_asked_about_again(
    server: ServicesServer, world: World, store: Store, run: Enrich
) -> None:
    paper = world.add_paper(in_icite=False)
    hold(store, paper)
    step = run("citations").steps[0]
    assert (step.status, step.asked, step.got, step.missed) == ("done", 1, 0, 1)
    paper.in_icite = True
    world.pass_days(1)
    assert run("citations").steps[0].got == 1


def test_a_quiet_night_asks_once_and_moved_data_bring_all(
    server: ServicesServer, world: World, store: Store, run: Enrich
) -> None:
    papers = [world.add_paper(outside_citations=number % 50) for number in range(900)]
    hold(store, *papers)
    run("citations")
    assert server.count("icite") == 3
    world.pass_days(1)
    server.forget()
    assert run("citations").steps[0].changes == {}
    assert server.count("icite") == 1
    for paper in papers:
        paper.outside_citations += 1
    world.pass_days(1)
    server.forget()
    run("citations")
    assert server.count("icite") == 3
    counts = {paper.pmid: paper.outside_citations for paper in papers}
    assert dict(rows(store, "SELECT pmid, citation_count FROM citations")) == counts


@pytest.fixture
def small_batches(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(citations, "BATCH", 4)


def test_one_request_a_night_and_after_a_month_all_are_asked_again(
    server: ServicesServer, world: World, store: Store, run: Enrich, small_batches: None
) -> None:
    papers = [world.add_paper(outside_citations=100 * (8 - number)) for number in range(9)]
    hold(store, *papers)
    requests = []
    for days in (0, 1, 15, 14, 2, 1, 30):
        world.pass_days(days)
        papers[-1].outside_citations += 1  # nobody's first page shows it
        server.forget()
        assert run("citations").status == "done"
        requests.append(server.count("icite"))
    assert requests == [3, 1, 1, 1, 3, 1, 1]
    counted = rows(store, f"SELECT citation_count FROM citations WHERE pmid = {papers[-1].pmid}")
    assert counted == [(5,)]  # as the month began


@pytest.mark.parametrize(("days", "requests"), [(1, 2), (100, 3)])
def test_a_refresh_that_broke_off_goes_on_and_after_long_begins_anew(
    days: int, requests: int, server: ServicesServer, world: World, store: Store, run: Enrich, small_batches: None
) -> None:
    papers = [world.add_paper() for _ in range(9)]
    hold(store, *papers)
    server.fail(Fault(status(400), "icite", times=9, skip=1))
    assert run("citations").status != "done"
    server.forget()
    if days > 1:  # long enough for iCite's data to have moved
        for paper in papers:
            paper.outside_citations += 1
    world.pass_days(days)
    assert run("citations").status == "done"
    assert server.count("icite") == requests
    counts = {paper.pmid: paper.outside_citations for paper in papers}
    assert dict(rows(store, "SELECT pmid, citation_count FROM citations")) == counts


def test_a_refresh_of_moved_data_that_broke_off_goes_on_the_next_night(
    server: ServicesServer, world: World, store: Store, run: Enrich, small_batches: None
) -> None:
    papers = [world.add_paper() for _ in range(9)]
    hold(store, *papers)
    assert run("citations").status == "done"
    for paper in papers:
        paper.outside_citations += 1
    world.pass_days(1)
    server.fail(
        Fault(status(400), "icite", times=9, skip=2)
    )  # the probe sees that they moved, one batch is asked again
    assert run("citations").status != "done"
    server.faults.clear()
    world.pass_days(1)
    assert run("citations").status == "done"
    counts = {paper.pmid: paper.outside_citations for paper in papers}
    assert dict(rows(store, "SELECT pmid, citation_count FROM citations")) == counts


def test_who_cites_a_retracted_article_is_told_once_and_unmarked_when_it_is_not_any_more(
    world: World, store: Store, run: Enrich
) -> None:
    retracted, citing, notice = (world.add_paper() for _ in range(3))
    citing.references = {retracted.pmid}
    notice.references = {retracted.pmid}
    hold(store, citing)
    bad = article(retracted.pmid, notices=(Notice("RetractionIn", notice.pmid, None, None),))
    save(store, bad, article(notice.pmid, notices=(Notice("RetractionOf", retracted.pmid, None, None),)))
    assert run("citations").steps[0].changes["cites retracted"] == 1
    assert rows(store, "SELECT pmid FROM articles WHERE cites_retracted = 1") == [(citing.pmid,)]
    assert "cites retracted" not in run("citations", full=True).steps[0].changes
    save(store, replace(bad, notices=(), version=2, xml=b"<PubmedArticle>2</PubmedArticle>"))
    run("citations", full=True)
    assert rows(store, "SELECT pmid FROM articles WHERE cites_retracted = 1") == []
    assert rows(store, "SELECT pmid FROM changes WHERE change = 'cites retracted'") == [(citing.pmid,)]


def test_what_the_query_misses_is_listed_with_its_words(world: World, store: Store, run: Enrich) -> None:
    missed = world.add_paper(title="Para-articular ossifications of the elbow")
    other = world.add_paper(title="Elbow dislocation")
    papers = [world.add_paper(references={missed.pmid, other.pmid}) for _ in range(3)]
    hold(store, *papers)
    run("citations")
    sql = "SELECT pmid, cited_by, words FROM recall_candidates ORDER BY pmid"
    assert rows(store, sql) == [(missed.pmid, 3, "para-articular ossifications"), (other.pmid, 3, None)]
    hold(store, missed)
    run("citations")
    assert rows(store, sql) == [(other.pmid, 3, None)]


def test_missing_keys_are_none() -> None:
    found = read_citation({"pmid": "12", "cited_by": None, "relative_citation_ratio": "n/a", "provisional": "Yes"})
    assert found is not None
    assert (found.citation_count, found.rcr, found.provisional, found.cited_by) == (None, None, True, ())
    assert read_citation({"pmid": None}) is None
