"""Trials: both kinds, ties to articles, changes told once, dead page tokens, nights of one request."""

from datetime import date, timedelta
from typing import Any

import pytest

from db.store.store import Store
from harvest.enrich.trials import _listed, read_trial
from harvest.eutils.faults import CallFailedError, FaultError
from tests.harvest.enrich.conftest import Enrich, hold, registered, rows
from tests.support.eutils_server.faults import Fault
from tests.support.services_world import ServicesServer, World
from tests.support.services_world.faults import OWN_FAULTS


def test_both_kinds_come_and_what_is_on_neither_stays_out(world: World, store: Store, run: Enrich) -> None:
    about = world.add_trial(title="Radiotherapy", conditions=["Heterotopic Ossification"])
    measures = world.add_trial(title="Two hip stems", outcomes=["Heterotopic ossification, Brooker grade"])
    world.add_trial(title="Something on knees", conditions=["Gonarthrosis"])
    report = run("trials")
    assert report.status == "done"
    assert rows(store, "SELECT nct_id, kind FROM trials ORDER BY nct_id") == [
        (about.nct_id, "about HO"),
        (measures.nct_id, "measures HO"),
    ]
    assert report.steps[0].changes == {"new": 2}


def test_an_unknown_enrollment_is_none_and_lists_are_joined(world: World, store: Store, run: Enrich) -> None:
    world.add_trial(interventions=["Indomethacin", "Placebo"], countries=["Spain", "Finland", "Spain"])
    run("trials")
    assert rows(store, "SELECT enrollment, interventions, countries, phase, start_date FROM trials") == [
        (None, "Drug: Indomethacin; Drug: Placebo", "Finland; Spain", "PHASE2/PHASE3", "2019-05")
    ]


def test_a_night_asks_once_and_tells_each_change_once(
    server: ServicesServer, world: World, store: Store, run: Enrich
) -> None:
    trial = world.add_trial()
    run("trials")
    world.pass_days(1)
    trial.status, trial.why_stopped, trial.updated, trial.has_results = "TERMINATED", "No money", world.today, True
    world.version += 1
    server.forget()
    assert run("trials").steps[0].changes == {"status": 1, "results posted": 1}
    assert server.count() == 1
    world.pass_days(1)
    assert run("trials").steps[0].changes == {}
    told = rows(store, "SELECT change, detail FROM trial_changes ORDER BY run_id, change")
    assert told == [
        ("new", '{"status": "RECRUITING"}'),
        ("results posted", None),
        ("status", '{"from": "RECRUITING", "to": "TERMINATED", "why": "No money"}'),
    ]


def test_a_moved_end_and_a_paper_and_its_retraction_are_noted_once(
    world: World, store: Store, run: Enrich, server: ServicesServer
) -> None:
    paper = world.add_paper()
    hold(store, paper)
    trial = world.add_trial(completion="2026-06")
    run("trials")
    world.pass_days(1)
    trial.completion, trial.updated = "2027-01", world.today
    trial.references = [(paper.pmid, "RESULT"), (77, "BACKGROUND")]
    world.version += 1
    for _ in range(2):
        server.forget()
        run("trials")
    store.db.execute("UPDATE articles SET retracted = 1")
    store.db.conn.commit()
    for _ in range(2):
        run("citations")  # whatever step told of it
    told = rows(store, "SELECT change, detail FROM trial_changes ORDER BY run_id, change")
    assert told == [
        ("new", '{"status": "RECRUITING"}'),
        ("dates", '{"completion_date": ["2026-06", "2027-01"]}'),
        ("published", f'{{"pmids": [{paper.pmid}]}}'),
        ("paper retracted", f'{{"pmids": [{paper.pmid}]}}'),
    ]


@pytest.mark.parametrize(("days", "seen"), [(0, True), (2, True), (3, True), (4, False)])
def test_an_update_that_is_served_days_after_its_date_is_seen_by_the_next_night(
    server: ServicesServer, world: World, store: Store, run: Enrich, days: int, seen: bool
) -> None:
    world.add_trial()
    run("trials")
    [last] = rows(store, "SELECT value FROM service_state WHERE name = 'data_date'")[0]
    late = world.add_trial(updated=date.fromisoformat(last[:10]) - timedelta(days=days))
    world.pass_days(1)
    server.forget()
    run("trials")
    assert server.count() == 1
    assert ((late.nct_id,) in rows(store, "SELECT nct_id FROM trials")) is seen


def test_an_older_entry_never_overwrites_a_newer_one(world: World, store: Store, run: Enrich) -> None:
    trial = world.add_trial(updated=date(2026, 3, 2), status="COMPLETED")
    run("trials")
    trial.updated, trial.status = date(2026, 2, 1), "RECRUITING"
    run("trials", full=True)
    assert rows(store, "SELECT status, last_update FROM trials") == [("COMPLETED", "2026-03-02")]


