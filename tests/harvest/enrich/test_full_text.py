"""Full text: one best link by fixed rules, embargoes, refused batches, an e-mail that never travels on."""

import logging

import pytest

from db.enriched import FullTextAnswer
from db.store.services.full_text import choose_links, save_full_text
from db.store.store import Store
from harvest.enrich import full_text
from harvest.enrich.full_text import read_converted, read_entry
from tests.harvest.enrich.conftest import EMAIL, Enrich, hold, rows
from tests.support.eutils_server.faults import Fault, status
from tests.support.services_world import ServicesServer, World
from tests.support.stores import article, save


def test_pmc_comes_first_then_europe_pmc_then_unpaywall(world: World, store: Store, run: Enrich) -> None:
    in_pmc = world.add_paper(pmcid="PMC7", license="cc by", open_url="https://journal.example.org/a")
    open_ = world.add_paper(open_url="https://journal.example.org/b", license="cc by-nc")
    repository = world.add_paper(unpaywall_url="https://repository.example.org/c")
    closed = world.add_paper()
    hold(store, in_pmc, open_, repository, closed)
    report = run("full-text")
    assert report.status == "done"
    assert rows(store, "SELECT * FROM links ORDER BY pmid") == [
        (in_pmc.pmid, "https://pmc.ncbi.nlm.nih.gov/articles/PMC7/", "cc by", "pmc"),
        (open_.pmid, "https://journal.example.org/b", "cc by-nc", "europe pmc"),
        (repository.pmid, "https://repository.example.org/c", "cc-by", "unpaywall"),
    ]


def test_an_embargoed_text_has_no_link_until_its_day(store: Store) -> None:
    save(store, article(1))
    with store.atomic():
        save_full_text(store, [FullTextAnswer(1, "id converter", pmcid="PMC9", released="2026-05-01")], "now")
        assert choose_links(store, "2026-04-30") == 0
        assert choose_links(store, "2026-05-01") == 1


@pytest.mark.parametrize(
    ("record", "released"),
    [
        ({"release-date": "2026-05-01", "live": "false"}, "2026-05-01"),
        ({"release-date": "2026-05-01"}, "2026-05-01"),
        ({"live": "false"}, "9999-12-31"),
        ({"live": False}, "9999-12-31"),
        ({"live": "true"}, None),
        ({}, None),
    ],
)
def test_a_text_that_is_not_live_has_no_link_before_its_day(
    store: Store, record: dict[str, object], released: str | None
) -> None:
    answer = read_converted({"pmid": "1", "pmcid": "PMC9", **record})
    assert answer is not None
    assert (answer.pmid, answer.pmcid, answer.released) == (1, "PMC9", released)
    save(store, article(1))
    with store.atomic():
        save_full_text(store, [answer], "now")
        assert choose_links(store, "2026-04-30") == int(released is None)


@pytest.mark.parametrize(
    "record", [{"pmid": "1"}, {"pmcid": "PMC9"}, {"pmid": "1", "pmcid": "PMC9", "status": "error"}]
)
def test_what_the_converter_does_not_know_is_no_answer(record: dict[str, str]) -> None:
    assert read_converted(record) is None


def test_the_converter_answers_for_the_number_that_was_asked_for() -> None:
    answer = read_converted({"pmid": "2", "requested-id": "1", "pmcid": "PMC9"})
    assert answer is not None
    assert answer.pmid == 1


def test_without_an_email_unpaywall_is_not_asked(
    server: ServicesServer, world: World, store: Store, run: Enrich
) -> None:
    hold(store, world.add_paper())
    run("full-text", email=None)
    assert server.count("unpaywall") == 0
    assert server.count("converter") == 1


