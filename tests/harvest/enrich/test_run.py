"""A run over the services: who is asked, how each end is told, and that every connection is closed."""

from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import pytest

from db.errors import TrackerError
from db.store.ledger.ledger import Ledger
from db.store.store import Store
from harvest.app.settings import _ENVIRONMENT
from harvest.enrich import full_text
from harvest.enrich import run as run_module
from harvest.enrich.run import Sources, enrich, last_reports, steps_within
from harvest.enrich.step import STEPS, StepReport, Work
from harvest.enrich.wire import retraction_watch
from harvest.eutils.client import Identity
from harvest.eutils.faults import ServiceError
from harvest.eutils.transport import Limits

NOW = datetime(2026, 3, 2, 23, 59, 30, tzinfo=UTC)


class Closed:
    """Stands for a client: only whether it was closed is kept."""

    def __init__(self, name: str) -> None:
        self.name = name
        self.closed = False

    def close(self) -> None:
        self.closed = True


@pytest.mark.parametrize(
    ("email", "addresses", "asked"),
    [
        (None, {}, ["europe_pmc", "converter"]),
        ("me@example.org", {}, ["europe_pmc", "converter", "unpaywall"]),
        ("me@example.org", {"europe_pmc": "x", "unpaywall": "y"}, ["europe_pmc", "converter", "unpaywall"]),
        ("me@example.org", {"unpaywall": "y"}, ["europe_pmc", "converter", "unpaywall"]),
        ("me@example.org", {"europe_pmc": "x", "converter": "z"}, ["europe_pmc", "converter"]),
        (None, {"unpaywall": "y"}, ["europe_pmc", "converter"]),
    ],
)
def test_unpaywall_is_asked_with_an_e_mail_and_left_alone_where_europe_pmc_stands_elsewhere(
    store: Store, monkeypatch: pytest.MonkeyPatch, email: str | None, addresses: dict[str, str], asked: list[str]
) -> None:
    made: list[Closed] = []
    given: list[Any] = []
    monkeypatch.setattr(Sources, "client", lambda _self, name: made.append(Closed(name)) or made[-1])  # type: ignore[func-returns-value]
    monkeypatch.setattr(
        full_text,
        "update_full_text",
        lambda _work, *clients: given.append(clients) or StepReport("full-text"),  # type: ignore[func-returns-value]
    )
    assert enrich(store, Sources(addresses, Identity(email)), NOW, ["full-text"]).status == "done"
    assert [client.name for client in made] == asked
    assert [client and client.name for client in given[0]] == [*asked, *[None] * (3 - len(asked))]
    assert all(client.closed for client in made)


@pytest.mark.parametrize(
    ("ends", "status"),
    [
        (["done", "done"], "done"), (["done", "partial"], "partial"), (["done", "failed"], "partial"),
        (["done", "postponed"], "partial"), (["postponed", "postponed"], "postponed"),
        (["failed", "failed"], "failed"), (["failed", "postponed"], "partial"), (["partial", "partial"], "partial"),
    ],
)  # fmt: skip
def test_a_run_failed_only_where_no_step_got_anything_done(
    store: Store, monkeypatch: pytest.MonkeyPatch, ends: list[str], status: str
) -> None:
    runs = {
        name: lambda _work, _sources, name=name, end=end: StepReport(name, end)
        for name, end in zip(STEPS, ends, strict=False)
    }
    monkeypatch.setattr(run_module, "_RUNS", runs)
    report = enrich(store, Sources(), NOW, STEPS[: len(ends)])
    assert report.status == status
    assert Ledger(store).run(report.run_id)["status"] == status


