"""Every fault of every service: the step is postponed or recovers, the other steps run, no article changes."""

import time
from datetime import UTC, datetime

import pytest

from db.store.store import Store
from harvest.enrich.run import Sources, enrich
from harvest.enrich.step import STEPS
from tests.harvest.enrich.conftest import EMAIL, Enrich, hold, rows
from tests.support.eutils_server.faults import Answer, Fault
from tests.support.services_world import ServicesServer, World
from tests.support.services_world.faults import FAULTS, HUGE, OWN_FAULTS

_SERVICES = ("trials", "icite", "europe_pmc", "converter", "unpaywall", "crossref", "retraction_watch")
_CASES = [
    *((service, name, answer) for service in _SERVICES for name, answer in FAULTS.items()),
    *((service, name, answer) for service, own in OWN_FAULTS.items() for name, answer in own.items()),
]


def _fill(world: World, store: Store) -> None:
    paper = world.add_paper(pmcid="PMC7", outside_citations=3)
    world.add_trial(references=[(paper.pmid, "RESULT")])
    world.add_preprint()
    hold(store, paper, world.add_paper(references={paper.pmid}))


def _tables(store: Store) -> dict[str, list[tuple[object, ...]]]:
    columns = {
        "trials": "nct_id, status",
        "trial_articles": "*",
        "citations": "pmid, citation_count",
        "citation_edges": "*",
        "links": "*",
        "notices": "pmid, kind, said_by",
        "articles": "*",
    }
    return {table: rows(store, f"SELECT {what} FROM {table} ORDER BY 1, 2") for table, what in columns.items()}


@pytest.mark.parametrize(("service", "name", "answer"), _CASES, ids=[f"{s}-{n}" for s, n, _ in _CASES])
def test_a_passing_fault_changes_nothing(
    server: ServicesServer, world: World, store: Store, run: Enrich, service: str, name: str, answer: Answer
) -> None:
    _fill(world, store)
    articles = rows(store, "SELECT * FROM articles")
    server.fail(Fault(answer, service))
    report = run()
    assert report.status in ("done", "partial"), report.message
    kept = rows(store, "SELECT * FROM articles WHERE source = 'pubmed'")
    assert kept == articles
    assert EMAIL not in report.message
    server.faults.clear()
    world.pass_days(1)
    assert run(full=True).status == "done"
    after = _tables(store)
    store.db.executescript("DELETE FROM service_state; DELETE FROM service_asked;")
    assert run(full=True).status == "done"
    assert _tables(store) == after


@pytest.mark.parametrize("service", _SERVICES)
def test_a_service_that_stays_down_leaves_the_others_to_work(
    server: ServicesServer, world: World, store: Store, run: Enrich, service: str
) -> None:
    _fill(world, store)
    server.fail(Fault(FAULTS["500"], service, times=10**6))
    report = run()
    assert report.status == "partial"
    down = [step.name for step in report.steps if step.status != "done"]
    assert 1 <= len(down) <= 2
    assert len(report.steps) == len(STEPS)
    assert "500" in report.message


def test_all_down_is_postponed(server: ServicesServer, world: World, store: Store, run: Enrich) -> None:
    _fill(world, store)
    server.fail(Fault(FAULTS["503"], times=10**6))
    assert run().status == "postponed"


@pytest.mark.parametrize("name", sorted(HUGE))
def test_an_endless_answer_is_cut_off(
    server: ServicesServer, world: World, store: Store, run: Enrich, name: str
) -> None:
    _fill(world, store)
    server.fail(Fault(HUGE[name], "icite", times=9))
    began = time.monotonic()
    report = run("citations")
    assert report.status == "postponed"
    assert time.monotonic() - began < 20


def test_an_error_in_the_program_fails_one_step_alone(
    server: ServicesServer, world: World, store: Store, run: Enrich, monkeypatch: pytest.MonkeyPatch
) -> None:
    _fill(world, store)
    monkeypatch.setattr("harvest.enrich.trials.read_trial", lambda study: 1 / 0)
    report = run()
    assert [step.status for step in report.steps] == ["failed", "done", "done", "done", "done"]
    assert "ZeroDivisionError" in (report.steps[0].message or "")


def test_a_stopped_run_is_closed_in_the_ledger(
    server: ServicesServer, world: World, store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    def stop(*_words: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr("harvest.enrich.trials.save_trials", stop)

    with pytest.raises(KeyboardInterrupt):
        enrich(store, Sources(server.addresses, limited=False), datetime(2026, 3, 2, tzinfo=UTC))
    assert rows(store, "SELECT status FROM runs WHERE kind = 'enrich'") == [("stopped",)]