def test_a_night_asks_little_and_every_article_has_its_turn(
    server: ServicesServer, world: World, store: Store, run: Enrich, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(full_text, "_CONVERTER_BATCH", 2)
    papers = [world.add_paper() for _ in range(24)]
    hold(store, *papers)
    nights = []
    for days in (0, 1, 1, 29, 1):
        world.pass_days(days)
        server.forget()
        assert run("full-text").status == "done"
        nights.append(tuple(server.count(name) for name in ("europe_pmc", "converter", "unpaywall")))
    assert nights == [(1, 10, 10), (0, 1, 1), (0, 1, 1), (1, 1, 1), (0, 1, 1)]
    asked = {service: {pmid for (pmid,) in rows(store, f"SELECT pmid FROM service_asked WHERE service = '{service}'")}
             for service in ("id converter", "unpaywall")}  # fmt: skip
    newest_first = sorted((paper.pmid for paper in papers), reverse=True)
    assert asked == {"id converter": set(newest_first), "unpaywall": set(newest_first[:14])}
    world.pass_days(1)
    server.forget()
    run("full-text", full=True)
    assert tuple(server.count(name) for name in ("europe_pmc", "converter", "unpaywall")) == (1, 12, 24)


def test_a_refused_batch_of_the_converter_leaves_the_rest_standing(
    server: ServicesServer, world: World, store: Store, run: Enrich
) -> None:
    hold(store, world.add_paper(open_url="https://journal.example.org/a"))
    server.fail(Fault(status(400, b'{"status":"error"}'), "converter"))
    report = run("full-text")
    assert report.status == "partial"
    assert "id converter failed once: HTTP 400" in report.message
    assert rows(store, "SELECT source FROM links") == [("europe pmc",)]
    assert run("full-text").status == "done"


@pytest.mark.parametrize("target", ["http://localhost:9/x", "http://127.0.0.1:9/x", "https://127.0.0.1/x"])
def test_a_redirect_to_another_host_is_not_followed(
    server: ServicesServer, world: World, store: Store, run: Enrich, target: str, caplog: pytest.LogCaptureFixture
) -> None:
    hold(store, world.add_paper())
    caplog.set_level(logging.DEBUG, logger="harvest")
    server.fail(Fault(status(302, Location=f"{target}?email={EMAIL}"), "unpaywall", times=9))
    report = run("full-text")
    assert report.status == "partial"
    assert "HO_TRACKER_UNPAYWALL_URL" in report.message
    assert EMAIL not in report.message + caplog.text


def test_a_redirect_on_the_same_host_is_followed_without_the_email(
    server: ServicesServer, world: World, store: Store, run: Enrich
) -> None:
    paper = world.add_paper(unpaywall_url="https://repository.example.org/c")
    hold(store, paper)
    server.fail(Fault(status(301, Location=f"/unpaywall/{paper.doi}"), "unpaywall"))
    assert run("full-text").status == "done"
    assert [EMAIL in asked.form.values() for asked in server.asked if asked.endpoint == "unpaywall"] == [True, False]
    assert rows(store, "SELECT source FROM links") == [("unpaywall",)]


@pytest.mark.parametrize("before", range(130, 165, 3))
def test_an_echoed_email_is_taken_out_before_a_text_is_cut(
    server: ServicesServer, world: World, store: Store, run: Enrich, before: int
) -> None:
    hold(store, world.add_paper())
    server.fail(Fault(status(400, b"x" * before + EMAIL.encode() + b"y" * 90), "unpaywall", times=9))
    message = run("full-text").message
    assert "HTTP 400" in message
    assert EMAIL[:5] not in message


def test_the_email_stands_in_no_table(world: World, store: Store, run: Enrich) -> None:
    hold(store, world.add_paper(pmcid="PMC7"), world.add_paper())
    run()
    assert not any(EMAIL in line for line in store.db.conn.iterdump())


def test_an_address_that_a_page_must_not_link_to_is_none() -> None:
    entry = {"pmid": "5", "fullTextUrlList": {"fullTextUrl": {"availabilityCode": "OA", "url": "javascript:alert(1)"}}}
    found = read_entry(entry)
    assert found is not None
    assert found.url is None


@pytest.mark.parametrize("code", [404, 422])
def test_a_doi_that_unpaywall_does_not_know_or_take_is_no_fault(
    server: ServicesServer, world: World, store: Store, run: Enrich, code: int
) -> None:
    hold(store, world.add_paper())
    server.fail(
        Fault(status(code, b'{"error": true, "message": "no such DOI"}', "application/json"), "unpaywall", times=9)
    )
    assert run("full-text").status == "done"
    assert rows(store, "SELECT count(*) FROM service_asked WHERE service = 'unpaywall'") == [(1,)]