@pytest.mark.parametrize(
    ("error", "status", "said"),
    [
        (ServiceError("iCite: HTTP 503"), "postponed", "iCite: HTTP 503; nothing is lost, the next run goes on"),
        (TrackerError("no vocabulary"), "failed", "no vocabulary"),
        (KeyError("me@example.org"), "failed", "an error in the program (KeyError)"),
    ],
)
def test_what_ends_a_step_is_told_and_kept(
    store: Store, monkeypatch: pytest.MonkeyPatch, error: Exception, status: str, said: str
) -> None:
    def fail(_work: Work, _sources: Sources) -> StepReport:
        raise error

    monkeypatch.setattr(run_module, "_RUNS", {"trials": fail, "citations": lambda *_: StepReport("citations", got=3)})
    told: list[str] = []
    report = enrich(store, Sources(), NOW, ["citations", "trials"], progress=told.append)
    assert told == ["trials", "citations"]  # in their own order
    assert [(step.name, step.status, step.message) for step in report.steps] == [
        ("trials", status, said), ("citations", "done", None),
    ]  # fmt: skip
    kept = last_reports(store)
    assert [(one["name"], one["status"], one["got"], one["run_id"], one["at"]) for one in kept] == [
        ("trials", status, 0, report.run_id, "2026-03-02T23:59:30Z"),
        ("citations", "done", 3, report.run_id, "2026-03-02T23:59:30Z"),
    ]
    assert StepReport.of_json(kept[1]) == report.steps[1]


def test_who_ends_a_run_by_hand_leaves_its_end_and_its_requests_in_the_ledger(
    store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    def stop(_work: Work, _sources: Sources) -> StepReport:
        raise KeyboardInterrupt

    monkeypatch.setattr(
        run_module, "_RUNS", {"trials": lambda *_: StepReport("trials", requests={"a": 2, "b": 3}), "citations": stop}
    )
    with pytest.raises(KeyboardInterrupt):
        enrich(store, Sources(), NOW, ["trials", "citations"])
    (row,) = Ledger(store).runs("enrich")
    assert (row["status"], row["requests"]) == ("stopped", 5)
    assert [one["name"] for one in last_reports(store)] == ["trials"]


def test_ages_are_counted_from_the_moment_that_counts_as_now(store: Store) -> None:
    work = Work(store, 1, NOW)
    assert (work.at, work.today, work.ago(2)) == ("2026-03-02T23:59:30Z", "2026-03-02", "2026-02-28T23:59:30Z")
    report = StepReport("a")
    for _ in range(2):
        report.count({"new": 2, "gone": 0})
    assert report.changes == {"new": 4}
    full = replace(report, status="partial", asked=3, got=2, missed=1, requests={"x": 1}, message="words")
    assert full.as_text() == "a: partial, 4 new (3 asked, 2 got, 1 missed, 1 request); words"
    assert StepReport("a", requests={"x": 2}).as_text() == "a: done, no changes (0 asked, 0 got, 0 missed, 2 requests)"


def test_only_steps_whose_services_have_an_address_are_within_it() -> None:
    assert steps_within([]) == ()
    assert steps_within(["icite", "crossref"]) == ("citations",)
    assert steps_within(["crossref", "retraction_watch"]) == ("notices",)
    assert steps_within(["europe_pmc"]) == ("preprints",)
    everything = ["trials", "icite", "europe_pmc", "converter", "crossref", "retraction_watch"]
    assert steps_within(everything) == STEPS


#: Requests a second that each service allows who does not say more of himself, and the field that takes the e-mail.
ALLOWED: dict[str, tuple[int, str | None]] = {
    "trials": (1, None), "icite": (1, None), "europe_pmc": (3, "email"), "converter": (3, "email"),
    "unpaywall": (5, "email"), "crossref": (3, "mailto"), "retraction_watch": (1, None),
}  # fmt: skip


@pytest.mark.parametrize("name", ALLOWED)
def test_each_service_has_its_own_address_rate_and_limits(name: str) -> None:
    usual, other = Sources().client(name), Sources({name: "http://127.0.0.1:9/x"}).client(name)
    assert usual.service.url.startswith("https://")
    assert (other.service.url, other.service.name) == ("http://127.0.0.1:9/x", usual.service.name)
    assert (usual.service.rate, usual.service.identity.get("email")) == ALLOWED[name]
    assert usual.service.setting == _ENVIRONMENT[f"{name}_url"]
    assert usual.limits == (retraction_watch.LIMITS if name == "retraction_watch" else Limits())
    assert Sources(limits=Limits(call=1)).client(name).limits == Limits(call=1)
    for client in (usual, other):
        client.close()