def test_a_trial_that_a_full_listing_misses_has_vanished_and_may_return(
    world: World, store: Store, run: Enrich
) -> None:
    trial = world.add_trial()
    run("trials")
    del world.trials[trial.nct_id]
    assert run("trials", full=True).steps[0].changes == {"vanished": 1}
    world.trials[trial.nct_id] = trial
    assert run("trials", full=True).steps[0].changes == {"returned": 1}
    assert rows(store, "SELECT vanished FROM trials") == [(0,)]


def test_articles_are_tied_by_databank_text_and_reference(world: World, store: Store, run: Enrich) -> None:
    papers = [world.add_paper() for _ in range(3)]
    trial = world.add_trial(references=[(papers[2].pmid, "RESULT"), (77, "BACKGROUND")], aliases=["NCT00000077"])
    hold(store, papers[0], registry_numbers=(registered(trial.nct_id),))
    hold(store, papers[1], registry_numbers=(registered("nct00000077", "abstract"),))
    hold(store, papers[2])
    run("trials")
    assert rows(store, "SELECT pmid, source, kind FROM trial_articles ORDER BY pmid") == [
        (77, "registry", "BACKGROUND"),
        (papers[0].pmid, "databank", None),
        (papers[1].pmid, "text", None),
        (papers[2].pmid, "registry", "RESULT"),
    ]


def test_a_listing_begins_again_when_its_page_token_dies(
    server: ServicesServer, world: World, store: Store, run: Enrich
) -> None:
    for _ in range(5):
        world.add_trial(conditions=["Heterotopic ossification"])
    server.trial_page = 2
    server.fail(Fault(OWN_FAULTS["trials"]["dead token"], "trials", skip=2))
    assert run("trials").status == "done"
    assert rows(store, "SELECT count(*) FROM trials") == [(5,)]


class Pages:
    """A client that gives pages, and fails where it is told to, in turn."""

    def __init__(self, *turns: str) -> None:
        self.turns = iter(turns)
        self.asked: list[str] = []

    def ask(self, path: str, _read: object) -> dict[str, object]:
        self.asked.append("next" if "pageToken" in path else "first")
        turn = next(self.turns)
        if turn.startswith("HTTP"):
            raise CallFailedError("trials", 1, FaultError(turn, turn))
        study = {"nctId": turn, "briefTitle": "Heterotopic ossification"}
        more = {"nextPageToken": "t"} if self.asked[-1] == "first" else {}
        return {"studies": [{"protocolSection": {"identificationModule": study}}], **more}


@pytest.mark.parametrize(
    ("turns", "asked"),
    [
        (["NCT1", "NCT2"], 2),
        (["NCT1", "HTTP 400", "NCT3", "NCT2"], 4),  # the token died: from the beginning again, nothing twice
        (["NCT1", "HTTP 400", "NCT1", "HTTP 400", "NCT3", "NCT2"], 6),
        (["NCT1", "HTTP 400", "NCT1", "HTTP 400", "NCT1", "HTTP 400", "NCT3"], 0),  # thrice, and no more
        (["HTTP 400", "NCT1", "NCT2"], 0),  # the question itself is refused
        (["NCT1", "HTTP 503", "NCT1", "NCT2"], 0),  # no matter of tokens
        (["NCT1", "HTTP 400", "HTTP 400", "NCT1"], 0),
    ],
)
def test_a_listing_begins_again_only_where_its_token_died(turns: list[str], asked: int) -> None:
    client: Any = Pages(*turns)
    if not asked:
        with pytest.raises(CallFailedError):
            _listed(client, {"query.cond": "x"})
        assert len(client.asked) == max(place for place, turn in enumerate(turns, 1) if turn.startswith("HTTP"))
        return
    assert [trial.nct_id for trial in _listed(client, {"query.cond": "x"})] == turns[-2:]
    assert len(client.asked) == asked


def test_a_refused_question_is_said_in_the_services_words(
    server: ServicesServer, world: World, store: Store, run: Enrich
) -> None:
    server.fail(Fault(OWN_FAULTS["trials"]["dead token"], "trials", times=9))
    report = run("trials")
    assert report.status == "postponed"
    assert "pageToken" in (report.steps[0].message or "")
    assert rows(store, "SELECT status FROM runs WHERE kind = 'enrich'") == [("postponed",)]


@pytest.mark.parametrize("study", [None, {}, {"protocolSection": 3}, {"protocolSection": {"identificationModule": []}}])
def test_a_study_without_number_or_title_is_left_out(study: object) -> None:
    assert read_trial(study) is None


def test_a_derived_heading_alone_makes_a_trial_ours() -> None:
    study = {
        "protocolSection": {"identificationModule": {"nctId": "nct00000001", "briefTitle": "Drug X"}},
        "derivedSection": {"conditionBrowseModule": {"meshes": [{"id": "D009221"}]}},
    }
    found = read_trial(study)
    assert found is not None
    assert (found.nct_id, found.kind, found.status, found.enrollment) == ("NCT00000001", "about HO", None, None)
