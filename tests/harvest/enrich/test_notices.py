"""Notices from three sources: who said it first, marked that night, told once, undone by a reinstatement."""

from dataclasses import replace

from db.model import Notice
from db.store.check import check_store
from db.store.store import Store
from tests.harvest.enrich.conftest import Enrich, hold, rows
from tests.support.eutils_server.faults import Fault, changed, status
from tests.support.services_world import ServicesServer, World
from tests.support.stores import article, save

_MARKED = "SELECT pmid FROM articles WHERE retracted = 1"
_TOLD = "SELECT pmid, change FROM changes WHERE change IN ('retracted', 'reinstated') ORDER BY run_id"


def test_the_first_to_know_marks_the_article_and_pubmed_is_not_told_again(
    world: World, store: Store, run: Enrich
) -> None:
    paper = world.add_paper()
    hold(store, paper)
    world.say("retraction watch", paper.pmid, "retraction")
    assert run("notices").steps[0].changes == {"notices": 1, "retracted": 1}
    assert rows(store, _MARKED) == [(paper.pmid,)]
    world.pass_days(1)
    world.say("crossref", paper.pmid, "retraction")
    assert run("notices").steps[0].changes == {"notices": 1}
    record = article(paper.pmid, doi=paper.doi, version=2, xml=b"<PubmedArticle>2</PubmedArticle>")
    assert (paper.pmid, "retracted") not in save(
        store, replace(record, notices=(Notice("RetractionIn", 5, None, None),))
    )
    assert rows(store, "SELECT said_by, kind, note FROM notices ORDER BY said_by") == [
        ("crossref", "RetractionIn", None),
        ("pubmed", "RetractionIn", None),
        ("retraction watch", "RetractionIn", "Concerns/Issues About Data; Date of Retraction/Other Unknown"),
    ]
    assert rows(store, _TOLD) == [(paper.pmid, "retracted")]
    assert [problem.check for problem in check_store(store)] == ["raw records"]  # made-up records name no PMID


def test_a_revision_by_pubmed_keeps_what_others_said_and_when(world: World, store: Store, run: Enrich) -> None:
    paper = world.add_paper()
    hold(store, paper)
    world.say("crossref", paper.pmid, "retraction")
    run("notices")
    before = rows(store, "SELECT * FROM notices")
    save(store, article(paper.pmid, doi=paper.doi, title="New", version=2, xml=b"<PubmedArticle>2</PubmedArticle>"))
    assert rows(store, "SELECT * FROM notices") == before
    assert rows(store, _MARKED) == [(paper.pmid,)]


def test_pubmeds_notice_keeps_the_day_on_which_it_came(store: Store) -> None:
    told = article(1, notices=(Notice("ErratumIn", 5, "J. 2020", None),))
    save(store, told)
    store.db.execute("UPDATE notices SET first_seen = '2020-01-01T00:00:00Z'")
    save(store, replace(told, title="New", version=2, xml=b"<PubmedArticle>2</PubmedArticle>"))
    assert rows(store, "SELECT first_seen FROM notices") == [("2020-01-01T00:00:00Z",)]


def test_a_reinstatement_undoes_what_was_said_before_it(world: World, store: Store, run: Enrich) -> None:
    paper = world.add_paper()
    hold(store, paper)
    world.say("retraction watch", paper.pmid, "retraction")
    world.say("crossref", paper.pmid, "retraction")
    run("notices")
    world.pass_days(2)
    world.say("retraction watch", paper.pmid, "reinstatement")
    assert run("notices").steps[0].changes["reinstated"] == 1
    assert rows(store, _MARKED) == []
    assert rows(store, _TOLD) == [(paper.pmid, "retracted"), (paper.pmid, "reinstated")]
    world.pass_days(1)
    world.say("crossref", paper.pmid, "retraction")
    run("notices")
    assert rows(store, _MARKED) == [(paper.pmid,)]


def test_a_concern_or_correction_does_not_retract(world: World, store: Store, run: Enrich) -> None:
    papers = [world.add_paper() for _ in range(2)]
    hold(store, *papers)
    world.say("crossref", papers[0].pmid, "expression of concern")
    world.say("retraction watch", papers[1].pmid, "correction")
    run("notices")
    assert rows(store, _MARKED) == []
    assert rows(store, "SELECT kind FROM notices ORDER BY pmid") == [("ExpressionOfConcernIn",), ("ErratumIn",)]


def test_what_only_the_papers_own_record_says_is_read_too(world: World, store: Store, run: Enrich) -> None:
    paper = world.add_paper()
    hold(store, paper)
    world.say("retraction watch", paper.pmid, "retraction")
    world.say("crossref", paper.pmid, "retraction", on_paper_only=True)
    run("notices")
    sources = rows(store, "SELECT source FROM notices WHERE said_by = 'crossref'")
    assert sources == [("Crossref, doi:10.5555/notice.2, from Retraction Watch",)]


def test_an_unchanged_file_costs_one_request_and_says_the_same(
    server: ServicesServer, world: World, store: Store, run: Enrich
) -> None:
    paper = world.add_paper()
    hold(store, paper)
    world.say("retraction watch", paper.pmid, "retraction")
    run("notices")
    before = rows(store, "SELECT * FROM notice_claims")
    world.pass_days(1)
    server.forget()
    assert run("notices").steps[0].changes == {}
    assert (server.count("retraction_watch"), server.count("crossref")) == (1, 1)
    assert server.asked[0].headers["If-None-Match"].startswith('"')
    assert rows(store, "SELECT * FROM notice_claims") == before


def test_a_new_article_is_looked_up_in_an_unchanged_file(world: World, store: Store, run: Enrich) -> None:
    paper = world.add_paper()
    world.say("retraction watch", paper.pmid, "retraction")
    run("notices")
    hold(store, paper)
    run("notices")
    assert rows(store, _MARKED) == [(paper.pmid,)]


def test_a_file_that_lost_its_end_takes_no_mark_away(
    server: ServicesServer, world: World, store: Store, run: Enrich
) -> None:
    papers = [world.add_paper() for _ in range(3)]
    hold(store, *papers)
    for paper in papers:
        world.say("retraction watch", paper.pmid, "retraction")
    run("notices")
    cut = changed(lambda body: body[: body.rindex(b"\r\n", 0, -4)], "text/csv")
    world.say("retraction watch", papers[0].pmid, "correction")
    server.fail(Fault(changed(lambda body: b"\r\n".join(body.split(b"\r\n")[:3])), "retraction_watch", times=9))
    report = run("notices")
    assert report.status == "partial"
    assert len(rows(store, _MARKED)) == 3
    server.forget()
    server.fail(Fault(cut, "retraction_watch", times=1))
    assert run("notices").status == "done"


def test_one_source_that_is_down_leaves_the_other_to_work(
    server: ServicesServer, world: World, store: Store, run: Enrich
) -> None:
    paper = world.add_paper()
    hold(store, paper)
    world.say("crossref", paper.pmid, "retraction")
    server.fail(Fault(status(404, b"gone"), "retraction_watch", times=9))
    report = run("notices")
    assert (report.status, report.steps[0].changes) == ("partial", {"notices": 1, "retracted": 1})
